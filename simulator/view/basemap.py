"""Land and the ways of cables, cut at the seam of the map.

A point is (longitude, latitude) in degrees. Rings and lines are unwrapped first: from one
corner to the next they take the short way round, so that what crosses the antimeridian goes on
beyond 180 degrees instead of back through the whole map. Then the seam cuts them, and what lies
beyond it is moved to the other side.
A cable is drawn along great circles between its corners. Sources: data/SOURCES.txt.
"""

import csv
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

import numpy as np

from simulator.record.integrate import Floats
from simulator.view.projection import MIDDLE_DEG, equal_earth

STEP_DEG = 1.0
"""How far apart the points of a line are at most."""


@cache
def land_rings() -> tuple[Floats, ...]:
    """The coasts of the world as closed rings, unwrapped; Antarctica's goes round by the pole."""
    topology = json.loads(_data("land-110m.json"))
    scale, origin = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + origin for arc in topology["arcs"]]
    rings = []
    for numbers in (ring for shape in topology["objects"]["land"]["geometries"] for p in shape["arcs"] for ring in p):
        ring = np.concatenate([arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers])
        rings.append(_closed(unwrap(ring)))
    return tuple(rings)


@cache
def cable_ways() -> dict[str, Floats]:
    """The corners of each segment of the catalogue by its id, unwrapped."""
    found = {}
    for row in csv.DictReader(_data("cable_ways.csv").splitlines()):
        corners = [corner.split() for corner in row["corners_lat_lon_deg"].split(";")]
        found[row["segment"]] = unwrap(np.array([(float(lon), float(lat)) for lat, lon in corners]))
    return found


def unwrap(line: Floats) -> Floats:
    """The line with longitudes that never jump by more than half a turn.

    >>> unwrap(np.array([[170.0, 0.0], [-170.0, 10.0]]))
    array([[170.,   0.],
           [190.,  10.]])
    """
    return np.column_stack((np.unwrap(line[:, 0], period=360.0), line[:, 1]))


def along_great_circles(corners: Floats) -> Floats:
    """The line through these corners with points at every degree, unwrapped."""
    lon, lat = np.radians(corners).T
    vectors = np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))
    points = [vectors[:1]]
    for a, b in pairwise(vectors):
        angle = float(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b))
        if angle > 0:
            part = np.linspace(0, 1, 2 + int(np.degrees(angle) / STEP_DEG))[1:, None]
            points.append((np.sin((1 - part) * angle) * a + np.sin(part * angle) * b) / np.sin(angle))
    x, y, z = np.concatenate(points).T
    return unwrap(np.degrees(np.column_stack((np.arctan2(y, x), np.arcsin(np.clip(z, -1, 1))))))


def drawn_lines(line: Floats) -> list[Floats]:
    """The pieces of an unwrapped line on the plane: one, or more where it crosses the seam."""
    turn = np.floor((line[:, 0] - MIDDLE_DEG + 180.0) / 360.0)
    crossed = np.flatnonzero(np.diff(turn))
    pieces, begin = [], line[:0]
    for n, (first, last) in enumerate(zip([0, *(crossed + 1)], [*(crossed + 1), len(line)], strict=True)):
        middle_deg = MIDDLE_DEG + 360.0 * turn[first]
        end = line[:0]
        if n < len(crossed):
            seam_deg = MIDDLE_DEG - 180.0 + 360.0 * max(turn[first], turn[last])
            a, b = line[last - 1], line[last]
            end = (a + (b - a) * (seam_deg - a[0]) / (b[0] - a[0]))[None]
        piece = np.concatenate((begin, line[first:last], end)) - (middle_deg, 0.0)
        pieces.append(equal_earth(*piece.T))
        begin = end
    return pieces


def drawn_rings(rings: Sequence[Floats]) -> list[Floats]:
    """The rings as polygons on the plane, each cut where the seam goes through it."""
    found = []
    for ring in rings:
        for turn in (-360.0, 0.0, 360.0):
            part = _beyond(ring - (MIDDLE_DEG + turn, 0.0), -180.0, 1.0)
            part = _beyond(part, 180.0, -1.0)
            if len(part) > 2:
                found.append(equal_earth(*_dense(part).T))
    return found


def outline() -> Floats:
    """The edge of the whole world on the plane."""
    lat = np.linspace(-90.0, 90.0, 181)
    lon = np.full(len(lat), 180.0)
    return equal_earth(np.concatenate((lon, -lon)), np.concatenate((lat, lat[::-1])))


def _data(name: str) -> str:
    return resources.files("simulator.view").joinpath("data", name).read_text(encoding="utf-8")


def _closed(ring: Floats) -> Floats:
    """The ring with its last corner on its first; one that winds round the earth is closed over the south pole."""
    turn_deg = 360.0 * np.round((ring[-1, 0] - ring[0, 0]) / 360.0)
    if turn_deg:
        lon_deg, lat_deg = ring[0]
        pole = [(lon_deg + turn_deg, lat_deg), (lon_deg + turn_deg, -90.0), (lon_deg, -90.0)]
        return np.concatenate((ring, pole, ring[:1]))
    return np.concatenate((ring, ring[:1]))


def _beyond(ring: Floats, lon_deg: float, side: float) -> Floats:
    """What of a ring lies on one side (1: east, -1: west) of a meridian, closed along it (Sutherland & Hodgman)."""
    kept: list[Floats] = []
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        inside_a, inside_b = (side * (point[0] - lon_deg) >= 0 for point in (a, b))
        if inside_a:
            kept.append(a)
        if inside_a != inside_b:
            kept.append(a + (b - a) * (lon_deg - a[0]) / (b[0] - a[0]))
    return np.array(kept).reshape(-1, 2)


def _dense(ring: Floats) -> Floats:
    """The ring with points on its long straight sides, which the projection bends."""
    parts = []
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        steps = 1 + int(np.abs(b - a).max() / STEP_DEG)
        parts.append(a + (b - a) * np.linspace(0, 1, steps, endpoint=False)[:, None])
    return np.concatenate(parts)
