"""What the YAML says of federated learning, and what of it contradicts itself or its world."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from math import ceil
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from simulator.catalogue import doubts, find
from simulator.definitions import (
    MODEL_SIZE,
    Definitions,
    count_in_dataset,
    dataset_doubts,
    find_forward_flop,
    model_doubts,
    model_size_b,
)
from simulator.errors import MissingValueError, UnknownNameError
from simulator.model_flop import FORWARD_PASSES
from simulator.network.access import known_lines
from simulator.network.path import Path, home
from simulator.population.spec import Population
from simulator.spec import (
    LONGEST_S,
    AtLeastOne,
    Bits,
    Count,
    Fault,
    PositiveNumber,
    PositiveSeconds,
    Ref,
    Share,
    Spec,
    too_long,
)
from simulator.workloads.ends import busiest_s, find_end, nowhere, try_way
from simulator.workloads.fields import After, OwnName, Priority, Start, Ways
from simulator.workloads.given import Given, no_memory_faults

DROPOUT, UTILISATION = "client-dropout", "client-utilisation"
MOST_SELECTED = 1_000_000
"""Members of one round, whose sessions are held at once."""
MOST_ROUNDS = 1_000_000
"""Each is a row of half a kilobyte until it is written."""


class Federate(Spec):
    """Federated learning in rounds: a server and a cohort of users' devices that changes from round to round."""

    name: OwnName = None
    after: After = Field([])
    start: Start = 0.0
    priority: Priority = 0
    algorithm: Literal["fedavg"] = Field(description="how updates become a model; fedavg: their mean by samples")
    model: Annotated[str, Ref("model")] = Field(description="a model of this file or of the catalogue")
    clients: Annotated[str, Ref("population")] = Field(description="the population whose devices learn")
    server: Annotated[str, Ref("group")] = Field(description="where updates are aggregated: place/group")
    units: Count | None = Field(None, description="servers to reserve; the whole group's if left out")
    dataset: Annotated[str, Ref("dataset")] | None = Field(
        None, description="the data that the users hold; its samples over the users, where these have no `samples`"
    )
    rounds: Count = Field(description="rounds until the model is good enough")
    cohort: Count = Field(description="updates that a round waits for")
    over_selection: AtLeastOne = Field(1.0, description="devices selected over updates waited for, 1 or more")
    deadline: PositiveSeconds | None = Field(None, description="when a round closes at the latest")
    dropout: Share | None = Field(None, description="share that drops out; `client-dropout` if left out")
    epochs: PositiveNumber = Field(1.0, description="passes over a user's samples in one round")
    sample_time: PositiveSeconds | None = Field(
        None, description="time of one training sample on the median device; from FLOPs if left out"
    )
    update: Bits | None = Field(None, description="bytes of one update on its way up; the model's size if left out")
    aggregation: PositiveSeconds = Field(description="how long the server aggregates after a round's close")
    utilisation: Share = Field(description="load of the server meanwhile")
    latency: Ways = "policy"

    def faults(self) -> Iterator[Fault]:
        """A cohort too large to be held at once, or more rounds than memory holds."""
        if self.rounds > MOST_ROUNDS:
            yield Fault(("rounds",), f"{self.rounds:,} rounds; at most {MOST_ROUNDS:,} can be recorded")
        if self.selected > MOST_SELECTED:
            yield Fault(
                ("cohort",), f"{self.selected:,} devices a round; at most {MOST_SELECTED:,} can be held at once"
            )

    @property
    def selected(self) -> int:
        """How many devices are selected for a round.

        The ceiling is that of the decimal product: 1.1 x 10 selects 11, not 12.
        """
        return ceil(round(self.cohort * self.over_selection, 6))


class Load(NamedTuple):
    """What one round asks of a client with one sample's share: bits down and up, samples, seconds a sample."""

    down_b: float
    up_b: float
    samples: float
    sample_s: float
    assumptions: tuple[str, ...]


def client_load(spec: Federate, users: Population, own: Definitions) -> Load:
    """What a round asks of the median device of a user with the mean number of samples.

    Raises MissingValueError where nothing says how large the model is, how many samples a user
    has, or how long one takes.
    """
    down_b = model_size_b(spec.model, own)
    samples, doubtful = users.samples, model_doubts(spec.model, own, *MODEL_SIZE)
    if samples is None:
        if spec.dataset is None:
            remedy = "give it `samples`, or name a `dataset`"
            raise MissingValueError(spec.clients, "number of samples for a user", remedy, "in the scenario")
        samples = count_in_dataset(spec.dataset, False, own, "give the population `samples`") / users.count
        doubtful += dataset_doubts(spec.dataset, own, "samples_count")
    sample_s, assumptions = _sample_s(spec, users, own)
    return Load(
        down_b,
        down_b if spec.update is None else spec.update,
        samples * spec.epochs,
        sample_s,
        (*doubtful, *assumptions),
    )


def _sample_s(spec: Federate, users: Population, own: Definitions) -> tuple[float, tuple[str, ...]]:
    if spec.sample_time is not None:
        return spec.sample_time, ()
    forward_flop = find_forward_flop(spec.model, own)
    if forward_flop is None:
        raise MissingValueError(spec.model, "forward FLOPs a sample", "give `sample_time`", "anywhere")
    device, peak = find("device", users.device), "peak_fp32_flop_per_s"
    peak_flop_per_s = device.number(peak, "give `sample_time`")
    doubtful = (*doubts(device, peak), *model_doubts(spec.model, own, "forward_flop_per_sample"))
    share = find("assumption", UTILISATION).number("value_share", "correct the row")
    return FORWARD_PASSES * forward_flop / (peak_flop_per_s * share), (UTILISATION, *doubtful)


def federate_clashes(spec: Federate, given: Given) -> Iterator[Fault]:
    """What the users, the server or the cables cannot do for this learning."""
    users, stock = given.populations.get(spec.clients), given.stocks.get(spec.server)
    if stock is not None and spec.units is not None and spec.units > stock.units:
        yield Fault(("units",), f"{spec.server} has {stock.units} machines; ask for no more")
    yield from no_memory_faults("server", spec.server, given)
    if users is None:
        return  # told where the name or the population stands
    if spec.selected > users.count:
        sentence = f"{spec.selected:,} of {spec.clients} would be selected, and there are {users.count:,}; lower it"
        yield Fault(("cohort",), sentence)
    ways = list(_ways(spec, given, users))
    yield from (way for way in ways if isinstance(way, Fault))
    try:
        with suppress(UnknownNameError):  # told where the name stands
            load = client_load(spec, users, given.own)
            yield from _length_faults(spec, users, load, [way for way in ways if not isinstance(way, Fault)])
    except MissingValueError as error:
        field = {spec.clients: "clients", spec.dataset: "dataset"}.get(str(error.args[0]), "model")
        yield Fault((field,), str(error))


def _length_faults(
    spec: Federate, users: Population, load: Load, ways: Sequence[tuple[Path, float]]
) -> Iterator[Fault]:
    """More rounds, of the median device on the fastest of the lines, than can be simulated."""
    lines = known_lines(users.access)
    moving_s = min((load.down_b / line.down_bps + load.up_b / line.up_bps for line in lines), default=0.0)
    moving_s = max(moving_s, busiest_s((way, spec.cohort * share * load.down_b) for way, share in ways))
    session_s = moving_s + load.samples * load.sample_s
    round_s = spec.aggregation + (session_s if spec.deadline is None else min(session_s, spec.deadline))
    if spec.rounds * round_s > LONGEST_S:
        yield Fault(("rounds",), too_long("the learning", spec.rounds * round_s))


def _ways(spec: Federate, given: Given, users: Population) -> Iterator[tuple[Path, float] | Fault]:
    """The way down to each city with its share of the users, or why there is none."""
    server = find_end(spec.server.split("/")[0], given.datacenters)
    if server is None:
        return  # told where the name or the data centre stands
    if not server.city:
        yield nowhere("server", server.name)
    elif given.setting is not None:
        for city, share in users.places.items():
            way = try_way("clients", given.setting, server, home(city), spec.latency)
            if way is not None:
                yield way if isinstance(way, Fault) else (way, share)
