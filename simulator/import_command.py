"""The commands `aiceberg import …`: data that a user downloaded, as tables of an atlas of their own.

Exit 2 and nothing written where nothing can be used; else what was left out stands on the
error stream, a sentence each, and the exit is 0.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.command import AsJson

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.network.importers.reading import Imported

import_app = typer.Typer(
    help="Turn data that you downloaded into tables of an atlas of your own: `world: {atlas: FOLDER}`.",
    no_args_is_help=True,
)

Atlas = Annotated[Path, typer.Option("-o", "--out", metavar="ATLAS", help="folder of the atlas; imports add up")]
OfYear = Annotated[int | None, typer.Option("--year", min=1900, max=2100, help="year of the data, where it says none")]
OfRows = Annotated[
    int | None,
    typer.Option(
        "--year", min=1900, max=2100, help="year of rows without a date; else that in which FILE changed last"
    ),
]
Force = Annotated[bool, typer.Option("--force", help="replace tables that the atlas has already")]


@import_app.command("telegeography")
def import_telegeography(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a copy of its public map data, api v2 or v3")],
    out: Atlas,
    year: OfYear = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Cables, segments and landings from TeleGeography's map: cable-geo.json, and a JSON a cable (CC BY-NC-SA 3.0)."""
    from simulator.network.importers import reading, telegeography

    year = reading.year_of_copy(folder) if year is None else year
    _import(
        ("cable", "segment", "landing"), lambda: telegeography.import_telegeography(folder, year), out, force, as_json
    )


@import_app.command("peeringdb")
def import_peeringdb(
    file: Annotated[Path, typer.Argument(metavar="FILE", help='its dump, JSON: {"ix": {"data": [...]}, "fac": ...}')],
    out: Atlas,
    year: OfYear = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Exchanges and facilities from a dump of PeeringDB."""
    from simulator.network.importers import peeringdb

    _import(("ixp", "facility"), lambda: peeringdb.import_peeringdb(file, year), out, force, as_json)


@import_app.command("latency")
def import_latency(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV that begins with a,b,rtt_ms[,date,source]")],
    out: Atlas,
    year: OfRows = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Round trips that were measured between cities.

    The first line is a,b,rtt_ms,date,source (the last two may be left out), a row is such as
    paris,new-york,77.4,2024-05-02,our probes. The ends are cities (ids or names) or cloud regions.
    """
    from simulator.network.importers import latency, reading

    year = reading.year_of_copy(file) if year is None else year
    _import(("round-trip",), lambda: latency.import_latency(file, year), out, force, as_json)


def _import(kinds: tuple[str, ...], read: "Callable[[], Imported]", atlas: Path, force: bool, as_json: bool) -> None:
    """Read, write, and tell what was written, what was left out and why."""
    from simulator.network.importers.writing import check_free, write_tables

    check_free(atlas, kinds, force)
    found = read()
    written = write_tables(atlas, found.rows)
    if as_json:
        told = {"left_out": found.left_out, "notes": found.notes}
        lists = {name: [problem._asdict() for problem in listed] for name, listed in told.items()}
        typer.echo(json.dumps({"atlas": str(atlas), "written": written, **lists}, indent=2, ensure_ascii=False))
        return
    for problem in (*found.left_out, *found.notes):
        typer.echo(str(problem), err=True)
    tables = ", ".join(f"{name} ({count} rows)" for name, count in written.items())
    typer.echo(f"written to {atlas}: {tables}; {len(found.left_out)} left out, {len(found.notes)} kept with a note")
