"""Names beside their places, none over another: the most important first, those that find no room left out."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

_GAP, _MARGIN = 2.0, 1.5
"""Points between a mark and its name, and between two names."""
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""Where a name is tried: right, left, above, below, then aslant."""


class Mark(NamedTuple):
    """A place on the plane, the name that it would like to have, and the points from its middle to its edge."""

    at: tuple[float, float]
    name: str
    radius_pt: float


def write_names(axes: Axes, marks: Sequence[Mark], names: int) -> list[str]:
    """Write at most so many of the names, in the order of the marks; returns those that found room.

    A name keeps clear of the names before it and of every mark but its own; one without a name only takes room.
    """
    page = axes.get_figure(root=True)
    assert page is not None
    renderer: RendererBase = FigureCanvasAgg(page).get_renderer()  # type: ignore[no-untyped-call]
    pixels = page.dpi / 72.0
    frame = axes.get_window_extent(renderer)
    inner = frame.padded(-2 * _MARGIN * pixels)
    middles = [tuple(axes.transData.transform(mark.at)) for mark in marks]
    boxes = [_box(middle, mark.radius_pt * pixels) for middle, mark in zip(middles, marks, strict=True)]
    kept: list[Bbox] = []
    written: list[str] = []
    for number, mark in enumerate(marks):
        if len(written) == names:
            break
        if not mark.name or not frame.contains(*middles[number]):
            continue
        text = axes.text(0, 0, mark.name, fontsize=8.5, color="#1b2a35", zorder=9)
        size = text.get_window_extent(renderer)
        others = [box for other, box in enumerate(boxes) if other != number]
        reach = (mark.radius_pt + _GAP) * pixels
        for box, x, y in _tries(middles[number], reach, size.width, size.height):
            if not _inside(box, inner) or any(box.padded(_MARGIN * pixels).overlaps(one) for one in (*kept, *others)):
                continue
            x, y = axes.transData.inverted().transform((x, y))
            text.set_position((float(x), float(y)))
            text.set(va="center", ha="center", path_effects=[withStroke(linewidth=2.2, foreground="white", alpha=0.85)])
            kept.append(box)
            written.append(mark.name)
            break
        else:
            text.remove()
    return written


def _tries(middle: tuple[float, ...], reach: float, width: float, height: float) -> Iterator[tuple[Bbox, float, float]]:
    """Boxes of a name around a place, each with its middle, in pixels."""
    for away, (right, up) in product((1.0, 2.2), _SIDES):
        aslant = 0.75 * away if right and up else away
        x = middle[0] + right * (reach * aslant + width / 2)
        y = middle[1] + up * (reach * aslant + height / 2)
        yield Bbox.from_bounds(x - width / 2, y - height / 2, width, height), x, y


def _box(middle: tuple[float, ...], radius: float) -> Bbox:
    return Bbox.from_bounds(middle[0] - radius, middle[1] - radius, 2 * radius, 2 * radius)


def _inside(box: Bbox, frame: Bbox) -> bool:
    return bool(box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y0 >= frame.y0 and box.y1 <= frame.y1)
