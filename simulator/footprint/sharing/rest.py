"""How many of the reserved pieces work: what waits draws its watts at rest, which the record tells.

    used[w, k] = reserved[w, k] - joules of w's `wait` in step k / (rest x length of the step)

`rest`, the watts of the whole asset at rest, is not recorded; it is, in this order,

    joules of idle and spare pieces / integral of the share of pieces that is not reserved,
    watts / share reserved of a workload at a moment at which all of its pieces wait,
    the least of joules / (share reserved x length) over workloads and steps.

The first two are exact. The third is too much, because work draws more than rest, so that `used`
is then at most what it gives; it is met only where every piece is reserved all the time and never
waits alone. So of a mixture as many pieces wait as the watts of `wait` make up, and the others
work, whatever else they do: restarts, checkpoints and waste are work. A workload that draws
nothing over a whole step uses nothing in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from simulator.footprint.sharing.stretches import Stretch
from simulator.record.integrate import Floats
from simulator.vocabulary import POWER, SPARE, UNASSIGNED

DUST = 1e-12
"""A share of pieces below which nothing but rounding is left."""


class Held(NamedTuple):
    """What each workload holds of an asset over each step: shares of its pieces, (workloads, steps)."""

    workloads: tuple[str, ...]
    edges_s: Floats
    reserved: Floats

    @property
    def free_s(self) -> float:
        """The integral of the share of pieces that nobody holds."""
        free = 1.0 - self.reserved.sum(axis=0)
        return float(np.where(free > DUST, free, 0.0) @ np.diff(self.edges_s))


class _Waiter(NamedTuple):
    """One workload on an asset: the number of its channel `wait`, and those of all else that it does there."""

    asset: str
    place: int
    wait: int
    others: tuple[int, ...]


class Lone:
    """Looks out for moments at which all pieces of a workload wait, on assets that are reserved all the time."""

    def __init__(self, held: Mapping[str, Held], channels: Sequence[Mapping[str, Any]]) -> None:
        self._held = {name: one for name, one in held.items() if one.free_s == 0.0}
        self._waiters = list(_waiters(self._held, channels))
        self._rest_w: dict[str, float] = {}
        self.watched = frozenset(n for one in self._waiters for n in (one.wait, *one.others))
        """The numbers of the channels that `watch` is to be shown."""

    def watch(self, shown: Mapping[int, Stretch]) -> None:
        """Look at a piece of the log."""
        for one in self._waiters:
            found = _lone_w(self._held[one.asset], one, shown)
            if found is not None:
                self._rest_w[one.asset] = max(found, self._rest_w.get(one.asset, 0.0))

    def find_w(self, asset: str) -> float | None:
        """The watts of the whole asset at rest; None where no such moment was seen."""
        return self._rest_w.get(asset)


def _waiters(held: Mapping[str, Held], channels: Sequence[Mapping[str, Any]]) -> Iterable[_Waiter]:
    doing: dict[tuple[str, str], dict[str, int]] = {}
    for number, channel in enumerate(channels):
        if channel["asset"] in held and channel["quantity"] == POWER:
            doing.setdefault((channel["asset"], channel["workload"]), {})[channel["activity"]] = number
    for (asset, workload), numbers in doing.items():
        if "wait" in numbers and workload != UNASSIGNED:
            others = tuple(number for activity, number in numbers.items() if activity != "wait")
            yield _Waiter(asset, held[asset].workloads.index(workload), numbers["wait"], others)


def _lone_w(held: Held, one: _Waiter, shown: Mapping[int, Stretch]) -> float | None:
    """What the whole asset would draw if all waited as this workload does where it waits most; None if not alone."""
    at_s, value = shown[one.wait]
    lasting = np.flatnonzero(np.diff(at_s) > 0.0)
    step = np.minimum(np.searchsorted(held.edges_s, at_s[lasting], "right") - 1, len(held.edges_s) - 2)
    share = held.reserved[one.place, step]
    watts = np.divide(value[lasting], share, out=np.zeros(len(lasting)), where=share > 0.0)
    if not watts.any():
        return None
    most = int(np.argmax(watts))
    others = (shown[number] for number in one.others)
    alone = all(other.value[np.searchsorted(other.at_s, at_s[lasting[most]], "right") - 1] == 0.0 for other in others)
    return float(watts[most]) if alone else None


def at_work(held: Held, channels: Iterable[tuple[Mapping[str, Any], Floats]], lone_w: float | None) -> Floats:
    """The share of an asset's pieces that works for each workload, the mean of each step.

    `channels` are those of the asset, each with its integral at the edges of the steps.
    """
    length_s = np.diff(held.edges_s)
    drawn_j, waiting_j, rest_j = np.zeros_like(held.reserved), np.zeros_like(held.reserved), 0.0
    for channel, integral in channels:
        if channel["workload"] == UNASSIGNED and channel["quantity"] in (POWER, SPARE):
            rest_j += float(integral[-1])
        elif channel["quantity"] == POWER:
            place = held.workloads.index(channel["workload"])
            drawn_j[place] += np.diff(integral)
            if channel["activity"] == "wait":
                waiting_j[place] += np.diff(integral)
    held_s = held.reserved * length_s
    rest_w = _rest_w(rest_j, held.free_s, lone_w, drawn_j, held_s)
    waiting = np.divide(waiting_j, rest_w * length_s, out=np.zeros_like(waiting_j), where=rest_w * length_s > 0.0)
    return np.where(drawn_j > 0.0, np.clip(held.reserved - waiting, 0.0, held.reserved), 0.0)


def _rest_w(rest_j: float, free_s: float, lone_w: float | None, drawn_j: Floats, held_s: Floats) -> float:
    if free_s > 0.0:
        return rest_j / free_s
    if lone_w is not None:
        return lone_w
    drawing = (drawn_j > 0.0) & (held_s > 0.0)
    return float(np.min(drawn_j[drawing] / held_s[drawing])) if drawing.any() else 0.0
