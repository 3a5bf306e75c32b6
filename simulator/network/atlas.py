"""The physical internet of one year as a networkx graph: places, and the cables between them.

A node is a metro, a landing or the branching unit of a cable; internet exchanges and cloud
regions stand in the data of their metro, whatever the year, for few have a known opening.
An edge holds its `links`, one a cable; its other attributes are made from them by `edge_of`:

    kind, km, cost_km      of the link that traffic would take, the one of least cost
    cables                 ids of all links: cables, or rows of the overland table
    capacity_bps           design capacity of all links together; None if one is unknown
    capacity_assumptions   the rows `network-assumption` that would fill what is unknown
    rfs_year               ready for service, the earliest; None if one is unknown

    cost = km x cost_ratio of the link's class

A cable is there from its rfs_year on, to the end of its status_year if it is retired;
what is planned never is. Overland links have no year and are always there: before about
2000 the atlas holds land fibre that was not yet laid. Capacities are those of the last
upgrade that was published, so that early years have too much.

Sources: the tables cables, cable_segments, landing_points, overland, ixps, cities and
cloud_regions, those of a user's atlas in their place (tables.py); multipliers: route_classes.
The graph keeps them as `graph["tables"]`: what looks up a row of them looks there (`tables_of`).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple

import networkx as nx

from simulator.catalogue import Row, find, rows
from simulator.network.tables import BACKHAUL, CATALOGUE, FACILITY, LENGTH, OVERLAND, AtlasTables
from simulator.units import BITS_PER_TERABIT

METRO, BRANCHING = "metro", "branching unit"
PLANNED, RETIRED = "planned", "retired"
EARTH_RADIUS_KM = 6371.0
"""Mean radius; the ellipsoid moves a great circle by up to 0.6 %."""


class Link(NamedTuple):
    """One cable between two places: a segment of a submarine cable, or an overland right of way."""

    cable: str
    kind: str
    km: float
    cost_km: float
    capacity_bps: float | None
    assumption: str
    """The row that would fill a capacity that is None; "" if it is known."""
    rfs_year: int | None


def build_atlas(year: int, tables: AtlasTables = CATALOGUE) -> nx.Graph:
    """The graph of what is in service in that year, the same frozen one at each call.

    To cut a cable or add one, take a `.copy()` and set the attributes of an edge with
    `edge_of(links)`. Metros are always there, even where no cable reaches them yet;
    landings and branching units are there once a cable is.

    >>> build_atlas(2025).edges["virginia-beach", "bilbao"]["cables"]
    ('marea',)
    """
    return _build(year, tables)


@lru_cache(maxsize=64)
def _build(year: int, tables: AtlasTables) -> nx.Graph:
    links: dict[tuple[str, str], list[Link]] = {}
    for a, b, link in (*_overland(tables), *_submarine(year, tables)):
        ends = (a, b) if (b, a) not in links else (b, a)
        links.setdefault(ends, []).append(link)
    reached = {place for ends in links for place in ends}
    atlas = nx.Graph(year=year, tables=tables)
    for place, data in _places(tables):
        if data["kind"] == METRO or place in reached:
            atlas.add_node(place, **data)
    for (a, b), found in links.items():
        atlas.add_edge(a, b, **edge_of(found))
    return nx.freeze(atlas)


def edge_of(links: Sequence[Link]) -> dict[str, Any]:
    """The attributes of an edge that holds these links, of which there is at least one."""
    taken = cheapest(links)
    capacities_bps = [link.capacity_bps for link in links if link.capacity_bps is not None]
    years = [link.rfs_year for link in links if link.rfs_year is not None]
    return {
        "kind": taken.kind,
        "cables": tuple(link.cable for link in links),
        "km": taken.km,
        "cost_km": taken.cost_km,
        "capacity_bps": sum(capacities_bps) if len(capacities_bps) == len(links) else None,
        "capacity_assumptions": tuple(dict.fromkeys(link.assumption for link in links if link.assumption)),
        "rfs_year": min(years) if len(years) == len(links) else None,
        "links": tuple(links),
    }


def cheapest(links: Sequence[Link]) -> Link:
    """The link that traffic takes: least cost, then least length, then first name."""
    return min(links, key=lambda link: (link.cost_km, link.km, link.cable))


def shortest(links: Sequence[Link]) -> Link:
    """The link of least length, whatever it costs."""
    return min(links, key=lambda link: (link.km, link.cable))


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two points (latitude, longitude in degrees) on a sphere.

    >>> round(great_circle_km((0.0, 0.0), (90.0, 0.0)))  # pi / 2 x 6371
    10008
    """
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(radians, point)) for point in (a, b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def overland_km(row: Row, tables: AtlasTables = CATALOGUE) -> float:
    """The length of an overland row; where it has none, great circle times the assumed row `overland-length`."""
    km = row.find_number("length_km")
    if km is not None:
        return km
    ends = [_point(rows("city").get(row.text(end)) or tables.find("landing", row.text(end))) for end in "ab"]
    return great_circle_km(*ends) * find("network-assumption", LENGTH).number("stretch_ratio", "correct the row")


def in_service(cable: Row, year: int) -> bool:
    """Whether a cable carries traffic in that year; a retired one does to the end of its last year."""
    status, begin, end = cable.text("status"), cable.text("rfs_year"), cable.text("status_year")
    return status != PLANNED and int(begin) <= year and (status != RETIRED or year <= int(end))


def _point(row: Row) -> tuple[float, float]:
    lat_deg, lon_deg = (row.number(column, "correct the row") for column in ("lat_deg", "lon_deg"))
    return lat_deg, lon_deg


def _places(tables: AtlasTables) -> Iterator[tuple[str, dict[str, Any]]]:
    ixps, regions, facilities = (_by_city(tables.rows(kind)) for kind in ("ixp", "region", FACILITY))
    for row in rows("city").values():
        here = {"ixps": tuple(ixps.get(row.id, ())), "regions": tuple(regions.get(row.id, ()))}
        here["facilities"] = tuple(facilities.get(row.id, ()))
        yield row.id, {"kind": METRO, **_place(row), "metro": row.id, **here}
    nothing: dict[str, Any] = {"ixps": (), "regions": (), "facilities": ()}
    for row in tables.rows("landing").values():
        yield row.id, {"kind": row.text("kind"), **_place(row), "metro": row.text("metro"), **nothing}


def _place(row: Row) -> dict[str, Any]:
    lat_deg, lon_deg = _point(row)
    return {"name": row.name, "country": row.text("country"), "lat_deg": lat_deg, "lon_deg": lon_deg}


def _by_city(things: Mapping[str, Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in things.values():
        found.setdefault(row.text("city"), []).append(row.id)
    return found


def _overland(tables: AtlasTables) -> Iterator[tuple[str, str, Link]]:
    for row in tables.rows("overland").values():
        name, km = row.text("route_class"), overland_km(row, tables)
        kind = BACKHAUL if name == BACKHAUL else OVERLAND
        yield (
            row.text("a"),
            row.text("b"),
            Link(row.id, kind, km, km * _cost_ratio(name), None, f"overland-capacity:{name}", None),
        )


def _submarine(year: int, tables: AtlasTables) -> Iterator[tuple[str, str, Link]]:
    for row in tables.rows("segment").values():
        cable = tables.find("cable", row.text("cable"))
        if row.text("status") != PLANNED and in_service(cable, year):
            km = row.number("length_km", "correct the row")
            cost_km = km * _cost_ratio(row.text("route_class") or cable.text("route_class"))
            capacity_bps, assumption = _capacity(cable)
            rfs_year = int(cable.text("rfs_year"))
            link = Link(cable.id, row.text("kind"), km, cost_km, capacity_bps, assumption, rfs_year)
            yield row.text("a"), row.text("b"), link


def _cost_ratio(route_class: str) -> float:
    return find("route-class", route_class).number("cost_ratio", "correct the row")


def _capacity(cable: Row) -> tuple[float | None, str]:
    """Bits a second of a cable and "", or None and the row that would fill it."""
    capacity_tbps = cable.find_number("capacity_tbps")
    if capacity_tbps is None:
        return None, f"submarine-capacity:{cable.text('rfs_year')[:3]}0s"
    return capacity_tbps * BITS_PER_TERABIT, ""
