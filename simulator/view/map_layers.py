"""What is drawn on a window of the map, from the ground up: sea and land, lines, places and their names."""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from simulator.catalogue import rows
from simulator.network.atlas import BRANCHING, METRO
from simulator.network.tables import SUBMARINE
from simulator.record.integrate import Floats
from simulator.units import BITS_PER_TERABIT
from simulator.view.basemap import drawn_lines, drawn_rings, land_rings, outline
from simulator.view.map_labels import Mark, write_names
from simulator.view.map_run import Run
from simulator.view.map_style import (
    CASING,
    COAST,
    END,
    EXCHANGE,
    HAIRLINE,
    LAND,
    LANDING,
    LEVELS,
    OVERLAND,
    REGION,
    SEA,
    SERVICE,
    UNUSED,
    WIDEST,
    WIDEST_TRAFFIC,
    exchange_area,
    line_width,
    region_area,
)
from simulator.view.map_words import Words
from simulator.view.projection import MIDDLE_DEG, equal_earth
from simulator.view.strands import Strand, Strands

Pen = tuple[str, float]
"""The colour of a line and its width in points."""
_DASHES = (0, (3.0, 1.5))
_END_POINTS2, TRAFFIC = 36.0, 4.0
_STEPS, _NARROW = 150, 2.0
"""How finely names look for lines across a window, and the points up to which they may lie on one."""


class Names(NamedTuple):
    """How many names a window has at most, and which parts of the plane have them elsewhere."""

    most: int
    elsewhere: Sequence[Bbox] = ()


def ground(axes: Axes) -> None:
    """Sea and land."""
    axes.fill(*outline().T, facecolor=SEA, edgecolor="none", zorder=0)
    land = Path.make_compound_path(*(Path(ring, closed=True) for ring in drawn_rings(land_rings())))
    axes.add_patch(PathPatch(land, facecolor=LAND, edgecolor=COAST, linewidth=0.5, zorder=1))


def capacities(axes: Axes, strands: Strands) -> None:
    """Overland links as hairlines, cables as wide as they are built to carry, the newest on top."""
    overland = [strand for strand in strands.lines if strand.kind != SUBMARINE]
    _lines(axes, overland, [(OVERLAND, 0.5)] * len(overland), zorder=2)
    for level, colour in enumerate(SERVICE):
        for assumed in (True, False):
            same = [s for s in strands.lines if (s.kind, s.level, s.assumed) == (SUBMARINE, level, assumed)]
            _lines(axes, same, [(colour, line_width(s.share, WIDEST)) for s in same], 3 + 0.1 * level, not assumed)


def unused(axes: Axes, strands: Strands) -> None:
    """All there is, faintly, below what a run used."""
    lines = [strand._replace(assumed=False) for strand in strands.lines]
    _lines(axes, lines, [(UNUSED, HAIRLINE)] * len(lines), zorder=2)


def traffic(axes: Axes, strands: Strands) -> None:
    """What carried bits, the widest below."""
    ordered = sorted(strands.lines, key=lambda s: -s.share)
    pens = [(LEVELS[s.level], line_width(s.share, WIDEST_TRAFFIC)) for s in ordered]
    _lines(axes, ordered, pens, TRAFFIC)


def places(axes: Axes, atlas: nx.Graph, words: Words, names: Names) -> None:
    """Landings, cloud regions and exchanges, with the names of the cities whose exchanges carry most."""
    metros = {place: data for place, data in atlas.nodes(data=True) if data["kind"] == METRO}
    landings = [data for place, data in atlas.nodes(data=True) if _lands(atlas, place)]
    _scatter(axes, landings, 5.0, "o", LANDING, "white")
    hosts = [data for data in metros.values() if data["regions"]]
    _scatter(axes, hosts, [region_area(len(data["regions"])) for data in hosts], "s", REGION, "white")
    peaks = {place: _peak_bps(data["ixps"]) for place, data in metros.items()}
    cities = sorted((place for place in metros if peaks[place] > 0), key=lambda place: (-peaks[place], place))
    areas = [exchange_area(peaks[place]) for place in cities]
    _scatter(axes, [metros[place] for place in cities], areas, "o", "none", EXCHANGE)
    marks = [
        Mark(_point(metros[p]), _called(words, p, metros[p]["name"]), a**0.5 / 2)
        for p, a in zip(cities, areas, strict=True)
    ]
    marks += [Mark(_point(data), "", region_area(len(data["regions"])) ** 0.5 / 2) for data in hosts]
    _names(axes, marks, names)


def ends(axes: Axes, atlas: nx.Graph, words: Words, run: Run, strands: Strands, names: Names) -> None:
    """The cities where bits of a run leave or arrive, their names beside the lines."""
    found = {place: atlas.nodes[place] for place in dict.fromkeys(run.ends)}
    _scatter(axes, list(found.values()), _END_POINTS2, "o", "white", END)
    marks = [Mark(_point(d), _called(words, p, d["name"]), _END_POINTS2**0.5 / 2) for p, d in found.items()]
    step = axes.viewLim.width / _STEPS
    _names(axes, [*marks, *(mark for strand in strands.lines for mark in _on_line(strand, step))], names)


def on_plane(lon_deg: Any, lat_deg: Any) -> Floats:
    """The points of these longitudes (from Greenwich) and latitudes on the plane, shape (points, 2)."""
    return equal_earth((np.asarray(lon_deg) - MIDDLE_DEG + 180.0) % 360.0 - 180.0, np.asarray(lat_deg))


def _lines(axes: Axes, strands: Sequence[Strand], pens: Sequence[Pen], zorder: float, cased: bool = False) -> None:
    pieces, colours, widths = [], [], []
    for strand, (colour, width) in zip(strands, pens, strict=True):
        for piece in drawn_lines(strand.way):
            if cased:
                pieces.append(piece)
                colours.append(SEA)
                widths.append(width + 2 * CASING)
            pieces.append(piece)
            colours.append(colour)
            widths.append(width)
    style = _DASHES if any(strand.assumed and strand.kind == SUBMARINE for strand in strands) else "-"
    lines = LineCollection(pieces, colors=colours, linewidths=widths, linestyles=[style], zorder=zorder)
    lines.set(capstyle="round" if zorder == TRAFFIC else "butt", joinstyle="round")
    axes.add_collection(lines, autolim=False)


def _on_line(strand: Strand, step: float) -> Iterator[Mark]:
    """Marks without a name all along a wide line, which names keep clear of."""
    width = line_width(strand.share, WIDEST_TRAFFIC)
    for piece in drawn_lines(strand.way) if width > _NARROW else ():
        passed = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(piece, axis=0).T))))
        at = np.arange(0.0, passed[-1], step)
        for x, y in zip(np.interp(at, passed, piece[:, 0]), np.interp(at, passed, piece[:, 1]), strict=True):
            yield Mark((float(x), float(y)), "", width / 2)


def _lands(atlas: nx.Graph, place: str) -> bool:
    """Whether a submarine cable meets land there."""
    if atlas.nodes[place]["kind"] == BRANCHING:
        return False
    return any(link.kind == SUBMARINE for _, _, links in atlas.edges(place, data="links") for link in links)


def _peak_bps(ixps: Sequence[str]) -> float:
    peaks_tbps = (rows("ixp")[name].number("peak_tbps", "correct the row") for name in ixps)
    return fsum(peaks_tbps) * BITS_PER_TERABIT


def _point(data: Mapping[str, Any]) -> tuple[float, float]:
    x, y = on_plane(data["lon_deg"], data["lat_deg"])[0]
    return float(x), float(y)


def _called(words: Words, place: str, name: str) -> str:
    """A city's name in the language of the map, without what the catalogue adds to it."""
    return words.cities.get(place, name.split(" / ")[0].split(" (")[0])


def _scatter(axes: Axes, where: Sequence[Mapping[str, Any]], areas: Any, shape: str, face: str, edge: str) -> None:
    if where:
        points = np.array([_point(data) for data in where])
        width = 1.1 if face in ("none", "white") else 0.4
        axes.scatter(
            points[:, 0],
            points[:, 1],
            s=areas,
            marker=shape,
            facecolors=face,
            edgecolors=edge,
            linewidths=width,
            zorder=6,
        )


def _names(axes: Axes, marks: Sequence[Mark], names: Names) -> None:
    here = [m if not any(box.contains(*m.at) for box in names.elsewhere) else m._replace(name="") for m in marks]
    write_names(axes, here, names.most)
