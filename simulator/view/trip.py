"""A way through the physical internet on the terminal: a line a hop, then what it comes to."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.network.trip import Trip
from simulator.units import show
from simulator.view.networks import gigabyte_table


def trip(found: Trip) -> RenderableType:
    """The hops, and the totals below."""
    table = Table(box=None, pad_edge=False)
    for name in ("from", "to", "cable", "kind"):
        table.add_column(name, overflow="fold")
    for name in ("km", "carries"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("beside it", overflow="fold")
    for hop in found.hops:
        carries = "unknown" if hop.capacity_bps is None else show(hop.capacity_bps, "rate_bps")
        beside = ", ".join(found.names[cable] for cable in hop.beside)
        table.add_row(hop.start, hop.end, found.names[hop.cable], hop.kind, f"{hop.km:,.0f}", carries, beside)
    return Group(table, Text(), *_totals(found))


def _totals(found: Trip) -> Iterator[RenderableType]:
    longer = f" and {found.longer_ms:.1f} ms for the longer way" if found.longer_ms else ""
    bound = f"light on the shortest way {found.lower_bound_ms:.1f} ms"
    trip_ms = f"round trip {found.rtt_ms:.1f} ms ({found.latency}{longer}), {bound}"
    yield Text(f"{found.year}: {found.km:,.0f} km in {len(found.hops)} hops, {trip_ms}", style="bold")
    yield Text(
        f"energy {found.energy_kwh_per_gb * 1000:.3g} Wh/GB: links and sites by averages per bit, without users' lines"
    )
    if found.models:
        yield gigabyte_table(found.models)
    if found.assumptions:
        yield Text(f"assumed: {', '.join(found.assumptions)}", style="dim")
