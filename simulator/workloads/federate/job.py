"""The record of a federated learning as a job: how it is opened."""

from math import inf
from typing import TYPE_CHECKING

from simulator.record.jobs import Job
from simulator.workloads.federate.target import ROUNDS_GIVEN, Basis
from simulator.world import World

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

GIVEN_ROUNDS = "given-rounds/"
"""What begins the name of the assumption that so many rounds make a model."""


def new_job(world: World, spec: "Federate", name: str, basis: Basis) -> Job:
    """Open the record of a learning that has just been submitted, and list that its rounds are assumed if they are."""
    group = world.groups[spec.server or spec.clients[0]]
    units = group.count if spec.units is None else spec.units
    job = open_job(world, spec, name, basis, group.name)
    job.units, job.devices = units, units * group.unit.devices
    return job


def open_job(world: World, spec: "Federate", name: str, basis: Basis, at: str) -> Job:
    """The same without any machines yet."""
    job = Job(name, "federate", at, spec.model, spec.dataset or "", 0, basis.mode, inf, world.env.now)
    job.steps = basis.rounds
    if basis.mode == ROUNDS_GIVEN:
        world.assumptions[GIVEN_ROUNDS + name] = None
    world.jobs.append(job)
    return job
