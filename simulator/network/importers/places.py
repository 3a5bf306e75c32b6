"""Where a point stands among the places of the catalogue: its metro, and whether its country is true.

A landing belongs to the nearest metro of its country within 700 km, else to the nearest of all
within 150 km (a small country, a border); of the catalogue's own landings all but four are
nearer. A country is contradicted by a point that is farther than 1500 km from every city and
landing of it that the catalogue knows and nearer to one of another country: remote islands
and coasts stand within that, and slips (a lost sign, latitude for longitude) mostly do not. A
country of which nothing is known cannot be contradicted.
"""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from simulator.catalogue import Row, rows
from simulator.network.atlas import great_circle_km
from simulator.network.importers.countries import plain

METRO_REACH_KM, BORDER_REACH_KM = 700.0, 150.0
COUNTRY_REACH_KM = 1500.0
CITY_REACH_KM, CITY_ERROR_KM = 100.0, 150.0
"""How far a building may be from its city: unnamed, to count as in it; named, before its coordinates are wrong."""

Point = tuple[float, float]


class Known(NamedTuple):
    """A place of the catalogue: its id, its country, where it is."""

    id: str
    country: str
    point: Point


def find_metro(country: str, point: Point) -> str | None:
    """The metro that a landing belongs to; None where all are too far.

    >>> find_metro("pt", (38.7, -9.4)), find_metro("gi", (36.14, -5.35)), find_metro("pt", (37.7, -25.7))
    ('lisbon', None, None)
    """
    own = _near(point, METRO_REACH_KM, (city for city in _cities() if city.country == country))
    return own or _near(point, BORDER_REACH_KM, _cities())


def find_contradiction(country: str, point: Point) -> str | None:
    """Why a point cannot be in its country, as a sentence; None where it can.

    >>> find_contradiction("br", (23.5, 46.6))
    'is 9506 km from all of br that is known, and 135 km from riyadh in sa'
    """
    known = [(great_circle_km(point, place.point), place) for place in _places()]
    own_km = min((km for km, place in known if place.country == country), default=None)
    nearest_km, nearest = min(known)
    if own_km is None or own_km <= COUNTRY_REACH_KM or nearest.country == country:
        return None
    there = f"{nearest_km:.0f} km from {nearest.id} in {nearest.country}"
    return f"is {own_km:.0f} km from all of {country} that is known, and {there}"


def find_city(name: str, country: str) -> str | None:
    """The city of that id, name or alias in a country.

    >>> find_city("Francfort", "de"), find_city("São Paulo", "br")
    (None, 'sao-paulo')
    """
    return _city_names().get((plain(name), country))


def find_named_city(name: str) -> str | None:
    """The city that a name stands for, wherever it is: its id, its name, the id of a cloud region in it.

    >>> [find_named_city(name) for name in ("New York", "aws:eu-west-3", "Atlantis")]
    ['new-york', 'paris', None]
    """
    region = rows("region").get(name.lower())
    if region is not None:
        return region.text("city")
    if name.lower() in rows("city"):
        return name.lower()
    named = {city for (known, _), city in _city_names().items() if known == plain(name)}
    return named.pop() if len(named) == 1 else None


def find_city_at(country: str, point: Point) -> str | None:
    """The nearest city of a country, not farther than a metro reaches."""
    return _near(point, CITY_REACH_KM, (city for city in _cities() if city.country == country))


def city_km(city: str, point: Point) -> float:
    """How far a point is from a city."""
    return great_circle_km(point_of(city), point)


def point_of(city: str) -> Point:
    """Where a city is."""
    return _known(rows("city")[city]).point


def _near(point: Point, reach_km: float, places: Iterable[Known]) -> str | None:
    km, place = min(((great_circle_km(point, place.point), place.id) for place in places), default=(reach_km + 1, ""))
    return place if km <= reach_km else None


@cache
def _cities() -> tuple[Known, ...]:
    return tuple(map(_known, rows("city").values()))


@cache
def _places() -> tuple[Known, ...]:
    return (*_cities(), *(_known(row) for row in rows("landing").values() if row.text("country")))


@cache
def _city_names() -> dict[tuple[str, str], str]:
    return {
        (plain(name), row.text("country")): row.id
        for row in rows("city").values()
        for name in (*row.aliases, row.name, row.id)
    }


def _known(row: Row) -> Known:
    lat_deg, lon_deg = (row.number(column, "correct the row") for column in ("lat_deg", "lon_deg"))
    return Known(row.id, row.text("country"), (lat_deg, lon_deg))
