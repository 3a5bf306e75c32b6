"""A training as a process: compute, wait for each other and checkpoint on machines of its own.

It advances in segments between changes of power, not step by step, unless the scenario asks for
that; both draw the same joules (`timeline.py`). Queueing and interruptions are those of every
workload that reserves machines (`reserved.py`).
"""

from collections.abc import Iterable
from functools import partial

from simulator.catalogue import rows
from simulator.definitions import Definitions
from simulator.hardware.group import Part, Parts, Reservation
from simulator.hardware.unit import Stock, Unit
from simulator.record.jobs import Job, never_submitted
from simulator.record.steps import Steps
from simulator.workloads.across import Round, rounds_of, sites_of, train_across
from simulator.workloads.across_spec import Across
from simulator.workloads.expected import Luck, expect_training
from simulator.workloads.failing import Cycle, failing_chunks, total_and_lost_s
from simulator.workloads.laid_out import parameters_of
from simulator.workloads.load import find_load
from simulator.workloads.loss import loss_by
from simulator.workloads.play import Way, play
from simulator.workloads.reserved import carry_out
from simulator.workloads.taught import EPOCHS_MEASURED, teach, tell
from simulator.workloads.timeline import Chunk, chunks, even_stretches, walk
from simulator.workloads.training_spec import Train
from simulator.workloads.training_time import LOAD, Plan, training_doubts, whole_stock
from simulator.workloads.training_work import hardware_ratio
from simulator.world import Process, World

WAITING, REPAIRED = "accelerator-load-waiting", "failures-repaired"


def train(world: World, spec: Train, name: str) -> Process:
    """The life of one training, from submission to its last release."""
    group = world.groups[spec.at]
    taught = None if spec.learn is None else teach(world, spec, name)
    if taught is not None:
        spec = spec.model_copy(update={"epochs": float(taught.epochs)})
    luck = Luck(world.streams, name, world.clock.start.year)
    expected = expect_training(spec, whole_stock(spec, Stock(group.unit, group.count)), world.definitions, luck)
    plan = expected.plan
    doubts = (*training_doubts(spec, group.unit, world.definitions), *plan.assumptions)
    world.assumptions.update(dict.fromkeys(doubts))
    job = new_job(world, spec, name, plan)
    job.p5_s, job.p95_s = expected.p5_s, expected.p95_s
    if taught is not None:
        job.time_mode, job.missing = EPOCHS_MEASURED, taught.missing
        world.closing.append(partial(tell, world, job, taught))
    if spec.across is not None:
        yield from train_across(world, spec, job, plan_rounds(world, spec, spec.across, plan, group.unit))
        return
    stretches = plan_stretches(world, spec, plan, name)
    if isinstance(stretches, list):
        world.assumptions[REPAIRED] = None
        job.planned_s, job.lost_s = total_and_lost_s(stretches)
    found = walk(stretches, draws(world, spec, plan, group.unit), find_step_s(spec, plan))
    way = Way(job, found, new_steps(world, spec, name, plan))

    def work_on(reservation: Reservation, done_s: float) -> Process:
        return play(world, reservation, way, done_s)

    yield from carry_out(world, job, plan.units, spec.priority, work_on)


def plan_stretches(world: World, spec: Train, plan: Plan, name: str) -> Iterable[Chunk]:
    """What it does from the first moment to the last if nothing interrupts it; a list where its machines fail."""
    checkpoint_s = 0.0 if spec.checkpoint is None else spec.checkpoint.time
    if spec.failures is None or plan.every_s is None:
        return chunks(even_stretches(plan.total_s, plan.every_s, checkpoint_s))
    luck = world.streams.generator("failure", name)
    cycle = Cycle(plan.computing_s, plan.every_s, checkpoint_s, plan.tail_s)
    return failing_chunks(cycle, spec.failures, plan.working, luck)


def plan_rounds(world: World, spec: Train, across: Across, plan: Plan, unit: Unit) -> Round:
    """What its rounds over several data centres are."""
    assert plan.step_s is not None, "presence_faults() asks for steps"
    waiting = (Part("communicate", find_load(world, spec.wait_utilisation, unit, WAITING)),)
    units = plan.units // len(sites_of(spec, across))
    return rounds_of(spec, across, units, plan.step_s, (step_parts(world, spec, plan, unit), waiting))


def find_step_s(spec: Train, plan: Plan) -> float | None:
    """How long a step is, where every one is to be seen; None where stretches are enough."""
    return plan.step_s if spec.resolution == "step" else None


def draws(world: World, spec: Train, plan: Plan, unit: Unit) -> dict[str, Parts]:
    """What is drawn in each kind of stretch: by the units at work, and by spares, which stand by."""
    step, checkpoint = step_parts(world, spec, plan, unit), spec.checkpoint
    parts = {"compute": step}
    if checkpoint is not None:
        parts["checkpoint"] = (Part("checkpoint", checkpoint.load),)
    if spec.failures is not None and checkpoint is not None:
        parts["waste"] = tuple(part._replace(activity="waste") for part in step)
        parts["lost checkpoint"] = (Part("waste", checkpoint.load),)
        parts["restart"] = (Part("restart", 0.0),)
    working = plan.working / plan.units
    if working == 1.0:
        return parts
    spare = Part("wait", 0.0, 1.0 - working, beside=True)
    return {kind: (*(p._replace(share=p.share * working) for p in found), spare) for kind, found in parts.items()}


def step_parts(world: World, spec: Train, plan: Plan, unit: Unit) -> Parts:
    """What a step is made of, by its shares of the time; a load is looked up (and listed) only if it is drawn."""
    compute, communicate, wait = plan.mix
    memory = spec.memory_utilisation or 0.0  # training_clashes() asks for it where power depends on it
    parts = [Part("compute", find_load(world, spec.utilisation, unit, LOAD), compute, memory)]
    if communicate > 0.0:
        parts.append(Part("communicate", find_load(world, spec.wait_utilisation, unit, WAITING), communicate))
    if wait > 0.0:
        parts.append(Part("wait", 0.0, wait))
    return tuple(parts)


def new_job(world: World, spec: Train, name: str, plan: Plan) -> Job:
    """Open the record of a training that has just been submitted."""
    job = Job(
        name,
        "train",
        spec.at,
        spec.model or "",
        spec.dataset or "",
        plan.devices,
        plan.time_mode,
        plan.total_s,
        world.env.now,
    )
    job.units = plan.units
    job.samples, job.work_flop, job.peak_flop_per_s = plan.samples, plan.work_flop, plan.peak_flop_per_s
    job.steps, job.computing_s = spec.steps, plan.computing_s
    job.hardware_ratio = hardware_ratio(spec, world.definitions)
    job.step_s = None if spec.steps is None else plan.total_s / spec.steps
    if any(getattr(spec, field) is not None for field in ("communication", "layout", "input", "stragglers")):
        job.exposed_share = 1.0 - plan.mix.compute_share
    return job


def new_steps(world: World, spec: Train, name: str, plan: Plan) -> Steps | None:
    """Open the record of a training's steps; None unless every one is to be seen."""
    if spec.resolution != "step" or spec.steps is None or plan.step_s is None:
        return None
    loss = (
        None
        if spec.loss is None
        else loss_by(spec.loss, parameters_of(spec, world.definitions), find_words(spec, world.definitions))
    )
    steps = Steps(name, spec.steps, plan.step_s, plan.samples, loss)
    world.steps.append(steps)
    return steps


def find_words(spec: Train, own: Definitions) -> float | None:
    """The vocabulary of a model, of the catalogue or by the architecture that the scenario tells; None for others."""
    mine = own.models.get(spec.model or "")
    if mine is not None:
        return None if mine.architecture is None else float(mine.architecture.vocabulary)
    row = rows("model").get((spec.model or "").lower())
    return None if row is None else row.find_number("vocabulary_count")


def never_trained(world: World, spec: Train, name: str) -> None:
    """Record a training whose turn had not come when the run ended."""
    world.jobs.append(never_submitted(name, "train", spec.at))
