"""What was tried before the training that is simulated, where a scenario states it as a share of that.

    development = ratio x what the trainings drew themselves, at the widest boundary of operation

`ratio` is the scenario's, or a row of the table development-ratio. The trainings of a paradigm are its workloads
`train` and `federate`; their own watts and the building's count, what machines drew for nobody does not. What comes
of it is a row of `trials` with the status `stated`, so that a summary can be computed from the exact tables; an
account charges it to the training, and by all its criteria.
Limits: the same machines in the same places are taken to have done it, and their making is not counted. Where
rates are searched for, the trainings that were tried are simulated, and nothing may be stated.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Discriminator, Field, Tag

from simulator.catalogue import find
from simulator.errors import UsageError
from simulator.footprint.accounting.log_book import LogBook
from simulator.footprint.accounting.term import GIVEN, Term
from simulator.footprint.boundary import Reach, owned_reach, reach, within
from simulator.footprint.entries import Tables, accounts, paradigms, total
from simulator.footprint.making.factors import Factor, find_cell
from simulator.record.pieces import of_paradigm
from simulator.record.tables import from_rows
from simulator.record.trials import STATED
from simulator.spec import PositiveNumber, Ref, Spec, Text
from simulator.vocabulary import DEVELOPMENT

TRAININGS = ("train", "federate")
"""The kinds of workload that a model comes out of."""
RATIO = "development_ratio"


class OwnRatio(Spec):
    """What was tried over what was trained at last, as the scenario says it."""

    ratio: PositiveNumber = Field(description="what all that was tried drew, over what the training draws")
    source: Text = Field(description="who says so")


def _form(raw: Any) -> str:
    return "own" if isinstance(raw, dict | OwnRatio) else "name"


Development = Annotated[
    Annotated[str, Ref("development-ratio"), Tag("name")] | Annotated[OwnRatio, Tag("own")], Discriminator(_form)
]
"""A row of the catalogue, or a ratio of one's own."""


def read_ratio(said: str | OwnRatio) -> Factor:
    """The ratio with its source; raises UnknownNameError for a row that is not there.

    >>> read_ratio("olmo").value
    0.5
    """
    if isinstance(said, OwnRatio):
        return Factor("footprint.development.ratio", said.ratio, None, None, said.source, GIVEN)
    row = find("development-ratio", said)
    row.number(RATIO, "give `development: {ratio: ..., source: ...}`")
    found = find_cell(row, RATIO)
    assert found is not None, "its number was there"
    return found


def trainings(tables: Tables, paradigm: str) -> set[str]:
    """The workloads of a paradigm that a model comes out of."""
    return {job["workload"] for job in of_paradigm(tables["jobs"], paradigm).to_pylist() if job["kind"] in TRAININGS}


def stated_trials(tables: Tables, said: str | OwnRatio | None, book: LogBook | None = None) -> pa.Table:
    """The table `trials` with what is stated, and without what was stated before.

    With a book, the log is not read again. Raises UsageError where trainings were tried, which would count twice.
    """
    trials = tables["trials"]
    simulated = trials.filter(pc.not_equal(pc.cast(trials["status"], pa.string()), STATED))
    if said is None:
        return simulated
    if simulated.num_rows:
        state = f"{simulated.num_rows} trainings were tried and simulated, which is the development"
        raise UsageError("footprint.development", state, "leave it out, or run without `comparison: {search: ...}`")
    ratio, book = read_ratio(said).value, book or LogBook(tables)
    return from_rows("trials", (row for name in paradigms(tables) for row in _rows(tables, name, ratio, book)))


def _rows(tables: Tables, paradigm: str, ratio: float, book: LogBook) -> Iterator[tuple[Any, ...]]:
    """The row of a paradigm; none where no training of it drew anything."""
    names = trainings(tables, paradigm)
    own = [entry for entry in accounts(book.readings(paradigm)).drawn if entry.workload in names]
    nothing_ran = (None, "", STATED, None, None, None, None)
    plain = {**tables, "trials": from_rows("trials", [])}
    boundaries: list[Reach] = [reach(plain, paradigm), owned_reach(plain, paradigm)]
    reserved, owned = (total(within(own, computed, computed.widest)) for computed in boundaries)
    if reserved.energy_j:
        figures = (ratio * figure for figure in (*reserved, *owned))
        yield paradigm, 0, *nothing_ran, boundaries[0].widest, *figures


def as_development(term: Term, ratio: Factor) -> Term:
    """What a training drew, as what was tried for it."""
    return term._replace(boundary=DEVELOPMENT, activity=DEVELOPMENT, factors=(ratio, *term.factors))
