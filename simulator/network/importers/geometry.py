"""The order of a cable's landings and the kilometres between them, along the lines that a map draws.

    the lines become a graph of their points; what is drawn within 10 km of a loose end is joined
    to it; each landing takes the nearest point, cutting a line where that is between two of its own;
    loose ends without landing are cut off, points of two neighbours are passed over

What is left are the landings and the points where three or more lines meet: the branching units
of the cable. Between two of them at most one line stays, the shorter one. Lengths are great
circles from point to point, so that it does not matter where a map is cut: the step from
179 E to 179 W is two degrees, and 180 W, 180 E and 540 E are one meridian.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import cos, radians
from types import MappingProxyType
from typing import NamedTuple

from simulator.network.atlas import great_circle_km

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

Box = tuple[float, float, float, float]
"""A part of the globe: its south, north, west and east in degrees."""

SNAP_KM = 50.0
"""How far a landing may stand from the line of its cable: maps are drawn to be read."""
JOIN_KM = 10.0
"""How far a loose end may be from another line that it belongs to."""
APART_KM = 0.5
"""Two landings of a cable that are nearer than this are one."""
_DECIMALS = 5


class Stretch(NamedTuple):
    """A drawn line between two places of a cable, each a landing's id or a branching unit's number."""

    a: str | int
    b: str | int
    km: float
    passes: frozenset[str] = frozenset()
    """The names of the boxes that it comes into."""


class Course(NamedTuple):
    """What the lines of a cable say: its stretches, its branching units by number, all that is drawn, what is not."""

    stretches: list[Stretch]
    units: dict[int, Point]
    drawn_km: float
    doubled: int
    """How many lines run between two places that another one joins already."""
    off: dict[str, str]
    """Why a landing is not on the course, by its id."""


class _Piece(NamedTuple):
    """What joins two points of a drawing: how long it is, which boxes it comes into."""

    km: float
    passes: frozenset[str]


def follow(
    lines: Iterable[Sequence[Point]], landings: dict[str, Point], boxes: Mapping[str, Box] = MappingProxyType({})
) -> Course:
    """Order the landings of a cable along its lines, and tell which stretch comes into which box.

    >>> across = [[(0.0, 178.0), (0.0, 180.0)], [(0.0, -180.0), (0.0, -178.0)]]
    >>> found = follow(across, {"east": (0.0, 178.0), "west": (0.0, -178.0)})
    >>> [(one.a, one.b, round(one.km)) for one in found.stretches]  # 4 degrees of 111.195 km
    [('west', 'east', 445)]
    """
    drawing = _Drawing(lines, boxes)
    drawing.join_loose_ends()
    taken, off = drawing.place(landings)
    drawn_km = sum(piece.km for beside in drawing.beside.values() for piece in beside.values()) / 2
    doubled = drawing.reduce(set(taken))
    units = {point: number for number, point in enumerate((p for p in drawing.beside if p not in taken), 1)}
    names: dict[Point, str | int] = {**taken, **units}
    found = [
        Stretch(names[a], names[b], *piece)
        for a, beside in drawing.beside.items()
        for b, piece in beside.items()
        if a < b
    ]
    reached = {end for stretch in found for end in stretch[:2]}
    alone = [name for name in taken.values() if found and name not in reached]
    off |= dict.fromkeys(alone, "no drawn line joins it to another landing")
    return Course(found, {number: point for point, number in units.items()}, drawn_km, doubled, off)


class _Drawing:
    """Drawn lines as a graph: the neighbours of each point with what joins it to them."""

    def __init__(self, lines: Iterable[Sequence[Point]], boxes: Mapping[str, Box]) -> None:
        self.boxes = boxes
        self.beside: dict[Point, dict[Point, _Piece]] = {}
        self.lines: list[list[Point]] = []
        for line in lines:
            points = [_wrapped(*point) for point in line]
            self.lines.append(points)
            for a, b in pairwise(points):
                self._link(a, b)

    def join_loose_ends(self) -> None:
        """Join each end of a line that touches no other to what is drawn near it, not of its own line."""
        for line in self.lines:
            own = set(line)
            for end in (line[0], line[-1]) if line else ():
                if len(self.beside.get(end, ())) == 1:
                    others = [(a, b) for a, b in self._edges() if a not in own or b not in own]
                    km, foot, edge = _nearest(end, others)
                    if edge is not None and km <= JOIN_KM:
                        self._cut(edge, foot)
                        self._link(end, foot)

    def place(self, landings: dict[str, Point]) -> tuple[dict[Point, str], dict[str, str]]:
        """The point of each landing, and why another one has none."""
        taken: dict[Point, str] = {}
        off: dict[str, str] = {}
        for name, landing in landings.items():
            point = _wrapped(*landing)
            km, foot, edge = _nearest(point, list(self._edges()))
            if edge is None or km > SNAP_KM:
                off[name] = f"is {km:.0f} km from the line of the cable, at most {SNAP_KM:g} km are possible"
                continue
            self._cut(edge, foot)
            if foot in taken:  # a second landing at one place of the line: a spur of its own
                if point in taken or great_circle_km(foot, point) < APART_KM:
                    off[name] = f"stands where {taken[foot]} does"
                    continue
                self._link(foot, point)
                foot = point
            taken[foot] = name
        return taken, off

    def reduce(self, kept: set[Point]) -> int:
        """Leave the kept points and those where lines part; how many lines were doubled by a shorter one."""
        doubled = 0
        todo = [point for point in self.beside if point not in kept]
        while todo:
            point = todo.pop()
            beside = self.beside.get(point)
            if point in kept or beside is None or len(beside) > 2:
                continue
            ends = dict(self.beside.pop(point))
            for end in ends:
                del self.beside[end][point]
            if len(ends) == 2:
                (a, one), (b, other) = ends.items()
                doubled += b in self.beside[a]
                through = _Piece(one.km + other.km, one.passes | other.passes)
                self._link(a, b, min(through, self.beside[a].get(b, through), key=lambda piece: piece.km))
            todo.extend(ends)
        return doubled

    def _edges(self) -> Iterable[tuple[Point, Point]]:
        return ((a, b) for a, beside in self.beside.items() for b in beside if a < b)

    def _link(self, a: Point, b: Point, piece: _Piece | None = None) -> None:
        if a != b:
            if piece is None:
                passes = frozenset(name for name, box in self.boxes.items() if _meets(a, b, box))
                piece = _Piece(great_circle_km(a, b), passes)
            self.beside.setdefault(a, {})[b] = piece
            self.beside.setdefault(b, {})[a] = piece

    def _cut(self, edge: tuple[Point, Point], point: Point) -> None:
        """Make a point of a line one of its own."""
        a, b = edge
        if point not in edge and b in self.beside[a]:
            del self.beside[a][b], self.beside[b][a]
            self._link(a, point)
            self._link(point, b)


def _wrapped(lat_deg: float, lon_deg: float) -> Point:
    """A point as its own name: longitude from -180 up to but not 180, rounded to a metre."""
    return round(lat_deg, _DECIMALS), round((lon_deg + 180) % 360, _DECIMALS) % 360 - 180


def _nearest(point: Point, edges: Sequence[tuple[Point, Point]]) -> tuple[float, Point, tuple[Point, Point] | None]:
    """The nearest point of some lines: how far, where, on which; without lines infinitely far."""
    found: tuple[float, Point, tuple[Point, Point] | None] = (float("inf"), point, None)
    for edge in edges:
        foot = _foot(point, edge)
        km = great_circle_km(point, foot)
        if km < found[0]:
            found = (km, foot, edge)
    return found


def _foot(point: Point, edge: tuple[Point, Point]) -> Point:
    """The point of an edge that is nearest to a point, on a plane that touches the globe there."""
    (a_lat, a_lon), (b_lat, b_lon) = edge
    lat, lon = point
    narrow = cos(radians(lat))
    px, py = _turn(lon - a_lon) * narrow, lat - a_lat
    dx, dy = _turn(b_lon - a_lon) * narrow, b_lat - a_lat
    square = dx * dx + dy * dy
    part = 0.0 if square == 0 else min(1.0, max(0.0, (px * dx + py * dy) / square))
    if part in (0.0, 1.0):
        return edge[int(part)]
    return _wrapped(a_lat + part * dy, a_lon + part * _turn(b_lon - a_lon))


def _meets(a: Point, b: Point, box: Box) -> bool:
    """Whether the straight line between two points comes into a box."""
    (south, north, west, east), first, last = box, 0.0, 1.0
    sides = ((a[0], b[0] - a[0], south, north), (_turn(a[1] - west), _turn(b[1] - a[1]), 0.0, east - west))
    for start, step, low, high in sides:
        if step == 0.0:
            if not low <= start <= high:
                return False
            continue
        enter, leave = sorted(((low - start) / step, (high - start) / step))
        first, last = max(first, enter), min(last, leave)
    return first <= last


def _turn(degrees: float) -> float:
    """The shorter way round."""
    return (degrees + 180) % 360 - 180
