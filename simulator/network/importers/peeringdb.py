"""PeeringDB's public dump (one JSON file) as tables of a user atlas: internet exchanges, and buildings of networks.

    {"ix":    {"data": [{"id", "name", "city", "country", "net_count", "status", …}, …]},
     "fac":   {"data": [{"id", "name", "city", "country", "latitude", "longitude", …}, …]},
     "ixfac": {"data": [{"ix_id", "fac_id"}, …]}}

A thing stands in the city of the catalogue that its own city names, within its country; else in
the nearest one of its country within 100 km of its coordinates, an exchange's being those of its
buildings. What fits no city is left out, and so is a building farther than 150 km from the city
that it names: one of the two is wrong. An exchange's peak is not in the dump and stays empty;
its members are `net_count`, where that is there. The data is under PeeringDB's acceptable use policy.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.errors import Problem, UsageError
from simulator.network.files import find_number
from simulator.network.importers.countries import find_country, slug
from simulator.network.importers.places import (
    CITY_ERROR_KM,
    CITY_REACH_KM,
    Point,
    city_km,
    find_city,
    find_city_at,
)
from simulator.network.importers.reading import Imported, find_point, mappings, read_json, text_of, usable

MOST_MEMBERS = 1e6
"""There are not more networks in the world by far."""
KINDS = {"ix": "ixp", "fac": "facility"}


def import_peeringdb(file: Path, year: int | None) -> Imported:
    """The tables ixp and facility; `year` is that of the dump, which it says itself if it is whole.

    Raises UsageError for a file that is none, AtlasError with all problems where nothing can be used.
    """
    data = read_json(file)
    parts = {part: mappings(_entries(data, part)) for part in (*KINDS, "ixfac")}
    if not any(parts[part] for part in KINDS):
        raise UsageError(
            str(file),
            'is no PeeringDB dump with `{"ix": {"data": [...]}}`',
            "give the whole dump, as it was downloaded",
        )
    year = year or _year(data)
    if year is None:
        raise UsageError(str(file), "does not say of when it is", "give its `--year`")
    found = Imported({kind: [] for kind in KINDS.values()}, [], [])
    source = {"source": f"PeeringDB, the dump {file.name}", "year": str(year), "confidence": "published"}
    homes = _homes(parts)
    for part, kind in KINDS.items():
        names = Counter(slug(text_of(one.get("name"))) for one in parts[part])
        taken: set[str] = set()
        keys: set[str] = set()
        for one in parts[part]:
            key, what = _key(one), f"{part} {_key(one)} {text_of(one.get('name'))}"
            own = find_point(*_place(one))
            row = _row(one, homes.get(key, []) if part == "ix" else [] if own is None else [own], part)
            if isinstance(row, dict):
                name = slug(row["name"])
                row["id"] = name if name and names[name] == 1 else f"{name or part}-{key}"
                if row["id"] not in taken and (key not in keys or not key):
                    taken.add(row["id"])
                    keys.add(key)
                    found.rows[kind].append(row | source)
                    if part == "fac" and own is None and any(raw not in (None, "") for raw in _place(one)):
                        where = "latitude {!r}, longitude {!r} is no place".format(*_place(one))
                        found.notes.append(Problem(str(file), what, f"{where}: kept without coordinates"))
                    continue
                row = f"another one is {row['id']} already" if row["id"] in taken else f"another one has the id {key}"
            found.left_out.append(Problem(str(file), what, f"{row}; left out"))
    return usable(str(file), found)


def _homes(parts: Mapping[str, Iterable[dict[str, Any]]]) -> dict[str, list[Point]]:
    """Where the buildings of each exchange are."""
    points: dict[str, Point] = {}
    for one in parts["fac"]:
        if (point := find_point(*_place(one))) is not None:
            points.setdefault(_key(one), point)
    homes: dict[str, list[Point]] = {}
    for pair in parts["ixfac"]:
        if (home := points.get(_key(pair, "fac_id"))) is not None:
            homes.setdefault(_key(pair, "ix_id"), []).append(home)
    return homes


def _key(one: dict[str, Any], column: str = "id") -> str:
    return slug(one.get(column))


def _entries(data: Any, part: str) -> Any:
    held = data.get(part) if isinstance(data, dict) else None
    return held.get("data") if isinstance(held, dict) else held


def _year(data: Any) -> int | None:
    """The year in which a dump was made: as its head says, else that of its latest change."""
    for part in KINDS:
        meta = data[part].get("meta") if isinstance(data.get(part), dict) else None
        made_s = find_number(meta.get("generated")) if isinstance(meta, dict) else None
        if made_s is not None and 0 < made_s < 1e11:
            return datetime.fromtimestamp(made_s, UTC).year
    changed = [text_of(one.get("updated"))[:4] for part in KINDS for one in mappings(_entries(data, part))]
    return max((int(text) for text in changed if text.isdecimal()), default=None)


def _place(one: dict[str, Any]) -> Iterator[Any]:
    return (one.get(key) for key in ("latitude", "longitude"))


def _row(one: dict[str, Any], points: list[Point], part: str) -> dict[str, str] | str:
    """A row without its id and source, or why it is none."""
    name, said = text_of(one.get("name")), text_of(one.get("city"))
    country = find_country(text_of(one.get("country")))
    if text_of(one.get("status")) not in ("", "ok"):
        return f"its status is {one['status']!r}"
    if not name:
        return "has no name"
    if country is None:
        return f"no country is called {one.get('country')!r}"
    city = find_city(said, country)
    if city is None:
        near = Counter(here for point in points if (here := find_city_at(country, point)) is not None)
        if not near:
            return f"the catalogue knows no city {said!r} in {country}, and none within {CITY_REACH_KM:g} km of it"
        city = min(near, key=lambda here: (-near[here], here))
    elif part == "fac" and points and city_km(city, points[0]) > CITY_ERROR_KM:
        return (
            f"{points[0][0]:g}, {points[0][1]:g} is {city_km(city, points[0]):.0f} km from {city}, its city: "
            "coordinates or city are wrong"
        )
    row = {"name": name, "city": city, "country": country}
    if part == "fac":
        lat, lon = (f"{degrees:.4f}" for degrees in points[0]) if points else ("", "")
        return row | {"lat_deg": lat, "lon_deg": lon}
    members = find_number(one.get("net_count"))
    return row | ({"members_count": f"{members:.0f}"} if members is not None and 1 <= members < MOST_MEMBERS else {})
