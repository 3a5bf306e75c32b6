"""What there is to make for each asset, and by what names a factor set may know it.

    machines     the accelerator, or the host around it, or the whole node; the rack of a server;
                 the building, by the kilowatts that the machine can draw, where the PUE of its place is known
    equipment    the user's device; the box of a fixed line
    networks     an access network, by the gigabytes of its lines; a cable, by its kilometres; routers, exchanges and
                 landing stations, by the gigabytes that pass each

A cable is charged by bits: what a kilometre took to make, over the bits that it carries in its life,

    kg a bit = kg a km x km / 2 / (lifetime x capacity / overcapacity)

half of it for each direction, of which the capacity is (network/rest.py halves its watts so, too).

An item that no set of factors knows is there all the same, without an amount: it is unknown, not 0.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from simulator.catalogue import find, rows
from simulator.units import BITS_PER_GIGABYTE

PIECE_S, ACTIVE_S, BITS = "s", "active_s", "b"
"""What making is charged over: seconds that pieces count, seconds in which workloads hold them, bits carried."""
WATTS_PER_KW = 1e3
FIXED = ("cable", "copper", "fibre", "wifi")
"""The lines of users that have a box at home."""
NAMES = ("accelerator", "box", "building", "device", "host", "node", "processor", "rack")
"""What items that last are called, but for cables, which have the name of their row of network-power."""


class Item(NamedTuple):
    """One thing to make for an asset: its name, how sets may call it, how many of what a piece (or a bit) has."""

    name: str
    candidates: tuple[str, ...]
    per: str
    times: float
    over: str
    of: tuple[str, ...] = ()
    """What it mends, as sets may call that, whose life and hours of use it has; () where it mends nothing."""

    @property
    def lives_as(self) -> tuple[str, ...]:
        """By whose names its life is found."""
        return self.of or self.candidates


def items_of(asset: Mapping[str, Any], roofed: bool, cards: bool = True) -> Iterator[Item]:
    """What there is to make for a row of `assets`; `roofed` where a building stands around it, `cards` in a host.

    >>> [item.candidates for item in items_of({"kind": "device", "row": "pixel-6", "asset": "x"}, False)]
    [('pixel-6', 'class.phone')]
    """
    yield from _host(asset, cards) if asset["kind"] == "host" else _OF_KIND[asset["kind"]](asset)
    if roofed and asset["kind"] in ("accelerator", "host", "node") and asset["most_w"] is not None:
        yield Item("building", ("kind.building",), "kw", asset["most_w"] / WATTS_PER_KW, PIECE_S)


def thing_names() -> set[str]:
    """By what names a thing that is made and lasts may be meant: its row, its class, what it is.

    What is charged by the gigabyte has no life to change: access networks, routers, exchanges.

    >>> {"pixel-6", "dgx-a100", "dc-gpu", "rack", "submarine"} <= thing_names()
    True
    >>> {"network", "core-router"} & thing_names()
    set()
    """
    classes = {row.text("class").replace("_", "-") for row in rows("device").values()}
    cables = (row.id for row in rows("network-power").values() if row.text("energy_pj_per_b_per_km"))
    return {*NAMES, *classes, *rows("device"), *rows("server"), *cables}


def _piece(name: str, *candidates: str) -> Item:
    return Item(name, tuple(one for one in candidates if one), "piece", 1.0, PIECE_S)


def _class(row: str) -> str:
    return f"class.{rows('device')[row].text('class').replace('_', '-')}" if row in rows("device") else ""


def _accelerator(asset: Mapping[str, Any]) -> Iterator[Item]:
    yield _piece("accelerator", asset["row"], _class(asset["row"]))


def _host(asset: Mapping[str, Any], cards: bool) -> Iterator[Item]:
    """The server around its accelerators, or one without any; a bare processor has none described around it."""
    if not asset["part_of"]:
        yield _piece("processor", asset["row"], _class(asset["row"]))
        return
    known = asset["row"] in rows("server")  # else the row is that of its processors
    yield _piece("host", f"host.{asset['row']}" if known else "", "class.host" if cards else "class.server")
    yield _piece("rack", "kind.rack")


def _node(asset: Mapping[str, Any]) -> Iterator[Item]:
    yield _piece("node", f"node.{asset['row']}" if asset["row"] else "", "class.node")
    yield _piece("rack", "kind.rack")


def _device(asset: Mapping[str, Any]) -> Iterator[Item]:
    yield _piece("device", asset["row"], _class(asset["row"]))


def _access(asset: Mapping[str, Any]) -> Iterator[Item]:
    fixed = asset["row"] in FIXED
    if fixed:
        yield _piece("box", "kind.box")
    yield Item("network", ("access.fixed" if fixed else "access.mobile",), "gb", 1.0 / BITS_PER_GIGABYTE, BITS)


def _link(asset: Mapping[str, Any]) -> Iterator[Item]:
    power = asset["power_row"]
    known = asset["capacity_bps"] and asset["length_km"] is not None
    times = asset["length_km"] / 2 * _overcapacity(power) / asset["capacity_bps"] if known else 0.0
    yield Item(power, (f"kind.{power}",) if known else (), "km", times, BITS)


def _site(asset: Mapping[str, Any]) -> Iterator[Item]:
    yield Item(asset["power_row"], ("kind.site",), "gb", 1.0 / BITS_PER_GIGABYTE, BITS)


def _overcapacity(power: str) -> float:
    """What is built to be carried over what is carried: of its own row, else of core routers."""
    own = find("network-power", power).find_number("overcapacity_ratio")
    return find("network-power", "core-router").number("overcapacity_ratio", "correct the row") if own is None else own


_OF_KIND = {
    "accelerator": _accelerator,
    "node": _node,
    "device": _device,
    "link": _link,
    "site": _site,
    "access": _access,
}
"""What there is to make for each kind of asset."""
