"""The account of a record by a method: terms of every criterion, whoever pays for what was shared.

    use              joules of each channel x what a joule costs where it was drawn (use.py)
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

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.footprint.accounting.books import CONSEQUENTIAL, Books, Found, Missing
from simulator.footprint.accounting.development import as_development, read_ratio, trainings
from simulator.footprint.accounting.log_book import LogBook
from simulator.footprint.accounting.made import Over, making_terms
from simulator.footprint.accounting.method import Method
from simulator.footprint.accounting.network_idle import AS_RUN, retold
from simulator.footprint.accounting.term import Term
from simulator.footprint.accounting.use import channel_terms, use_terms
from simulator.footprint.boundary import Reach
from simulator.footprint.entries import Tables
from simulator.footprint.making.embodied import embodied_rows, is_known
from simulator.footprint.making.factors import FactorSets
from simulator.footprint.sharing.rules import RULES
from simulator.footprint.trials import trial_entries
from simulator.vocabulary import DEVELOPMENT, PHASE_BOUNDARIES

MARGINAL = ("energy_j", "marginal_co2e_kg")
"""What a decision changes, as far as it is known: the criteria of the consequential ledger."""


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
    books = Books(tables, paradigm, method, sets, owned, book or LogBook(tables))
    terms: list[Term] = []
    missing: dict[Missing, None] = {}
    asked = tuple(one for one in criteria if method.ledger != CONSEQUENTIAL or one in MARGINAL)
    for criterion in asked:
        tried = (_trials(tables, books, criterion), _stated(tables, books, criterion))
        for found in (use_terms(books, criterion), *tried, _made(tables, books, criterion)):
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


def _trials(tables: Tables, books: Books, criterion: str) -> Found:
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


def _stated(tables: Tables, books: Books, criterion: str) -> Found:
    """What is said to have been tried, as a share of what the trainings drew; what is missing is told of those."""
    if books.method.development is None:
        return
    ratio, names = read_ratio(books.method.development), trainings(tables, books.paradigm)
    readings = (reading for reading in books.readings if reading.drawn.channel["workload"] in names)
    for found in (one for reading in readings for one in channel_terms(books, criterion, reading)):
        if isinstance(found, Term) and books.reach.holds(found.boundary, books.reach.widest):
            yield as_development(found, ratio)


def _made(tables: Tables, books: Books, criterion: str) -> Found:
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


def _untold(tables: Tables, books: Books, criterion: str, told: set[tuple[str, str]]) -> Found:
    """Items of which nobody says this criterion at all."""
    for row in embodied_rows(tables, books.paradigm, "co2e_kg"):
        named = (row["asset"], row["item"])
        if row["phase"] == "manufacture" and named not in told and books.counts(books.assets[row["asset"]]):
            yield Missing(criterion, "embodied", f"manufacture of {row['asset']} ({row['item']})")
