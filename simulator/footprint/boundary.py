"""How far an account reaches: nested boundaries, each with all that the ones before it hold.

A boundary is computed only where the record has what it takes, and is absent otherwise:

    accelerator   some accelerator was in service and none hides in a server metered whole
    server        some server was in service
    facility      the PUE of every place with machines in service is known
    network       something was sent, or the world has an internet (`year`) and nothing was
    devices       equipment of users was in service, or the world has users and none of it was
    development   rates were searched for: trainings were tried and thrown away (footprint/trials.py)
    embodied      somebody says what it took to make each machine and line that counts (footprint/making/embodied.py)
    life_cycle    and to bring it there and throw it away

Networks and devices may be known to be 0: of two ways of doing it in one world, one of which sends
nothing, both have a `network`, and the sentence of the one says that nothing was sent. Where
nothing at all was in service, nothing is computed.
Accelerators that no server surrounds (a model card's bare GPUs) are said to be so in the
sentences of the boundaries `server` and `facility`, which then hold less than their names.
What `network` holds is said in its own: averages per bit or what one more bit costs, and which
part of users' lines. What links and sites draw at rest, told apart, is in `owned` alone.
Where bits went from machine to machine inside a data centre, the sentences say that it cost nothing.

Two totals are kept of each paradigm: `boundaries` counts what was in service, `owned` every
machine for the whole window, those never used included. A place without a PUE that nobody
used ends `owned` before the buildings, and its last sentence says so. Shares by place and so
on are of the widest boundary of operation, which `development` is not. Making draws no electricity
here, so that from `embodied` on there is CO2e alone; its primary energy is a criterion of accounts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.footprint.entries import (
    Carrier,
    Entry,
    Tables,
    accounts,
    find_done_s,
    in_service,
    paradigms,
    read_log,
    signals_of,
    span_s,
    total,
)
from simulator.footprint.making.embodied import Quantities, embodied_rows, making_kg, phases_from, unknown
from simulator.footprint.networks import model_rows
from simulator.footprint.overhead import IT_KINDS, curves_of
from simulator.footprint.quantities import in_service_s, piece_seconds
from simulator.footprint.trials import trial_entries, trials_sentence
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import (
    ATLAS_YEAR,
    BOUNDARIES,
    DEVELOPMENT,
    FABRIC,
    KIND_BOUNDARIES,
    OPERATIONAL,
    PHASE_BOUNDARIES,
    POWER,
    SPARE,
    UNASSIGNED,
    USERS,
    WORLD,
)

NETWORK_KINDS = tuple(kind for kind, boundary in KIND_BOUNDARIES.items() if boundary == "network")
"""The assets that carry bits."""
RESTING = ("link", "site")
"""Those of them that draw power whoever uses them."""

BARE = "some accelerators have no server described around them"
AVERAGES = "links and sites by averages per bit, which hold what they draw while nothing flows"
MORE_BITS = "links and sites by what one more bit costs, without what they draw while nothing flows"
MORE_BITS_AND_REST = "links and sites by what one more bit costs, and all that those in use draw while nothing flows"
LINES = "users' access lines by their bits alone"
WHOLE_LINES = "users' access lines by their bits, and their draw at rest while they work"
MIXED_LINES = "users' access lines by their bits, those charged whole with their draw at rest while they work too"
NO_LINES = "without users' access lines"
NOTHING_SENT = "nothing was sent"
FABRICS = "bits inside data centres add nothing: network cards are in their servers' watts, switches in no figure"
NO_USERS = "no equipment of users was in service"
ROOFLESS = "without the buildings, for not every place has a PUE"
NO_FURTHER = "no further, for machines of the world stand in a place without a PUE"
NOTES = {
    BARE: ("server", "facility", "embodied"),
    NOTHING_SENT: ("network",),
    FABRICS: ("server", "facility", "network"),
    AVERAGES: ("network",),
    MORE_BITS: ("network",),
    MORE_BITS_AND_REST: ("network",),
    LINES: ("network",),
    WHOLE_LINES: ("network",),
    MIXED_LINES: ("network",),
    NO_LINES: ("network",),
    NO_USERS: ("devices",),
    ROOFLESS: ("network", "devices", "embodied"),
}
"""What may be added to the sentences of which boundaries."""


def widest_of(boundaries: Iterable[str]) -> str:
    """The last boundary of operation among these; "" where there is none.

    >>> widest_of(["server", "facility", "development", "embodied"])
    'facility'
    """
    there = set(boundaries)
    return next((name for name in reversed(OPERATIONAL) if name in there), "")


class Reach(NamedTuple):
    """The boundaries that a record can answer for, in order, each with the sentence of what it holds."""

    boundaries: dict[str, str]

    @property
    def widest(self) -> str:
        """The last operational boundary that is computed; "" where nothing was in service."""
        return widest_of(self.boundaries)

    def holds(self, first: str, within: str) -> bool:
        """Whether a computed boundary takes in what counts from `first` on; a building only where all are known."""
        order = ["", *BOUNDARIES]
        known = first != "facility" or "facility" in self.boundaries
        return known and order.index(first) <= order.index(within)


def reach(tables: Tables, paradigm: str) -> Reach:
    """The boundaries that this record can answer for, of the machines that were in service."""
    return _made(tables, paradigm, _developed(tables, paradigm, _reach(tables, paradigm, owned=False)), owned=False)


def owned_reach(tables: Tables, paradigm: str) -> Reach:
    """The boundaries that this record can answer for, of all machines for the whole window."""
    if span_s(tables, paradigm) <= 0:
        return Reach({})
    found, used = _reach(tables, paradigm, owned=True), _reach(tables, paradigm, owned=False)
    if "facility" in used.boundaries and "facility" not in found.boundaries:
        # beyond the building both would go by one name, but one of them without the buildings
        kept = {name: text for name, text in found.boundaries.items() if name in ("accelerator", "server")}
        return Reach({**kept, **{name: f"{kept[name]}; {NO_FURTHER}" for name in list(kept)[-1:]}})
    return _made(tables, paradigm, _developed(tables, paradigm, found), owned=True)


def _made(tables: Tables, paradigm: str, found: Reach, owned: bool) -> Reach:
    """The boundaries, and those of making and of throwing away, as far as somebody says what they took."""
    rows = embodied_rows(tables, paradigm, "co2e_kg") if found.boundaries else []
    assets = of_paradigm(tables["assets"], paradigm).to_pylist() if rows else []
    counted = {a["asset"] for a in assets if in_service(a) or (owned and a["owner"] not in (USERS, ""))}
    notes = _making_notes(found, [asset for asset in assets if asset["asset"] in counted])
    boundaries = dict(found.boundaries)
    for boundary in ("embodied", "life_cycle"):
        if not counted or unknown(rows, phases_from(boundary), counted):
            break
        boundaries[boundary] = _sentence(boundary, notes)
    return Reach(boundaries)


def _making_notes(found: Reach, counted: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """What is not within the making of the machines that count."""
    bare = any(asset["kind"] == "accelerator" and not asset["part_of"] for asset in counted)
    indoors = any(asset["kind"] in IT_KINDS for asset in counted)
    return {BARE: bare, ROOFLESS: indoors and "facility" not in found.boundaries}


def find_unknown(tables: Tables, paradigm: str) -> list[str]:
    """Why what was in service has no `embodied` or no `life_cycle`: what of it nobody says, by asset and item."""
    assets = of_paradigm(tables["assets"], paradigm).to_pylist()
    counted = {asset["asset"] for asset in assets if in_service(asset)}
    return unknown(embodied_rows(tables, paradigm, "co2e_kg"), list(PHASE_BOUNDARIES), counted)


def _developed(tables: Tables, paradigm: str, found: Reach) -> Reach:
    """The boundaries, and the trainings that were tried, if there are any."""
    told = trials_sentence(tables, paradigm)
    if not told or not found.boundaries:
        return found
    return Reach({**found.boundaries, DEVELOPMENT: f"{BOUNDARIES[DEVELOPMENT]}; {told}"})


def _reach(tables: Tables, paradigm: str, owned: bool) -> Reach:
    """What can be answered for, of the machines that count; users' equipment and networks count as they were used."""
    assets, signals = of_paradigm(tables["assets"], paradigm).to_pylist(), signals_of(tables, paradigm)
    curves = curves_of(tables, paradigm)
    machines = [asset for asset in assets if KIND_BOUNDARIES[asset["kind"]] not in ("network", "devices")]
    counted = [asset for asset in machines if owned or in_service(asset)]
    used = [asset for asset in assets if in_service(asset)]
    kinds = {asset["kind"] for asset in counted}
    buildings = {asset["place"] for asset in counted if asset["kind"] in IT_KINDS}
    sent = any(asset["kind"] in NETWORK_KINDS for asset in used)
    channels = of_paradigm(tables["channels"], paradigm)
    inside = any(FABRIC in name.split(">") for name in channels["asset"].unique().to_pylist())
    asked = any(asset["kind"] == "device" for asset in used)
    answered = {
        "accelerator": "accelerator" in kinds and "node" not in kinds,
        "server": bool(kinds & {"host", "node"}),
        "facility": bool(buildings) and all((place, "pue_ratio") in signals or place in curves for place in buildings),
        "network": sent or (bool(counted or used) and (WORLD, ATLAS_YEAR) in signals),
        "devices": asked or (bool(counted or used) and any(asset["owner"] == USERS for asset in assets)),
    }
    notes = {
        BARE: any(asset["kind"] == "accelerator" and not asset["part_of"] for asset in counted),
        NOTHING_SENT: not sent and not inside,
        FABRICS: inside,
        **_rest_notes(tables, paradigm, {asset["asset"] for asset in used if asset["kind"] in RESTING}, owned),
        **_line_notes(tables, paradigm, [asset["asset"] for asset in used if asset["kind"] == "access"], sent),
        NO_USERS: not asked,
        ROOFLESS: bool(buildings) and not answered["facility"],
    }
    return Reach({name: _sentence(name, notes) for name in BOUNDARIES if answered.get(name)})


def _rest_notes(tables: Tables, paradigm: str, carriers: set[str], owned: bool) -> dict[str, bool]:
    """What of links and sites is counted: averages, or one more bit and, of everything owned, their rest besides."""
    channels = of_paradigm(tables["channels"], paradigm).to_pylist() if carriers else []
    apart = any(channel["quantity"] == SPARE and channel["asset"] in carriers for channel in channels)
    return {
        AVERAGES: bool(carriers) and not apart,
        MORE_BITS: apart and not owned,
        MORE_BITS_AND_REST: apart and owned,
    }


def _line_notes(tables: Tables, paradigm: str, lines: Sequence[str], sent: bool) -> dict[str, bool]:
    """What of users' lines is counted: those that are charged whole draw watts beside their bits."""
    channels = of_paradigm(tables["channels"], paradigm).to_pylist() if lines else []
    whole = {channel["asset"] for channel in channels if channel["quantity"] == POWER} & set(lines)
    only = set(lines) - whole
    return {
        LINES: bool(only) and not whole,
        WHOLE_LINES: bool(whole) and not only,
        MIXED_LINES: bool(whole) and bool(only),
        NO_LINES: sent and not lines,
    }


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
    account, spare, carriers = accounts(read_log(tables, paradigm))
    computed, owned = reach(tables, paradigm), owned_reach(tables, paradigm)
    found: dict[str, Any] = {"duration_s": span_s(tables, paradigm), "done_s": find_done_s(tables, paradigm)}
    for key, entries, within_, is_owned in (
        ("boundaries", account, computed, False),
        ("owned", [*account, *spare], owned, True),
    ):
        found[key] = _totals([*entries, *trial_entries(tables, paradigm, is_owned)], within_)
        _add_making(found[key], tables, paradigm, quantities_of(tables, paradigm, carriers, is_owned))
    widest = within(account, computed, computed.widest)
    for key in ("place", "workload", "activity"):
        found[f"by_{key}"] = _shares(widest, key)
    found["network_models"] = model_rows(carriers)
    return found


def _shares(account: list[Entry], key: str) -> dict[str, Mapping[str, float]]:
    groups: dict[str, list[Entry]] = {}
    for entry in account:
        groups.setdefault(getattr(entry, key), []).append(entry)
    return {name: total(groups[name])._asdict() for name in sorted(groups)}


def _totals(account: list[Entry], computed: Reach) -> dict[str, Mapping[str, float]]:
    return {b: total(within(account, computed, b))._asdict() for b in computed.boundaries}


def _add_making(totals: dict[str, Mapping[str, float]], tables: Tables, paradigm: str, over: Quantities) -> None:
    """Add to the last two boundaries, which hold all that was drawn so far, what making and its ends come to."""
    rows = embodied_rows(tables, paradigm, "co2e_kg") if "embodied" in totals else []
    phases: list[str] = []
    for boundary in ("embodied", "life_cycle"):
        phases += phases_from(boundary)
        if boundary in totals:
            totals[boundary] = {"co2e_kg": totals[boundary]["co2e_kg"] + making_kg(rows, over, phases)}


def quantities_of(tables: Tables, paradigm: str, carriers: Sequence[Carrier], owned: bool) -> Quantities:
    """What the making of a paradigm's assets is charged over, in one of the two totals."""
    held = piece_seconds(tables, paradigm)
    assets = of_paradigm(tables["assets"], paradigm).to_pylist()
    counted = in_service_s(assets, held, span_s(tables, paradigm), owned)
    active: dict[str, float] = {}
    for (asset, workload), piece_s in held.items():
        if workload != UNASSIGNED:
            active[asset] = active.get(asset, 0.0) + piece_s
    return Quantities(counted, active, {carrier.asset: carrier.carried_b for carrier in carriers})
