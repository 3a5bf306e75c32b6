"""What a paradigm's search for its rates came to: trainings that were tried and thrown away.

    development = the widest boundary of operation + the sum over all trials

The chosen rates are run again for the result, so that every trial counts, its own included. A
trial's figures were summed at the widest boundary of its own window; its log is not kept.
Where nothing is searched for, one row may state what was tried as a share of the training (development.py).
"""

from collections import Counter
from collections.abc import Iterator

from simulator.footprint.entries import Entry, Tables
from simulator.record.pieces import of_paradigm
from simulator.record.trials import DIVERGED, MISSED, REACHED, STATED
from simulator.vocabulary import DEVELOPMENT

AS_STATED = "not simulated, but stated as a share of what the trainings drew"


def trial_entries(tables: Tables, paradigm: str, owned: bool, stated: bool = True) -> Iterator[Entry]:
    """An entry for each trial, by what was reserved or by everything owned; what is stated may be left out."""
    prefix = "owned_" if owned else ""
    for row in of_paradigm(tables["trials"], paradigm).to_pylist():
        if row["status"] == STATED and not stated:
            continue
        figures = row[f"{prefix}energy_j"], row[f"{prefix}co2e_kg"]
        yield Entry("", "", DEVELOPMENT, DEVELOPMENT, *figures)


def trials_sentence(tables: Tables, paradigm: str) -> str:
    """How many trainings were tried, and how they ended, or that it is stated; empty where none was.

    >>> from simulator.record.tables import from_rows
    >>> row = [0.1, None, 9, 60.0, "facility", 5.0, 1.0, 6.0, 2.0]
    >>> rows = [("main", n, 7, "no", status, *row) for n, status in enumerate(("reached", "missed", "reached"))]
    >>> trials_sentence({"trials": from_rows("trials", rows)}, "main")
    '3 trainings were tried (2 reached, 1 missed)'
    """
    statuses = Counter(of_paradigm(tables["trials"], paradigm).column("status").to_pylist())
    if statuses[STATED]:
        return AS_STATED
    ended = ", ".join(f"{statuses[status]} {status}" for status in (REACHED, MISSED, DIVERGED) if statuses[status])
    return f"{statuses.total()} trainings were tried ({ended})" if statuses else ""
