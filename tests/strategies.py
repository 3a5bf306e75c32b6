"""The one place that knows how to make valid worlds, signals and scenarios for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import networkx as nx
import simpy
from hypothesis import strategies as st

import simulator as sim
from simulator.engine.clock import Clock
from simulator.engine.ledger import Ledger
from simulator.engine.rng import Streams
from simulator.network import internet
from simulator.network.atlas import METRO, Link, edge_of
from simulator.network.internet import Internet
from simulator.network.setting import Setting
from simulator.network.sharing import Flow
from simulator.network.spec import NetworkSpec
from simulator.network.tables import SUBMARINE
from simulator.network.traffic import Traffic
from simulator.population.cohort import Cohorts, Rules
from simulator.population.crowd import Crowd
from simulator.population.ways import CrowdWays
from simulator.record.events import Events
from simulator.scenario.build import build_world
from simulator.scenario.load import Loaded, dump, load_text
from simulator.scenario.run import close_records
from simulator.scenario.spec import Task, tasks
from simulator.study.sweep.engine import SIMULATE, Batch, Ended, Work
from simulator.study.sweep.load import LoadedSweep, load_sweep_text
from simulator.study.sweep.run import prepare
from simulator.study.sweep.run import run as run_prepared
from simulator.workloads import KINDS
from simulator.workloads.federate.rounds import find_rules
from simulator.workloads.ways import find_crowd_ways
from simulator.world import World

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


def a_transfer_scenario(transfers: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A scenario as plain data: three places of which two have an uplink, 10 and 40 Gbps, and these transfers."""
    places = {
        "store": {"city": "paris", "uplink": "10 Gbps"},
        "alps": {"city": "grenoble"},
        "far": {"region": "aws:us-east-1", "uplink": "40 Gbps"},
    }
    world = {"year": 2025, "datacenters": places}
    return {"name": "test", "world": world, "workloads": [{"transfer": t} for t in transfers], **changes}


def a_preparation_scenario(preparations: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A scenario as plain data: CPU servers and other machines in one place, and these preparations."""
    lab = {
        "grid": "FR",
        "servers": {"cpus": {"model": "2xepyc-9654", "count": 2}, "nodes": {"model": "dgx-a100", "count": 1}},
        "devices": {
            "phones": {"model": "iphone-15-pro", "count": 2, "power": {"kind": "constant", "power": "3 W"}},
            "chips": {"model": "amd-epyc-7763", "count": 2},
        },
    }
    workloads = [{"prepare": {"at": "lab/cpus", **fields}} for fields in preparations]
    return {"name": "test", "world": {"datacenters": {"lab": lab}}, "workloads": workloads, **changes}


def a_service_scenario(services: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A scenario as plain data: the lab of the trainings, and these services."""
    return {**a_scenario([]), "workloads": [{"serve": s} for s in services], **changes}


PHONES = {
    "device": "iphone-13-pro",
    "count": 1000,
    "places": {"paris": 1.0},
    "access": {"wifi": 1.0},
    "state": "mains",
    "account": "marginal",
    "samples": 10,
    "speed_spread": 1,
    "rate_spread": 1,
    "power": {"compute": "3 W", "receive": "1 W", "send": "2 W", "idle": "0.5 W"},
}
"""A thousand phones that are all alike, on one kind of line: 50 Mbps down, 20 Mbps up."""

LATENCY_S = 656 * 4.9e-6 + 10e-3 / 2
"""From these phones to Grenoble, one way: light in fibre, and half the 10 ms round trip of a fixed line."""

LEARNING = {
    "algorithm": "fedavg",
    "model": "tiny",
    "clients": "phones",
    "server": "lab/gpus",
    "rounds": 3,
    "cohort": 10,
    "dropout": 0,
    "sample_time": "2 s",
    "aggregation": "5 s",
    "utilisation": 0.5,
    "latency": "lower_bound",
}
"""Three rounds of ten phones that take 20 s each for their samples and down- and upload 12.5 MB, 100 Mb."""


def a_crowd_scenario(workloads: list[dict[str, Any]], phones: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A scenario as plain data: phones in Paris, a lab with four GPUs in Grenoble, a store in Oslo; these workloads."""
    places = {
        "lab": {"city": "grenoble", "uplink": "10 Gbps", "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 4}}},
        "store": {"city": "oslo", "uplink": "10 Gbps"},
    }
    populations = {"phones": {**PHONES, **(phones or {})}}
    world = {"year": 2025, "datacenters": places, "populations": populations}
    models = {"tiny": {"parameters": 3.125e6, "bytes_per_parameter": "4 B"}}
    return {"name": "test", "world": world, "models": models, "workloads": workloads, **changes}


def a_federate_scenario(
    learning: dict[str, Any] | None = None, phones: dict[str, Any] | None = None, **changes: Any
) -> Any:
    """A scenario as plain data: `LEARNING` on `PHONES`, but for what is given."""
    return a_crowd_scenario([{"federate": {**LEARNING, **(learning or {})}}], phones, **changes)


class Season(NamedTuple):
    """A world in which nothing has happened yet, and the cohorts of its first workload, a federate."""

    world: World
    task: Task
    crowd: Crowd
    ways: CrowdWays
    rules: Rules
    cohorts: Cohorts


def a_season(data: dict[str, Any]) -> Season:
    """The cohorts of a federate as plain data, on the links of a fresh world."""
    scenario = loaded(data).spec
    world, task = build_world(scenario), tasks(scenario)["main"][0]
    crowd = world.crowds[task.spec.clients[0]]
    ways = find_crowd_ways(world, crowd, task.spec.server.split("/")[0], task.spec.latency)
    rules = find_rules(world, task.spec, crowd)
    return Season(world, task, crowd, ways, rules, Cohorts(crowd, ways, world.traffic, world.streams, rules))


def loaded(data: dict[str, Any]) -> Loaded:
    """Plain data as a checked scenario."""
    return load_text(dump(data), "test.yaml")


def run(data: dict[str, Any]) -> sim.Results:
    """Plain data, run."""
    return sim.run(loaded(data))


def operation(ladder: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The boundaries of a summary that something is drawn at: those of operation and of trials, not of making."""
    return {name: figures for name, figures in ladder.items() if "energy_j" in figures}


def assumed(result: sim.Results) -> list[str]:
    """The names of what a result takes for granted, but for what making took."""
    return [row["id"] for row in result.manifest["assumptions"] if not row["id"].startswith("embodied/")]


def cancelled(data: dict[str, Any], at_s: float, end_s: float = 60.0) -> World:
    """The world of one workload as plain data that was cancelled at a moment, and ended at a later one."""
    scenario = loaded(data).spec
    world, (task,) = build_world(scenario), tasks(scenario)["main"]
    process = world.env.process(KINDS[task.kind].process(world, task.spec, task.name))
    world.env.run(until=at_s)
    process.interrupt("cancel")
    world.env.run(until=end_s)
    close_records(world, [task], end_s)
    return world


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


@st.composite
def networks(draw: st.DrawFn, least_flows: int = 1) -> tuple[dict[str, float], dict[str, Flow]]:
    """A few links and the flows that cross them, some alike, some capped, weights and sizes far apart."""
    capacities_bps = draw(st.dictionaries(st.sampled_from("abcde"), st.floats(1.0, 1e4), min_size=1))
    flow = st.builds(
        Flow,
        route=st.lists(st.sampled_from(sorted(capacities_bps)), min_size=1, max_size=4).map(tuple),
        size_b=st.one_of(st.sampled_from([100.0, 1000.0]), st.floats(1.0, 1e6)),
        workload=st.sampled_from(["alice", "bob"]),
        weight=st.one_of(st.just(1.0), st.floats(0.01, 100.0)),
        cap_bps=st.one_of(st.just(float("inf")), st.floats(0.1, 1e4)),
    )
    flows = draw(st.lists(flow, min_size=least_flows, max_size=9))
    return capacities_bps, {f"f{number}": flow for number, flow in enumerate(flows)}


@st.composite
def flow_lists(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Links and flows as `finish_times` takes them; many begin, or have paid their latency, at one instant."""
    capacities_bps, flows = draw(networks())
    moments_s = st.sampled_from([0.0, 0.5, 1.0, 2.0, 10.0])
    rows = [
        {
            "id": name,
            "route": list(flow.route),
            "start_s": draw(moments_s),
            "latency_s": draw(moments_s),
            "size_B": draw(st.sampled_from([0.0, flow.size_b])),
            "rate_cap_Bps": None if flow.cap_bps == float("inf") else flow.cap_bps,
            "weight": flow.weight,
        }
        for name, flow in flows.items()
    ]
    return [{"name": link, "bandwidth_Bps": bps} for link, bps in capacities_bps.items()], rows


Cable = tuple[str, str, str, float, float]
"""A link at sea: its two places, its cable, its kilometres, which are its cost, and its Gb/s."""


def an_atlas(*cables: Cable) -> nx.Graph:
    """A frozen atlas of these links alone, between places in no country."""
    links: dict[tuple[str, str], list[Link]] = {}
    for a, b, name, km, gbps in cables:
        links.setdefault((min(a, b), max(a, b)), []).append(Link(name, SUBMARINE, km, km, gbps * 1e9, "", 2000))
    atlas = nx.Graph(year=2025)
    for place in sorted({place for ends in links for place in ends}):
        atlas.add_node(place, kind=METRO, name=place, country="", lat_deg=0.0, lon_deg=0.0, ixps=(), regions=())
    for (a, b), found in links.items():
        atlas.add_edge(a, b, **edge_of(found))
    return nx.freeze(atlas)


@contextmanager
def a_sea(atlas: nx.Graph, **network: Any) -> Iterator[World]:
    """A world whose internet is this atlas, with what is said of it; nothing else is in it."""
    env, ledger = a_ledger()
    traffic = Traffic(env, ledger)
    world = World(env, Clock(datetime(2025, 1, 1, tzinfo=UTC)), ledger, Streams(0), Events(), {}, {}, traffic)
    with patch.object(internet, "world_atlas", lambda _: atlas):
        world.internet = Internet(env, traffic, Setting(2025, NetworkSpec(**network)))
        world.internet.begin()
        yield world


@st.composite
def seas(draw: st.DrawFn) -> list[Cable]:
    """A ring of places, so that there are two ways at least, with chords and cables that lie beside others."""
    places = "abcdef"[: draw(st.integers(3, 6))]
    pairs = list(zip(places, places[1:] + places[0], strict=True))
    pairs += draw(st.lists(st.tuples(*[st.sampled_from(places)] * 2).filter(lambda p: p[0] != p[1]), max_size=5))
    numbers = st.tuples(st.integers(100, 5000).map(float), st.integers(1, 50).map(float))
    return [(a, b, f"cable-{n}", *draw(numbers)) for n, (a, b) in enumerate(pairs)]


MADE_UP = {"source": "made up", "year": "2025", "confidence": "assumed"}
STRAIT = {
    "cable": [
        {"id": "strait", "name": "Strait", "status": "in service", "rfs_year": "2020", "route_class": "submarine"}
        | {"length_km": "700"}
        | MADE_UP
    ],
    "segment": [
        {"id": "strait:south:north", "name": "Strait, all", "cable": "strait", "a": "south", "b": "north"}
        | {"kind": "submarine", "status": "in service", "length_km": "700"}
        | MADE_UP
    ],
    "landing": [
        {"id": "south", "name": "South", "kind": "landing", "country": "ma", "metro": "casablanca"}
        | {"lat_deg": "33.6", "lon_deg": "-7.7"}
        | MADE_UP,
        {"id": "north", "name": "North", "kind": "landing", "country": "pt", "metro": "lisbon"}
        | {"lat_deg": "38.6", "lon_deg": "-9.3"}
        | MADE_UP,
    ],
    "round-trip": [
        {"id": "casablanca:lisbon", "name": "Casablanca - Lisbon", "a": "casablanca", "b": "lisbon", "rtt_ms": "20"}
        | MADE_UP
    ],
}
"""One cable from Casablanca to Lisbon, and how long somebody's packet took there and back."""


def a_lesson(mfu: float, batch: int, rate: float = 0.02) -> list[dict[str, Any]]:
    """A training of pictures whose epochs are those of digits, 10 TFLOP/s at an MFU of 0.8 of 4 GPUs."""
    learn = {"task": "digits", "rate": rate, "batch": batch}
    own = {"model": "tiny", "dataset": "pictures", "precision": "bf16", "epochs": 60}
    return [{"train": {"at": "lab/gpus", "mfu": mfu, "learn": learn, **own}}]


def two_lessons(search: dict[str, Any] | None = None, seed: int = 1, **ways: list[dict[str, Any]]) -> Any:
    """Small steps on machines that are used badly beside large ones that use them well, both at one rate."""
    gpus = {"model": "a100-sxm4-40gb", "count": 4}
    flop = {"forward_flop_per_sample": "1 TFLOP", "sample_unit": "image"}
    aimed = {"functional_unit": "one model", "target": {"accuracy": 0.9}}
    return {
        "name": "steps",
        "seed": seed,
        "world": {"datacenters": {"lab": {"grid": "FR", "pue": 1.25, "devices": {"gpus": gpus}}}},
        "models": {"tiny": {"parameters": 1e6, "bytes_per_parameter": "4 B", **flop}},
        "datasets": {"pictures": {"samples": 1e5}},
        "tasks": {"digits": {"data": "digits", "model": "softmax", "clients": 10}},
        "comparison": aimed if search is None else {**aimed, "search": search},
        "paradigms": ways or {"small": a_lesson(0.1, 10), "large": a_lesson(0.4, 100)},
    }


def a_sweep(varied: dict[str, Any], base: dict[str, Any] | str | None = None, folder: str = ".") -> LoadedSweep:
    """A sweep as plain data of a scenario, of two hours' training unless another one is given as data or text."""
    if base is None:
        base = a_scenario([{"name": "first", "at": "lab/gpus", "time": "2 h", "utilisation": 0.5}], seed=7)
    text = base if isinstance(base, str) else dump(base)
    data = {"name": "swept", "base": "base.yaml", **varied}
    return load_sweep_text(dump(data), f"{folder}/sweep.yaml", (f"{folder}/base.yaml", text))


class AtOnce:
    """An `Engine` of one worker that is this process: what it is handed is done before it is asked for."""

    slots = 1

    def __init__(self) -> None:
        self.points: list[str] = []
        self._ended: list[Ended] = []

    def submit(self, number: int, work: Work, batch: Batch) -> None:
        """Do it."""
        self.points += [point.id for point in batch.points]
        self._ended.append(Ended(number, work(batch)))

    def wait(self, timeout_s: float) -> list[Ended]:
        """All that was done since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        """Nothing is left."""


def run_sweep(sweep: LoadedSweep, folder: Path, compute: str = SIMULATE) -> sim.Sweep:
    """What is left of a sweep, run in this process, in its folder."""
    run_prepared(prepare(sweep, folder, compute=compute), AtOnce, lambda _: None)
    return sim.open_sweep(folder)
