"""The plan of a training whose MFU nobody gave: what models of its family reach, or a draw from that.

    time = work / (devices x peak x MFU),    MFU log-normal (mfu.py),    P5 of the time from P95 of the MFU

Work is counted as the MFUs were fitted: 6 N + 12 L w s a token of a language model of the catalogue,
which takes the length of a sequence. The times at P5 and P95 stand beside the plan. A draw is keyed by
the seed and the training's name.
"""

from typing import NamedTuple

from simulator.catalogue import Row, find
from simulator.definitions import Definitions, find_sample_unit
from simulator.engine.rng import Streams
from simulator.errors import MissingValueError
from simulator.hardware.unit import Stock
from simulator.model_flop import forward_of_model
from simulator.workloads.mfu import Mfu, draw, predict
from simulator.workloads.training_spec import DRAWN, Train
from simulator.workloads.training_time import Plan, plan_training, time_mode
from simulator.workloads.training_work import count_samples, count_work_flop, sample_flop, takes_tokens


class Luck(NamedTuple):
    """What a training's luck depends on: the streams of the run, its name, and the year in which it runs."""

    streams: Streams | None = None
    name: str = ""
    year: int | None = None


NO_LUCK = Luck()


class Expected(NamedTuple):
    """A plan, and its length at P5 and P95 of what is expected; None where the scenario leaves nothing to expect."""

    plan: Plan
    p5_s: float | None = None
    p95_s: float | None = None


def expect_training(spec: Train, stock: Stock, own: Definitions, luck: Luck = NO_LUCK) -> Expected:
    """The plan of a training, whose MFU may be a word; without streams nothing is drawn, and the median stands for it.

    Raises MissingValueError where nothing is known of such a model on such a device, and as `plan_training` does.
    """
    if not isinstance(spec.mfu, str):
        return Expected(plan_training(spec, stock, own, luck.streams, luck.name))
    assert stock.unit.device is not None, "training_clashes() refuses machines without accelerators"
    _ask_for_sequence(spec, own)
    mfu = find_expected(spec, stock.unit.device, own, luck.year)
    drawn = spec.mfu == DRAWN and luck.streams is not None
    share = draw(mfu, luck.streams, luck.name) if drawn and luck.streams is not None else mfu.p50_share
    low, middle, high = (_plan_at(spec, stock, own, at) for at in (mfu.p95_share, share, mfu.p5_share))
    listed = (*middle.assumptions, f"mfu/{mfu.row.id}/mfu_share")
    return Expected(middle._replace(time_mode=time_mode(spec), assumptions=listed), low.total_s, high.total_s)


def _ask_for_sequence(spec: Train, own: Definitions) -> None:
    """Raise MissingValueError where attention, which is in what was fitted, cannot be counted."""
    known = spec.model not in own.models or own.models[spec.model or ""].architecture is not None
    if spec.work is None and spec.sequence is None and known and takes_tokens(spec, own):
        remedy = "give `sequence`, its tokens, for attention is in the work that MFUs were fitted to"
        raise MissingValueError(spec.model or "", "length of a sequence", remedy, "in the scenario")


def find_expected(spec: Train, device: Row, own: Definitions, year: int | None) -> Mfu:
    """What MFU is expected of a training's model on this device; a scenario's own model of tokens counts as dense."""
    assert spec.model is not None, "presence_faults() asks for a model"
    if spec.model not in own.models:
        return predict(find("model", spec.model), device, year)
    if find_sample_unit(spec.model, own) != "token":
        raise MissingValueError(spec.model, "family", "give a share for `mfu`", "in the scenario")
    return predict(own.models[spec.model].parameters, device, year)


def _plan_at(spec: Train, stock: Stock, own: Definitions, share: float) -> Plan:
    counted = {"mfu": min(share, 1.0), "work": counted_work_flop(spec, own)}
    return plan_training(spec.model_copy(update=counted), stock, own)


def counted_work_flop(spec: Train, own: Definitions) -> float | None:
    """The work as the MFUs of language models were fitted to it: all active parameters, and attention's scores whole.

    What the scenario gives stays as it is, and so does what is counted of any other model; None where nothing says.
    """
    samples = count_samples(spec, own)
    counted = spec.model is not None and spec.model not in own.models and takes_tokens(spec, own)
    if spec.work is not None or samples is None or not counted or spec.sequence is None:
        return count_work_flop(spec, samples, own)
    return samples * sample_flop(spec, forward_of_model(find("model", spec.model or ""), spec.sequence))
