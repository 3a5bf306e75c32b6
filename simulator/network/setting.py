"""The physical internet of a world: the atlas of its year, with what the scenario says of cables and satellites.

    capacity of a link = the scenario's for its cable or its class, else that of the atlas

A satellite is a place of its own between the city that it serves and the ground station at the other
end, so that both its hops are links. Each costs more than any way on cables: traffic takes it
only where no cable is left.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.catalogue import Row, find, rows
from simulator.network.path import GIVEN
from simulator.network.spec import Closure, Cut, NetworkSpec, Outage, Satellite, cities_of, happening
from simulator.network.tables import CATALOGUE, SATELLITE, AtlasTables
from simulator.spec import Fault

if TYPE_CHECKING:
    import networkx as nx

    from simulator.network.atlas import Link

MOST_BUILT = 64
"""How many graphs are kept for those who ask again."""
ORBIT = "geo"
LAST_RESORT_KM = 1e9
"""What a hop over a satellite costs: more than all cables of the world one after the other."""


class Setting(NamedTuple):
    """The year of a world's internet, what the scenario says of it, and the tables that it is built from."""

    year: int
    network: NetworkSpec = NetworkSpec()
    tables: AtlasTables = CATALOGUE


def world_atlas(setting: Setting) -> "nx.Graph":
    """The frozen graph of a setting, the same one at each call.

    >>> spec = NetworkSpec(cables={"marea": "1 Tbps"})
    >>> world_atlas(Setting(2025, spec)).edges["virginia-beach", "bilbao"]["capacity_bps"]
    1000000000000.0
    """
    spec = setting.network
    said = spec.model_dump_json(include={"cables", "overland", "satellites"})
    key = setting.year, said, setting.tables
    if key not in _built:
        if len(_built) >= MOST_BUILT:
            _built.clear()
        _built[key] = _build(setting)
    return _built[key]


_built: dict[tuple[int, str, AtlasTables], "nx.Graph"] = {}


def _build(setting: Setting) -> "nx.Graph":
    import networkx as nx

    from simulator.network.atlas import build_atlas, edge_of

    spec, overland = setting.network, setting.tables.rows("overland")
    base = build_atlas(setting.year, setting.tables)
    if not (spec.cables or spec.overland or spec.satellites):
        return base
    atlas = base.copy()
    given_bps = {name.lower(): bps for name, bps in (*spec.cables.items(), *spec.overland.items())}
    for a, b, links in base.edges(data="links"):
        if any(_given(link, given_bps, overland) for link in links):
            atlas.edges[a, b].update(edge_of([_carrying(link, given_bps, overland) for link in links]))
    for satellite in spec.satellites:
        if {satellite.place.lower(), satellite.station.lower()} <= atlas.nodes:  # else it is told where the name stands
            _add_satellite(atlas, satellite)
    atlas.graph[GIVEN] = frozenset(given_bps)
    return nx.freeze(atlas)


def _given(link: "Link", given_bps: dict[str, float], overland: Mapping[str, Row]) -> str:
    """The name under which the scenario says what a link carries; "" where it does not."""
    if link.cable in given_bps:
        return link.cable
    route_class = overland[link.cable].text("route_class") if link.cable in overland else ""
    return route_class if route_class in given_bps else ""


def _carrying(link: "Link", given_bps: dict[str, float], overland: Mapping[str, Row]) -> "Link":
    name = _given(link, given_bps, overland)
    return link._replace(capacity_bps=given_bps[name], assumption="") if name else link


def _add_satellite(atlas: "nx.Graph", satellite: Satellite) -> None:
    from simulator.network.atlas import Link, edge_of

    place, station, row = satellite.place.lower(), satellite.station.lower(), find("satellite", ORBIT)
    above, here = f"{ORBIT}:{place}", dict(atlas.nodes[place])
    name = f"{row.name} of {here['name']}"
    atlas.add_node(
        above, **{**here, "kind": SATELLITE, "name": name, "country": "", "ixps": (), "regions": (), "facilities": ()}
    )
    km = row.number("altitude_km", "correct the row")
    for end in (place, station):
        link = Link(ORBIT, SATELLITE, km, LAST_RESORT_KM, satellite.capacity, "", None)
        atlas.add_edge(end, above, **edge_of([link]))


def setting_faults(setting: Setting) -> Iterator[Fault]:
    """What the atlas of the year does not have, each at its field below `network`."""
    year, spec, tables = setting
    known = tables.rows("cable")
    used = {link.cable for _, _, links in world_atlas(setting).edges(data="links") for link in links}
    for cable in spec.cables:
        if cable.lower() in known and cable.lower() not in used:
            sentence = f"{cable} is not in service in {year}; leave it out, or choose another `year`"
            yield Fault(("cables", cable), sentence)
    overland = {row.text("route_class") for row in tables.rows("overland").values()}
    for name in spec.overland:
        if name.lower() in rows("route-class") and name.lower() not in overland:
            sentence = f"{name} is no class of overland links; there is {', '.join(sorted(overland))}"
            yield Fault(("overland", name), sentence)
    yield from _event_faults(setting)
    yield from _demand_faults(setting)


def _event_faults(setting: Setting) -> Iterator[Fault]:
    """What would take nothing down in that year; a name that is none is told where it stands."""
    from simulator.network.outage import links_down  # networkx

    year, spec, tables = setting
    for number, event in enumerate(spec.events):
        kind, said = happening(event)
        for field, name, alone in _single(said, tables) if isinstance(said, Cut) else _whole(said, tables):
            if not links_down(world_atlas(setting), alone):
                state = {"outage": f"no submarine cable lands at {name}", "closure": f"no cable passes {name}"}
                why = f"{state.get(kind, f'{name} is not in service')} in {year}"
                yield Fault(("events", number, kind, *field), f"{why}; leave it out, or choose another `year`")


Alone = tuple[tuple[str | int, ...], str, Any]
"""A field below an event, the name that stands there, and the event of that name alone."""


def _single(cut: Cut, tables: AtlasTables) -> Iterator[Alone]:
    """Each cable and segment of a cut that there is, at its field, as a cut of its own."""
    for table, field in (("cable", "cables"), ("segment", "segments")):
        for index, name in enumerate(getattr(cut, field)):
            if name.lower() in tables.rows(table):
                yield (field, index), name, cut.model_copy(update={"cables": [], "segments": [], field: [name]})


def _whole(said: Outage | Closure, tables: AtlasTables) -> Iterator[Alone]:
    """The place of an outage or a closure, if there is one of that name."""
    if isinstance(said, Outage):
        if said.landing.lower() in tables.rows("landing").keys() | rows("city").keys():
            yield ("landing",), said.landing, said
    elif said.choke_point.lower() in rows("choke-point"):
        yield ("choke_point",), said.choke_point, said


def _demand_faults(setting: Setting) -> Iterator[Fault]:
    from simulator.errors import SimulatorError
    from simulator.network.route import route

    for number, demand in enumerate(setting.network.demands):
        if all(end in rows("city") for end in cities_of(demand)):
            try:
                route(world_atlas(setting), *cities_of(demand))
            except SimulatorError as error:
                yield Fault(("demands", number), str(error))
