"""Watching a run without being able to change it.

A probe is a name and, for some of the moments below, what to call with their values. Values
are numbers, texts and tuples of them: nothing that a run could be moved by. A run without
probes pays nothing, for the ledger and the diary choose what they call when they are made.

A probe that raises must not stop a change half way, or the watts of half a machine would be
recorded. It is called no more, the event in progress is done to its end, and then the run
ends with a sentence that names the probe.
"""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple

from simulator.errors import ProbeError, UsageError

MOMENTS = {
    "change": "a channel takes a value: (at_s, channel, value); those of a service come some thousand requests late, "
    "those of a training some thousand stretches or steps late, the watts at rest after the run",
    "event": "something is noted in the diary: (at_s, event, subject, cause)",
}
"""When a probe can be called, and with what."""
_MOMENTS = ", ".join(MOMENTS)

Call = Callable[..., object]


class Probe(NamedTuple):
    """Who watches, and what is called at which of `MOMENTS`.

    >>> Probe("count", {"change": lambda at_s, channel, value: None}).name
    'count'
    """

    name: str
    calls: Mapping[str, Call]


class Watch:
    """The probes while one paradigm runs; raises UsageError for a moment that does not exist."""

    __slots__ = ("_guards",)

    def __init__(self, probes: Sequence[Probe] = ()) -> None:
        self._guards = [_Guard(probe) for probe in probes]
        for probe in probes:
            for moment in probe.calls:
                if moment not in MOMENTS:
                    raise UsageError(f"probe {probe.name!r} at {moment!r}", "no such moment", f"there is {_MOMENTS}")

    def find_teller(self, moment: str) -> Call | None:
        """What is to be called at this moment with its values; None where nobody watches it."""
        guards = [guard for guard in self._guards if moment in guard.probe.calls]

        def tell(*values: object) -> None:
            for guard in guards:
                guard.tell(moment, values)

        return tell if guards else None

    def watched(self, step: Callable[[], None]) -> Callable[[], None]:
        """The step after which failures are raised; the step itself where nobody watches."""

        def step_and_check() -> None:
            step()
            self.check()

        return step_and_check if self._guards else step

    def end(self) -> None:
        """Raise what `check` would, and tell nobody anything more: what the horizon cut off is only cleared away."""
        self.check()
        for guard in self._guards:
            guard.silent = True

    def check(self) -> None:
        """Raise the ProbeError of the first probe that failed."""
        for guard in self._guards:
            if guard.error is not None:
                raise guard.error from guard.error.__cause__


class _Guard:
    """One probe, called until it fails: a context, since what a stranger's function may raise has no narrower name."""

    __slots__ = ("_moment", "error", "probe", "silent")

    def __init__(self, probe: Probe) -> None:
        self.probe, self._moment, self.silent = probe, "", False
        self.error: ProbeError | None = None

    def tell(self, moment: str, values: tuple[object, ...]) -> None:
        """Call the probe with these values, unless it has failed before or the run is over."""
        if not self.silent:
            self._moment = moment
            with self:
                self.probe.calls[moment](*values)

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False  # a wish to stop, such as Ctrl-C, is nobody's failure
        self.silent = True
        self.error = ProbeError(self.probe.name, self._moment, f"{type(error).__name__}: {error}")
        self.error.__cause__ = error
        return True


UNWATCHED = Watch()
"""A run without probes."""
