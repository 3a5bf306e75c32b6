"""Bytes of learning where the data are, round by round, against those of collecting the data once.

    federated  = rounds x selected x (down + up) bytes of the model
    collecting = bytes of the data, once

With little data a user the model is moved more often than the data would be: 1000 users whose 34
sentences are 7 MB together move 10 GB a round with a model of 5 MB.
Source: Bonawitz et al. 2019, "Towards federated learning at scale", section 11, for the comparison.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.errors import UsageError
from simulator.record.integrate import Floats
from simulator.units import show
from simulator.view.learning import lines_of
from simulator.view.sweep_data import COLOURS, set_log
from simulator.vocabulary import USERS

Rows = Sequence[Mapping[str, Any]]


def rounds_to_break_even(data_bytes: float, selected: int, down_bytes: float, up_bytes: float) -> float:
    """Rounds after which a federated learning has moved as much as collecting the data once; part of one, if it has.

    >>> rounds_to_break_even(data_bytes=7e6, selected=1000, down_bytes=5e6, up_bytes=5e6)
    0.0007
    """
    return data_bytes / (selected * (down_bytes + up_bytes))


def collected_bytes(transfers: Rows, assets: Rows, learned: Iterable[str]) -> dict[str, float]:
    """What each paradigm moved away from users, those that learned where the data are left out."""
    users = {(asset["paradigm"], asset["place"]) for asset in assets if asset["owner"] == USERS}
    found: dict[str, float] = {}
    for one in transfers:
        paradigm = one["paradigm"]
        if paradigm not in learned and (paradigm, one["from"].rpartition("/")[0]) in users:
            found[paradigm] = found.get(paradigm, 0.0) + one["size_bytes"] * one["done_share"]
    return {paradigm: size_bytes for paradigm, size_bytes in found.items() if size_bytes > 0}


def crossing_rounds(moved_bytes: Floats, data_bytes: float) -> float:
    """Where the bytes moved after each round come to those of the data; beyond the rounds played, by their mean.

    >>> crossing_rounds(np.array([4.0, 6.0]), 5.0), crossing_rounds(np.array([4.0, 6.0]), 30.0)
    (1.5, 10.0)
    """
    if moved_bytes[-1] < data_bytes:
        return rounds_to_break_even(data_bytes, 1, float(moved_bytes[-1]) / len(moved_bytes), 0.0)
    return float(np.interp(data_bytes, np.append(0.0, moved_bytes), np.arange(len(moved_bytes) + 1)))


def draw(name: str, rounds: Rows, transfers: Rows, assets: Rows) -> Figure:
    """A line for each federated learning, one for each way of collecting; raises UsageError without both."""
    collected = collected_bytes(transfers, assets, {turn["paradigm"] for turn in rounds})
    learned = {label: _moved_bytes(turns) for label, turns in lines_of(rounds).items()}
    learned = {label: moved for label, moved in learned.items() if moved[-1] > 0}
    if not collected or not learned:
        state = "there is not one paradigm that collects users' data and another that learns in rounds"
        raise UsageError("a break-even of bytes", state, "run a scenario with both")
    found = [crossing_rounds(moved, data_bytes) for moved in learned.values() for data_bytes in collected.values()]
    reach = (min(1.0, 0.5 * min(found)), max(2.0 * max(found), *map(len, learned.values())))
    figure = Figure(figsize=(8.0, 4.8 + 0.2 * len(learned)), layout="constrained")
    axes = figure.add_subplot()
    for number, (label, moved) in enumerate(learned.items()):
        _draw_learned(axes, label, moved, collected, reach, COLOURS[number % len(COLOURS)])
    for number, (label, data_bytes) in enumerate(collected.items(), len(learned)):
        said = f"{label}: {show(data_bytes, 'size_bytes', 3)} collected once"
        axes.axhline(data_bytes, color=COLOURS[number % len(COLOURS)], linewidth=1.8, label=said, zorder=2)
    set_log(axes, "x", np.array(reach))
    axes.set(yscale="log", xlabel="rounds", ylabel="bytes moved since the start", xlim=reach)
    axes.yaxis.set_major_formatter(lambda size_bytes, _: show(size_bytes, "size_bytes"))
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False, fontsize=9)
    figure.suptitle(f"{name}: from which round on moving the model is moving more", fontsize=13)
    return figure


def _moved_bytes(turns: Rows) -> Floats:
    """Bytes that rounds have moved, after each of them."""
    return np.cumsum([turn["download_bytes"] + turn["upload_bytes"] for turn in turns])


def _draw_learned(
    axes: Axes, label: str, moved_bytes: Floats, collected: Mapping[str, float], reach: tuple[float, float], colour: str
) -> None:
    """The rounds that were played, dashed before and beyond them, and where they come to what was collected."""
    played = len(moved_bytes)
    a_round = float(moved_bytes[-1]) / played
    crossings = {way: crossing_rounds(moved_bytes, data_bytes) for way, data_bytes in collected.items()}
    much = ", ".join(f"as much as {way} in {rounds:.3g} rounds" for way, rounds in crossings.items())
    said = f"{label}: {show(a_round, 'size_bytes', 3)} a round, {much}"
    axes.plot(range(1, played + 1), moved_bytes, linewidth=1.8, label=said, color=colour, zorder=3)
    for rounds, slope in (((reach[0], 1.0), float(moved_bytes[0])), ((played, reach[1]), a_round)):
        axes.plot(rounds, [slope * at for at in rounds], linewidth=1.2, linestyle="--", color=colour, zorder=3)
    for way, at in crossings.items():
        axes.plot(at, collected[way], marker="o", markersize=9, color=colour, markeredgecolor="white", zorder=4)
