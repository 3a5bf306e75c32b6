"""Arithmetic of federated learning: what must come out to the last digit that is printed.

    int8      1 / (0.4 + 0.6 / 4) = 1.82: the total before over after, where 60 % of it is communication; once as
              arithmetic, once by a run with `compression` whose share of communication is set to that
    FLOPs     seconds of a session's computing x FLOP/s of the phone / (samples x FLOPs of a forward pass) = 3
    loop      clients trained side by side = one after another, written out
    process   rounds on columns = rounds with a process for each phone

Sources: Yousefpour et al. 2023, section 6; Kaplan et al. 2020, section 2.1. The last two are checks of our own.
"""

from simulator.catalogue import find
from simulator.study.federated_runs import FIX, NET, Json, Outcome, play, scenario
from simulator.study.federated_twins import largest_difference, rounds_apart
from simulator.study.report import Comparison, Report
from simulator.vocabulary import NUMBER

INT8_WITHIN, FLOP_WITHIN, SAME = 0.01, 1e-6, 1e-6
ALIKE: Json = {"speed_spread": 1, "rate_spread": 1}
BYTES = 16e6
ONE_ROUND: Json = {"algorithm": "fedavg", "cohort": 20, "rounds": 1, "dropout": 0.0}
LESS: Json = {"compression": {"up": {"bits": 8}, "down": {"bits": 8}}}


def exact() -> Report:
    """All four."""
    loop, process = largest_difference(), rounds_apart()
    summary = (
        f"loop = stacked: parameters differ by {loop:.1e} at most after 5 rounds (gate {SAME:g})",
        f"process = cohort: closes of 50 rounds differ by {process:.1e} at most, the same phones count (gate {SAME:g})",
        "training counts 3 forward passes; Falafels' Google workload counts one, and so finds a third of the work",
    )
    share = find("federated", "yousefpour-int8").number("value_share", FIX)
    comparisons = [
        _compare("yousefpour-int8", smaller_ratio(share, 4.0), "8 bits for 32 at 60 %, arithmetic", INT8_WITHIN),
        _compare("yousefpour-int8", compressed_ratio(), "8 bits for 32 at 60 %, by runs", INT8_WITHIN),
        _compare("training-flop", flop_ratio(), "FLOPs of training over those of a forward pass", FLOP_WITHIN),
    ]
    return Report("arithmetic of federated learning", comparisons, summary, max(loop, process) <= SAME)


def smaller_ratio(share: float, smaller: float) -> float:
    """A total before over after, where a share of it becomes so many times smaller.

    >>> round(smaller_ratio(0.6, 4.0), 3)
    1.818
    """
    return 1.0 / (1.0 - share + share / smaller)


def compressed_ratio() -> float:
    """Joules of clients and network over those with 8 bits a parameter, where communication has the published share."""
    share = find("federated", "yousefpour-int8").number("value_share", FIX)
    moving_j, second_j = moving_and_computing_j()
    sample_s = moving_j * (1.0 - share) / share / second_j
    return _alike(sample_s, {}).used_j / _alike(sample_s, LESS).used_j


def moving_and_computing_j() -> tuple[float, float]:
    """Joules of a round's communication, and of its computing with one second a sample: from two runs, on a line."""
    one_j, two_j = (_alike(sample_s, {}).used_j for sample_s in (1.0, 2.0))
    return 2.0 * one_j - two_j, two_j - one_j


def _alike(sample_s: float, fields: Json) -> Outcome:
    """A round of phones that are all alike."""
    return play(scenario(1, BYTES, sample_s, {**ONE_ROUND, **fields}, ALIKE))


def flop_ratio() -> float:
    """FLOPs of a session's computing over those of the forward passes of its samples, from how long it computes."""
    forward_flop, share = 1e9, find("assumption", "client-utilisation").number("value_share", FIX)
    data = scenario(1, BYTES, 1.0, ONE_ROUND, ALIKE)
    del data["workloads"][0]["federate"]["sample_time"]
    model = data["models"][NET]
    data["models"][NET] = {**model, "forward_flop_per_sample": f"{forward_flop!r} FLOP", "sample_unit": "sample"}
    moving_j, second_j = moving_and_computing_j()
    sample_s = (play(data).used_j - moving_j) / second_j
    peak = find("device", "smartphone").number("peak_fp32_flop_per_s", FIX)
    return sample_s * peak * share / forward_flop


def _compare(id_: str, ours: float, what: str, within: float) -> Comparison:
    row = find("federated", id_)
    published, source = row.number("value_ratio", FIX), row.source("value_ratio").source
    verdict = f"within {within:g}" if abs(ours / published - 1.0) <= within else "MISSED"
    return Comparison(row.name, NUMBER, "", published, ours, verdict, source, row.text("note"), what=what)
