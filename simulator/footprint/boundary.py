"""How far an account reaches: nested boundaries, each with all that the ones before it hold.

A boundary is computed only where the record has what it takes, and is absent otherwise:

    accelerator   some accelerator was in service and none hides in a server metered whole
    server        some server was in service
    facility      the PUE of every place with machines in service is known
    network       some link, site or access line carried something
    devices       some equipment of users was in service

Accelerators that no server surrounds (a model card's bare GPUs) are said to be so in the
sentences of the boundaries `server` and `facility`, which then hold less than their names.
What `network` holds is said in its own: averages per bit, and whether users' lines are among it.

Two totals are kept of each paradigm: `boundaries` counts what was in service, `owned` every
machine for the whole window, those never used included. Hence they may answer for different
boundaries: a place that nobody used decides what is known of the buildings of all.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from simulator.footprint.entries import (
    IT_KINDS,
    Entry,
    Tables,
    accounts,
    find_done_s,
    paradigms,
    signals_of,
    span_s,
    total,
)
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import BOUNDARIES, KIND_BOUNDARIES, OPERATIONAL

NETWORK_KINDS = tuple(kind for kind, boundary in KIND_BOUNDARIES.items() if boundary == "network")
"""The assets that carry bits."""

BARE = "some accelerators have no server described around them"
AVERAGES = "averages per bit, with what the equipment draws while nothing flows"
LINES, NO_LINES = "users' access lines are among them", "without users' access lines"
ROOFLESS = "without the buildings, for not every place has a PUE"
NOTES = {
    BARE: ("server", "facility"),
    AVERAGES: ("network",),
    LINES: ("network",),
    NO_LINES: ("network",),
    ROOFLESS: ("network", "devices"),
}
"""What may be added to the sentences of which boundaries."""


class Reach(NamedTuple):
    """The boundaries that a record can answer for, in order, each with the sentence of what it holds."""

    boundaries: dict[str, str]

    @property
    def widest(self) -> str:
        """The last operational boundary that is computed; "" where nothing was in service."""
        return next((name for name in reversed(OPERATIONAL) if name in self.boundaries), "")

    def holds(self, first: str, within: str) -> bool:
        """Whether a computed boundary takes in what counts from `first` on; a building only where all are known."""
        order = ["", *BOUNDARIES]
        known = first != "facility" or "facility" in self.boundaries
        return known and order.index(first) <= order.index(within)


def reach(tables: Tables, paradigm: str) -> Reach:
    """The boundaries that this record can answer for, of the machines that were in service."""
    assets = of_paradigm(tables["assets"], paradigm).to_pylist()
    return _reach(tables, paradigm, [asset for asset in assets if in_service(asset)])


def owned_reach(tables: Tables, paradigm: str) -> Reach:
    """The boundaries that this record can answer for, of all machines for the whole window."""
    assets = of_paradigm(tables["assets"], paradigm).to_pylist() if span_s(tables, paradigm) > 0 else []
    found, used = _reach(tables, paradigm, assets), reach(tables, paradigm)
    if "facility" in used.boundaries and "facility" not in found.boundaries:
        # beyond the building both would go by one name, but one of them without the buildings
        return Reach({name: text for name, text in found.boundaries.items() if name in ("accelerator", "server")})
    return found


def _reach(tables: Tables, paradigm: str, used: list[dict[str, Any]]) -> Reach:
    signals = signals_of(tables, paradigm)
    kinds = {asset["kind"] for asset in used}
    bare = any(a["kind"] == "accelerator" and not a["part_of"] for a in used)
    buildings = {a["place"] for a in used if a["kind"] in IT_KINDS}
    answered = {
        "accelerator": "accelerator" in kinds and "node" not in kinds,
        "server": bool(kinds & {"host", "node"}),
        "facility": bool(buildings) and all((place, "pue_ratio") in signals for place in buildings),
        "network": bool(kinds & set(NETWORK_KINDS)),
        "devices": "device" in kinds,
    }
    notes = {
        BARE: bare,
        AVERAGES: answered["network"],
        LINES if "access" in kinds else NO_LINES: answered["network"],
        ROOFLESS: bool(buildings) and not answered["facility"],
    }
    return Reach({name: _sentence(name, notes) for name in BOUNDARIES if answered.get(name)})


def in_service(asset: Mapping[str, Any]) -> bool:
    """Whether an asset was used at all."""
    return asset["in_service_from_s"] is not None and asset["in_service_to_s"] > asset["in_service_from_s"]


def _sentence(boundary: str, notes: Mapping[str, bool]) -> str:
    """What a boundary holds, with those of the notes that hold and concern it."""
    said = [note for note, holds in notes.items() if holds and boundary in NOTES[note]]
    return "; ".join((BOUNDARIES[boundary], *said))


def within(account: Iterable[Entry], computed: Reach, boundary: str) -> list[Entry]:
    """The entries that a boundary holds."""
    return [e for e in account if computed.holds(e.boundary, boundary)]


def summarise(tables: Tables) -> dict[str, Any]:
    """The summary of a result, from its exact tables alone."""
    names = paradigms(tables)
    start = of_paradigm(tables["events"], names[0]).to_pylist()[0]
    return {"name": start["subject"], "paradigms": {name: _summary(tables, name) for name in names}}


def _summary(tables: Tables, paradigm: str) -> dict[str, Any]:
    account, spare = accounts(tables, paradigm)
    computed, owned = reach(tables, paradigm), owned_reach(tables, paradigm)
    found: dict[str, Any] = {"duration_s": span_s(tables, paradigm), "done_s": find_done_s(tables, paradigm)}
    found["boundaries"] = _totals(account, computed)
    found["owned"] = _totals([*account, *spare], owned)
    widest = within(account, computed, computed.widest)
    for key in ("place", "workload", "activity"):
        found[f"by_{key}"] = _shares(widest, key)
    return found


def _shares(account: list[Entry], key: str) -> dict[str, Mapping[str, float]]:
    groups: dict[str, list[Entry]] = {}
    for entry in account:
        groups.setdefault(getattr(entry, key), []).append(entry)
    return {name: total(groups[name])._asdict() for name in sorted(groups)}


def _totals(account: list[Entry], computed: Reach) -> dict[str, Mapping[str, float]]:
    return {b: total(within(account, computed, b))._asdict() for b in computed.boundaries}
