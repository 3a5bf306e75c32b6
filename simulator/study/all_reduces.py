"""Fitted curves of all-reduce beside the ring of the simulator: no gate, for the points are not public here.

fitted    t = alpha + 2 (n - 1) / n x S / B,    alpha of the whole, B of the bus
ours      the ring with that curve's numbers (the same by construction), and with the rows that ship
"""

from simulator.catalogue import Row, rows
from simulator.hardware.collective import Joint, find_joint, ring_s
from simulator.hardware.fabric import S_PER_US
from simulator.hardware.server import CatalogueServer, build_server
from simulator.study.report import Aside, Report
from simulator.units import BITS_PER_BYTE, BITS_PER_GIGABIT, show

SIZES_BYTES = (64e3, 1e6, 16e6, 64e6)
SERVERS = {"nvlink-3": "dgx-a100", "nvlink-4": "dgx-h100"}
"""A server whose accelerators each fabric joins."""


def all_reduces() -> Report:
    """A line a curve and size: fitted, the ring with its numbers, the ring with the rows that ship."""
    lines = [_line(row, size) for row in rows("all-reduce").values() for size in SIZES_BYTES]
    columns = ("all-reduce", "size", "fitted", "ring, its numbers", "ring, shipped rows", "fit's own error")
    aside = Aside("All-reduce: fitted alpha-beta curves and the ring, not gated", columns, lines)
    return Report("all-reduce", [], aside=aside)


def curve_s(row: Row, size_bytes: float) -> float:
    """Seconds by the fitted curve."""
    members, rate_bps = row.number("members_count", "correct the row"), _bus_bps(row)
    whole_s = row.number("alpha_us", "correct the row") * S_PER_US
    return whole_s + 2.0 * (members - 1) / members * size_bytes * BITS_PER_BYTE / rate_bps


def curve_joint(row: Row) -> Joint:
    """What the curve's numbers make of one step of a ring."""
    members = row.number("members_count", "correct the row")
    return Joint(_bus_bps(row), row.number("alpha_us", "correct the row") * S_PER_US / (2.0 * (members - 1)))


def _bus_bps(row: Row) -> float:
    return row.number("bus_gbps", "correct the row") * BITS_PER_GIGABIT


def _line(row: Row, size_bytes: float) -> tuple[str, ...]:
    members, size_b = int(row.number("members_count", "correct the row")), size_bytes * BITS_PER_BYTE
    shipped = ""
    if row.text("fabric") in SERVERS:
        unit = build_server(CatalogueServer(model=SERVERS[row.text("fabric")], count=1))
        joint = find_joint(unit.accelerator_fabric, "the accelerators")
        shipped = show(ring_s(size_b, members, joint), "time_s", 3)
    times = (curve_s(row, size_bytes), ring_s(size_b, members, curve_joint(row)))
    error = f"{row.number('error_share', 'correct the row'):.0%}"
    return (row.name, show(size_bytes, "size_bytes"), *(show(t, "time_s", 3) for t in times), shipped, error)
