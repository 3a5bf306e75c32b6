"""What a way passes through beside its capacities, and what a bit costs there.

    link    slope = km x energy per bit and kilometre of its kind (submarine, overland, backhaul, satellite)
    site    slope = energy per bit of its row (core router, metro router, exchange, landing station)

    P(t) = slope x rate(t),     E = slope x bits

The slopes are averages: watts of whole systems over what they carry. Idle hours, spare
capacity and cooling are within them, so nothing idle is counted besides, and traffic pays in
proportion to its bits (attributional: one more bit would cost less, which network/rest.py tells
apart where the scenario asks for it). The line to the sender's
and the receiver's own machines is inside their facility and has no element.

A bit meets a metro router at both ends and the exchange there, if the city has one; a core
router at every metro and landing of its way, both ends included, unless it stays in one city;
a landing station wherever a submarine cable meets land. The figure of the submarine cable is
without its landings, so a crossing of 6600 km costs what its source says with both. An edge
has the kilometres of the cable that traffic takes by least cost, whatever latency was asked for and
whatever is down at the moment.

A branching unit is at sea and has no grid: a hop stands in the countries of its ends on land,
or, between two branching units, of the land that these join.
Source: the table network_powers, most of it from Malmodin 2020, Table 4.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from simulator.catalogue import Row, doubts, find, rows
from simulator.network.tables import SUBMARINE

if TYPE_CHECKING:
    import networkx as nx

J_PER_NJ, J_PER_PJ = 1e-9, 1e-12
GRID_ELSEWHERE = "grid-elsewhere"
"""The assumption that stands in for the grid of a country that the catalogue does not have."""
SITES = {"metro-router": "edge", "exchange": "exchange", "core-router": "router", "landing-station": "landing"}
"""What the elements of a place are called, by row of the table network_powers."""


class Element(NamedTuple):
    """What carries bits: its asset kind, countries (sorted), row, joules a bit, and the row that those come from."""

    kind: str
    countries: tuple[str, ...]
    row: str
    slope_j_per_b: float
    power: str = ""
    capacity_bps: float | None = None
    """What a link carries in one direction; None for sites."""
    length_km: float | None = None
    """Kilometres of a link; None for sites."""


class Elements(NamedTuple):
    """The elements of a way by name, in its order, and the names of what was assumed for them."""

    elements: dict[str, Element]
    assumptions: tuple[str, ...]


def way_elements(atlas: "nx.Graph", places: tuple[str, ...]) -> Elements:
    """What a bit passes through from the first place to the last, each place joined to the next one.

    A name stands for one element, whatever the way: `a>b` a link, `a/router` a site.

    >>> from simulator.network.atlas import build_atlas
    >>> found = way_elements(build_atlas(2025), ("lyon", "grenoble")).elements
    >>> list(found)
    ['lyon/edge', 'lyon/exchange', 'lyon/router', 'lyon>grenoble',
     'grenoble/edge', 'grenoble/exchange', 'grenoble/router']
    >>> found["lyon>grenoble"]  # 126 km x 20 pJ/b/km
    Element(kind='link', countries=('fr',), row='lyon:grenoble', slope_j_per_b=2.52e-09, power='overland',
            capacity_bps=None, length_km=126.0)
    """
    found: dict[str, Element] = {}
    powers: dict[str, Row] = {}
    for name, element, power in _along(atlas, places):
        found[name], powers[power.id] = element, power
    return Elements(found, (*_assumed(powers), *_grids(found)))


def _along(atlas: "nx.Graph", places: tuple[str, ...]) -> Iterator[tuple[str, Element, Row]]:
    """Each element of the way with its name and the row of its power."""
    from simulator.network.atlas import cheapest  # heavy, and most scenarios send nothing

    for number, place in enumerate(places):
        for row in _sites(atlas, places, number):
            power = find("network-power", row)
            slope_j_per_b = power.number("energy_nj_per_b", "correct the row") * J_PER_NJ
            element = Element("site", (atlas.nodes[place]["country"],), row, slope_j_per_b, row)
            yield f"{place}/{SITES[row]}", element, power
        for a, b in pairwise(places[number : number + 2]):
            link = cheapest(atlas.edges[a, b]["links"])
            power = find("network-power", link.kind)
            slope_j_per_b = link.km * power.number("energy_pj_per_b_per_km", "correct the row") * J_PER_PJ
            described = ("link", _countries(atlas, a, b), link.cable, slope_j_per_b, power.id)
            yield f"{a}>{b}", Element(*described, length_km=link.km), power


def _sites(atlas: "nx.Graph", places: tuple[str, ...], number: int) -> Iterator[str]:
    """The rows of the sites that a bit passes at one place of its way."""
    place = atlas.nodes[places[number]]
    if not place["country"]:  # a branching unit
        return
    if number in (0, len(places) - 1):
        yield "metro-router"
        if place["ixps"]:
            yield "exchange"
    if len(places) > 1:
        yield "core-router"
    hops = pairwise(places[max(0, number - 1) : number + 2])
    if any(atlas.edges[hop]["kind"] == SUBMARINE for hop in hops):
        yield "landing-station"


def _countries(atlas: "nx.Graph", a: str, b: str) -> tuple[str, ...]:
    here = {atlas.nodes[end]["country"] for end in (a, b)} - {""}
    beyond = {atlas.nodes[place]["country"] for end in (a, b) for place in atlas[end]} - {""}
    return tuple(sorted(here or beyond))


def _assumed(powers: Mapping[str, Row]) -> Iterator[str]:
    for power in powers.values():
        (column,) = (column for column in power.columns if column.startswith("energy_"))
        yield from doubts(power, column)


def _grids(found: Mapping[str, Element]) -> Iterator[str]:
    if any(country not in rows("grid") for element in found.values() for country in element.countries):
        yield GRID_ELSEWHERE
