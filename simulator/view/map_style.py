"""How the map looks: colours that the colour-blind can tell apart, and sizes that are true to scale.

Rings and squares have areas in proportion to what they stand for; so small that they could not
be seen, they are drawn at the least size. Levels go from light to dark, so that they also
differ in grey.
"""

SEA, LAND, COAST, TEXT, FAINT = "#d2e5ef", "#f6f4ee", "#b3ae9f", "#1b2a35", "#5b6b76"
UNUSED, OVERLAND = "#9fb0bb", "#c9ad84"
EXCHANGE, REGION, LANDING, END = "#c2410c", "#6b3fa0", "#16364d", "#16364d"
SERVICE = ("#74b3cf", "#3d8fb8", "#1f6797", "#0b2f50")
"""By decade of service, the newest darkest."""
LEVELS = ("#f3b13c", "#ec7a37", "#cf3f63", "#8a2a86", "#2c1160")
"""By utilisation or carbon, the most darkest."""

WIDEST, WIDEST_TRAFFIC, HAIRLINE = 3.4, 8.0, 0.45
"""Points."""
_POINTS2_PER_TBPS, _POINTS2_PER_REGION, _LEAST_POINTS2 = 13.0, 9.0, 3.0


CASING = 0.5
"""Points of sea on either side of a line, which tell it from the one below."""


def line_width(share: float, widest_pt: float) -> float:
    """Points of a line that carries this share of the widest one's."""
    return max(HAIRLINE, widest_pt * share)


def exchange_area(peak_bps: float) -> float:
    """Square points of the ring of exchanges."""
    return max(_LEAST_POINTS2, _POINTS2_PER_TBPS * peak_bps / 1e12)


def region_area(count: int) -> float:
    """Square points of the square of so many cloud regions."""
    return _POINTS2_PER_REGION * count
