"""The picture of the physical internet: a page with the world, a window on what is dense, and legends."""

from collections.abc import Mapping

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from simulator.catalogue import rows
from simulator.errors import UsageError
from simulator.network.atlas import METRO, build_atlas
from simulator.network.tables import SUBMARINE
from simulator.units import BITS_PER_BYTE
from simulator.view import map_layers as layers
from simulator.view.map_legend import GRAMS_PER_KG, write_legends
from simulator.view.map_run import Run
from simulator.view.map_style import FAINT, TEXT
from simulator.view.map_words import Words, with_prefix, words_of
from simulator.view.projection import MIDDLE_DEG
from simulator.view.strands import CARBON, COLOURS, Strands, by_capacity, by_traffic
from simulator.view.target import DPI

SOUTH_DEG, NORTH_DEG = -56.0, 82.0
"""The latitudes of the map; beyond them no cable lands."""
EUROPE_DEG, ASIA_DEG = (-11.5, 31.5, 35.2, 61.5), (94.0, 143.0, -8.5, 41.5)
"""West, east, south and north of the windows on what is densest."""
_WIDTH, _TITLE, _STRIP, _MARGIN = 16.0, 1.05, 5.0, 0.3
"""Inches: the page, its title, the strip below the world, what is left empty around."""
_NOTES = 0.5
_NARROWEST = 0.12
"""The least window on a run's traffic, as a share of that on Europe."""
_WIDEST_WINDOW = 2.2
"""Its most width over its height."""
_WORLD_NAMES, _DETAIL_NAMES = 34, 26


def draw(year: int, colour: str, run: Run | None, lang: str, version: str) -> Figure:
    """Draw the internet of a year: its capacities, or what a run sent through it.

    Raises UsageError for a language or a colour that there is not, and for a year without cables.
    """
    words, atlas = words_of(lang), build_atlas(year)
    if colour not in COLOURS:
        raise UsageError(f"colour {colour!r}", "there is no such colouring", f"there is {', '.join(COLOURS)}")
    if not _cables(atlas):
        first = min(int(row.text("rfs_year")) for row in rows("cable").values())
        state = "no submarine cable of the catalogue is in service"
        raise UsageError(f"a map of {year}", state, f"choose a year from {first} on")
    every = by_capacity(atlas)
    strands = every if run is None else by_traffic(atlas, run.links, colour, run.most_b)
    windows = _windows(words, strands, run)
    figure = Figure(figsize=(_WIDTH, _height()), dpi=DPI, facecolor="white")
    world = _world_axes(figure)
    details, left = _detail_axes(figure, windows)
    boxes = list(windows.values())
    for axes in (world, *details):
        names = layers.Names(_WORLD_NAMES, boxes) if axes is world else layers.Names(_DETAIL_NAMES)
        layers.ground(axes)
        if run is None:
            layers.capacities(axes, strands)
            layers.places(axes, atlas, words, names)
        else:
            layers.unused(axes, every)
            layers.traffic(axes, strands)
            layers.ends(axes, atlas, words, run, strands, names)
    for box in boxes:
        world.add_patch(Rectangle(box.p0, *box.size, fill=False, edgecolor=TEXT, linewidth=0.8, zorder=8))
    run_notes = words.notes_carbon if colour == CARBON else words.notes_utilisation
    _say(figure, _heading(atlas, run, words, strands), words.notes if run is None else run_notes, words, version)
    write_legends(figure, strands, words, None if run is None else colour, (left, (_STRIP - 0.12) / _height()))
    return figure


def _cables(atlas: nx.Graph) -> set[str]:
    links = (link for _, _, found in atlas.edges(data="links") for link in found)
    return {link.cable for link in links if link.kind == SUBMARINE}


def _world() -> Bbox:
    """The window on the world, on the plane."""
    (right, _), (_, low), (_, high) = layers.on_plane([MIDDLE_DEG + 179.999, 0, 0], [0, SOUTH_DEG, NORTH_DEG])
    return Bbox.from_extents(-1.005 * right, low, 1.005 * right, high)


def _height() -> float:
    """Inches of the page, so that the world fills its width."""
    world = _world()
    return float(_TITLE + (_WIDTH - 2 * _MARGIN) * world.height / world.width + _STRIP)


def _windows(words: Words, strands: Strands, run: Run | None) -> dict[str, Bbox]:
    """The windows below the world by title: one on where all the bits of a run went, if that is narrow."""
    dense = {words.europe: _box(*EUROPE_DEG), words.asia: _box(*ASIA_DEG)}
    if run is None:
        return dense
    went = np.concatenate([layers.on_plane(*strand.way.T) for strand in strands.lines])
    found = Bbox.from_extents(*went.min(axis=0), *went.max(axis=0))
    europe = dense[words.europe]
    if found.width > 1.5 * europe.width or found.height > europe.height:
        return dense
    height = 1.3 * max(found.height, found.width / _WIDEST_WINDOW, _NARROWEST * europe.height)
    width = min(_WIDEST_WINDOW, 1.5 * europe.width / europe.height) * height
    x, y = (found.p0 + found.p1) / 2
    return {words.traffic_here: Bbox.from_bounds(x - width / 2, y - height / 2, width, height)}


def _box(west_deg: float, east_deg: float, south_deg: float, north_deg: float) -> Bbox:
    """A window on the plane; its sides are those of its middle latitude."""
    middle_deg = (south_deg + north_deg) / 2
    lon_deg, lat_deg = [west_deg, east_deg, MIDDLE_DEG, MIDDLE_DEG], [middle_deg, middle_deg, south_deg, north_deg]
    left, right, low, high = layers.on_plane(lon_deg, lat_deg)
    return Bbox.from_extents(left[0], low[1], right[0], high[1])


def _world_axes(figure: Figure) -> Axes:
    height, margin = _height(), _MARGIN / _WIDTH
    axes = figure.add_axes((margin, _STRIP / height, 1 - 2 * margin, 1 - (_TITLE + _STRIP) / height))
    box = _world()
    axes.set(xlim=box.intervalx, ylim=box.intervaly, xticks=[], yticks=[], facecolor="none")
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def _detail_axes(figure: Figure, windows: Mapping[str, Bbox]) -> tuple[list[Axes], float]:
    """The axes of the windows side by side, and where the page is free beside them, as a share of its width."""
    height, left, found = _height(), _MARGIN, []
    high = _STRIP - 2 * _MARGIN - _NOTES
    for title, box in windows.items():
        wide = high * box.width / box.height
        axes = figure.add_axes((left / _WIDTH, (_MARGIN + _NOTES) / height, wide / _WIDTH, high / height))
        axes.set(xlim=box.intervalx, ylim=box.intervaly, xticks=[], yticks=[])
        axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=TEXT, pad=4)
        found.append(axes)
        left += wide + _MARGIN
    return found, (left + 0.1) / _WIDTH


def _heading(atlas: nx.Graph, run: Run | None, words: Words, strands: Strands) -> tuple[str, str]:
    """The title of the page and the line below it."""
    year = atlas.graph["year"]
    links = [link for _, _, found in atlas.edges(data="links") for link in found]
    if run is None:
        metros = [data for _, data in atlas.nodes(data=True) if data["kind"] == METRO]
        counts = {
            "cables": len(_cables(atlas)),
            "overland": sum(link.kind != SUBMARINE for link in links),
            "exchanges": sum(len(data["ixps"]) for data in metros),
            "regions": sum(len(data["regions"]) for data in metros),
        }
        return words.title.format(year=year), words.subtitle.format(**counts)
    said = {
        "used": len(strands.lines),
        "links": len(links),
        "year": year,
        "moved": with_prefix(words, max(s.share for s in strands.lines) * run.most_b / BITS_PER_BYTE, words.byte),
        "emitted": with_prefix(words, sum(link.emitted_kg for link in run.links) * GRAMS_PER_KG, "g"),
    }
    of = words.paradigm.format(name=run.paradigm) if run.paradigm else ""
    return words.titled_run.format(name=run.name), of + words.subtitle_run.format(**said)


def _say(figure: Figure, heading: tuple[str, str], notes: str, words: Words, version: str) -> None:
    """The heading above and the notes below."""
    height, left = _height(), _MARGIN / _WIDTH
    figure.text(left, 1 - 0.22 / height, heading[0], fontsize=24, fontweight="bold", color=TEXT, va="top")
    figure.text(left, 1 - 0.68 / height, heading[1], fontsize=13, color=FAINT, va="top")
    said = f"{notes}\n{words.source.format(version=version)}"
    figure.text(left, _MARGIN / 2 / height, said, fontsize=9, color=FAINT, va="bottom", linespacing=1.35)
