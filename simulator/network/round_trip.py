"""Round trips that somebody published, by pairs of cities: there and back are alike.

Source: the table round_trips, whose cities are the metros of the regions that were measured.
"""

from functools import lru_cache

from simulator.catalogue import Row, rows
from simulator.errors import UsageError
from simulator.network.atlas import great_circle_km
from simulator.network.tables import CATALOGUE, MOST_ATLASES, AtlasTables

COLUMN = "rtt_ms"
SHOWN = 2
"""How many of the nearest pairs an error names."""


def round_trip(a: str, b: str, year: int, tables: AtlasTables = CATALOGUE) -> Row:
    """The published round trip between two places of an atlas, of several the one of the nearest year.

    Raises UsageError with the nearest pairs.

    >>> round_trip("london", "dallas", 2025).number("rtt_ms", "correct the row")
    113.0
    """
    found = _by_ends(tables).get(frozenset((a, b)), [])
    row = min(found, key=lambda row: abs(int(row.source(COLUMN).year) - year), default=None)
    if row is None:
        remedy = "take `latency: policy`, or add the pair to the table round_trips of an atlas of your own"
        raise UsageError(f"latency measured from {a} to {b}", f"nobody measured it{_nearest(a, b, tables)}", remedy)
    return row


def assumption(row: Row) -> str:
    """What a result calls it where it was used.

    >>> assumption(round_trip("london", "dallas", 2025))
    'round-trip/dallas:london/rtt_ms'
    """
    return f"{row.kind}/{row.id}/{COLUMN}"


@lru_cache(maxsize=MOST_ATLASES)
def _by_ends(tables: AtlasTables) -> dict[frozenset[str], list[Row]]:
    """What was published of each pair, the latest first."""
    found: dict[frozenset[str], list[Row]] = {}
    rows_of = tables.rows("round-trip").values()
    for row in sorted(rows_of, key=lambda row: (row.source(COLUMN).year, row.id), reverse=True):
        found.setdefault(frozenset((row.text("a"), row.text("b"))), []).append(row)
    return found


def _nearest(a: str, b: str, tables: AtlasTables) -> str:
    """The pairs whose ends lie least away from these two, kilometres of both ends together; "" without a table."""
    far: list[tuple[float, str]] = []
    for row in (row for published in _by_ends(tables).values() for row in published):
        c, d = row.text("a"), row.text("b")
        km = min(_km(a, c, tables) + _km(b, d, tables), _km(a, d, tables) + _km(b, c, tables))
        far.append((km, f"`{c}` to `{d}` ({km:,.0f} km away)"))
    told = [text for _, text in sorted(far)[:SHOWN]]
    return f"; the nearest measured pairs are {' and '.join(told)}" if told else ""


def _km(a: str, b: str, tables: AtlasTables) -> float:
    ends = [rows("city").get(place) or tables.find("landing", place) for place in (a, b)]
    points = [tuple(end.number(column, "correct the row") for column in ("lat_deg", "lon_deg")) for end in ends]
    return great_circle_km((points[0][0], points[0][1]), (points[1][0], points[1][1]))
