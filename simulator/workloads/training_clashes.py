"""What a training asks of its machines, the catalogue or the scenario's own definitions that they cannot do."""

from collections.abc import Iterator
from math import exp, log

from simulator.catalogue import find, rows
from simulator.definitions import TOKEN, Definitions, find_sample_unit
from simulator.errors import SimulatorError, UnknownNameError
from simulator.hardware.failure import Failures, enough_share, failures_per_s
from simulator.hardware.unit import Stock
from simulator.spec import LONGEST_S, Fault, too_long
from simulator.units import show
from simulator.workloads.across_clashes import across_clashes
from simulator.workloads.expected import expect_training
from simulator.workloads.given import Given, memory_faults, units_faults
from simulator.workloads.laid_out import layout_clashes, parameters_of
from simulator.workloads.training_spec import GIVEN_LENGTHS, Train
from simulator.workloads.training_time import Plan, whole_stock
from simulator.workloads.training_work import takes_tokens

MOST_CHECKPOINTS = 25_000_000
"""Four changes each: 1e8 changes in all."""

MOST_STEPS = 5_000_000
"""At step resolution, as many changes each."""

MOST_FAILURES = 200_000
MOST_CYCLE = 8.0
"""Mean times between failures: of 3000 attempts one reaches the next checkpoint, or finds machines enough."""

_BLAMED = {
    "peak_": "precision",
    "length of a": "mfu",
    "number of samples that": "input",
    "size": "input",
    "fabric": "layout",
}
"""Beginnings of what may lack, and the field that asks for it."""


def training_clashes(spec: Train, given: Given) -> Iterator[Fault]:
    """The faults of a training in its scenario, one at a time."""
    if spec.at not in given.stocks:
        return  # told where the name or the group stands
    stock, own = given.stocks[spec.at], given.own
    yield from units_faults("units", spec.units, spec.at, stock)
    units = stock.units if spec.units is None else spec.units
    if spec.failures is not None:
        yield from _study_faults(spec.failures, spec.at, stock)
    if spec.failures is not None and spec.failures.spares >= units:
        sentence = f"of {units} machines {spec.failures.spares} stand by, so that none works; take fewer"
        yield Fault(("failures", "spares"), sentence)
        return
    if units > stock.units:
        return
    yield from memory_faults(spec.at, given, spec.memory_utilisation is not None)
    if spec.precision is not None and stock.unit.device is None:
        timed = spec.mfu is None and spec.layout is None
        remedy = "leave `precision` out" if timed else "give `time` instead of `mfu` or `layout`, and no `precision`"
        yield Fault(("precision",), f"{spec.at} has no accelerator whose peak is known; {remedy}")
        return
    try:
        at_work = Stock(stock.unit, units - (0 if spec.failures is None else spec.failures.spares))
        laid = [] if spec.layout is None else list(layout_clashes(spec, spec.layout, at_work, own))
        plan = None if laid else expect_training(spec, whole_stock(spec, stock), own).plan
        found = laid if plan is None else [*_plan_faults(spec, plan), *_loss_faults(spec, plan, own)]
        found += _adapter_faults(spec, own)
    except UnknownNameError:
        return  # told where the name stands
    except SimulatorError as error:
        yield Fault((_blame(spec, error),), str(error))
        return
    yield from found
    if spec.across is not None:
        yield from across_clashes(spec, spec.across, stock, given)


def find_mfu(plan: Plan) -> float | None:
    """The model FLOPs utilisation that a plan implies, checkpoints included; None where work or peak is unknown."""
    if plan.work_flop is None or plan.peak_flop_per_s is None:
        return None
    return plan.work_flop / plan.peak_flop_per_s / plan.devices / plan.total_s


def _plan_faults(spec: Train, plan: Plan) -> Iterator[Fault]:
    length = next(field for field in (*GIVEN_LENGTHS, "mfu", "layout") if getattr(spec, field) is not None)
    if plan.total_s > LONGEST_S:
        yield Fault(("input" if plan.mix.wait_share > 0.5 else length,), too_long("the training", plan.total_s))
    mfu = find_mfu(plan)
    at_work = None if mfu is None else mfu * plan.total_s / plan.computing_s / plan.mix.compute_share
    if mfu is not None and at_work is not None and mfu <= 1.0 + 1e-9 < at_work:
        sentence = f"its work is {at_work:.3g} times what its devices can do in the time that they compute"
        yield Fault(("communication" if spec.communication else length,), f"{sentence}, waiting left out")
    if mfu is not None and mfu > 1.0 + 1e-9:
        yield Fault((length,), f"its work is {mfu:.3g} times what its devices can do in that time at their peak")
    if plan.every_s is not None and plan.computing_s / plan.every_s > MOST_CHECKPOINTS:
        yield Fault(("checkpoint",), "there would be over 25 million checkpoints; take a longer `every`")
    if spec.failures is not None and spec.checkpoint is not None and plan.every_s is not None:
        yield from _failure_faults(spec.failures, plan, plan.every_s + spec.checkpoint.time)
    yield from _size_faults(spec, plan)
    if spec.resolution == "step":
        if spec.steps is None:
            yield Fault(("resolution",), "nothing says how many steps there are; give `steps`, or take `segment`")
        elif spec.steps > MOST_STEPS:
            yield Fault(("resolution",), "over 5 million steps cannot be recorded one by one; take `segment`")


def _size_faults(spec: Train, plan: Plan) -> Iterator[Fault]:
    """A sequence longer than all that is read."""
    if spec.sequence is not None and plan.samples is not None and spec.sequence > plan.samples:
        sentence = f"one sequence of {spec.sequence} tokens is longer than all {plan.samples:g} that it sees"
        yield Fault(("sequence",), f"{sentence}; give the tokens of one sequence")


def _adapter_faults(spec: Train, own: Definitions) -> Iterator[Fault]:
    """More adapters than the model that they adapt; a sequence of what has none."""
    if spec.model is None:
        return
    if spec.adapters is not None and spec.adapters > parameters_of(spec, own):
        sentence = f"{spec.adapters:g} parameters learn beside the {parameters_of(spec, own):g} of {spec.model}"
        yield Fault(("adapters",), f"{sentence}; adapters are few, or leave them out where all learn")
    unknown = spec.model in own.models and own.models[spec.model].architecture is None
    if spec.sequence is not None and spec.layout is None and (unknown or not takes_tokens(spec, own)):
        sentence = f"attention is counted by the layers of a model of tokens, which nobody knows of {spec.model}"
        yield Fault(("sequence",), f"{sentence}; leave `sequence` out")


def _loss_faults(spec: Train, plan: Plan, own: Definitions) -> Iterator[Fault]:
    """A law of language models asked of something else, or of nobody knows how many tokens."""
    if spec.loss is None or spec.model is None:
        return
    dense = _is_dense(spec.model, own)
    if spec.adapters is not None:
        yield Fault(("loss",), "the law is of models that learn whole from scratch, not of adapters; leave it out")
    elif find_sample_unit(spec.model, own) == TOKEN and not dense:
        yield Fault(("loss",), f"the law is of dense models that write, and {spec.model} is none; leave `loss` out")
    elif find_sample_unit(spec.model, own) != TOKEN:
        yield Fault(("loss",), f"the law is of language models, and {spec.model} learns no tokens; leave `loss` out")
    elif plan.samples is None:
        yield Fault(("loss",), "the loss follows from the tokens seen; give `batch`, those of one step")
    else:
        parameters_of(spec, own)  # raises where they are unknown


def _is_dense(model: str, own: Definitions) -> bool:
    if model in own.models:
        return not own.models[model].mixes_experts
    return find("model", model).text("family") == "dense"


def _study_faults(failures: Failures, at: str, stock: Stock) -> Iterator[Fault]:
    """A study whose machines are larger or smaller than these."""
    row = None if isinstance(failures.rate, float) else rows("failure-rate").get(failures.rate.lower())
    counted = None if row is None else row.find_number("devices_per_node_count")
    if row is not None and counted is not None and counted != stock.unit.devices:
        sentence = f"{row.id} counts machines of {counted:g} devices, and those of {at} have {stock.unit.devices}"
        yield Fault(("failures", "rate"), f"{sentence}; give such servers, or the failures of one machine in a day")


def _failure_faults(failures: Failures, plan: Plan, cycle_s: float) -> Iterator[Fault]:
    """Machines that fail so often that the training would not get on, or more of it than can be recorded."""
    between_s = 1.0 / failures_per_s(failures, plan.working)
    need_s = min(cycle_s, plan.total_s) + failures.restart
    every = f"one of {plan.working} machines fails every {show(between_s, 'time_s')} on average"
    waiting = -log(enough_share(failures, plan.working))
    if need_s / between_s > MOST_CYCLE:
        sentence = f"{every}, and a checkpoint is reached {show(need_s, 'time_s')} after a restart: it would not get on"
        yield Fault(("failures",), f"{sentence}; checkpoint more often, or take fewer machines")
    elif need_s / between_s + waiting > MOST_CYCLE:
        sentence = (
            f"{every}, and is away for {show(failures.repair or 0.0, 'time_s')}: there would hardly ever be enough"
        )
        yield Fault(("failures",), f"{sentence} machines; give more `spares`, or a shorter `repair`")
    else:
        # a turn that takes x mean times between failures is begun exp(x) times, and waits while machines lack
        tries = exp(need_s / between_s) / enough_share(failures, plan.working)
        if plan.total_s * tries > LONGEST_S:
            yield Fault(("failures",), too_long("the training, with all that failures undo,", plan.total_s * tries))
        elif plan.total_s / between_s * tries > MOST_FAILURES:
            yield Fault(("failures",), f"{every}: over 200 000 in all; take a lower `rate`, or checkpoint more often")


def _blame(spec: Train, error: SimulatorError) -> str:
    column = str(error.args[1])
    for beginning, field in _BLAMED.items():
        if column.startswith(beginning) and (getattr(spec, field) is not None):
            return field
    if (column.endswith("s_count") and spec.epochs is not None) or column == "tokens":
        return "epochs"
    return "mfu" if spec.mfu is not None else "layout" if spec.layout is not None else "input"
