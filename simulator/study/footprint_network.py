"""Published energies of networks beside ours: a power model, layers of routers, a country's lines.

    line      P = rest / users + slope x rate,    E = P x time
    layer     kWh/GB = PUE x overcapacity x (redundancy x routers x router + optics) x what 2019 left of it
    country   kWh a line = sum of lines x kWh of their technology / lines

The first is the power model that a run's lines are charged with, from watts of the same paper: it tests that the
paper's own examples follow from it. The layers are rebuilt from the equipment's nominal energies, hops of
traceroutes, and the notebook's equation. Routers are those of a way of six, but for the edge, stretched to the hops.
Arcep's mean is the sum of its own two technologies; where the power model alone would have to say it, the world's
average line and 4G at rest, it is shown and not counted, for nothing is fitted to France.

Sources: Malmodin 2020, Figure 7; Mytton, Staffell and Jansen, notebook of the network energy intensity of video
streaming, after Schien et al. 2015; Arcep 2023.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.catalogue import Row, find
from simulator.network.access import BPS_PER_MBPS
from simulator.network.element import J_PER_NJ
from simulator.study.footprint_report import ARITHMETIC, FIX, POWER_MODEL, compare, given, published
from simulator.study.report import Comparison, Report
from simulator.units import BITS_PER_GIGABYTE, JOULES_PER_KWH

LINE_GATE, LAYER_GATE = 0.02, 0.10


class Line(NamedTuple):
    """A line of users: what it draws at rest, and for a bit."""

    rest_w: float
    slope_j_per_b: float

    def power_w(self, rate_bps: float, users: int = 1) -> float:
        """What one of its users draws while the line carries a rate, of whose bits each user has a part.

        >>> Line(18.0, 5e-8).power_w(4e6), Line(18.0, 5e-8).power_w(4e6, users=4)
        (18.2, 4.55)
        """
        return (self.rest_w + self.slope_j_per_b * rate_bps) / users


def network() -> Report:
    """The lines, the layers, and Arcep's country."""
    comparisons = [*_lines(), *_layers(), *_country()]
    gated = [one for one in comparisons if one.verdict != "not counted"]
    summary = (
        f"{sum(one.verdict != 'MISSED' for one in gated)} of {len(gated)} within their gates, {LINE_GATE:.0%} of a "
        f"line and {LAYER_GATE:.0%} of layers and of a country; {len(comparisons) - len(gated)} not counted",
    )
    return Report("networks: the power model and the layers that were published, rebuilt", comparisons, summary)


def fixed_line() -> Line:
    """The average fixed line end to end."""
    return Line(given("line-fixed", "line_idle_w"), given("line-fixed", "marginal_w_per_mbps") / BPS_PER_MBPS)


def layers_kwh_per_gb() -> dict[str, float]:
    """The energy of a gigabyte in each layer between access and servers.

    >>> {layer: round(kwh_per_gb, 6) for layer, kwh_per_gb in layers_kwh_per_gb().items()}
    {'edge': 0.000857, 'metro': 0.00202, 'core': 0.005117}
    """
    redundancy = find("network-assumption", "router-redundancy").number("redundancy_ratio", FIX)
    nominal = {
        "edge": redundancy * (_nj("edge-switch") + _routers("edge") * _nj("edge-router")),
        "metro": redundancy * _routers("metro") * _nj("metro-router") + _nj("metro-optics"),
        "core": redundancy * _routers("core") * _nj("core-router") + _nj("core-optics"),
    }
    pue = find("network-assumption", "telecom-pue").number("pue_ratio", FIX)
    whole = pue * given("equipment-2019", "value_ratio") * J_PER_NJ * BITS_PER_GIGABYTE / JOULES_PER_KWH
    return {layer: nj_per_b * _overcapacity(layer) * whole for layer, nj_per_b in nominal.items()}


def _nj(equipment: str) -> float:
    return given(equipment, "energy_nj_per_b")


def _routers(layer: str) -> float:
    """Routers of a layer on a way of the published hops: the edge has its own, the others their part of hops + 1."""
    own = {name: given(f"way-routers-{name}", "routers_count") for name in ("edge", "metro", "core")}
    if layer == "edge":
        return own["edge"]
    return own[layer] / sum(own.values()) * (given("way-hops", "hops_count") + 1.0)


def _overcapacity(layer: str) -> float:
    """What a layer could carry over what it does; the edge as the metro."""
    router = "core-router" if layer == "core" else "metro-router"
    return find("network-power", router).number("overcapacity_ratio", FIX)


def _lines() -> Iterator[Comparison]:
    line = fixed_line()
    for name in ("malmodin-hour", "malmodin-download"):
        row = published(name)
        energy_j = _power_w(line, row) * row.number("time_s", FIX)
        yield compare(row, "energy_wh", energy_j, POWER_MODEL, LINE_GATE)
    row = published("malmodin-average")
    volume_gb, time_s = row.number("volume_gb", FIX), row.number("time_s", FIX)
    energy_j = line.power_w(volume_gb * BITS_PER_GIGABYTE / time_s) * time_s
    yield compare(row, "intensity_kwh_per_gb", energy_j / JOULES_PER_KWH / volume_gb, POWER_MODEL, LINE_GATE)
    row = published("malmodin-shared")
    yield compare(row, "draw_w", _power_w(line, row), POWER_MODEL, LINE_GATE)


def _power_w(line: Line, row: Row) -> float:
    return line.power_w(row.number("rate_mbps", FIX) * BPS_PER_MBPS, int(row.number("users_count", FIX)))


def _layers() -> Iterator[Comparison]:
    found = layers_kwh_per_gb()
    for layer, kwh_per_gb in {**found, "total": sum(found.values())}.items():
        yield compare(published(f"mytton-{layer}"), "intensity_kwh_per_gb", kwh_per_gb, ARITHMETIC, LAYER_GATE)


def _country() -> Iterator[Comparison]:
    kinds = [(given(name, "energy_kwh"), given(name, "lines_count")) for name in ("arcep-copper", "arcep-fibre")]
    mean_kwh = sum(kwh * lines for kwh, lines in kinds) / sum(lines for _, lines in kinds)
    yield compare(published("arcep-fixed"), "energy_kwh", mean_kwh * JOULES_PER_KWH, ARITHMETIC, LAYER_GATE)
    yield _of_a_year("arcep-fixed-access", find("footprint-input", "line-fixed-access"))
    yield _of_a_year("arcep-sim", find("access", "4g"), find("footprint-input", "line-mobile-core"))


def _of_a_year(name: str, *parts: Row) -> Comparison:
    """What lines at rest draw in a year, and with the ends of the ranges of their watts."""
    row = published(name)
    time_s = row.number("time_s", FIX)
    ranges = [part.find_range("line_idle_w") or (0.0, 0.0) for part in parts]
    low_j, high_j = (time_s * sum(ends) for ends in zip(*ranges, strict=True))
    ours_j = time_s * sum(part.number("line_idle_w", FIX) for part in parts)
    return compare(row, "energy_kwh", ours_j, POWER_MODEL, LAYER_GATE, low_j, high_j)
