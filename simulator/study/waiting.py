"""What a node among several draws while it waits, from rows of one node and of several of the same task.

    node = share x computing + (1 - share) x (rest + load x span),    share = (time of 1 / n) / time of n

    computing  what one node draws, measured
    span       n accelerators x (TDP - idle), by which the catalogue's server climbs with its load
    rest       its watts at the smallest load, the host as high as `computing` needs it

The load that fits best is that of least squares on relative errors, within 0 and 1.
"""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.catalogue import Row, rows
from simulator.hardware.server import CatalogueServer, build_server


class Among(NamedTuple):
    """A row of several nodes; the load and host at which the server of the catalogue draws what one was measured."""

    alone: Row
    share: float
    load: float
    host_at_load: float
    rest_w: float
    span_w: float
    published_w: float

    @property
    def computing_w(self) -> float:
        """Watts of a node that computes: those of one node."""
        return self.rest_w + self.load * self.span_w


def among(row: Row) -> Among | None:
    """How a row follows from that of one node; None where there is none.

    >>> how = among(rows("node-power")["mlperf-v4.0-llama2-70b-lora-8x8-h100"])
    >>> round(how.share, 4), round(how.computing_w)
    (0.6627, 7151)
    """
    if not row.text("beside"):
        return None
    alone, nodes = rows("node-power")[row.text("beside")], row.number("nodes_count", "correct the row")
    hours, alone_hours = (one.number("wall_time_h", "correct the row") for one in (row, alone))
    wanted_w, server = alone.number("node_power_w", "correct the row"), row.text("server")
    idle_w, full_w, most_w = _node_w(server, 0.0, 0.0), _node_w(server, 0.0, 1.0), _node_w(server, 1.0, 1.0)
    span_w = full_w - idle_w
    load = min(1.0, (wanted_w - idle_w) / span_w)
    host = max(0.0, wanted_w - full_w) / (most_w - full_w)
    rest_w = idle_w + host * (most_w - full_w)
    share = min(1.0, alone_hours / nodes / hours)
    return Among(alone, share, load, host, rest_w, span_w, row.number("node_power_w", "correct the row"))


def _node_w(server: str, host_at_load: float, load: float) -> float:
    """Watts of a server of the catalogue with linear accelerators."""
    unit = build_server(CatalogueServer(model=server, count=1, host_at_load=host_at_load))
    return sum(unit.draws(load))


def fit_wait(found: Sequence[Among]) -> float:
    """The one load of waiting that makes the relative errors of these rows least, squared and added."""
    top = bottom = 0.0
    for one in found:
        slope = (1.0 - one.share) * one.span_w / one.published_w
        wanted = 1.0 - (one.share * one.computing_w + (1.0 - one.share) * one.rest_w) / one.published_w
        top, bottom = top + slope * wanted, bottom + slope**2
    return min(1.0, max(0.0, top / bottom))


def wait_alone(one: Among) -> float:
    """The load of waiting by which this row alone would be met; beyond 0 and 1 none does."""
    waiting_w = (one.published_w - one.share * one.computing_w) / (1.0 - one.share)
    return (waiting_w - one.rest_w) / one.span_w
