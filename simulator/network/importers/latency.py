"""Round trips that somebody measured between cities, as a table of a user atlas.

    a,b,rtt_ms,date,source
    paris,new-york,77.4,2024-05-02,our probes

`a` and `b` are ids or names of cities, or ids of cloud regions; `date` (ISO 8601, or a year) and
`source` may be left out: then the year is `--year`, else that of the file, and the source the file. A round
trip faster than light in fibre along the great circle is not where it says and is left out, and so
is one that takes too long, and another of a pair and date, there and back being one.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from simulator.catalogue import find, rows, suggest
from simulator.errors import Problem, UsageError
from simulator.network.atlas import great_circle_km
from simulator.network.files import csv_in, find_number, one_line, read_bytes, text_in
from simulator.network.importers.places import find_named_city, point_of
from simulator.network.importers.reading import Imported, text_of, usable

NEEDED, COLUMNS = ("a", "b", "rtt_ms"), ("a", "b", "rtt_ms", "date", "source")
EXAMPLE = "paris,new-york,77.4,2024-05-02,our probes"
MOST_MS = 1e4
"""No packet lives that long: round the globe in fibre and over a geostationary satellite are half a second each."""


def import_latency(file: Path, year: int) -> Imported:
    """The table round-trip; `year` is that of rows without a date.

    Raises UsageError for a file that is none, AtlasError with all problems where nothing can be used.
    """
    table = csv_in(text_in(read_bytes(file), file), file)
    columns = tuple(one_line(cell.strip().lower()) for cell in table[0][1]) if table else ()
    if not set(NEEDED) <= set(columns) <= set(COLUMNS) or len(set(columns)) < len(columns):
        state = f"has the columns {', '.join(columns) or 'of nothing'}"
        raise UsageError(f"{file}:1", state, f"the first line is `{','.join(COLUMNS)}`; the last two may be left out")
    found = Imported({"round-trip": []}, [], [])
    lines: dict[frozenset[str], tuple[int, str]] = {}
    for line, cells in table[1:]:
        read = _row(columns, cells, year, file.name)
        if isinstance(read, dict):
            first, id_ = lines.setdefault(frozenset(read["id"].split(":")), (line, read["id"]))
            if first == line:
                found.rows["round-trip"].append(read)
                continue
            read = f"{id_} stands in line {first} already; give one row a pair and date, there and back are one"
        found.left_out.append(Problem(f"{file}:{line}", one_line(",".join(cells[:3])), f"{read}; left out"))
    return usable(str(file), found)


def _row(columns: Sequence[str], cells: Sequence[str], year: int, file: str) -> dict[str, str] | str:
    """A row of the table, or why it is none."""
    if len(cells) > len(columns) or set(columns[len(cells) :]) & set(NEEDED):
        return f"has {len(cells)} cells, and the first line {len(columns)}; write such as `{EXAMPLE}`"
    cell = dict.fromkeys(COLUMNS, "") | {name: text_of(text) for name, text in zip(columns, cells, strict=False)}
    ends = {end: find_named_city(cell[end]) for end in "ab"}
    for end, city in ends.items():
        if city is None:
            return f"no city is called {cell[end]!r}; {suggest(cell[end], 'city')}"
    a, b = (city for city in ends.values() if city is not None)
    rtt_ms = find_number(cell["rtt_ms"])
    if rtt_ms is None or rtt_ms <= 0:
        return f"{cell['rtt_ms']!r} is no round trip in milliseconds"
    if rtt_ms > MOST_MS:
        return f"{rtt_ms:g} ms is longer than a packet lives, {MOST_MS:g} ms at most: give milliseconds"
    if a == b:
        return "both ends are one city"
    least_ms = _light_ms(a, b)
    if rtt_ms < least_ms:
        return f"{rtt_ms:g} ms is faster than light in fibre, {least_ms:.1f} ms: one end is not where it says"
    date = re.fullmatch(r"((?:19|20)\d\d)(-\d\d-\d\d)?(?:[T ].*)?", cell["date"])
    if cell["date"] and date is None:
        return f"{cell['date']!r} is no date such as 2024-05-02"
    row = {"id": ":".join((a, b, *([date[0].lower()[:10]] if date else []))), "a": a, "b": b, "rtt_ms": f"{rtt_ms:g}"}
    row |= {"name": f"{rows('city')[a].name} - {rows('city')[b].name}", "year": date[1] if date else str(year)}
    return row | {"source": cell["source"] or file, "confidence": "measured"}


def _light_ms(a: str, b: str) -> float:
    """What no packet in fibre can beat: there and back on the great circle."""
    light_us_per_km = find("network-assumption", "latency-light").number("light_us_per_km", "correct the row")
    return 2e-3 * light_us_per_km * great_circle_km(point_of(a), point_of(b))
