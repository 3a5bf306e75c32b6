"""Terms of what was drawn: by machines and their building, by networks, by the equipment of users, as joules x factors.

    a channel    joules of what was recorded x what a joule costs where it was drawn
    a building   (PUE - 1) x the joules of its machines, or as integrated where the PUE follows the load
    water        joules of machines x litres a kilowatt-hour of their data centre
    networks     x what a bit costs by the method over what it cost as run; rest by highest rates besides
    users        more or less of the rest of their equipment than was recorded

What was drawn for nobody is charged by the rule's shares, where there are any: not of everything owned, nor by the
consequential ledger.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.footprint.accounting.books import CONSEQUENTIAL, Books, Found, Missing
from simulator.footprint.accounting.electricity import SCENARIO
from simulator.footprint.accounting.equipment import idle_factors, rest_factors
from simulator.footprint.accounting.network_idle import bit_factors
from simulator.footprint.accounting.term import KWH_PER_J, Term, exact
from simulator.footprint.carbon import co2e_kg
from simulator.footprint.entries import Reading, Sum
from simulator.footprint.making.factors import Factor
from simulator.footprint.overhead import IT_KINDS
from simulator.vocabulary import KIND_BOUNDARIES, RATE, UNASSIGNED, USERS, WATER

PUE = "pue_ratio"


def use_terms(books: Books, criterion: str) -> Found:
    """What was drawn: by channels, by the building for them, and what more or less of users' equipment is charged."""
    for reading in books.readings:
        workload = reading.drawn.channel["workload"]
        if books.method.ledger == CONSEQUENTIAL and workload == UNASSIGNED:
            continue
        yield from channel_terms(books, criterion, reading)
    if criterion != "site_water_l":
        for asset, held in books.held_s.items():
            yield from _rests(books, criterion, books.assets[asset], held)
        yield from _network_rests(books, criterion)


def channel_terms(books: Books, criterion: str, reading: Reading) -> Found:
    """What one channel drew, its building for it, and what its cooling evaporates, charged to those who pay."""
    drawn, overhead = reading
    asset, channel = drawn.asset, drawn.channel
    if criterion == "site_water_l":
        if KIND_BOUNDARIES[asset["kind"]] == "network":
            yield Missing(criterion, "network", "the cooling of networks")
        if asset["kind"] in IT_KINDS:
            yield from _water(books, asset, channel, drawn.own.energy_j)
        return
    first = KIND_BOUNDARIES[asset["kind"]]
    found = _electric(books, criterion, asset, first, channel["activity"], drawn.own)
    yield from _shared(books, asset, channel, _carried(books, asset, channel, found))
    if overhead is not None:
        yield from _shared(books, asset, channel, _overhead(books, criterion, asset, drawn.own, overhead))


def _carried(
    books: Books, asset: Mapping[str, Any], channel: Mapping[str, Any], found: Term | Missing
) -> Term | Missing:
    """What a channel cost, by what a bit costs in the method's networks where it carried some."""
    if channel["quantity"] != RATE or isinstance(found, Missing):
        return found
    times = bit_factors(books.bits_by, asset, asset["asset"] in books.apart)
    if times is None:
        return Missing(found.criterion, "network", f"what a bit costs on {asset['asset']}")
    return found._replace(factors=(*times, *found.factors))


def _network_rests(books: Books, criterion: str) -> Found:
    """What networks draw at rest all the time, by the highest rates of workloads."""
    for rest in books.rests:
        asset = books.assets[rest.asset]
        evenly = Sum(rest.base, co2e_kg(rest.base, rest.grid_gco2e_per_kwh))
        found = _electric(books, criterion, asset, "network", "idle", evenly)
        if rest.unknown:
            yield Missing(criterion, "network", rest.unknown)
        elif isinstance(found, Missing):
            yield found
        else:
            found = found._replace(factors=(*rest.factors, *found.factors), inverse=rest.inverse, item="rest")
            unit, origin = found.unit.replace("J", rest.unit, 1), f"changes: highest rate of {rest.asset} x the window"
            yield found._replace(workload=rest.workload, unit=unit, origin=origin)


def _overhead(books: Books, criterion: str, asset: Mapping[str, Any], own: Sum, overhead: Sum) -> Term | Missing:
    """What the building drew for a channel: PUE - 1 of its joules, or as integrated where the PUE follows the load."""
    pue = books.electricity.find_signal(asset["place"], PUE)
    if pue is None:
        found = _electric(books, criterion, asset, "facility", "overhead", overhead)
        return found._replace(origin="changes, pue_curves") if isinstance(found, Term) else found
    found = _electric(books, criterion, asset, "facility", "overhead", own)
    if isinstance(found, Missing):
        return found
    low, high = (None if end is None else end - 1.0 for end in (pue.low, pue.high))
    return found._replace(factors=(Factor(f"{pue.name} - 1", pue.value - 1.0, low, high, *pue[4:]), *found.factors))


def _electric(
    books: Books, criterion: str, asset: Mapping[str, Any], boundary: str, activity: str, own: Sum
) -> Term | Missing:
    """Some joules of an asset as a term of nobody yet, or what is not known of them."""
    found = books.electricity.find(criterion, asset, own.energy_j, own.co2e_kg)
    if found is None:
        zone = "its zone is unknown" if asset["zone"] in ("", SCENARIO) else f"zone {asset['zone']}"
        return Missing(criterion, boundary, f"the electricity of {asset['place']} ({zone})")
    names = (criterion, asset["place"], asset["asset"], "electricity", "", activity)
    return Term(books.paradigm, boundary, "use", *names, found.base, found.unit, found.factors)


def _water(books: Books, asset: Mapping[str, Any], channel: Mapping[str, Any], energy_j: float) -> Found:
    factor = books.electricity.find_signal(asset["place"], WATER)
    if factor is None:
        yield Missing("site_water_l", "facility", f"the cooling of {asset['place']}: give it a `wue`")
        return
    if "facility" not in books.reach.boundaries:
        yield Missing("site_water_l", "facility", "the buildings, for not every place has a PUE: give each a `pue`")
        return
    names = ("site_water_l", asset["place"], asset["asset"], "cooling", "", channel["activity"])
    term = Term(books.paradigm, "facility", "use", *names, energy_j, "J", (KWH_PER_J, factor))
    yield from _shared(books, asset, channel, term)


def _shared(books: Books, asset: Mapping[str, Any], channel: Mapping[str, Any], found: Term | Missing) -> Found:
    """What a channel cost, charged to its workload, or by the rule's shares where it was for nobody."""
    if isinstance(found, Missing):
        yield found
        return
    found = found._replace(origin=f"{found.origin or 'changes'}: channel {channel['channel']}")
    yield from _charged(books, asset, channel["workload"], found)


def _charged(books: Books, asset: Mapping[str, Any], workload: str, found: Term) -> Iterator[Term]:
    """A term charged to its workload, or by the rule's shares where it was for nobody."""
    shares = books.shares.get(asset["asset"])
    if workload != UNASSIGNED or shares is None:
        yield found._replace(workload=workload)
        return
    for name, share in shares.idle.items():
        if share:
            factors = (
                found.factors if share == 1.0 else (exact(f"share of {name} in idle hours", share), *found.factors)
            )
            yield found._replace(workload=name, factors=factors)


def _rests(books: Books, criterion: str, asset: Mapping[str, Any], held: Mapping[str, float]) -> Found:
    """What users' equipment draws at rest, as far as another part of it is charged than was recorded."""
    if asset["owner"] != USERS or asset["rest_w"] is None:
        return
    marginal = books.method.ledger == CONSEQUENTIAL
    factors = rest_factors(asset, "marginal" if marginal else books.equipment(asset))
    if factors is None:
        yield Missing(criterion, "devices", f"for how much of a day a {asset['row']} is in use")
        return
    idle = () if marginal else idle_factors(books.method.equipment)
    for workload, busy_s in held.items():
        own = idle if workload == UNASSIGNED else factors
        if not own or not busy_s:
            continue
        boundary = KIND_BOUNDARIES[asset["kind"]]
        energy_j = busy_s * asset["rest_w"]
        found = _electric(books, criterion, asset, boundary, "use", Sum(energy_j, 0.0))
        if isinstance(found, Missing):
            yield found
        else:
            more = (*own, *found.factors)
            found = found._replace(item="rest", factors=more, origin="reservations x rest_w of assets")
            yield from _charged(books, asset, workload, found)
