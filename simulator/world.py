"""The simulated world as a struct: what exists, and where to find it. No logic lives here.

Functions take the world; it never grows methods. Each paradigm runs in a fresh one.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import simpy

from simulator.definitions import Definitions
from simulator.engine.clock import Clock
from simulator.engine.ledger import Ledger
from simulator.engine.rng import Streams
from simulator.hardware.datacenter import Place
from simulator.hardware.group import Group
from simulator.learning.task import Task
from simulator.network.element import Element
from simulator.network.internet import Internet
from simulator.network.traffic import Traffic
from simulator.population.crowd import Crowd
from simulator.population.participation import Participation
from simulator.record.events import Events
from simulator.record.jobs import Job
from simulator.record.parameters import Parameter
from simulator.record.pings import Ping
from simulator.record.requests import Requests
from simulator.record.rounds import Round
from simulator.record.scores import Score
from simulator.record.steps import Steps
from simulator.record.transfers import Transfer

Process = Generator[simpy.events.Event, None, None]
"""What lives in a world: it waits for events and is woken by them."""


@dataclass(slots=True)
class World:
    """Everything that a process may read or change while the clock runs.

    `closing`: a process that records the past in stretches keeps a function here, from when it
    begins to when it is done. The run, when it ends, calls each once, in the order in which they
    came, with the moment at which it ended: to write what happened up to then and was not written yet.
    `tasks`: learning tasks of the definitions, each built when something first learns it.
    """

    env: simpy.Environment
    clock: Clock
    ledger: Ledger
    streams: Streams
    events: Events
    places: dict[str, Place]
    groups: dict[str, Group]
    traffic: Traffic
    crowds: dict[str, Crowd] = field(default_factory=dict)
    internet: Internet | None = None
    horizon_s: float | None = None
    definitions: Definitions = field(default_factory=Definitions)
    jobs: list[Job] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    pings: dict[str, list[Ping]] = field(default_factory=dict)
    requests: list[Requests] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    steps: list[Steps] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    participations: dict[str, Participation] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    closing: list[Callable[[float], None]] = field(default_factory=list)
    assumptions: dict[str, None] = field(default_factory=dict)
