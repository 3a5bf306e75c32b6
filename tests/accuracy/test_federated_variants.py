"""Laws of the variants of federated learning, over five seeds: the interval of each leaves out that nothing changes."""

from typing import Any

import pytest
from strategies import a_federate_scenario, run

from simulator.study.intervals import Estimate, mean_of

SEEDS = range(1, 6)
LEARN = {"task": "digits", "rate": 0.1, "batch": 10}
TASKS = {"digits": {"data": "digits", "model": "softmax", "clients": 100}}
UNEQUAL = {"speed_spread": 2.0, "rate_spread": 1.5}
"""Phones of which one in six is half as fast as the median."""


def learnt(seed: int, target: float | None = None, phones: dict[str, Any] | None = None, **learning: Any) -> Any:
    """A learning of phones, to an accuracy where one is given."""
    fields = {"learn": LEARN, "cohort": 20, **learning}
    aim = {} if target is None else {"comparison": {"functional_unit": "a model", "target": {"accuracy": target}}}
    scenario = a_federate_scenario(fields, phones, tasks=TASKS, seed=seed, **aim)
    said = scenario["workloads"][0]["federate"]
    scenario["workloads"][0]["federate"] = {key: value for key, value in said.items() if value is not None}
    return run(scenario)


def told(what: str, every: list[float]) -> Estimate:
    """The mean over seeds with its interval, printed."""
    found = mean_of(every)
    print(f"{what}: {found.value:.3g} [{found.low:.3g}, {found.high:.3g}]")
    return found


def rounds_to(result: Any) -> int:
    """How many rounds it took to the target."""
    (job,) = result.jobs.to_pylist()
    assert job["status"] == "finished"
    return int(job["steps"])


@pytest.fixture(scope="module")
def private() -> dict[float, list[int]]:
    """Rounds to 85 % with clipped updates, by noise and seed."""
    asked = {noise: {"clip": 0.3, "noise": noise} for noise in (0.01, 0.5, 1.0)}
    return {
        noise: [rounds_to(learnt(seed, 0.85, rounds=300, epochs=5, privacy=privacy)) for seed in SEEDS]
        for noise, privacy in asked.items()
    }


@pytest.mark.parametrize(("less", "more"), [(0.01, 0.5), (0.5, 1.0)])
def test_more_noise_needs_more_rounds(private, less, more):
    every = [float(b - a) for a, b in zip(private[less], private[more], strict=True)]
    found = told(f"rounds to 85 % more with noise {more} than with {less}", every)
    assert found.low > 0.0
