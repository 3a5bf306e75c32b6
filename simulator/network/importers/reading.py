"""What importers share: what an import makes, and how values of others' files are read."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from simulator.errors import AtlasError, Problem, UsageError
from simulator.network.files import find_number, json_in, read_bytes, text_in


class Imported(NamedTuple):
    """What an import makes: rows by kind of table, what was left out, and what was kept though it is not whole."""

    rows: dict[str, list[dict[str, str]]]
    left_out: list[Problem]
    notes: list[Problem]


def usable(source: str, found: Imported) -> Imported:
    """The import without its empty tables; raises AtlasError with all its problems where nothing is left."""
    rows = {kind: listed for kind, listed in found.rows.items() if listed}
    if not rows:
        nothing = Problem(source, "", "nothing in it can be used; nothing was written")
        raise AtlasError(source, (*found.left_out, nothing))
    return found._replace(rows=rows)


def read_json(path: Path) -> Any:
    """The data of a JSON file; raises UsageError with file and line where there is none."""
    return json_in(text_in(read_bytes(path), path), path)


def year_of_copy(path: Path) -> int:
    """The year of the newest file of a copy, or of a file alone."""
    files = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
    return datetime.fromtimestamp(max((one.stat().st_mtime for one in files if one.exists()), default=0.0), UTC).year


def as_problem(error: UsageError) -> Problem:
    """A mistake in one file as one of many."""
    return Problem(error.asked, "", f"{error.state}; {error.remedy}")


def find_point(lat: Any, lon: Any) -> tuple[float, float] | None:
    """Latitude and longitude in degrees; None where they are none. Longitudes come back within 180 degrees.

    >>> find_point("-17.5", 190), find_point(91, 0), find_point(None, 2)
    ((-17.5, -170.0), None, None)
    """
    lat_deg, lon_deg = find_number(lat), find_number(lon)
    if lat_deg is None or lon_deg is None or abs(lat_deg) > 90 or abs(lon_deg) > 360:
        return None
    return lat_deg, lon_deg if abs(lon_deg) <= 180 else (lon_deg + 180) % 360 - 180


def text_of(raw: Any) -> str:
    """A text without blanks at its ends and line ends within; "" for anything that is none."""
    return " ".join(raw.split()) if isinstance(raw, str) else ""


def mappings(raw: Any) -> Iterable[dict[str, Any]]:
    """Those entries of a list that are mappings; none where it is no list."""
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []
