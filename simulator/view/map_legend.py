"""The legends of the map: what widths, colours and marks mean, in the language of the map."""

from itertools import pairwise
from typing import Literal, NamedTuple

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from simulator.units import BITS_PER_BYTE
from simulator.view.map_style import (
    END,
    EXCHANGE,
    FAINT,
    HAIRLINE,
    LANDING,
    LEVELS,
    OVERLAND,
    REGION,
    SERVICE,
    TEXT,
    UNUSED,
    WIDEST,
    WIDEST_TRAFFIC,
    exchange_area,
    line_width,
    region_area,
)
from simulator.view.map_words import Words, with_prefix, written
from simulator.view.strands import UTILISATION, Strands

PEAKS_BPS = (1e12, 5e12, 25e12)
COUNTS = (1, 4)
_CAPACITIES_BPS = (1e12, 20e12, 100e12)
GRAMS_PER_KG = 1000.0
Corner = tuple[float, float]
"""Shares of the page's width and height."""


class Entries(NamedTuple):
    """A legend: its title, and a mark and a text for each line."""

    title: str
    lines: list[tuple[Artist, str]]


def write_legends(figure: Figure, strands: Strands, words: Words, colour: str | None, corner: Corner) -> None:
    """Write them right of and below a corner of the page; without a colour, those of a map without a run."""
    left, top = corner
    if colour is None:
        rows = [[_capacities(strands, words), _services(strands, words)], [_places(words)]]
    else:
        rows = [[_traffic(strands, words), _levels(strands, words, colour)], [_ends(words)]]
    for row in rows:
        high = [_write(figure, entries, left + n * (1.0 - left) * 0.53, top) for n, entries in enumerate(row)]
        top -= max(high) + 0.018


def _write(figure: Figure, entries: Entries, left: float, top: float) -> float:
    """Write one; returns its height as a share of the page."""
    marks, texts = zip(*entries.lines, strict=True)
    legend = figure.legend(
        marks,
        texts,
        title=entries.title,
        loc="upper left",
        bbox_to_anchor=(left, top),
        frameon=False,
        fontsize=10.5,
        title_fontproperties={"size": 11.5, "weight": "bold"},
        labelcolor=TEXT,
        alignment="left",
        handlelength=2.6,
        labelspacing=0.55,
        borderpad=0.0,
        borderaxespad=0.0,
    )
    return float(legend.get_window_extent().height / figure.bbox.height)


def _line(colour: str, width: float, style: Literal["-", "--"] = "-") -> Line2D:
    return Line2D([], [], color=colour, linewidth=width, linestyle=style, solid_capstyle="butt")


def _mark(shape: str, area: float, face: str, edge: str = "none") -> Line2D:
    marker = {"marker": shape, "markersize": area**0.5, "markerfacecolor": face, "markeredgecolor": edge}
    return Line2D([], [], linestyle="none", markeredgewidth=1.1 if edge != "none" else 0.0, **marker)


def _capacities(strands: Strands, words: Words) -> Entries:
    sizes_bps = [strands.most, *(size for size in reversed(_CAPACITIES_BPS) if size < strands.most)]
    lines: list[tuple[Artist, str]] = []
    for size_bps in sizes_bps:
        width = line_width((size_bps / strands.most) ** 0.5, WIDEST)
        lines.append((_line(FAINT, width), with_prefix(words, size_bps, "bit/s")))
    lines.append((_line(FAINT, 1.0, "--"), words.unknown))
    lines.append((_line(OVERLAND, 0.7), words.overland))
    return Entries(words.capacity, lines)


def _services(strands: Strands, words: Words) -> Entries:
    first, *between = strands.bounds
    texts = [words.before.format(year=first)]
    texts += [words.decade.format(year=a, last=b - 1) for a, b in zip(strands.bounds, between, strict=False)]
    texts.append(words.since.format(year=strands.bounds[-1]))
    return Entries(words.service, [(_line(c, 3.0), text) for c, text in zip(SERVICE, texts, strict=True)])


def _traffic(strands: Strands, words: Words) -> Entries:
    lines: list[tuple[Artist, str]] = []
    for share in (1.0, 0.5, 0.1):
        size = with_prefix(words, share * strands.most / BITS_PER_BYTE, words.byte)
        lines.append((_line(FAINT, line_width(share, WIDEST_TRAFFIC)), size))
    lines.append((_line(UNUSED, HAIRLINE), words.unused))
    return Entries(words.traffic, lines)


def _levels(strands: Strands, words: Words, colour: str) -> Entries:
    if colour == UTILISATION:
        limits = [f"{written(words, 100 * bound)} %" for bound in strands.bounds]
    else:
        limits = [with_prefix(words, bound * GRAMS_PER_KG, "g") for bound in strands.bounds]
    texts = [words.below.format(high=limits[0])]
    texts += [words.between.format(low=a, high=b) for a, b in pairwise(limits)]
    texts.append(words.above.format(low=limits[-1]))
    title = words.utilisation if colour == UTILISATION else words.carbon
    return Entries(title, [(_line(c, 4.0), text) for c, text in zip(LEVELS, texts, strict=True)])


def _places(words: Words) -> Entries:
    lines: list[tuple[Artist, str]] = []
    for peak_bps in PEAKS_BPS:
        peak = with_prefix(words, peak_bps, "bit/s")
        lines.append((_mark("o", exchange_area(peak_bps), "none", EXCHANGE), words.exchange.format(peak=peak)))
    for count in COUNTS:
        text = words.region if count == 1 else words.regions.format(count=count)
        lines.append((_mark("s", region_area(count), REGION), text))
    lines.append((_mark("o", 8.0, LANDING), words.landing))
    return Entries(words.places, lines)


def _ends(words: Words) -> Entries:
    return Entries(words.places, [(_mark("o", 36.0, "white", END), words.end)])
