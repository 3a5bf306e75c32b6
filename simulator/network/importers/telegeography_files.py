"""The files of a downloaded copy of TeleGeography's public map data: cables, their drawn lines, where landings are.

Cables are told from other files by what they hold: `landing_points` beside a length or a year.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simulator.catalogue import rows
from simulator.errors import Problem, UsageError
from simulator.network.importers.countries import plain, slug
from simulator.network.importers.reading import as_problem, find_point, mappings, read_json, text_of

Point = tuple[float, float]
"""Latitude and longitude in degrees."""
LINES, POINTS = "cable-geo.json", "landing-point-geo.json"


class Cable(NamedTuple):
    """A cable as its file has it."""

    where: str
    id: str
    raw: dict[str, Any]


class Copy(NamedTuple):
    """Cables, their lines by id and by name, points of landings that do not say them, and what could not be read."""

    cables: list[Cable]
    lines: dict[str, list[list[Point]]]
    drawn: dict[str, list[str]]
    """The keys of the lines of each feature."""
    points: dict[str, Point]
    problems: list[Problem]


def read_copy(folder: Path) -> Copy:
    """All that a folder holds; raises UsageError where there is none, or two copies in it."""
    if not folder.is_dir():
        raise UsageError(str(folder), "there is no such folder", "give the folder that was downloaded")
    copy = Copy([], {}, {}, {}, [])
    drawn = sorted(str(path) for path in folder.rglob(LINES))
    if len(drawn) != 1:
        state = f"holds {len(drawn)} copies ({', '.join(drawn)})" if drawn else f"has no {LINES}, the cables' lines"
        raise UsageError(str(folder), state, "give the folder of one copy, such as api/v3")
    for path in sorted(folder.rglob("*.json")):
        try:
            data = read_json(path)
        except UsageError as error:
            copy.problems.append(as_problem(error))
            continue
        copy.problems.extend(_add(copy, path, data))
    known = {key for cable in copy.cables for key in keys_of(cable.raw, cable.id)}
    for feature, keys in copy.drawn.items():
        if known.isdisjoint(keys):
            copy.problems.append(Problem(drawn[0], feature, "no JSON that can be read is of this cable; left out"))
    return copy


def _add(copy: Copy, path: Path, data: Any) -> Iterator[Problem]:
    """Take what a file holds; other files than those of the three kinds are passed over."""
    if path.name in (LINES, POINTS):
        if not (isinstance(data, dict) and mappings(data.get("features"))):
            yield Problem(str(path), "", "is no GeoJSON with features; download it again")
        elif path.name == LINES:
            yield from _add_lines(copy, str(path), data)
        else:
            yield from _add_points(copy.points, str(path), data)
    elif isinstance(data, dict) and "landing_points" in data and data.keys() & {"length", "rfs", "rfs_year"}:
        cable = Cable(str(path), slug(data.get("id")) or slug(path.stem), data)
        first = next((one.where for one in copy.cables if one.id == cable.id), None)
        if first is None:
            copy.cables.append(cable)
        else:
            yield Problem(str(path), f"cable {cable.id}", f"stands in {first} already; left out")


def _add_lines(copy: Copy, where: str, data: Any) -> Iterator[Problem]:
    """Lines by every name of their cable, which may have several features."""
    for name, properties, geometry in _features(data):
        raw = geometry.get("coordinates")
        raw = [raw] if geometry.get("type") == "LineString" else raw
        found = [_find_line(line) for line in raw] if isinstance(raw, list) else []
        if not found or None in found:
            yield Problem(where, name, "is no MultiLineString of longitudes and latitudes; left out")
            continue
        copy.drawn[name] = keys_of(properties)
        for key in copy.drawn[name]:
            copy.lines.setdefault(key, []).extend(line for line in found if line is not None)


def _add_points(points: dict[str, Point], where: str, data: Any) -> Iterator[Problem]:
    for name, properties, geometry in _features(data):
        point = _find_line([geometry.get("coordinates")])
        if point is None:
            yield Problem(where, name, "is no Point of a longitude and a latitude; left out")
        else:
            points[landing_id(properties)] = point[0]


def _features(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What each feature is called for people, its properties, its geometry."""
    for number, feature in enumerate(data["features"]):
        parts = [feature.get(part) if isinstance(feature, dict) else None for part in ("properties", "geometry")]
        properties, geometry = (part if isinstance(part, dict) else {} for part in parts)
        yield f"feature {slug(properties.get('id')) or text_of(properties.get('name')) or number}", properties, geometry


def _find_line(raw: Any) -> list[Point] | None:
    """A list of longitudes and latitudes as points; None if any of them is none."""
    pairs = raw if isinstance(raw, list) else [None]
    found = [find_point(pair[1], pair[0]) if isinstance(pair, list) and len(pair) > 1 else None for pair in pairs]
    line = [point for point in found if point is not None]
    return line if len(line) == len(found) else None


def keys_of(raw: dict[str, Any], id_: str = "") -> list[str]:
    """What the lines of a cable may be filed under: its id, or its name."""
    known = {"id": id_ or slug(raw.get("id")), "slug": slug(raw.get("slug")), "name": plain(text_of(raw.get("name")))}
    return [f"{'name' if kind == 'name' else 'id'}:{key}" for kind, key in known.items() if key]


def landing_id(raw: dict[str, Any]) -> str:
    """The id of a landing, which no city has too; "" for one that has neither id nor name."""
    id_ = slug(raw.get("id")) or slug(raw.get("name"))
    return f"{id_}-landing" if id_ in rows("city") else id_


def landing_points(cable: Cable) -> Iterable[dict[str, Any]]:
    """The landings that a cable names."""
    return mappings(cable.raw["landing_points"])


def find_own_point(raw: dict[str, Any]) -> Point | None:
    """Where a landing says that it is; None where it does not.

    >>> find_own_point({"latlon": "34.3,136.9"}), find_own_point({"lat": "34.3", "lon": "136.9"}), find_own_point({})
    ((34.3, 136.9), (34.3, 136.9), None)
    """
    both = text_of(raw.get("latlon")).split(",")
    lat = next((raw[key] for key in ("latitude", "lat") if raw.get(key) is not None), both[0])
    lon = next((raw[key] for key in ("longitude", "lon", "lng") if raw.get(key) is not None), both[-1])
    return find_point(lat, lon)
