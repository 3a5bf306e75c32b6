"""TeleGeography's public map data (a downloaded copy, api v2 or v3) as tables of a user atlas.

    DIR/**/ID.json                  a cable: id, name, landing_points, length `9,600 km`, rfs `2018 Q2` or rfs_year
    DIR/**/cable-geo.json           its drawn lines: GeoJSON MultiLineStrings with the id among their properties
    DIR/**/landing-point-geo.json   where landings are, if they do not say it themselves (api v3)

What it says becomes rows; what it does not say stays empty, or keeps the thing out:

    order of landings   along the drawn lines (geometry.py), with branching units where these part
    length of a segment drawn kilometres x published length / all drawn kilometres of the cable; x the assumed
                        row `submarine-length` where no length is published, or where it contradicts the lines:
                        more than 1.6 times as long as drawn, or by more than 5 % shorter than great circles allow
                        (less than that: segments of such length are as long as the great circle)
    capacity            empty, for it is not published; that of the catalogue's cable of the same name, if there is one
    choke points        those of the catalogue whose box the drawn line comes into; `egypt` on land, from sea to sea
    class of route      of that cable, else `submarine`; across Egypt from sea to sea `egypt-crossing`, on land
    left out            a landing to be determined, of unknown country, in another country than it says, farther than
                        metros reach (places.py), or off the line; a cable without year, lines or two landings

The data is under CC BY-NC-SA 3.0 and not ours to ship.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from simulator.catalogue import Row, find, rows
from simulator.errors import Problem
from simulator.network.atlas import great_circle_km
from simulator.network.files import find_number
from simulator.network.importers.countries import find_country, find_country_of, plain
from simulator.network.importers.geometry import Box, Course, follow
from simulator.network.importers.places import BORDER_REACH_KM, METRO_REACH_KM, find_contradiction, find_metro
from simulator.network.importers.reading import Imported, text_of, usable
from simulator.network.importers.telegeography_files import (
    LINES,
    POINTS,
    Cable,
    Copy,
    Point,
    find_own_point,
    keys_of,
    landing_id,
    landing_points,
    read_copy,
)
from simulator.network.tables import on_red_sea

LENGTH = "submarine-length"
EGYPT, SIDES = "egypt", ("south", "north", "west", "east")
MOST_STRETCH_RATIO = 1.6
"""A published length of more than this over the drawn lines counts rings that are not drawn."""
MOST_FLOOR_RATIO = 1.05
"""By how much great circles may exceed a published length, which is rounded."""
MOST_KM = 1e6
"""No cable goes round the globe 25 times."""
FROM_CATALOGUE = ("capacity_tbps", "fibre_pairs_count", "route_class")
NOBODY = {
    "route_class": "submarine",
    "source:route_class": "no cable of the catalogue has its name",
    "confidence:route_class": "assumed",
}
"""The class of a cable that the catalogue does not know."""


class _Landing(NamedTuple):
    """A landing that stands where it says."""

    id: str
    name: str
    country: str
    metro: str
    point: Point


def import_telegeography(folder: Path, year: int) -> Imported:
    """The tables cable, segment and landing; `year` is that of the copy.

    Raises UsageError where there is no such folder, AtlasError with all problems where nothing can be used.
    """
    copy = read_copy(folder)
    landings, doubtful = _landings(copy)
    found = Imported({"cable": [], "segment": [], "landing": []}, [*copy.problems, *doubtful], [])
    source = {"source": f"TeleGeography submarine cable map, the copy in {folder.resolve().name}", "year": str(year)}
    used: set[str] = set()
    for cable in copy.cables:
        lines = next((copy.lines[key] for key in keys_of(cable.raw, cable.id) if key in copy.lines), None)
        named = [landing_id(raw) for raw in landing_points(cable)]
        used.update(_add_cable(found, cable, lines, {id_: landings[id_] for id_ in named if id_ in landings}, source))
    for landing in landings.values():
        if landing.id in used:
            found.rows["landing"].append(_landing_row(landing) | source | {"confidence": "published"})
    return usable(str(folder), found)


def _landings(copy: Copy) -> tuple[dict[str, _Landing], list[Problem]]:
    """The landings that stand where they say, by id, and what is wrong with the others, each told once."""
    found: dict[str, _Landing] = {}
    wrong: dict[str, Problem] = {}
    for cable in copy.cables:
        for raw in landing_points(cable):
            id_ = landing_id(raw)
            if id_ not in found and id_ not in wrong:
                judged = _judge(id_, raw, copy.points)
                if isinstance(judged, str):
                    wrong[id_] = Problem(cable.where, f"landing {id_}", f"{judged}; left out")
                else:
                    found[id_] = judged
    return found, list(wrong.values())


def _judge(id_: str, raw: dict[str, Any], points: Mapping[str, Point]) -> _Landing | str:
    """A landing, or why it cannot be used."""
    name = text_of(raw.get("name")) or id_
    said = text_of(raw.get("country"))
    country = find_country(said) if said else find_country_of(name)
    point = find_own_point(raw) or points.get(id_)
    if not id_:
        return "has neither id nor name"
    if raw.get("is_tbd"):
        return "is still to be determined"
    if country is None:
        return f"no country is called {said!r}" if said else f"its name, {name!r}, ends in no country"
    if point is None:
        return f"has no coordinates, neither of its own nor in {POINTS}"
    contradiction = find_contradiction(country, point)
    if contradiction is not None:
        return f"{point[0]:g}, {point[1]:g} {contradiction}: coordinates or country are wrong"
    metro = find_metro(country, point)
    if metro is None:
        return (
            f"{point[0]:g}, {point[1]:g} is farther than {METRO_REACH_KM:g} km from the metros of {country}, and than "
            f"{BORDER_REACH_KM:g} km from all others"
        )
    return _Landing(id_, name, country, metro, point)


def _add_cable(
    found: Imported,
    cable: Cable,
    lines: list[list[Point]] | None,
    landings: dict[str, _Landing],
    source: dict[str, str],
) -> set[str]:
    """Add a cable and its segments, or why it is left out; the landings that it uses."""
    name = f"cable {cable.id}"
    year = _rfs_year(cable.raw)
    if year is None:
        found.left_out.append(Problem(cable.where, name, "has no year of service (`rfs` or `rfs_year`); left out"))
        return set()
    row = _cable_row(cable, year)
    decade = f"submarine-capacity:{row['rfs_year'][:3]}0s"
    if row["status"] != "planned" and not row.get("capacity_tbps") and decade not in rows("network-assumption"):
        sentence = f"nothing is known or assumed of what cables of {year} carry; left out"
        found.left_out.append(Problem(cable.where, name, sentence))
        return set()
    if lines is None:
        found.left_out.append(Problem(cable.where, name, f"{LINES} has no line of it; left out"))
        return set()
    course = follow(lines, {id_: landing.point for id_, landing in landings.items()}, _choke_points())
    found.left_out.extend(
        Problem(cable.where, f"{name}, landing {id_}", f"{why}; left out of this cable")
        for id_, why in course.off.items()
    )
    if not course.stretches:
        found.left_out.append(Problem(cable.where, name, "less than two of its landings can be used; left out"))
        return set()
    if course.doubled:
        doubled = f"{course.doubled} of its lines join places that a shorter one joins: the shorter ones are kept"
        found.notes.append(Problem(cable.where, name, doubled))
    found.rows["cable"].append(row | source | {"confidence": "published"})
    found.rows["landing"].extend(_unit_rows(cable, course, source))
    segments, note = _segments(cable, course, landings)
    found.rows["segment"].extend(segment | {"year": source["year"]} for segment in segments)
    if note:
        found.notes.append(Problem(cable.where, name, note))
    return {end for stretch in course.stretches for end in stretch[:2] if isinstance(end, str)}


def _rfs_year(raw: dict[str, Any]) -> int | None:
    for value in (raw.get("rfs_year"), raw.get("rfs")):
        match = re.search(r"\b(19|20)\d\d\b", str(value))
        if match:
            return int(match[0])
    return None


def _length_km(raw: dict[str, Any]) -> float | None:
    """The published length; None where there is none.

    >>> _length_km({"length": "9,600 km"}), _length_km({"length": "n.a."})
    (9600.0, None)
    """
    length = raw.get("length")
    match = re.fullmatch(r"([\d.,\s]+)(km)?", text_of(length).lower()) if isinstance(length, str) else None
    km = find_number(re.sub(r"[,\s]", "", match[1])) if match else find_number(length)
    return km if km is not None and 0 < km < MOST_KM else None


def _cable_row(cable: Cable, year: int) -> dict[str, str]:
    name, length_km = text_of(cable.raw.get("name")) or cable.id, _length_km(cable.raw)
    row = {"id": cable.id, "name": name, "rfs_year": str(year), "status_year": str(year)}
    row["status"] = _status(cable)
    row["length_km"] = "" if length_km is None else f"{length_km:.10g}"
    known = _find_known(cable.id, name)
    return row | (NOBODY if known is None else _of_catalogue(known))


def _of_catalogue(known: Row) -> dict[str, str]:
    """What the map does not say and a row of the catalogue does, with its source."""
    row: dict[str, str] = {}
    for column in FROM_CATALOGUE:
        if known.text(column):
            source = known.source(column)
            row |= {column: known.text(column), f"confidence:{column}": source.confidence}
            row[f"source:{column}"] = f"catalogue, cable {known.id}: {source.source}"
    return row


def _status(cable: Cable) -> str:
    return "planned" if cable.raw.get("is_planned") is True else "in service"


def _find_known(id_: str, name: str) -> Row | None:
    """The catalogue's cable of that id, name or alias."""
    wanted = {plain(id_), plain(name), plain(name.partition("(")[0])}
    for row in rows("cable").values():
        if wanted & {plain(known) for known in (row.id, row.name, *row.aliases)}:
            return row
    return None


def _landing_row(landing: _Landing) -> dict[str, str]:
    lat, lon = (f"{degrees:.4f}" for degrees in landing.point)
    row = {"id": landing.id, "name": landing.name, "kind": "landing", "country": landing.country}
    return row | {"metro": landing.metro, "lat_deg": lat, "lon_deg": lon}


def _unit_rows(cable: Cable, course: Course, source: dict[str, str]) -> Iterator[dict[str, str]]:
    for number, point in course.units.items():
        lat, lon = (f"{degrees:.4f}" for degrees in point)
        name = f"{text_of(cable.raw.get('name')) or cable.id}, branching unit {number}"
        row = {"id": _unit(cable, number), "name": name, "kind": "branching unit", "lat_deg": lat, "lon_deg": lon}
        text = f"{source['source']}: where its drawn lines part"
        yield row | {"source": text, "year": source["year"], "confidence": "derived"}


def _unit(cable: Cable, number: int) -> str:
    return f"bu-{cable.id}-{number}"


def _segments(cable: Cable, course: Course, landings: dict[str, _Landing]) -> tuple[list[dict[str, str]], str]:
    """The segments of a cable, and a sentence on its length where that could not be used."""
    published_km = _length_km(cable.raw)
    assumed_ratio = find("network-assumption", LENGTH).number("stretch_ratio", "correct the row")
    ratio = 0.0 if published_km is None else published_km / course.drawn_km
    places = {id_: landing.point for id_, landing in landings.items()} | dict(course.units)
    direct = [great_circle_km(places[one.a], places[one.b]) for one in course.stretches]
    floored = [max(one.km * ratio, km) for one, km in zip(course.stretches, direct, strict=True)]
    fits = sum(floored) <= MOST_FLOOR_RATIO * ratio * sum(one.km for one in course.stretches)
    used_ratio = ratio if fits and 0 < ratio <= MOST_STRETCH_RATIO else assumed_ratio
    text = "order and length along its drawn line x {:.3f}, "
    if used_ratio == ratio:
        note, confidence = "", "derived"
        text += "its published length over all that is drawn"
    else:
        wrong = f"its published length, {published_km or 0:g} km, is {ratio:.2f} times what is drawn"
        note = wrong if published_km else f"has no published length (it says {cable.raw.get('length')!r})"
        note += f": its segments are {used_ratio:g} times what is drawn (row `{LENGTH}`)"
        text, confidence = text + f"the assumed row {LENGTH}", "assumed"
    source = {"source": text.format(used_ratio), "confidence": confidence}
    listed = []
    for one, km in zip(course.stretches, direct, strict=True):
        a, b = sorted(_unit(cable, end) if isinstance(end, int) else end for end in one[:2])
        length_km = max(one.km * used_ratio, km)
        row = {"id": f"{cable.id}:{a}:{b}", "cable": cable.id, "a": a, "b": b, "status": _status(cable)}
        row |= {"name": f"{text_of(cable.raw.get('name')) or cable.id}, {a} - {b}", "length_km": f"{length_km:.1f}"}
        across = _crosses_egypt([landings[end] for end in one[:2] if isinstance(end, str)])
        row |= {"kind": "overland" if across else "submarine", "route_class": "egypt-crossing" if across else ""}
        row["choke_points"] = EGYPT if across else ";".join(sorted(one.passes))
        listed.append(row | source)
    return listed, note


def _crosses_egypt(ends: Sequence[_Landing]) -> bool:
    """Whether a segment goes over land from the Mediterranean to the Red Sea."""
    south = {on_red_sea(landing.country, landing.point) for landing in ends if landing.country == "eg"}
    return len(south) == 2


@cache
def _choke_points() -> dict[str, Box]:
    """The choke points of the sea; who crosses Egypt is told by the order of landings."""
    found: dict[str, Box] = {}
    for row in rows("choke-point").values():
        if row.id != EGYPT:
            south, north, west, east = (row.number(f"{side}_deg", "correct the row") for side in SIDES)
            found[row.id] = south, north, west, east
    return found
