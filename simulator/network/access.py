"""The lines by which users reach the internet: how fast they are, how long they take, what they draw.

    P(rate) = idle + slope x rate,     slope in joules a bit: W/Mbps x 1e-6
    latency = half the round trip of the line alone, each way

A line draws its watts at rest whether it carries anything or not, and little more when it
does: a fixed line with its box 16.5 W and 0.02 W/Mbps, a 4G subscription its share of the
base stations, 1 W, and 1.5 W/Mbps. Up and down cost the same. The source's part of a line in
the core is left out, for the ways of the atlas have it. `wifi` is the average fixed line;
`fibre` and `copper` have its box and the access network of France's regulator, `cable` is
known by nobody. 5G is 4G times the published ratio of the radio access of both. Rates, and
round trips of fixed lines, are assumed, a factor 3 either way. A line's latency comes on top
of the way's, whichever way was asked for, though what the ways have at their ends
(`latency-added`) holds a little of it: that was fitted between servers.

Source: Malmodin 2020, "The power consumption of mobile and fixed network data services",
Figures 5 and 7; the table access_technologies.
"""

from collections.abc import Iterable
from typing import NamedTuple

from simulator.catalogue import doubts, find, rows
from simulator.units import MS_PER_S

BPS_PER_MBPS = 1e6
MODELS = ("power_model",)
"""The energy models that a technology may name: watts of the line plus joules a bit."""


class Access(NamedTuple):
    """A technology of access: what one line of it carries and draws."""

    id: str
    down_bps: float
    up_bps: float
    line_idle_w: float
    slope_j_per_b: float
    model: str
    latency_s: float
    """One way."""

    def assumptions(self, *columns: str) -> tuple[str, ...]:
        """The names of those of its values that are assumed."""
        return doubts(find("access", self.id), *columns)


def build_access(technology: str) -> Access:
    """The row of a technology in SI units; raises UnknownNameError with the nearest right names.

    >>> line = build_access("wifi")
    >>> line.line_idle_w + line.slope_j_per_b * line.down_bps  # 16.5 W + 0.02 W/Mbps x 50 Mbps
    17.5
    >>> line.assumptions("down_mbps", "line_idle_w")
    ('access/wifi/down_mbps',)
    """
    row = find("access", technology)
    model = row.text("model")
    assert model in MODELS, (row.id, model)
    down_mbps, up_mbps, line_idle_w, slope_w_per_mbps, rtt_ms = (
        row.number(column, "correct the row")
        for column in ("down_mbps", "up_mbps", "line_idle_w", "marginal_w_per_mbps", "rtt_ms")
    )
    rates_bps, slope_j_per_b = (down_mbps * BPS_PER_MBPS, up_mbps * BPS_PER_MBPS), slope_w_per_mbps / BPS_PER_MBPS
    return Access(row.id, *rates_bps, line_idle_w, slope_j_per_b, model, rtt_ms / 2 / MS_PER_S)


def known_lines(technologies: Iterable[str]) -> list[Access]:
    """The lines of those of these technologies that the catalogue has; the others are told where they stand."""
    return [build_access(technology) for technology in technologies if technology.lower() in rows("access")]
