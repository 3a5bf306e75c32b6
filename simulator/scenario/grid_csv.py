"""Which columns of a CSV of intensities are meant: its kind is recognised by its header.

    own                     at,gco2e_per_kwh
    Electricity Maps        Datetime (UTC),...,Zone id,Carbon intensity gCO2eq/kWh (direct),... (Life cycle),...
    NESO (Great Britain)    Datetime (UTC),Actual Carbon Intensity (gCO2/kWh),...   or   from,to,forecast,actual,index
    another                 any header, where the scenario names the `column`; ENTSO-E's `MTU (CET/CEST)` among them

What power stations emit is not what electricity weighs over its life cycle: a file's direct intensities are
read only where the scenario asks for them, and the result says so. ENTSO-E publishes generation by type,
which is no intensity: what somebody made of it may stand in a column of its own beside ENTSO-E's times.
Headers as of 2026, Electricity Maps' of before 2025 too (`LCA`, `Zone Id`); case does not matter.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.errors import UsageError
from simulator.hardware.grid import GridSeries

OWN = ("at", "gco2e_per_kwh")
LIFE_CYCLE = "average over the life cycle"
DIRECT = "direct emissions of power stations alone, not of their life cycle"
UNSAID = "taken as gCO2e/kWh; the file does not say whether of the life cycle"


class Kind(NamedTuple):
    """A kind of file: the headers by which it is known, and what its columns of intensities are of."""

    name: str
    time: str
    columns: Mapping[str, tuple[str, str]]
    """By the scenario's word: the pattern of the header, and what it holds."""
    default: str | None
    """The word that is meant where the scenario says none."""


KINDS = (
    Kind(
        "Electricity Maps",
        r"datetime \(utc\)",
        {
            "life_cycle": (r"carbon intensity gco\S*/kwh \((?:life cycle|lca)\)", LIFE_CYCLE),
            "direct": (r"carbon intensity gco\S*/kwh \(direct\)", DIRECT),
        },
        "life_cycle",
    ),
    Kind(
        "NESO",
        r"datetime(?: \(utc\))?|from",
        {
            "actual": (r"(?:intensity[._])?actual(?: carbon intensity \(gco2/kwh\))?", DIRECT),
            "forecast": (r"(?:intensity[._])?forecast(?: carbon intensity \(gco2/kwh\))?", f"forecast; {DIRECT}"),
        },
        None,
    ),
)
_TIME = r"(?:mtu|date|datetime|time|timestamp|from|start|at|utc time)\b.*"
_ZONE = r"zone id|area|zone|region"
_ESTIMATED = r"data estimated"
_POWER = re.compile(r"[\[(]\s*[KMG]?Wh?\s*[\])]|%|perc", re.IGNORECASE)
_OTHER_UNIT = re.compile(r"\blbs?\b|\bkg\S*/kwh|(?<!\S)g\S*/mwh|\bt\S*/[mg]wh|/[mg]j\b", re.IGNORECASE)


class Columns(NamedTuple):
    """Where in a row what stands; None where the file has no such column."""

    time: int
    value: int
    zone: int | None
    estimated: int | None
    basis: str
    """What the values are of; "" in a file of the project's own form."""


def find_columns(where: str, header: Sequence[str], said: GridSeries) -> Columns:
    """The columns of a file that the scenario means; raises UsageError with what there is."""
    names = [name.strip().casefold() for name in header]
    if tuple(names) == OWN:
        return Columns(0, _named(where, header, said.column or OWN[1]), None, None, "")
    kind = next((kind for kind in KINDS if _is_of(kind, names)), None)
    if kind is None:
        return _of_another(where, header, names, said)
    word = said.column or kind.default
    if word is None:
        state = f"holds {' and '.join(f'`{word}`' for word in kind.columns)} of {kind.name}, {DIRECT}"
        raise UsageError(where, state, "say which is meant as `column:`")
    pattern, _ = kind.columns.get(word, ("", UNSAID))
    value = _find(names, pattern) if pattern else _named(where, header, word)
    if value is None:
        raise UsageError(where, f"has no column `{word}`", _there_is(header))
    _refuse_other_units(where, header[value])
    basis = next((what for form, what in kind.columns.values() if re.fullmatch(form, names[value])), UNSAID)
    return Columns(_time(names, kind.time), value, _find(names, _ZONE), _find(names, _ESTIMATED), basis)


def _is_of(kind: Kind, names: Sequence[str]) -> bool:
    has_time = _find(names, kind.time) is not None
    return has_time and any(_find(names, pattern) is not None for pattern, _ in kind.columns.values())


def _of_another(where: str, header: Sequence[str], names: Sequence[str], said: GridSeries) -> Columns:
    if said.column is None:
        remedy = f"the first line is `{','.join(OWN)}`, or name one of its own as `column:`"
        raise UsageError(where, "has other columns", remedy)
    value = _named(where, header, said.column)
    _refuse_other_units(where, header[value])
    return Columns(_time(names, _TIME), value, _find(names, _ZONE), _find(names, _ESTIMATED), UNSAID)


def _time(names: Sequence[str], pattern: str) -> int:
    return _find(names, pattern) or 0


def _find(names: Sequence[str], pattern: str) -> int | None:
    return next((number for number, name in enumerate(names) if re.fullmatch(pattern, name)), None)


def _named(where: str, header: Sequence[str], word: str) -> int:
    found = _find([name.strip().casefold() for name in header], re.escape(word.strip().casefold()))
    if found is None:
        raise UsageError(where, f"has no column `{word}`", _there_is(header))
    return found


def _there_is(header: Sequence[str]) -> str:
    return "there is " + ", ".join(f"`{name.strip()}`" for name in header)


def _refuse_other_units(where: str, name: str) -> None:
    if _POWER.search(name):
        raise UsageError(where, f"holds no intensity in `{name}`", "compute one, in gCO2e/kWh, in a column of its own")
    if _OTHER_UNIT.search(name):
        raise UsageError(where, f"holds `{name}`", "convert it to gCO2e/kWh in a column of its own")


def keep_zone(where: str, table: Sequence[tuple[int, list[str]]], zone: int | None, asked: str | None) -> list[int]:
    """Which rows are of the zone that is asked for, by their place in the table; all where the file knows one zone.

    Raises UsageError where the file has several and none is asked for, or not the one that is.
    """
    if zone is None:
        if asked is not None:
            raise UsageError(where, "has no column of zones", "leave `zone:` out")
        return list(range(len(table)))
    names = [row[zone].strip() for _, row in table]
    there = list(dict.fromkeys(names))
    listed = ", ".join(f"`{name}`" for name in there[:5]) + (" ..." if len(there) > 5 else "")
    if asked is None and len(there) > 1:
        raise UsageError(where, f"holds several zones, {listed}", "say which is meant as `zone:`")
    kept = [place for place, name in enumerate(names) if asked is None or name.casefold() == asked.strip().casefold()]
    if not kept and there:
        raise UsageError(where, f"holds no zone `{asked}`", f"there is {listed}")
    return kept
