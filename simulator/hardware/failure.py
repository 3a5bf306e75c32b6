"""When machines fail, what it takes to go on, and how often to checkpoint.

    failures of a training     a Poisson process, rate = machines at work x sum of component rates
    interval (Young, Daly)     sqrt(2 x checkpoint time x mean time between failures)
    effective share            (1 - machines x rate x (restart + interval / 2)) / (1 + checkpoint time / interval)

A component's rate is how often it failed over the node-days in which that was counted (table
`failure_rates`). What fails for good takes its machine away until it is repaired, and a spare
takes its place; the rest only takes a restart.
Sources: Young 1974 and Daly 2006 (interval); Kokolis et al. 2025 (HPCA), whose estimate the last line is.
"""

from collections.abc import Iterator, Mapping
from math import exp, fsum, lgamma, log, sqrt
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from simulator.catalogue import Row, find
from simulator.spec import Fault, PositiveSeconds, Ref, Seconds, Spec, WholeNumber, number, present, shown
from simulator.units import SECONDS_PER_DAY

LEAST_PER_DAY, MOST_PER_DAY = 1e-9, 1000.0
"""Failures of one machine: from one in three million years to more than one in two minutes."""
GIVEN = "failure"
"""What a failure is called whose rate the scenario gives as one number."""

AWAY = {
    "gpu": True,
    "gpu_memory": True,
    "gpu_sram": True,
    "gpu_silent": True,
    "software": False,
    "network": False,
    "maintenance": True,
    "system": False,
    "nic": True,
    "collective": False,
    "thermal": True,
    "ssd": True,
    "power_supply": True,
    "chassis": True,
    "io_board": True,
    "dependency": False,
    "cpu": True,
    "memory": True,
    "other": True,
    GIVEN: True,
}
"""The components that fail, and whether that takes their machine away until it is repaired (`failures-repaired`)."""


def study_or_rate(value: Any) -> float | str:
    """A validator that takes a study of the catalogue by name, or failures per machine and day."""
    if isinstance(value, str) and value[:1].isalpha():
        return value
    rate = number(value)
    if not LEAST_PER_DAY <= rate <= MOST_PER_DAY:
        sentence = "failures of one machine in a day, from {least:g} to {most:g}; found {shown}"
        context = {"least": LEAST_PER_DAY, "most": MOST_PER_DAY, "shown": shown(value)}
        raise PydanticCustomError("rate", "{sentence}", {"sentence": sentence.format(**context)})
    return rate


_NUMBER = {"type": "number", "minimum": LEAST_PER_DAY, "maximum": MOST_PER_DAY}
_SCHEMA = {"anyOf": [{"type": "string", "pattern": "^[A-Za-z]"}, _NUMBER]}


class Failures(Spec):
    """How the machines of a training fail, and how it goes on."""

    rate: Annotated[
        float | str,
        BeforeValidator(study_or_rate),
        Ref("failure-rate", or_quantity=True),
        WithJsonSchema(_SCHEMA),
        Field(description="a study of the catalogue, by component, or failures of one machine in a day"),
    ]
    restart: Seconds = Field(description="from a failure to computing again, once there are machines enough")
    spares: WholeNumber = Field(0, description="so many of the reserved machines stand by for those that fail")
    repair: PositiveSeconds | None = Field(None, description="how long a machine is away that has failed for good")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Machines that never come back."""
        if raw.get("rate") is not None and "repair" not in present(raw):
            yield Fault((), "nothing says how long a machine that failed is away; give `repair`, such as `12 h`")


LEAST_SHARE = 1e-300
"""Below it a share is no float any more."""


def component_rates(rate: float | str) -> dict[str, float]:
    """Failures of one machine in a second, by component.

    Raises UnknownNameError for a study that the catalogue does not have.

    >>> rates = component_rates("llama-3.1-405b")
    >>> round(sum(rates.values()) * 86400 * 1000, 2), max(rates, key=rates.get)  # for 1000 node-days
    (3.79, 'gpu')
    """
    if isinstance(rate, float):
        return {GIVEN: rate / SECONDS_PER_DAY}
    row = find("failure-rate", rate)
    seconds = row.number("node_days_count", "correct the row") * SECONDS_PER_DAY
    return {name: count / seconds for name in AWAY if (count := _count(row, name))}


def failures_per_s(failures: Failures, machines: int) -> float:
    """How often one of so many machines fails."""
    return machines * sum(component_rates(failures.rate).values())


def young_daly_s(checkpoint_s: float, between_failures_s: float) -> float:
    """The interval between checkpoints that wastes least, to first order.

    >>> young_daly_s(50.0, 10_000.0)
    1000.0
    """
    return sqrt(2.0 * checkpoint_s * between_failures_s)


def expected_effective_share(failures_per_s: float, restart_s: float, every_s: float, checkpoint_s: float) -> float:
    """The share of its time in which a training gets on, as the closed form estimates it.

    `failures_per_s` is that of all machines together; restarts and lost work are small beside the time between.

    >>> round(expected_effective_share(2048 * 3.79e-3 / 86400, 600.0, 300.0, 0.0), 3)
    0.933
    """
    return (1.0 - failures_per_s * (restart_s + every_s / 2.0)) / (1.0 + checkpoint_s / every_s)


def enough_share(failures: Failures, machines: int) -> float:
    """The share of time in which a spare stands in for each machine that is away, once the training is long under way.

    Failures come whatever is away, and each is away equally long: so many at a time are Poisson (M/D/infinity).

    >>> failures = Failures(rate=0.1, restart="1 min", spares=1, repair="1 d")
    >>> round(enough_share(failures, 10), 4)  # one away on average: e^-1 (1 + 1)
    0.7358
    """
    rate_per_s = machines * sum(rate for name, rate in component_rates(failures.rate).items() if AWAY[name])
    mean, spares = rate_per_s * (failures.repair or 0.0), failures.spares
    # the logarithm of each term by its largest: a factorial of thousands fits no float
    logs = [count * log(mean) - lgamma(count + 1.0) for count in range(spares + 1)] if mean else [0.0]
    largest = max(logs)
    return max(LEAST_SHARE, exp(largest - mean) * fsum(exp(term - largest) for term in logs))


def _count(row: Row, name: str) -> float | None:
    return row.find_number(f"{name}_count") if f"{name}_count" in row.columns else None
