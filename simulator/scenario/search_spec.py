"""What the YAML says of a search for the learning rates of every paradigm, and what of it cannot be.

comparison:
  functional_unit: one trained model
  target: {accuracy: 0.9}
  search: {budget: 8, rates: [0.01, 1], server_rates: [0.1, 10], minimise: energy}
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from simulator.spec import Count, Fault, PositiveNumber, Spec

MINIMISED = {"energy": "energy_j", "time": "time_s", "rounds": "rounds"}
"""What the best trial has least of, and its column in `trials`."""
MOST_TRIALS = 1000
"""Each is a whole run."""

_Ends = Annotated[list[PositiveNumber], Field(json_schema_extra={"minItems": 2, "maxItems": 2})]


class Search(Spec):
    """A search for the rates with which each paradigm is at its best."""

    budget: Count = Field(
        description="trainings that each paradigm tries, the first with the scenario's own rates",
        json_schema_extra={"minimum": 2, "maximum": MOST_TRIALS},
    )
    rates: _Ends = Field(description="the lowest and the highest learning rate of a client, such as `[0.01, 1]`")
    server_rates: _Ends | None = Field(
        None, description="the same of the server, where an algorithm has one; the scenario's own if left out"
    )
    minimise: Literal[tuple(MINIMISED)] = Field(  # type: ignore[valid-type]  # the words of a table
        "energy", description="what the best has least of: energy, time or rounds (or epochs)"
    )

    def faults(self) -> Iterator[Fault]:
        """A budget that searches nothing or never ends, and ends that are none."""
        if self.budget == 1:
            yield Fault(
                ("budget",), "the first training has the scenario's own rates, so that 1 tries no other; give 2 or more"
            )
        if self.budget > MOST_TRIALS:
            yield Fault(("budget",), f"each training is a whole run; at most {MOST_TRIALS:,} can be tried")
        for field in ("rates", "server_rates"):
            ends: Sequence[float] | None = getattr(self, field)
            if ends is not None and not (len(ends) == 2 and ends[0] < ends[1]):
                found = ", ".join(f"{end:g}" for end in ends)
                yield Fault((field,), f"expected two rates, the higher one last, such as `[0.01, 1]`; found [{found}]")


def learns(workload: Any) -> bool:
    """Whether a workload's spec has a model that really learns."""
    return getattr(workload, "learn", None) is not None


def has_server_rate(workload: Any) -> bool:
    """Whether what a workload learns is brought together with a rate of the server's."""
    algorithm = getattr(workload, "algorithm", None)
    return isinstance(algorithm, Spec) and "rate" in type(algorithm).model_fields


def search_faults(search: Search, workloads: Sequence[Any]) -> Iterator[Fault]:
    """A search for the rates of nobody, by the specs of all workloads."""
    if not any(learns(one) for one in workloads):
        yield Fault((), "nothing learns in this scenario; give a `train` or a `federate` its `learn`")
    elif search.server_rates is not None and not any(learns(one) and has_server_rate(one) for one in workloads):
        yield Fault(("server_rates",), "no algorithm of this scenario has a rate of its own; leave it out")
