"""The accounts of a result by one method: totals, tables, who pays, what is missing; all sums of the same terms."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import fsum
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from simulator.errors import UsageError, few
from simulator.footprint.accounting.account import Account, build_account
from simulator.footprint.accounting.books import CONSEQUENTIAL, Missing
from simulator.footprint.accounting.development import stated_trials
from simulator.footprint.accounting.log_book import LogBook, Made
from simulator.footprint.accounting.method import BASES, EQUIPMENT, NETWORKS, Method
from simulator.footprint.accounting.term import Term, Total
from simulator.footprint.accounting.uncertainty import Draws, Swing, draw, tornado
from simulator.footprint.entries import Tables, paradigms
from simulator.footprint.making.embodied import AMOUNTS, embodied_table, phases_from
from simulator.footprint.making.factor_files import is_file, read_factors
from simulator.footprint.making.factors import BASE, CODECARBON, KINDS, build_sets, set_names
from simulator.footprint.sharing.rules import RULES
from simulator.spec import Spec
from simulator.vocabulary import BOUNDARIES, CRITERIA, LEDGERS, PHASE_BOUNDARIES, UNASSIGNED

KEYS = ("paradigm", "boundary", "phase", "criterion", "place", "asset", "item", "workload", "activity")
"""What a table of an account may be summed by."""
WORDS: Mapping[str, Mapping[str, Any]] = {
    **{"ledger": LEDGERS, "rule": RULES, "basis": BASES, "equipment": EQUIPMENT, "network": NETWORKS}
}
"""The fields of a method that are words of a table."""
MAKING = ("embodied", "lives", "basis")
"""What of a method the recorded table of making depends on."""
FIRST = {"site_water_l": "facility"}
"""The first boundary that a criterion counts in, where machines themselves have nothing of it."""


class Accounts:
    """What a record comes to by one method; `total`, `table`, `by_workload`, `boundaries`, `missing`."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.of = {account.paradigm: account for account in accounts}
        self.method: Method = accounts[0].method

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """The factors of its terms that were taken from another set than the first one asked for."""
        first = {
            "embodied": (*self.method.embodied, BASE)[0].removesuffix(".csv").rpartition("/")[2],
            "grid-factor": (*self.method.grid, CODECARBON)[0].removesuffix(".csv").rpartition("/")[2],
        }
        used = (factor.name for term in self.terms for factor in (*term.factors, *term.inverse))
        return tuple(
            name for name in dict.fromkeys(used) if _set_of(name) not in ("", first.get(name.partition("/")[0]))
        )

    @property
    def unused(self) -> tuple[str, ...]:
        """The sets asked for, and the rows of one's own files, of which no term has a figure."""
        factors = (factor for term in self.terms for factor in (*term.factors, *term.inverse))
        used = "\n".join(dict.fromkeys(factor.name for factor in factors))
        asked = ((kind, name) for field, kind in _SETS.items() for name in getattr(self.method, field))
        return tuple(one for kind, name in asked for row, one in _figures_of(kind, name) if row not in used)

    @property
    def terms(self) -> Iterator[Term]:
        """Every product that the accounts are sums of."""
        return (term for account in self.of.values() for term in account.terms)

    def boundaries(self, paradigm: str, criterion: str) -> dict[str, Total]:
        """The nested totals of a criterion, as far as everything in them is known."""
        account = self._account(paradigm)
        return {b: self.total(criterion, paradigm, b) for b in _known(account, criterion)}

    def total(self, criterion: str = "co2e_kg", paradigm: str | None = None, boundary: str | None = None) -> Total:
        """The total of a criterion at a boundary, the widest that is known if left out.

        Raises UsageError where there is no such criterion or boundary, or where something in it is unknown, with what.
        """
        account = self._account(paradigm)
        if criterion not in CRITERIA:
            raise UsageError(f"a total of {criterion!r}", "no such criterion", f"there is {', '.join(CRITERIA)}")
        if boundary is not None and boundary not in BOUNDARIES:
            raise UsageError(f"a total at {boundary!r}", "no such boundary", f"there is {', '.join(BOUNDARIES)}")
        known = _known(account, criterion)
        if not known or (boundary is not None and boundary not in known):
            raise UsageError(
                f"{criterion} of {account.paradigm} at {boundary or 'any boundary'}",
                f"is not computed: {_why(account, criterion, boundary)}",
                "say it, or ask for a narrower boundary or another criterion",
            )
        chosen = known[-1] if boundary is None else boundary
        value = fsum(term.amount for term in account.within(criterion, chosen))
        return Total(value, criterion, chosen, account.method.ledger)

    def by_workload(
        self, criterion: str = "co2e_kg", paradigm: str | None = None, boundary: str | None = None
    ) -> dict[str, float]:
        """What each workload is charged with, and what stays `unassigned`; at the widest known boundary by default."""
        account = self._account(paradigm)
        within = list(account.within(criterion, self.total(criterion, account.paradigm, boundary).boundary))
        names = sorted({term.workload for term in within} - {UNASSIGNED})
        return {name: fsum(t.amount for t in within if t.workload == name) for name in (*names, UNASSIGNED)}

    def charged(self, criterion: str = "co2e_kg", paradigm: str | None = None, boundary: str | None = None) -> float:
        """What all workloads together are charged with."""
        shares = self.by_workload(criterion, paradigm, boundary)
        return fsum(value for name, value in shares.items() if name != UNASSIGNED)

    def table(self, by: Sequence[str] = ("paradigm", "criterion", "phase", "workload")) -> pa.Table:
        """The amounts that totals hold, by some of `KEYS`, as an Arrow table; a criterion's unit ends its name."""
        unknown = [key for key in by if key not in KEYS]
        if unknown:
            raise UsageError(f"an account by {', '.join(unknown)}", "no such key", f"there is {', '.join(KEYS)}")
        keys = list(dict.fromkeys((*by, "criterion")))
        sums: dict[tuple[str, ...], list[float]] = {}
        for term in (term for account in self.of.values() for term in _counted(account)):
            sums.setdefault(tuple(getattr(term, key) for key in keys), []).append(term.amount)
        columns = {key: [group[place] for group in sums] for place, key in enumerate(keys)}
        return pa.table({**columns, "amount": [fsum(amounts) for amounts in sums.values()]})

    def draws(self, criterion: str = "co2e_kg", boundary: str | None = None, count: int = 1000, seed: int = 0) -> Draws:
        """The total of each paradigm with other values of its factors, at the widest boundary that all know."""
        chosen = self._common(criterion, boundary)
        terms = {name: list(account.within(criterion, chosen)) for name, account in self.of.items()}
        return draw(terms, criterion, chosen, count, seed)

    def tornado(
        self,
        criterion: str = "co2e_kg",
        paradigm: str | None = None,
        boundary: str | None = None,
        beside: str | None = None,
    ) -> list[Swing]:
        """What each factor alone does to the total of a paradigm, or to that less another's; the widest first."""
        chosen = self._common(criterion, boundary)
        less = () if beside is None else self._account(beside).within(criterion, chosen)
        return tornado(self._account(paradigm).within(criterion, chosen), less)

    def missing(self, criterion: str, paradigm: str | None = None) -> list[Missing]:
        """What nobody says of a criterion."""
        return [one for one in self._account(paradigm).missing if one.criterion == criterion]

    def _common(self, criterion: str, boundary: str | None) -> str:
        """The widest boundary at which all paradigms know a criterion, or this one, which all of them must know."""
        known = [set(self.boundaries(name, criterion)) for name in self.of]
        widest = next((b for b in reversed(BOUNDARIES) if all(b in names for names in known)), None)
        chosen = boundary or widest or next(iter(BOUNDARIES))
        for name in self.of:
            self.total(criterion, name, chosen)
        return chosen

    def _account(self, paradigm: str | None) -> Account:
        if paradigm is None and len(self.of) == 1:
            return next(iter(self.of.values()))
        if paradigm not in self.of:
            asked = "several paradigms" if paradigm is None else f"paradigm {paradigm!r}"
            raise UsageError(asked, "an account is of one", f"name one of {', '.join(self.of)}")
        return self.of[paradigm]


def build_accounts(
    tables: Tables,
    said: Mapping[str, Any],
    given: Mapping[str, Any],
    criteria: Sequence[str],
    book: LogBook | None = None,
) -> Accounts:
    """The accounts of every paradigm of a record; `said` is its method, `given` what differs, `book` its log."""
    book = book or LogBook(tables)
    recorded = read_method(said)
    kept = {
        name: value for name, value in said.items() if name != "weights" or given.get("rule") in (None, recorded.rule)
    }
    method = read_method({**kept, **given})
    made = book.once(_key(method), lambda: _made(tables, method, recorded))
    tables = {**tables, "embodied": made.table}
    if recorded.development != method.development:
        tables = {**tables, "trials": stated_trials(tables, method.development, book)}
    accounts = [build_account(tables, name, method, made.sets, criteria, book=book) for name in paradigms(tables)]
    return Accounts(accounts)


def _key(method: Method) -> Hashable:
    """What of a method decides what making took, and by whose factors."""
    lives = tuple(sorted((name, life.model_dump_json()) for name, life in method.lives.items()))
    return tuple(method.grid), tuple(method.embodied), lives, method.basis


def _made(tables: Tables, method: Method, recorded: Method) -> Made:
    """What making took by a method: as recorded, or looked up anew where other sets or lives are asked for."""
    if all(getattr(recorded, field) == getattr(method, field) for field in MAKING):
        return Made(tables["embodied"], build_sets(method.grid, ()))
    sets = build_sets(method.grid, method.embodied)
    return Made(embodied_table(tables, sets, method.lives, method.basis), sets)


def read_method(raw: Mapping[str, Any]) -> Method:
    """A method from plain data; raises UsageError with what there is in place of what is not."""
    for field, words in WORDS.items():
        if raw.get(field) is not None and raw[field] not in words:
            raise UsageError(f"{field} {raw[field]!r}", f"no such {field}", f"there is {', '.join(words)}")
    try:
        method = Method.model_validate(dict(raw))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"footprint.{where}", first["msg"], "see `footprint:` in `aiceberg schema`") from None
    for path, spec in _specs(method):
        for fault in spec.faults():
            sentence, _, remedy = fault.sentence.rpartition("; ")
            raise UsageError(".".join(("footprint", *path, *map(str, fault.path))), sentence, remedy)
    return method


def _specs(spec: Spec, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Spec]]:
    """A spec and all that stand in it, each with where."""
    yield path, spec
    for name in type(spec).model_fields:
        value = getattr(spec, name)
        below = value.items() if isinstance(value, dict) else [("", value)]
        for key, one in below:
            if isinstance(one, Spec):
                yield from _specs(one, (*path, name, *([key] if key else [])))


def kinds_of(factors: Sequence[str]) -> dict[str, list[str]]:
    """Factor sets by what they are of, `grid` and `embodied`, from names or paths of CSV files.

    >>> kinds_of(["boavizta"])
    {'embodied': ['boavizta']}
    """
    found: dict[str, list[str]] = {}
    for name in factors:
        kinds = _kinds_of_file(name) if is_file(name) else [k for k in _SETS if name in set_names(_SETS[k])]
        if not kinds:
            there = "; ".join(f"{kind}: {', '.join(set_names(of))}" for kind, of in _SETS.items())
            raise UsageError(f"--factors {name}", "no such factor set", f"there is {there}; or give a .csv")
        for kind in kinds:
            found.setdefault(kind, []).append(name)
    return found


_SETS = {"grid": "grid-factor", "embodied": "embodied"}


def _kinds_of_file(name: str) -> list[str]:
    """What a file of factors is of, by its header."""
    try:
        with open(name, encoding="utf-8-sig") as file:
            columns = [cell.strip() for cell in file.readline().split(",")]
    except (OSError, UnicodeDecodeError):
        columns = []
    return ["grid"] if "zone" in columns and "target" not in columns else ["embodied"]


def _set_of(name: str) -> str:
    """The set that a factor was taken from, by its name; "" where it is of none."""
    kind, _, rest = name.partition("/")
    return rest.partition(":")[0] if kind in ("embodied", "grid-factor") and ":" in rest else ""


def _figures_of(kind: str, name: str) -> Iterator[tuple[str, str]]:
    """What names of factors hold that are of a set, or of a row of one's own file, and what to call it."""
    if is_file(name):
        read = read_factors(name, kind, KINDS[kind], set_names(kind))
        yield from ((f"{kind}/{row.id}/", f"{name}: {target}") for target, row in read.rows.items())
    else:
        yield ("grid/" if name == CODECARBON else f"{kind}/{name}:"), name


def _counted(account: Account) -> Iterator[Term]:
    """The terms of each criterion within the widest boundary at which it is known."""
    for criterion in account.criteria:
        known = _known(account, criterion)
        yield from account.within(criterion, known[-1]) if known else ()


def _known(account: Account, criterion: str) -> list[str]:
    """The boundaries from the first that a criterion counts in, below the first of which something is missing."""
    if criterion not in account.criteria:
        return []
    order = list(BOUNDARIES)
    missing = [order.index(one.boundary) for one in account.missing if one.criterion == criterion]
    first = order.index(FIRST.get(criterion, order[0]))
    told = order[first : min(missing, default=len(order))]
    return [boundary for boundary in told if boundary in account.reach.boundaries and _is_told(criterion, boundary)]


def _is_told(criterion: str, boundary: str) -> bool:
    """Whether factor sets have a column of a criterion for all that a boundary of making takes in."""
    return all((phase, criterion) in AMOUNTS for phase in phases_from(boundary))


def _why(account: Account, criterion: str, boundary: str | None) -> str:
    told = list(dict.fromkeys(one.what for one in account.missing if one.criterion == criterion))
    if told:
        return f"nobody says {few(told)}"
    if account.method.ledger == CONSEQUENTIAL:
        return "the consequential ledger has energy and marginal emissions of operation alone"
    if boundary in PHASE_BOUNDARIES.values() and not RULES[account.method.rule].conserving:
        return f"the rule `{account.method.rule}` charges nothing of what was made"
    if boundary is not None and not _is_told(criterion, boundary):
        return f"no factor set says it of {BOUNDARIES[boundary]}"
    if criterion not in account.criteria:
        return "the account was not asked for it"
    return "its record does not reach so far" if boundary else "nothing was in service"
