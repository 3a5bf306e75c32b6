"""The life of one federated learning: that of its algorithm."""

from simulator.record.jobs import never_submitted
from simulator.workloads.federate import ALGORITHMS
from simulator.workloads.federate.kind import find_algorithm
from simulator.workloads.federate.spec import Federate
from simulator.world import Process, World


def federate(world: World, spec: Federate, name: str) -> Process:
    """Learn together, by whichever algorithm the scenario names."""
    algorithm = find_algorithm(spec.algorithm.kind, ALGORITHMS)  # type: ignore[attr-defined]  # every algorithm's has one
    assert algorithm is not None, "the spec is read by it"
    play = algorithm.find_play(spec.clients)
    assert play is not None, "federate_clashes() asks for it"
    yield from play.process(world, spec, name, algorithm.rule(spec.algorithm))


def never_federated(world: World, spec: Federate, name: str) -> None:
    """Record a learning whose turn had not come when the run ended."""
    world.jobs.append(never_submitted(name, "federate", spec.server or spec.clients[0]))
