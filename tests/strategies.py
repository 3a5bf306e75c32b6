"""The one place that knows how to make valid worlds, signals and scenarios for tests."""

from typing import Any

import simpy
from hypothesis import strategies as st

import simulator as sim
from simulator.engine.ledger import Ledger
from simulator.scenario.load import Loaded, dump, load_text

finite_w = st.floats(0.0, 1e6, allow_nan=False)
times_s = st.floats(0.0, 1e5, allow_nan=False)


def power_steps(most: int = 30) -> st.SearchStrategy[list[tuple[float, float]]]:
    """Steps of one device: (seconds to wait, watts from then on)."""
    return st.lists(st.tuples(st.floats(0.0, 1e4, allow_nan=False), finite_w), max_size=most)


def a_ledger() -> tuple[simpy.Environment, Ledger]:
    """An empty ledger and its clock."""
    env = simpy.Environment()
    return env, Ledger(env)


def wait(env: simpy.Environment, time_s: float) -> None:
    """Let so many simulated seconds pass."""
    env.run(until=env.timeout(time_s))


def a_scenario(workloads: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A scenario as plain data: one lab with two groups, and these trainings."""
    lab = {
        "grid": "FR",
        "pue": 1.25,
        "servers": {"nodes": {"model": "dgx-a100", "count": 4}},
        "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 8}},
    }
    data = {"name": "test", "world": {"datacenters": {"lab": lab}}, "workloads": [{"train": w} for w in workloads]}
    return {**data, **changes}


def loaded(data: dict[str, Any]) -> Loaded:
    """Plain data as a checked scenario."""
    return load_text(dump(data), "test.yaml")


def run(data: dict[str, Any]) -> sim.Results:
    """Plain data, run."""
    return sim.run(loaded(data))


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """Scenarios with up to five trainings that queue, checkpoint, follow each other and may meet a horizon."""
    trainings = []
    for n in range(draw(st.integers(1, 5))):
        group = draw(st.sampled_from(["lab/nodes", "lab/gpus"]))
        training: dict[str, Any] = {"name": f"t{n}", "at": group, "time": f"{draw(st.integers(1, 5000))} s"}
        training["units"] = draw(st.integers(1, 4))
        training["utilisation"] = draw(st.floats(0, 1).map(lambda u: round(u, 3)))
        training["start"] = f"{draw(st.integers(0, 3000))} s"
        if draw(st.booleans()):
            every, time = draw(st.integers(50, 900)), draw(st.integers(1, 60))
            training["checkpoint"] = {"every": f"{every} s", "time": f"{time} s", "load": 0.1}
        if n and draw(st.booleans()):
            training["after"] = f"t{draw(st.integers(0, n - 1))}"
        trainings.append(training)
    data = a_scenario(trainings)
    if draw(st.booleans()):
        data["horizon"] = f"{draw(st.integers(1, 9000))} s"
    if draw(st.booleans()):
        data["world"]["datacenters"]["lab"]["servers"]["nodes"]["owned"] = "always"
    if draw(st.booleans()):
        del data["world"]["datacenters"]["lab"]["pue"]
    return data
