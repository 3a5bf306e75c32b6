"""The mistakes a user can make, each a sentence for the person who can mend it.

    SimulatorError
      QuantityError       a text that is no quantity of the asked kind
      UnknownNameError    a name that the catalogue does not hold
      MissingValueError   a catalogue row (or a definition) without the value that a model needs
      ContradictionError  watts (or other figures) that cannot be true together
      DivergedError       a model whose parameters grew beyond all bounds as it learned
      ScenarioError       all that is wrong with one scenario file
      AtlasError          all that is wrong with an atlas folder, or with files that were to be imported into one
      ResultsError        a result folder that is taken, unfinished or no result folder
      StaleError          a file that is another one than when a sweep was planned
      TooManyRowsError    a tick so short that the table would not fit
      ProbeError          a probe that raised while it watched a run
      PluginError         what a third party brought under a name that a scenario uses, and is not what it should be
      UsageError          a command that asks for something that is not there
      NetworkError        a link or a flow that cannot be

Arguments are positional and all handed to ``super().__init__``: SimPy and pickle rebuild
an error from its ``args``. Broken invariants of our own are ``AssertionError``.
"""

from collections.abc import Sequence
from typing import NamedTuple


class SimulatorError(Exception):
    """Anything that the user can put right."""


class Problem(NamedTuple):
    """One mistake in a file: where it is, in which field, and the sentence that mends it."""

    where: str
    path: str
    sentence: str

    def __str__(self) -> str:
        field = f"{self.path}: " if self.path else ""
        return f"{self.where}: {field}{self.sentence}"


class QuantityError(SimulatorError):
    """A text that is no quantity of the asked kind."""

    def __init__(self, text: str, expected: str, hint: str) -> None:
        super().__init__(text, expected, hint)
        self.text, self.expected, self.hint = text, expected, hint

    def __str__(self) -> str:
        return f"expected {self.expected}, found {self.text!r}; {self.hint}"


class UnknownNameError(SimulatorError):
    """A name that the catalogue (or the scenario) does not hold."""

    def __init__(self, kind: str, asked: str, hint: str) -> None:
        super().__init__(kind, asked, hint)
        self.kind, self.asked, self.hint = kind, asked, hint

    def __str__(self) -> str:
        return f"no {self.kind} is called {self.asked!r}; {self.hint}"


class MissingValueError(SimulatorError):
    """A thing without the value that a model needs of it: unknown is an error, never 0."""

    def __init__(self, row: str, column: str, remedy: str, where: str = "in the catalogue") -> None:
        super().__init__(row, column, remedy, where)
        self.row, self.column, self.remedy, self.where = row, column, remedy, where

    def __str__(self) -> str:
        return f"{self.row} has no {self.column} {self.where}; {self.remedy}"


class ContradictionError(SimulatorError):
    """Figures that cannot be true together."""

    def __init__(self, subject: str, sentence: str) -> None:
        super().__init__(subject, sentence)
        self.subject, self.sentence = subject, sentence

    def __str__(self) -> str:
        return f"{self.subject}: {self.sentence}"


class DivergedError(SimulatorError):
    """A model whose parameters grew beyond all bounds as it learned."""

    def __init__(self, task: str, rate: float) -> None:
        super().__init__(task, rate)
        self.task, self.rate = task, rate

    def __str__(self) -> str:
        return f"{self.task}: diverges with a learning rate of {self.rate:g}; lower `rate`"


class ScenarioError(SimulatorError):
    """All that is wrong with one scenario file, each problem on a line of its own."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(source, problems)
        self.source, self.problems = source, problems

    def __str__(self) -> str:
        return listed(self.source, self.problems)


class AtlasError(SimulatorError):
    """All that is wrong with an atlas folder, or with files to be imported into one, each problem on a line."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(source, problems)
        self.source, self.problems = source, problems

    def __str__(self) -> str:
        return listed(self.source, self.problems)


def listed(source: str, problems: tuple[Problem, ...]) -> str:
    """How many problems a file or folder has, and each of them below."""
    count = len(problems)
    head = f"{source}: {count} problem{'s' if count > 1 else ''}"
    return "\n".join([head, *(f"  {problem}" for problem in problems)])


def few(names: Sequence[str], most: int = 3) -> str:
    """Names, of many the first.

    >>> few(["1", "2"]), few([str(seed) for seed in range(100)])
    ('1, 2', '0, 1, 2 and 97 more')
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


class ResultsError(SimulatorError):
    """A result folder that is taken, unfinished or no result folder."""

    def __init__(self, folder: str, state: str, remedy: str) -> None:
        super().__init__(folder, state, remedy)
        self.folder, self.state, self.remedy = folder, state, remedy

    def __str__(self) -> str:
        return f"{self.folder}: {self.state}; {self.remedy}"


class StaleError(SimulatorError):
    """A file that is another one than when a sweep was planned."""

    def __init__(self, folder: str, state: str, remedy: str) -> None:
        super().__init__(folder, state, remedy)
        self.folder, self.state, self.remedy = folder, state, remedy

    def __str__(self) -> str:
        return f"{self.folder}: {self.state}; {self.remedy}"


class TooManyRowsError(SimulatorError):
    """A tick so short that the table would not fit."""

    def __init__(self, row_count: int, most_count: int, tick_s: float) -> None:
        super().__init__(row_count, most_count, tick_s)
        self.row_count, self.most_count, self.tick_s = row_count, most_count, tick_s

    def __str__(self) -> str:
        return (
            f"the tick log would have {self.row_count:.3g} rows, at most {self.most_count:.0e} are written; "
            f"a tick of {self.tick_s:g} s would fit"
        )


class ProbeError(SimulatorError):
    """A probe that raised while it watched a run."""

    def __init__(self, probe: str, moment: str, failure: str) -> None:
        super().__init__(probe, moment, failure)
        self.probe, self.moment, self.failure = probe, moment, failure

    def __str__(self) -> str:
        return f"probe {self.probe!r} failed at `{self.moment}` ({self.failure}); mend it, or run without it"


class PluginError(SimulatorError):
    """What a third party brought under a name that a scenario uses, and is not what it should be."""

    def __init__(self, distribution: str, name: str, failure: str) -> None:
        super().__init__(distribution, name, failure)
        self.distribution, self.name, self.failure = distribution, name, failure

    def __str__(self) -> str:
        return f"{self.name!r} of the distribution {self.distribution!r} {self.failure}; mend it, or uninstall it"


class UsageError(SimulatorError):
    """A command that asks for something that is not there."""

    def __init__(self, asked: str, state: str, remedy: str) -> None:
        super().__init__(asked, state, remedy)
        self.asked, self.state, self.remedy = asked, state, remedy

    def __str__(self) -> str:
        return f"{self.asked}: {self.state}; {self.remedy}"


class NetworkError(SimulatorError):
    """A link or a flow that cannot be: a negative size, no capacity, nothing that holds it back."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        super().__init__(where, found, expected)
        self.where, self.found, self.expected = where, found, expected

    def __str__(self) -> str:
        return f"{self.where}: found {self.found}, expected {self.expected}"
