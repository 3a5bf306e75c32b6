"""What a paradigm had spent by each look at its models: energy, CO2e, bytes.

    energy by t = integral from 0 to t of  watts + joules a bit x rates + the building's watts
    co2e by t   = the same, each place's watts weighed by its grid
    bytes by t  = what rounds and transfers that were over by then had moved, each bit once: those of a
                  round among machines are transfers

All that the widest operational boundary holds counts, whoever it was drawn for: a row says what
the whole way of doing it had cost when the model was as good as that. Sums of channels are
integrated, not channels, so that one reading of the log, however long, answers for every
moment: at the end of the window they are the account's totals but for rounding.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.engine.series import Series
from simulator.footprint.boundary import Reach, reach
from simulator.footprint.carbon import co2e_kg
from simulator.footprint.entries import Tables, find_factor, find_pue, paradigms, signals_of
from simulator.footprint.overhead import IT_KINDS, Curve, curves_of, log_pieces, parts_of
from simulator.record.integrate import Floats, Ints, Log
from simulator.record.pieces import of_paradigm
from simulator.record.rounds import CABLES
from simulator.record.ticks import deltas
from simulator.vocabulary import KIND_BOUNDARIES

_SAME = 1e-12
"""Two moments that differ by less than this part are one: two ways of adding up the same times."""


class Spent(NamedTuple):
    """What a paradigm had spent by some moments."""

    energy_j: Floats
    co2e_kg: Floats
    moved_bytes: Floats


def curve_rows(tables: Tables) -> list[dict[str, Any]]:
    """A row of each of `scores`, in its order: how good the model was, and what its paradigm had spent by then."""
    found: list[dict[str, Any]] = []
    for paradigm in paradigms(tables):
        scores = of_paradigm(tables["scores"], paradigm).to_pylist()
        if scores:
            at_s = np.array([score["at_s"] for score in scores])
            spent = spent_by(tables, paradigm, at_s)
            found += [_row(score, spent, place) for place, score in enumerate(scores)]
    return found


def _row(score: Mapping[str, Any], spent: Spent, place: int) -> dict[str, Any]:
    names = ("paradigm", "workload", "step", "at_s", "samples", "accuracy", "loss_nats")
    by_then = {name: float(column[place]) for name, column in spent._asdict().items()}
    return {**{name: score[name] for name in names}, **by_then}


def spent_by(tables: Tables, paradigm: str, at_s: Floats) -> Spent:
    """What a paradigm had spent by each of these moments, in whatever order."""
    moments, place = np.unique(at_s, return_inverse=True)
    energy, co2e = _integrals(tables, paradigm)
    totals = np.zeros((2, len(moments)))
    nobody, done = len(energy[0].weights) - 1, 0
    level = np.zeros(nobody + 1)
    for piece in _marked(log_pieces(tables, paradigm), moments, nobody):
        moved, marks = deltas(piece.channel, piece.value, level), piece.channel == nobody
        now = slice(done, done + int(np.count_nonzero(marks)))
        for total, integrals in zip(totals, (energy, co2e), strict=True):
            for integral in integrals:
                total[now] += integral.advance(piece, moved)[marks]
        done = now.stop
    return Spent(totals[0][place], totals[1][place], _moved_bytes(tables, paradigm, moments)[place])


class _Integral:
    """The integral of what a weighed sum of channels draws, by a clock, as the log is gone over once."""

    __slots__ = ("_at_s", "_clock", "_shown", "_sum", "_watts", "weights")

    def __init__(
        self,
        weights: Floats,
        watts: Callable[[Floats], Floats] = lambda total: total,
        clock: Callable[[Floats], Floats] = lambda at_s: at_s,
    ) -> None:
        self.weights, self._watts, self._clock = weights, watts, clock
        self._sum = self._shown = self._at_s = np.zeros(1)

    def advance(self, log: Log, moved: Floats) -> Floats:
        """What it comes to at each of these changes, which follow those before, and move their channels by so much."""
        # what was there before stands first in the sums, so that cutting the log changes no bit of them
        sums = np.cumsum(np.concatenate((self._sum, self.weights[log.channel] * moved)))
        passed = np.diff(self._clock(np.concatenate((self._at_s, log.at_s))))
        shown = np.cumsum(np.concatenate((self._shown, self._watts(sums[:-1]) * passed)))
        if len(log.at_s):
            self._sum, self._shown, self._at_s = sums[-1:], shown[-1:], log.at_s[-1:]
        return shown[1:]


def _marked(log: Iterable[Log], moments: Floats, nobody: int) -> Iterator[Log]:
    """The log with these moments, which rise, among its changes: as changes of nobody's channel."""
    for piece in log:
        before = int(np.searchsorted(moments, piece.at_s[-1], side="left")) if len(piece.at_s) else 0
        ahead, moments = moments[:before], moments[before:]
        places = np.searchsorted(piece.at_s, ahead, side="right")
        yield Log(
            np.insert(piece.at_s, places, ahead),
            np.insert(piece.channel, places, nobody),
            np.insert(piece.value, places, 0.0),
        )
    yield Log(moments, np.full(len(moments), nobody, np.int64), np.zeros(len(moments)))


def _integrals(tables: Tables, paradigm: str) -> tuple[list[_Integral], list[_Integral]]:
    """What energy and CO2e are the sums of; channels have numbers from 0, and the last weight is nobody's."""
    signals, computed = signals_of(tables, paradigm), reach(tables, paradigm)
    weights, curves = _weights(tables, paradigm, computed, signals), _curves(tables, paradigm, computed)
    nothing = np.zeros(of_paradigm(tables["channels"], paradigm).num_rows + 1)
    energy = [_Integral(sum(weights.values(), nothing))]
    co2e, even = [], nothing
    for place, own in weights.items():
        grid = signals[place, "grid_gco2e_per_kwh"]
        if grid.constant:
            even = even + own * co2e_kg(1.0, float(grid.values[0]))
        else:
            co2e.append(_Integral(own, clock=_grams(grid)))
    for place, (curve, drawn) in curves.items():
        energy.append(_Integral(drawn, _building(curve)))
        co2e.append(_Integral(drawn, _building(curve), _grams(signals[place, "grid_gco2e_per_kwh"])))
    return energy, [_Integral(even), *co2e]


def _weights(
    tables: Tables, paradigm: str, computed: Reach, signals: Mapping[tuple[str, str], Series]
) -> dict[str, Floats]:
    """By place, the watts that a unit of each channel is: its own, and the building's where one PUE holds."""
    assets = {row["asset"]: row for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    building = computed.holds("facility", computed.widest)
    found: dict[str, Floats] = {}
    for number, channel in enumerate(channels):
        factor = find_factor(channel, assets)
        if factor is None:
            continue  # what nobody draws, or the line of a data centre
        asset = assets[channel["asset"]]
        if computed.holds(KIND_BOUNDARIES[asset["kind"]], computed.widest):
            pue = find_pue(signals, asset["place"]) if building and asset["kind"] in IT_KINDS else None
            own = found.setdefault(asset["place"], np.zeros(len(channels) + 1))
            own[number] = factor * (1.0 if pue is None else pue)
    return found


def _curves(tables: Tables, paradigm: str, computed: Reach) -> dict[str, tuple[Curve, Floats]]:
    """The places whose PUE follows their load: the curve, and 1 for each channel that makes the load."""
    if not computed.holds("facility", computed.widest):
        return {}
    return {
        place: (curve, np.append(parts_of(tables, paradigm, place).drawn, False).astype(float))
        for place, curve in curves_of(tables, paradigm).items()
    }


def _building(curve: Curve) -> Callable[[Floats], Floats]:
    """The watts of a building by the IT watts in it."""
    return lambda it_w: (np.interp(it_w, *curve) - 1.0) * it_w


def _grams(grid: Series) -> Callable[[Floats], Floats]:
    """The kilograms that a watt emits from the start to a moment."""
    return lambda at_s: np.asarray(co2e_kg(1.0, 1.0) * grid.cumulative(at_s), float)


def _moved_bytes(tables: Tables, paradigm: str, moments: Floats) -> Floats:
    """Bytes of the rounds and transfers that were over by each moment; a transfer of a round counts as a transfer."""
    rounds, transfers = (of_paradigm(tables[name], paradigm).to_pylist() for name in ("rounds", "transfers"))
    over = [
        (turn["end_s"], turn["download_bytes"] + turn["upload_bytes"]) for turn in rounds if turn["links"] != CABLES
    ]
    over += [(one["end_s"], one["size_bytes"] * one["done_share"]) for one in transfers if one["end_s"] is not None]
    ends_s, size_bytes = np.array(sorted(over)).T if over else np.zeros((2, 0))
    by_then = np.concatenate(([0.0], np.cumsum(size_bytes)))
    places: Ints = np.searchsorted(ends_s, moments * (1.0 + _SAME), side="right")
    return np.asarray(by_then[places], float)
