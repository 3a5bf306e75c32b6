"""Published training figures beside ours: arithmetic replay.

Each row of the catalogue's `published_trainings.csv` that says enough is built as a scenario
in memory and runs through engine, ledger and accounting:

    device-hours x watts x PUE x grid,   device-hours = published, else devices x days x 24

This tests units, boundaries and sums, and nothing more. Where the row has no watts (or no
hours) the published energy is an input: it is printed `carried`, and only the carbon is
tested. Where an input was computed from the published output the row agrees by construction:
it is printed `circular`. Neither is ever counted.
A difference above the gate is a miss, unless the row states a cause that holds, for what is
left once it is allowed for is checked too (`CAUSES`).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import prod
from typing import NamedTuple

from simulator.catalogue import Row, rows
from simulator.catalogue.table import DOUBTFUL
from simulator.network.tables import AtlasTables
from simulator.scenario.load import Loaded, dump, load_text
from simulator.scenario.run import run_scenario
from simulator.study.published_run import find_device_hours
from simulator.study.report import Comparison, Report
from simulator.units import JOULES_PER_KWH, show_count
from simulator.vocabulary import OPERATIONAL, QUANTITIES

GATE = 0.01
"""Arithmetic replay: within 1 % of what was published."""

FIGURES = {"energy_mwh": ("energy_j", 1e3 * JOULES_PER_KWH), "co2e_t": ("co2e_kg", 1e3)}
"""The columns of published figures: the quantity of a boundary, and the size of the column's unit in SI."""

INPUTS = {
    "energy_mwh": ("device_time_h", "wall_time_d", "device_power_w", "pue_ratio"),
    "co2e_t": ("device_time_h", "wall_time_d", "device_power_w", "pue_ratio", "grid_gco2e_per_kwh"),
}
"""What each figure is computed from; devices are counted, so that nothing of them is rounded."""

KINDS = {
    "tdp_x_hours": "TDP x hours",
    "assumed_watts": "assumed watts",
    "measured_watts": "measured watts",
    "measured": "measured energy",
}
"""How an energy was come by, in the words of the table."""

BEFORE_PUE = "published before PUE"
TESTED = ("agrees", "agrees, unverified", "explained", "MISSED")
"""The verdicts on figures that could have come out otherwise."""


class Replay(NamedTuple):
    """A row and the boundaries of operation of its run, the widest last."""

    row: Row
    boundaries: Mapping[str, Mapping[str, float]]

    def ours(self, column: str, rung: int = -1) -> float:
        """Our figure in SI units: at the widest boundary, or another one counted from the end."""
        return list(self.boundaries.values())[rung][FIGURES[column][0]]

    def published(self, column: str) -> float:
        """The published figure in SI units."""
        return self.row.number(column, "correct the row") * FIGURES[column][1]


def replay(tables: AtlasTables) -> Report:
    """Every published training of the catalogue, replayed; no cable has a part in it."""
    trainings = rows("training").values()
    comparisons = [c for row in trainings if can_replay(row) for c in _compare(row)]
    without = sum(not can_replay(row) for row in trainings)
    lines = (*_summary(comparisons), f"{show_count(without, 'training')} of the table give nothing to replay")
    return Report(f"arithmetic replay, gate {GATE:.0%}", comparisons, lines, band=GATE)


def can_replay(row: Row) -> bool:
    """Whether a row has a figure, and enough to compute it or to carry it through.

    >>> can_replay(rows("training")["gpt-3-175b"]), can_replay(rows("training")["falcon-180b"])
    (True, False)
    """
    timed = bool(row.text("device_power_w")) and find_device_hours(row) is not None
    return bool(row.text("energy_mwh")) or (timed and bool(row.text("co2e_t")))


def carries_energy(row: Row) -> bool:
    """Whether the published energy is an input, for the row lacks watts or hours."""
    return not row.text("device_power_w") or find_device_hours(row) is None


def replay_scenario(row: Row) -> Loaded:
    """The scenario, in memory, that does what a published training says it did."""
    power_w, time_h = _draw(row)
    power = {"kind": "constant", "power": f"{power_w!r} W"}
    count = int(row.find_number("devices_count") or 1)  # where it is not published, it cancels out of device-hours
    if row.text("power_boundary") == "server":
        machines = {"accelerator": row.text("device"), "accelerators": 1, "node_power": power, "count": count}
        place: dict[str, object] = {"servers": {"machines": machines}}
    else:
        place = {"devices": {"machines": {"model": row.text("device"), "count": count, "power": power}}}
    grid, pue = row.find_number("grid_gco2e_per_kwh"), row.find_number("pue_ratio")
    place["grid"] = "1 gCO2e/kWh" if grid is None else f"{grid} gCO2e/kWh"
    if pue is not None:
        place["pue"] = pue
    train = {"at": "site/machines", "device_time": f"{time_h!r} h"}
    data = {"name": row.id, "world": {"datacenters": {"site": place}}, "workloads": [{"train": train}]}
    return load_text(dump(data), f"<{row.id}>")


def _draw(row: Row) -> tuple[float, float]:
    """Watts of a device and device-hours; what the row lacks of them follows from its energy."""
    power_w, time_h = row.find_number("device_power_w"), find_device_hours(row)
    if power_w is not None and time_h is not None:
        return power_w, time_h
    within = 1.0 if row.text("energy_cause") == BEFORE_PUE else row.find_number("pue_ratio") or 1.0
    energy_wh = row.number("energy_mwh", "correct the row") * 1e6 / within
    if power_w is not None:
        return power_w, energy_wh / power_w
    time_h = 1.0 if time_h is None else time_h  # only the product is published, so that it may be drawn in an hour
    return energy_wh / time_h, time_h


def _compare(row: Row) -> list[Comparison]:
    found = run_scenario(replay_scenario(row)).summary["paradigms"]["main"]["boundaries"]
    done = Replay(row, {name: figures for name, figures in found.items() if name in OPERATIONAL})
    tested = [column for column in FIGURES if row.text(column)]
    if not row.text("grid_gco2e_per_kwh"):
        tested = [column for column in tested if column != "co2e_t"]
    return [_comparison(done, column) for column in tested]


def _comparison(done: Replay, column: str) -> Comparison:
    row, carried = done.row, column == "energy_mwh" and carries_energy(done.row)
    rung = -2 if carried and row.text("energy_cause") == BEFORE_PUE else -1
    found = Comparison(
        row.name,
        FIGURES[column][0],
        _boundary(row, list(done.boundaries)[rung]),
        done.published(column),
        done.ours(column, rung),
        "",
        row.source(column).source,
        row.text("note"),
        KINDS[row.text("energy_kind")],
    )
    return found._replace(verdict="carried" if carried else _verdict(done, column, found.error))


def _boundary(row: Row, boundary: str) -> str:
    bare = row.text("power_boundary") == "accelerator"
    return "accelerator x PUE" if bare and boundary == "facility" else boundary


def _verdict(done: Replay, column: str, error: float) -> str:
    row, cause = done.row, done.row.text(column.split("_")[0] + "_cause")
    if column in row.text("solved_from").split(";"):
        return "circular"
    told = "agrees"
    if abs(error) > GATE:
        if not cause or not CAUSES[cause](done, column):
            return "MISSED"
        told = f"explained: {cause}"
    return f"{told}, unverified" if _doubtful(row, column, without_pue=cause == BEFORE_PUE) else told


def _doubtful(row: Row, column: str, *, without_pue: bool) -> bool:
    """Whether the figure, or an input that it hangs on, was not read at its source."""
    names = [name for name in (column, *INPUTS[column]) if row.text(name) and not (without_pue and name == "pue_ratio")]
    return any(row.source(name).confidence in DOUBTFUL for name in names)


def _without_building(done: Replay, column: str) -> bool:
    """The figure is ours at the boundary before the building."""
    return abs(done.ours(column, -2) / done.published(column) - 1.0) <= GATE


def _with_embodied(done: Replay, column: str) -> bool:
    """The figure is ours and the published making of the machines."""
    embodied = done.row.number("embodied_t", "correct the row") * FIGURES["co2e_t"][1]
    return abs((done.ours(column) + embodied) / done.published(column) - 1.0) <= GATE


def _rounded(done: Replay, column: str) -> bool:
    """What the printed digits of the figure and of its inputs leave open holds both: all as far off as they can be."""
    row, size = done.row, FIGURES[column][1]
    own = row.find_number("co2e_half_digit_t") if column == "co2e_t" else None
    half = (half_digit(row.text(column)) if own is None else own) * size
    texts = [row.text(name) for name in INPUTS[column] if row.text(name)]
    spread = prod(1.0 + half_digit(text) / float(text) for text in texts)
    ours, published = done.ours(column), done.published(column)
    return ours / spread <= published + half and published - half <= ours * spread


CAUSES: dict[str, Callable[[Replay, str], bool]] = {
    BEFORE_PUE: _without_building,
    "embodied added": _with_embodied,
    "rounded": _rounded,
}
"""Why a figure may differ, and what must then hold."""


def half_digit(text: str) -> float:
    """Half a unit of the last digit that is printed.

    >>> half_digit("4.3"), half_digit("1066")
    (0.05, 0.5)
    """
    exponent = Decimal(text).as_tuple().exponent
    assert isinstance(exponent, int), text
    return 0.5 * 10.0**exponent


def _summary(comparisons: list[Comparison]) -> list[str]:
    """How many figures were tested and how they came out; how many were not, and why."""
    lines = []
    for quantity, name in QUANTITIES.items():
        counts = Counter(c.verdict.partition(":")[0] for c in comparisons if c.quantity == quantity)
        within = counts["agrees"] + counts["agrees, unverified"]
        told = f"{within} of {sum(counts[v] for v in TESTED)} within {GATE:.0%}, {counts['agrees, unverified']} of them"
        told += f" unverified; {counts['explained']} explained, {counts['MISSED']} missed"
        lines.append(f"{name}: {told}; not counted: {counts['circular']} circular, {counts['carried']} carried")
    return lines
