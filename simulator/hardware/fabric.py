"""What joins machines inside a data centre, and the accelerators inside a machine.

    rate of a machine = ports x rate of a port,    one way; the other way has as much

The catalogue says of a server by what fabric its accelerators are joined and by what fabric
whole servers are, with how many ports; a scenario may say the latter itself, by a fabric of
the catalogue and a number of ports, or by the rate of a whole server. Rates are those of the
standard: what protocols add is not taken off, and the switches between are never too narrow.
Energy: network cards are in the watts of their server, so bits inside a data centre cost
nothing besides; switches are in no figure.
Sources: the tables fabrics and servers; totals by server agree with what vendors print.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema

from simulator.catalogue import Row, doubts, find
from simulator.spec import Count, Fault, Ref, Spec, present, quantity, quantity_schema
from simulator.units import BITS_PER_GIGABIT

S_PER_US = 1e-6
EXAMPLE = "`fabric: infiniband-ndr` and `ports: 8`"

_rate_of_text = quantity("rate", positive=True)


def name_or_rate(value: Any) -> float | str:
    """A validator that takes a fabric by name, or the rate of a whole server."""
    return value if isinstance(value, str) and value[:1].isalpha() else _rate_of_text(value)


_SCHEMA = {"anyOf": [{"type": "string", "pattern": "^[A-Za-z]"}, quantity_schema("rate", positive=True)]}
FabricName = Annotated[
    Annotated[float | str, BeforeValidator(name_or_rate), Ref("fabric", or_quantity=True), WithJsonSchema(_SCHEMA)]
    | None,
    Field(description="what joins the servers: a fabric of the catalogue, or the rate of a server in each direction"),
]
Ports = Annotated[Count | None, Field(description="how many ports of the fabric a server has")]


class Fabric(NamedTuple):
    """What joins one machine to others: its row ("" for a bare rate), its rate one way, from one to another."""

    row: str
    rate_bps: float
    latency_s: float | None
    """Through one switch; None where nobody published it, or the scenario gave a rate alone."""
    assumptions: tuple[str, ...] = ()


def fabric_presence(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """Ports without the fabric that they are of, or a fabric without ports."""
    fabric, ports = raw.get("fabric"), "ports" in present(raw)
    if isinstance(fabric, str) and fabric[:1].isalpha() and not ports:
        yield Fault(("fabric",), "nothing says how many ports of it a server has; give `ports`, such as `ports: 8`")
    if fabric is not None and not (isinstance(fabric, str) and fabric[:1].isalpha()) and ports:
        yield Fault(("ports",), "a rate is that of a whole server; leave `ports` out, or name a fabric")
    if fabric is None and ports:
        yield Fault(("ports",), f"nothing says what they are ports of; give both, {EXAMPLE}")


def find_node_fabric(group: Spec) -> Fabric | None:
    """What joins servers of a group: the scenario's word, else the catalogue's; None where nothing says."""
    fabric, ports = getattr(group, "fabric", None), getattr(group, "ports", None)
    if isinstance(fabric, float):
        return Fabric("", fabric, None)
    if fabric is not None and ports is not None:
        return _fabric(fabric, ports)
    model = getattr(group, "model", None)
    return None if model is None else find_row_fabric(find("server", model), "node")


def find_row_fabric(row: Row, part: str) -> Fabric | None:
    """What joins an `accelerator` or a `node` of a server of the catalogue to others; None where nothing says.

    >>> found = find_row_fabric(find("server", "dgx-h100"), "accelerator")  # 18 links x 25 GB/s
    >>> found.row, found.rate_bps / 8e9, found.latency_s
    ('nvlink-4', 450.0, 1.9e-06)
    """
    name, column = row.text(f"{part}_fabric"), f"{part}_ports_count"
    if not name:
        return None
    found = _fabric(name, int(row.number(column, "correct the row")))
    return found._replace(assumptions=(*doubts(row, column), *found.assumptions))


def _fabric(name: str, ports: int) -> Fabric:
    row = find("fabric", name)
    rate_bps = ports * row.number("rate_gbps", "correct the row") * BITS_PER_GIGABIT
    latency_us = row.find_number("latency_us")
    latency_s = None if latency_us is None else round(latency_us * S_PER_US, 12)
    return Fabric(row.id, rate_bps, latency_s, doubts(row, "rate_gbps", "latency_us"))
