"""The account of a record by a method: terms of every criterion, whoever pays for what was shared.

    use              joules of each channel x what a joule costs where it was drawn
    water at a site  joules of machines x litres a kilowatt-hour of their data centre
    making           seconds that pieces count (or bits) x amounts a piece / lifetimes (made.py)
    idle             what machines drew for nobody, by the rule's shares (shares.py), its building's part with it
    networks         bits and rest by another answer than was recorded (network_idle.py)
    equipment        of users, with more or less of its rest than was recorded:
                     whole-device - marginal = rest x seconds at work;  time-share: rest x seconds / share of its
                     life in which it works

Attributional, all of that, but for the making where the rule charges none of it (`sunk`).
Consequential, marginal emissions alone of what a workload drew itself (all that a machine draws while it
is held, for who holds it keeps others off it), of users' equipment what it draws beyond its rest, of
networks what one more bit costs, and nothing for what is made or rests in nobody's hands. The CO2e of
trials stays as they were run, whatever electricity is asked for: their logs are not kept.
A criterion of which one factor is unknown is not computed, and says what is missing.
Nothing here looks at the clock: it is all products of what was recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

from simulator.footprint.accounting.development import as_development, read_ratio, trainings
from simulator.footprint.accounting.electricity import SCENARIO, Electricity
from simulator.footprint.accounting.equipment import idle_factors, rest_factors
from simulator.footprint.accounting.log_book import LogBook
from simulator.footprint.accounting.made import Over, making_terms
from simulator.footprint.accounting.method import Method
from simulator.footprint.accounting.network_idle import (
    AS_RUN,
    LINE,
    LINE_EQUIPMENT,
    PEAK,
    Rest,
    bit_factors,
    peak_rests,
    retold,
)
from simulator.footprint.accounting.term import KWH_PER_J, Term, exact
from simulator.footprint.boundary import Reach, owned_reach, reach
from simulator.footprint.carbon import co2e_kg
from simulator.footprint.entries import Reading, Sum, Tables, in_service, span_s
from simulator.footprint.making.embodied import embodied_rows, is_known
from simulator.footprint.making.factors import Factor, FactorSets
from simulator.footprint.overhead import IT_KINDS
from simulator.footprint.quantities import piece_seconds
from simulator.footprint.sharing.rules import RULES
from simulator.footprint.sharing.shares import read_shares
from simulator.footprint.trials import trial_entries
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import (
    DEVELOPMENT,
    KIND_BOUNDARIES,
    PHASE_BOUNDARIES,
    RATE,
    SPARE,
    UNASSIGNED,
    USERS,
    WATER,
)

CONSEQUENTIAL = "consequential"
PUE = "pue_ratio"
MARGINAL = ("energy_j", "marginal_co2e_kg")
"""What a decision changes, as far as it is known: the criteria of the consequential ledger."""


class Missing(NamedTuple):
    """Why a criterion is not computed from a boundary on: what nobody says."""

    criterion: str
    boundary: str
    what: str


class Account(NamedTuple):
    """The terms of one paradigm, how far they reach, and what is missing of which criterion."""

    paradigm: str
    method: Method
    terms: list[Term]
    reach: Reach
    missing: list[Missing]
    criteria: tuple[str, ...] = ()
    """What was asked for and can be answered by the method's ledger."""

    def within(self, criterion: str, boundary: str) -> Iterator[Term]:
        """The terms of a criterion that a boundary holds."""
        return (t for t in self.terms if t.criterion == criterion and self.reach.holds(t.boundary, boundary))


class _Books:
    """What one account is made from, read once."""

    def __init__(
        self, tables: Tables, paradigm: str, method: Method, sets: FactorSets, owned: bool, book: LogBook
    ) -> None:
        self.paradigm, self.method, self.owned = paradigm, method, owned
        self.assets = {row["asset"]: row for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
        log = book.readings(paradigm)
        self.readings = [one for one in log if owned or one.drawn.channel["quantity"] != SPARE]
        self.held_s = _by_asset(piece_seconds(tables, paradigm))
        self.reach = (owned_reach if owned else reach)(tables, paradigm)
        self.electricity = Electricity(tables, paradigm, sets, own=not method.grid)
        self.network = AS_RUN if owned or method.ledger == CONSEQUENTIAL else method.network
        # whoever asks what a decision changes is answered by what one more bit costs
        self.bits_by = PEAK if method.ledger == CONSEQUENTIAL else self.network
        self.apart = {one.drawn.asset["asset"] for one in log if one.drawn.channel["quantity"] == SPARE}
        self.rests: list[Rest] = []
        if self.network == PEAK:  # whatever the sets and the rule
            self.rests = book.once((PEAK, paradigm), lambda: list(peak_rests(tables, paradigm, self.assets)))
        shared = method.ledger != CONSEQUENTIAL and not owned
        self.shares = read_shares(tables, paradigm, method.rule, method.weights, book) if shared else {}
        if owned:
            self._hold_all(span_s(tables, paradigm))

    def _hold_all(self, window_s: float) -> None:
        """Have every machine count for the whole window: what nobody held is for nobody."""
        for name, asset in self.assets.items():
            if asset["owner"] not in (USERS, ""):
                held = {w: piece_s for w, piece_s in self.held_s.get(name, {}).items() if w != UNASSIGNED}
                self.held_s[name] = {**held, UNASSIGNED: asset["count"] * window_s - fsum(held.values())}

    def equipment(self, asset: Mapping[str, Any]) -> str:
        """What of an asset's rest is charged, as an option of users' equipment."""
        own: str = self.method.equipment
        return LINE_EQUIPMENT.get(self.network, own) if asset["kind"] == LINE else own

    def counts(self, asset: Mapping[str, Any]) -> bool:
        """Whether an asset is counted at all."""
        return in_service(asset) or (self.owned and asset["owner"] not in (USERS, ""))

    def bits(self) -> dict[str, dict[str, float]]:
        """Bits by asset and workload."""
        found: dict[str, dict[str, float]] = {}
        for drawn, _ in self.readings:
            if drawn.channel["quantity"] == RATE and drawn.asset["slope_j_per_b"] is not None:
                of = found.setdefault(drawn.asset["asset"], {})
                of[drawn.channel["workload"]] = of.get(drawn.channel["workload"], 0.0) + drawn.value
        return found


def build_account(
    tables: Tables,
    paradigm: str,
    method: Method,
    sets: FactorSets,
    criteria: Sequence[str],
    owned: bool = False,
    book: LogBook | None = None,
) -> Account:
    """The account of a paradigm; `tables` has the table `embodied` of the method's sets and lives.

    Of everything owned, each machine counts for the whole window, and what nobody held is nobody's. With a book, the
    log is not read again.
    """
    books = _Books(tables, paradigm, method, sets, owned, book or LogBook(tables))
    terms: list[Term] = []
    missing: dict[Missing, None] = {}
    asked = tuple(one for one in criteria if method.ledger != CONSEQUENTIAL or one in MARGINAL)
    for criterion in asked:
        tried = (_trials(tables, books, criterion), _stated(tables, books, criterion))
        for found in (_use(books, criterion), *tried, _made(tables, books, criterion)):
            for one in found:
                if isinstance(one, Term):
                    terms.append(one)
                else:
                    missing[one] = None
    computed = books.reach
    if not _is_made(method):
        kept = {b: text for b, text in computed.boundaries.items() if b not in PHASE_BOUNDARIES.values()}
        computed = Reach(kept)
    if books.network != AS_RUN:
        computed = Reach(retold(computed.boundaries, books.network))
    return Account(paradigm, method, terms, computed, list(missing), asked)


def _is_made(method: Method) -> bool:
    """Whether a method charges what was made: not where it stands there anyway."""
    return method.ledger != CONSEQUENTIAL and RULES[method.rule].conserving


def _by_asset(held: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (asset, workload), piece_s in held.items():
        found.setdefault(asset, {})[workload] = piece_s
    return found


Found = Iterator[Term | Missing]


def _use(books: _Books, criterion: str) -> Found:
    """What was drawn: by channels, by the building for them, and what more or less of users' equipment is charged."""
    for reading in books.readings:
        workload = reading.drawn.channel["workload"]
        if books.method.ledger == CONSEQUENTIAL and workload == UNASSIGNED:
            continue
        yield from _of_channel(books, criterion, reading)
    if criterion != "site_water_l":
        for asset, held in books.held_s.items():
            yield from _rests(books, criterion, books.assets[asset], held)
        yield from _network_rests(books, criterion)


def _of_channel(books: _Books, criterion: str, reading: Reading) -> Found:
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
    books: _Books, asset: Mapping[str, Any], channel: Mapping[str, Any], found: Term | Missing
) -> Term | Missing:
    """What a channel cost, by what a bit costs in the method's networks where it carried some."""
    if channel["quantity"] != RATE or isinstance(found, Missing):
        return found
    times = bit_factors(books.bits_by, asset, asset["asset"] in books.apart)
    if times is None:
        return Missing(found.criterion, "network", f"what a bit costs on {asset['asset']}")
    return found._replace(factors=(*times, *found.factors))


def _network_rests(books: _Books, criterion: str) -> Found:
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


def _overhead(books: _Books, criterion: str, asset: Mapping[str, Any], own: Sum, overhead: Sum) -> Term | Missing:
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
    books: _Books, criterion: str, asset: Mapping[str, Any], boundary: str, activity: str, own: Sum
) -> Term | Missing:
    """Some joules of an asset as a term of nobody yet, or what is not known of them."""
    found = books.electricity.find(criterion, asset, own.energy_j, own.co2e_kg)
    if found is None:
        zone = "its zone is unknown" if asset["zone"] in ("", SCENARIO) else f"zone {asset['zone']}"
        return Missing(criterion, boundary, f"the electricity of {asset['place']} ({zone})")
    names = (criterion, asset["place"], asset["asset"], "electricity", "", activity)
    return Term(books.paradigm, boundary, "use", *names, found.base, found.unit, found.factors)


def _water(books: _Books, asset: Mapping[str, Any], channel: Mapping[str, Any], energy_j: float) -> Found:
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


def _shared(books: _Books, asset: Mapping[str, Any], channel: Mapping[str, Any], found: Term | Missing) -> Found:
    """What a channel cost, charged to its workload, or by the rule's shares where it was for nobody."""
    if isinstance(found, Missing):
        yield found
        return
    found = found._replace(origin=f"{found.origin or 'changes'}: channel {channel['channel']}")
    yield from _charged(books, asset, channel["workload"], found)


def _charged(books: _Books, asset: Mapping[str, Any], workload: str, found: Term) -> Iterator[Term]:
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


def _rests(books: _Books, criterion: str, asset: Mapping[str, Any], held: Mapping[str, float]) -> Found:
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


def _trials(tables: Tables, books: _Books, criterion: str) -> Found:
    """What trainings that were thrown away came to; their logs are not kept, so that nothing else is known of them."""
    said = books.method.development
    for number, entry in enumerate(trial_entries(tables, books.paradigm, owned=books.owned, stated=said is None)):
        if criterion not in ("energy_j", "co2e_kg"):
            yield Missing(criterion, DEVELOPMENT, "the trainings that were tried: their logs are not kept")
            continue
        names = (criterion, "", "", f"trial {number}", DEVELOPMENT, DEVELOPMENT)
        yield Term(
            books.paradigm, DEVELOPMENT, "use", *names, getattr(entry, criterion), criterion.rpartition("_")[2], ()
        )


def _stated(tables: Tables, books: _Books, criterion: str) -> Found:
    """What is said to have been tried, as a share of what the trainings drew; what is missing is told of those."""
    if books.method.development is None:
        return
    ratio, names = read_ratio(books.method.development), trainings(tables, books.paradigm)
    readings = (reading for reading in books.readings if reading.drawn.channel["workload"] in names)
    for found in (one for reading in readings for one in _of_channel(books, criterion, reading)):
        if isinstance(found, Term) and books.reach.holds(found.boundary, books.reach.widest):
            yield as_development(found, ratio)


def _made(tables: Tables, books: _Books, criterion: str) -> Found:
    """What was made, brought and thrown away."""
    if not _is_made(books.method):
        return
    bits = books.bits()
    told: set[tuple[str, str]] = set()
    for row in embodied_rows(tables, books.paradigm, criterion):
        asset = books.assets[row["asset"]]
        if not books.counts(asset):
            continue
        told.add((row["asset"], row["item"]))
        if is_known(row):
            name = row["asset"]
            over = Over(books.held_s.get(name, {}), bits.get(name, {}), books.shares.get(name))
            yield from making_terms(row, asset, over)
        else:
            yield Missing(
                criterion, PHASE_BOUNDARIES[row["phase"]], f"{row['phase']} of {row['asset']} ({row['item']})"
            )
    if criterion in ("adpe_kgsb", "primary_energy_mj", "cost_usd"):
        yield from _untold(tables, books, criterion, told)


def _untold(tables: Tables, books: _Books, criterion: str, told: set[tuple[str, str]]) -> Found:
    """Items of which nobody says this criterion at all."""
    for row in embodied_rows(tables, books.paradigm, "co2e_kg"):
        named = (row["asset"], row["item"])
        if row["phase"] == "manufacture" and named not in told and books.counts(books.assets[row["asset"]]):
            yield Missing(criterion, "embodied", f"manufacture of {row['asset']} ({row['item']})")
