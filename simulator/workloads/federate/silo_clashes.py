"""What groups of machines that learn cannot do, or what nobody says of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.errors import MissingValueError, UnknownNameError
from simulator.hardware.unit import Stock
from simulator.spec import LONGEST_S, Fault, too_long
from simulator.workloads.federate.load import wire_of_model
from simulator.workloads.federate.silo_load import other_number, sample_time, total_samples
from simulator.workloads.federate.target import find_basis
from simulator.workloads.given import Given, no_memory_faults

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

MOST_ROWS = 1_000_000
"""Each is a row of half a kilobyte until it is written."""


def silo_faults(spec: "Federate", given: Given, in_turn: bool = False) -> Iterator[Fault]:
    """The faults of the silos, whatever they learn together; names that nobody has are told where they stand.

    They compute at once, or one after the other: `in_turn`.
    """
    for name in sorted({name for name in spec.clients if spec.clients.count(name) > 1}):
        yield Fault(("clients",), f"names {name} twice; a group learns once")
    for name in spec.clients:
        yield from no_memory_faults("clients", name, given)
    yield from _shard_faults(spec, given)
    wrong = list(_time_faults(spec))
    yield from wrong
    stocks = {name: given.stocks[name] for name in spec.clients if name in given.stocks}
    if not wrong and all(name in stocks for name in spec.clients):
        yield from _load_faults(spec, stocks, given, in_turn)


def many_faults(a_round: int, what: str, spec: "Federate", given: Given) -> Iterator[Fault]:
    """More rows of so many a round than can be recorded."""
    basis = find_basis(spec, given.own)
    if basis is not None and basis.rounds * a_round > MOST_ROWS:
        sentence = f"{basis.rounds:,} rounds of {a_round:,} {what} each; at most {MOST_ROWS:,} can be recorded"
        yield Fault(("rounds",), sentence)


def _shard_faults(spec: "Federate", given: Given) -> Iterator[Fault]:
    """A task that is cut into another number of shards than there are silos."""
    if spec.learn is None:
        return
    task = given.own.tasks.get(spec.learn.task)
    if task is not None and task.clients is not None and task.clients != len(spec.clients):
        yield Fault(("learn", "task"), f"{spec.learn.task} {other_number(task.clients, len(spec.clients))}")


def _time_faults(spec: "Federate") -> Iterator[Fault]:
    """Nothing that says how long a sample takes, or two things that do."""
    told = {field for field in ("mfu", "precision") if getattr(spec, field) is not None}
    if spec.sample_time is not None:
        for field in sorted(told):
            yield Fault((field,), "`sample_time` says already how long a sample takes; keep one of them")
    elif len(told) < 2:
        yield Fault((), "nothing says how long a sample takes; give `mfu` and `precision`, or `sample_time`")


def _load_faults(spec: "Federate", stocks: dict[str, Stock], given: Given, in_turn: bool) -> Iterator[Fault]:
    """A model without size or FLOPs, data without samples, a device without a peak; more than can be simulated."""
    own = given.own
    try:
        wire_of_model(spec, own)
        samples = total_samples(spec, own) / len(stocks)
        each_s = [sample_time(spec, name, stock, own)[0] for name, stock in stocks.items()]
    except UnknownNameError:
        return  # told where the name stands
    except MissingValueError as error:
        yield Fault((_field_of(spec, str(error.args[0])),), str(error))
        return
    basis = find_basis(spec, own)
    round_s = samples * spec.epochs * (sum(each_s) if in_turn else max(each_s)) + (spec.aggregation or 0.0)
    if basis is not None and basis.rounds * round_s > LONGEST_S:
        yield Fault(("rounds",), too_long("the learning", basis.rounds * round_s))


def _field_of(spec: "Federate", subject: str) -> str:
    """The field that an error is about."""
    if subject in spec.clients:
        return "clients"
    return {spec.model: "model", spec.dataset: "dataset"}.get(subject, "precision")
