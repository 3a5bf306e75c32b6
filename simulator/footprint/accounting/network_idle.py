"""Who pays for what networks draw while nothing flows: four answers of one record.

    as-run           what was recorded: links and sites by averages a bit, or by one more bit; users' lines by one
                     more bit, and their watts at rest while they work where the population is charged whole
    per-subscriber   of lines, rest x seconds at work + marginal x bits; links and sites as recorded
    per-byte         average x bits, of lines, links and sites alike
    peak             window x rest x highest rate / capacity + marginal x bits

The highest rate is that of all that one workload had an asset carry at one moment, waste included, as it was
recorded: crowds are recorded by means over a part of a round, within which nothing is higher. Of the lines of a
city it is how many they keep busy at once, bits over the rate of a line in their direction (waste, of which no
direction is recorded, in the slower one). The rest of a site is (average - marginal) x capacity / overcapacity, so
that its capacity cancels; half of a cable's is of each direction:

    site   window x highest rate x (average - marginal) / overcapacity
    link   window x highest rate x W/km x km / 2 / capacity
    line   window x lines kept busy at once x watts at rest of one

Whose sum is the whole? `as-run` with averages and `per-byte` are averages over what others send too: they add up to
what networks draw if everybody's bits are counted, and networks are as full as in their sources. `per-subscriber`
leaves the hours in which nobody uses a line to nobody. `peak` adds up to the rest of a network if its users are busy
at one time and fill it; to less where it is larger than that, to more where they come at different times. Of
everything owned, and in the consequential ledger, which charges bits alone, all of it is as recorded. The making of
networks goes by bits whatever the answer.

Sources: Malmodin 2020, "The power consumption of mobile and fixed network data services" (rest and slope), by the
tables access_technologies and network_powers. That it is the peak which networks are built for, so that intensities
fall while the whole grows: after Guennebaud and Bugeau 2024, J. Ind. Ecol. 28(4), doi 10.1111/jiec.13513; the
equation is ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from simulator.catalogue import Row, find
from simulator.footprint import boundary as sentences
from simulator.footprint.accounting.method import NETWORKS
from simulator.footprint.accounting.term import exact
from simulator.footprint.entries import Tables, signals_of, span_s
from simulator.footprint.making.factors import Factor, find_cell
from simulator.footprint.networks import J_PER_B_OF_KWH_PER_GB
from simulator.footprint.overhead import log_pieces
from simulator.network.access import BPS_PER_MBPS
from simulator.network.element import J_PER_NJ
from simulator.network.rest import PER_UNIT
from simulator.record.integrate import Floats, Ints, Log, by_channel, cut, edges
from simulator.record.pieces import of_paradigm
from simulator.record.ticks import deltas
from simulator.vocabulary import GRID, KIND_BOUNDARIES, RATE

AS_RUN, PER_SUBSCRIBER, PER_BYTE, PEAK = NETWORKS
LINE = "access"
LINE_EQUIPMENT = {PER_SUBSCRIBER: "whole-device", PER_BYTE: "marginal", PEAK: "marginal"}
"""What of the recorded rest of lines stays charged, as an option of equipment.py."""
WAYS = {"download": ("down_mbps",), "upload": ("up_mbps",)}
"""The rates of a line that bits of an activity flow at; those of any other at the slower of both."""
RECORDED = (
    *(sentences.AVERAGES, sentences.MORE_BITS, sentences.MORE_BITS_AND_REST),
    *(sentences.LINES, sentences.WHOLE_LINES, sentences.MIXED_LINES),
)
"""What a boundary's sentence says of networks as they were recorded."""
_ROWS = 2**20
"""Changes that are looked at at once."""


class Rest(NamedTuple):
    """What a workload is charged of an asset's rest: a base and factors whose product is joules, or what is unknown."""

    asset: str
    workload: str
    base: float
    unit: str
    grid_gco2e_per_kwh: float
    """Of where it stands, the mean of the window."""
    factors: tuple[Factor, ...]
    inverse: tuple[Factor, ...] = ()
    unknown: str = ""


def bit_factors(rule: str, asset: Mapping[str, Any], apart: bool) -> tuple[Factor, ...] | None:
    """What the recorded joules of an asset's bits are multiplied by; () for nothing, None where nobody says.

    `apart` where what was recorded is what one more bit costs.

    >>> site = {"kind": "site", "power_row": "core-router", "row": "core-router", "slope_j_per_b": 3e-11}
    >>> [round(factor.value, 6) for factor in bit_factors("per-byte", site, apart=True)]  # 0.3 nJ/b over 0.03
    [10.0]
    >>> bit_factors("peak", site, apart=True)
    ()
    """
    if asset["kind"] == LINE:
        if rule != PER_BYTE:
            return ()
        row = find("access", asset["row"])
        return _instead(row, "average_kwh_per_gb", J_PER_B_OF_KWH_PER_GB / asset["slope_j_per_b"])
    wanted, recorded = {PER_BYTE: "energy", PEAK: "marginal"}.get(rule), "marginal" if apart else "energy"
    if wanted is None or wanted == recorded:
        return ()
    row, unit = find("network-power", asset["power_row"]), PER_UNIT[asset["kind"]]
    known = row.find_number(f"{recorded}_{unit}")
    return None if known is None else _instead(row, f"{wanted}_{unit}", 1.0 / known)


def _instead(row: Row, column: str, per_recorded: float) -> tuple[Factor, ...] | None:
    """A value of a row over what was recorded in its place."""
    found = find_cell(row, column)
    return None if found is None else (_scaled(found, per_recorded, "over what was recorded"),)


def _scaled(factor: Factor, times: float, told: str) -> Factor:
    low, high = (None if end is None else end * times for end in (factor.low, factor.high))
    return factor._replace(name=f"{factor.name} {told}", value=factor.value * times, low=low, high=high)


def peak_rests(tables: Tables, paradigm: str, assets: Mapping[str, Mapping[str, Any]]) -> Iterator[Rest]:
    """What each workload is charged of the rest of each network asset by its highest rate."""
    window_s, signals = span_s(tables, paradigm), signals_of(tables, paradigm)
    for (name, workload), rate in highest_rates(tables, paradigm, assets).items():
        if rate:
            grid = signals[assets[name]["place"], GRID]
            mean = float(grid.cumulative(np.array([window_s]))[0]) / window_s
            yield _rest_of(assets[name], workload, rate * window_s, mean)


def _rest_of(asset: Mapping[str, Any], workload: str, base: float, grid_gco2e_per_kwh: float) -> Rest:
    found = {LINE: _line_rest, "site": _site_rest, "link": _link_rest}[asset["kind"]](asset)
    unit = "s of lines" if asset["kind"] == LINE else "b at the highest rate"
    named = (asset["asset"], workload, base, unit, grid_gco2e_per_kwh)
    return Rest(*named, (), unknown=found) if isinstance(found, str) else Rest(*named, *found)


Factors = tuple[tuple[Factor, ...], tuple[Factor, ...]]


def _line_rest(asset: Mapping[str, Any]) -> Factors | str:
    watts = find_cell(find("access", asset["row"]), "line_idle_w")
    return f"what a {asset['row']} draws at rest" if watts is None else ((watts,), ())


def _site_rest(asset: Mapping[str, Any]) -> Factors | str:
    row, unit = find("network-power", asset["power_row"]), PER_UNIT["site"]
    average, marginal = (find_cell(row, f"{part}_{unit}") for part in ("energy", "marginal"))
    spare = find_cell(row, "overcapacity_ratio")
    if average is None or marginal is None or spare is None:
        return f"how much more than it carries a {row.id} is built for"
    least = marginal.value if marginal.low is None else marginal.low
    most = marginal.value if marginal.high is None else marginal.high
    low = None if average.low is None else average.low - least
    high = None if average.high is None else average.high - most
    above = average._replace(
        name=f"{average.name} - marginal_{unit}", value=average.value - marginal.value, low=low, high=high
    )
    return (_scaled(above, J_PER_NJ, "in joules"),), (spare,)


def _link_rest(asset: Mapping[str, Any]) -> Factors | str:
    watts = find_cell(find("network-power", asset["power_row"]), "idle_w_per_km")
    if watts is None or asset["length_km"] is None:
        return f"what {asset['asset']} draws at rest"
    if not asset["capacity_bps"]:
        return f"what {asset['asset']} can carry"
    half = exact(f"kilometres of {asset['asset']}, half for each direction", asset["length_km"] / 2)
    return (watts, half), (exact(f"bits a second that {asset['asset']} carries at most", asset["capacity_bps"]),)


def highest_rates(
    tables: Tables, paradigm: str, assets: Mapping[str, Mapping[str, Any]]
) -> dict[tuple[str, str], float]:
    """The highest rate of each network asset by workload: bits a second, or of lines how many it keeps busy at once."""
    keys: dict[tuple[str, str], int] = {}
    channels = of_paradigm(tables["channels"], paradigm).to_pylist()
    group, weight = np.full(len(channels), -1, np.int64), np.ones(len(channels))
    for number, channel in enumerate(channels):
        asset = assets.get(channel["asset"])
        if channel["quantity"] == RATE and asset is not None and KIND_BOUNDARIES[asset["kind"]] == "network":
            group[number] = keys.setdefault((channel["asset"], channel["workload"]), len(keys))
            weight[number] = _lines_per_bps(asset, channel["activity"]) if asset["kind"] == LINE else 1.0
    if not keys:
        return {}
    found = highest(log_pieces(tables, paradigm), group, weight, span_s(tables, paradigm))
    return dict(zip(keys, found.tolist(), strict=True))


def _lines_per_bps(asset: Mapping[str, Any], activity: str) -> float:
    """How many lines a bit a second of an activity keeps busy."""
    row = find("access", asset["row"])
    columns = WAYS.get(activity, ("down_mbps", "up_mbps"))
    return 1.0 / (BPS_PER_MBPS * min(row.number(column, "correct the row") for column in columns))


def highest(log: Iterable[Log], group: Ints, weight: Floats, end_s: float) -> Floats:
    """The highest sum of the channels of each group, times their weights, that lasts at all; of group -1, nothing.

    Channels that change at one instant change together: what stands between them is no moment.

    >>> log = Log(np.array([0.0, 4.0, 4.0, 6.0]), np.array([0, 1, 0, 1]), np.array([2.0, 5.0, 0.0, 0.0]))
    >>> highest([log], np.array([0, 0]), np.array([1.0, 10.0]), end_s=9.0).tolist()
    [50.0]
    """
    groups = int(group.max(initial=-1)) + 1
    level, most, held, since_s = np.zeros(len(group)), np.zeros(groups), np.zeros(groups), np.zeros(groups)
    for at_s, channel, value in cut(log, _ROWS):
        moved, of = deltas(channel, value * weight[channel], level), group[channel]
        kept = np.flatnonzero((of >= 0) & (at_s < end_s))
        kept = kept[by_channel(of[kept])]
        first, last = edges(of[kept])
        for begin, end in zip(first.tolist(), (last + 1).tolist(), strict=True):
            own, number = kept[begin:end], of[kept[begin]]
            times_s = np.append(since_s[number], at_s[own])
            levels = np.cumsum(np.append(held[number], moved[own]))
            most[number] = levels[:-1][np.diff(times_s) > 0.0].max(initial=most[number])
            since_s[number], held[number] = times_s[-1], levels[-1]
    result: Floats = np.maximum(most, held)  # what is held last lasts to the end
    return result


def retold(boundaries: Mapping[str, str], rule: str) -> dict[str, str]:
    """The sentences of boundaries, where that of the network says by which answer its rest is charged.

    >>> retold({"network": f"+ networks; {sentences.LINES}; without users"}, "as-run")
    {'network': '+ networks; without users; networks as they were recorded'}
    """
    found = dict(boundaries)
    parts = found.get("network", "").split("; ")
    kept = [part for part in parts if part not in RECORDED]
    if len(kept) < len(parts):
        found["network"] = "; ".join((*kept, NETWORKS[rule]))
    return found
