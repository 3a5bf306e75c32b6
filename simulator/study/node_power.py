"""Watts of MLPerf's nodes beside ours: one node blind, several nodes from what one of them draws.

One node, nothing given of the task: the load of `accelerator-load-training` (the TDP) and the host at rest,
whose watts come from the floor of the H100 logs themselves; those of B200 are inferred from them.

Several nodes, given the minutes of one and of n nodes and what the one draws:

    share = (minutes of 1 / n) / minutes of n,     node = share x computing + (1 - share) x waiting

`computing` is the measured draw of one node on the same task: load and host are set so that
the catalogue's server draws it (calibration, not prediction). `waiting` is the draw at a load that is
fitted to the other tasks' rows, by least squares on relative errors (study/waiting.py). What is
predicted is the watts of a node among n. Both run through the simulator, whose energy over nodes
and time gives the watts. More samples to the target on more nodes count as waiting here, for
minutes cannot tell them apart.

Beside it stand the best constants of each GPU, fitted to the very rows that they are held against.
"""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from simulator.catalogue import Row, find, rows
from simulator.scenario.load import Loaded, dump, load_text
from simulator.scenario.run import run_scenario
from simulator.study.constants import Constants, Sizes, best_constants
from simulator.study.report import Aside, Comparison, Report
from simulator.study.waiting import Among, among, fit_wait, wait_alone

ALONE_MEDIAN, AMONG_MEDIAN, WORST = 0.05, 0.10, 0.15
"""Gates: the median error on one node and on several; the largest of any row, a miss beyond it."""

BETTER = 2.5
"""How many times smaller than that of the best constants the largest error must be."""

SCALED = "mlperf-v4.0-llama2-70b-lora-64x8-h100"
"""The row whose energy over that of one node is held against the published one."""


class Predicted(NamedTuple):
    """A published row, our watts of a node and joules of all; how it was calibrated, where one node was measured."""

    row: Row
    node_w: float
    energy_j: float
    among: Among | None
    wait_load: float | None

    @property
    def published_w(self) -> float:
        """The published watts of a node."""
        return self.row.number("node_power_w", "correct the row")

    @property
    def error(self) -> float:
        """By how much ours is above the published watts, as a share of them."""
        return self.node_w / self.published_w - 1.0

    @property
    def counted(self) -> bool:
        """Whether the gates are on it."""
        return not self.row.text("excluded")


def node_power() -> Report:
    """Every published row of the catalogue's `node-power` beside ours."""
    found = [predict(row) for row in rows("node-power").values()]
    counted = [one for one in found if one.counted]
    alone, several = ([one for one in counted if (one.among is None) == single] for single in (True, False))
    rivals, sizes = _constants(counted), [abs(one.error) for one in counted]
    most = rivals.of_least_median.worst_error / BETTER
    told, scales = _scaling(next(one for one in found if one.row.id == SCALED))
    summary = (
        f"{_errors(alone, 'on one node, blind')}; gate {ALONE_MEDIAN:.0%} in the median",
        f"{_errors(several, 'on several, given minutes and the watts of one')}; gates {AMONG_MEDIAN:.0%}, {WORST:.0%}",
        f"all {len(counted)}: median error {median(sizes):.1%}, worst {max(sizes):.1%} "
        f"(gate {most:.1%}, {BETTER} times smaller than the next)",
        f"the best constant of each GPU, fitted to these rows: {_told(rivals.of_least_median)}; "
        f"fitted to be best at worst: {_told(rivals.of_least_worst)}",
        f"the best constant of each GPU on all {len(found)} rows: {_told(_constants(found).of_least_median)}",
        told,
        _waiting(several),
    )
    met = _median(alone) <= ALONE_MEDIAN and _median(several) <= AMONG_MEDIAN and max(sizes) <= most
    aside = Aside("how a node among several is predicted, and the wait that would have met it", COLUMNS, _lines(found))
    return Report(
        "mean watts of MLPerf's nodes",
        [_comparison(one) for one in found],
        summary,
        met and scales,
        aside,
        band=WORST,
    )


def predict(row: Row) -> Predicted:
    """Our watts of a node of this row, by what the other tasks' rows say of waiting."""
    how = among(row)
    wait = None if how is None else fit_wait(others(row.text("task")))
    energy_j, time_s = simulate(node_scenario(row, how, wait))
    return Predicted(row, energy_j / row.number("nodes_count", "correct the row") / time_s, energy_j, how, wait)


def simulate(scenario: Loaded) -> tuple[float, float]:
    """Joules of the nodes of a scenario, and seconds."""
    done = run_scenario(scenario).summary["paradigms"]["main"]
    return done["boundaries"]["server"]["energy_j"], done["duration_s"]


def others(task: str = "") -> list[Among]:
    """The counted rows of several nodes, those of one task left out."""
    found = [row for row in rows("node-power").values() if row.text("task") != task and not row.text("excluded")]
    return [how for row in found if (how := among(row)) is not None]


def node_scenario(row: Row, how: Among | None, wait_load: float | None) -> Loaded:
    """The scenario, in memory, of the training of a row; nothing but its time is given where `how` is None."""
    machines: dict[str, object] = {
        "model": row.text("server"),
        "count": int(row.number("nodes_count", "correct the row")),
    }
    train: dict[str, object] = {"at": "site/nodes", "time": f"{row.text('wall_time_h')} h"}
    if how is not None:
        machines["host_at_load"] = how.host_at_load
        train |= {"utilisation": how.load, "communication": 1.0 - how.share, "wait_utilisation": wait_load}
    place = {"grid": "1 gCO2e/kWh", "servers": {"nodes": machines}}
    data = {"name": row.id, "world": {"datacenters": {"site": place}}, "workloads": [{"train": train}]}
    return load_text(dump(data), f"<{row.id}>")


def _constants(found: Sequence[Predicted]) -> Constants:
    """How well constants do on the watts of a node, one for each kind of GPU."""
    gpus = [find("server", one.row.text("server")).text("accelerator") for one in found]
    return best_constants([(gpu, one.published_w) for gpu, one in zip(gpus, found, strict=True)])


def _told(sizes: Sizes) -> str:
    return f"median {sizes.median_error:.1%}, worst {sizes.worst_error:.1%}"


def _median(found: Sequence[Predicted]) -> float:
    return median(abs(one.error) for one in found)


def _errors(found: Sequence[Predicted], what: str) -> str:
    worst = max(abs(one.error) for one in found)
    return f"{len(found)} trainings {what}: median error {_median(found):.1%}, worst {worst:.1%}"


def _comparison(one: Predicted) -> Comparison:
    row = one.row
    near = abs(one.error) <= WORST
    verdict = f"within {WORST:.0%}" if near else "MISSED"
    note = "; ".join(text for text in (row.text("note"), row.text("excluded")) if text)
    return Comparison(
        row.name,
        "power_w",
        "server",
        one.published_w,
        one.node_w,
        verdict if one.counted else "not counted",
        row.source("node_power_w").source,
        note,
        row.source("node_power_w").confidence,
    )


def _scaling(one: Predicted) -> tuple[str, bool]:
    """Energy over that of one node, ours and the integrals of the logs; whether it and the watts are near."""
    assert one.among is not None, "there is one node of it"
    alone = one.among.alone
    alone_j, _ = simulate(node_scenario(alone, one.among._replace(share=1.0), one.wait_load))
    logs = [rows("training")[row.id].number("energy_mwh", "correct the row") for row in (one.row, alone)]
    ours, published = one.energy_j / alone_j, logs[0] / logs[1]
    speed = alone.number("wall_time_h", "correct the row") / one.row.number("wall_time_h", "correct the row")
    told = (
        f"{one.row.name}: {speed:.1f} times as fast as one node (given), energy x{ours:.2f} (published "
        f"x{published:.2f}), {one.node_w:.0f} W a node (published {one.published_w:.0f} W); gates {WORST:.0%}"
    )
    return told, abs(ours / published - 1.0) <= WORST and abs(one.error) <= WORST


def _waiting(several: Sequence[Predicted]) -> str:
    shipped = find("assumption", "accelerator-load-waiting").text("value_share")
    folds = [one.wait_load for one in several if one.wait_load is not None]
    return (
        f"load of accelerators that wait: {fit_wait(others()):.3f} by all rows, {min(folds):.3f} to {max(folds):.3f} "
        f"without one task; shipped {shipped}"
    )


COLUMNS = ("which", "computes", "load computing", "host at load", "wait load by other tasks", "by its own watts")


def _lines(found: Sequence[Predicted]) -> list[tuple[str, ...]]:
    return [
        (
            one.row.name,
            f"{one.among.share:.1%}",
            f"{one.among.load:.3f}",
            f"{one.among.host_at_load:.3f}",
            f"{one.wait_load:.3f}",
            f"{wait_alone(one.among):.3f}",
        )
        for one in found
        if one.among is not None and one.wait_load is not None
    ]
