"""The commands `aiceberg sweep …`: many runs of one scenario, and what they come to.

Exit 0 where all points ended well, 1 where some did not, 2 for a mistake in what was asked.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.command import AsJson, Stop, console, list_shipped
from simulator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.study.sweep.load import LoadedSweep
    from simulator.sweeps import Sweep

sweep_app = typer.Typer(help="Run a scenario at many points, on this machine or a cluster.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="the folder of a sweep")]
Engine = Annotated[str, typer.Option(help="local, dask, slurm, oar, pbs, or tcp://host:port of a dask scheduler")]
Workers = Annotated[
    int | None,
    typer.Option("-j", "--workers", min=1, max=10_000, help="processes; this machine's cores if left out"),
]
Profile = Annotated[str | None, typer.Option(help="how jobs are submitted: a YAML file, or a shipped profile's name")]
Measure = Annotated[str, typer.Option("--of", help="the measure, such as facility_energy_j")]
Force = Annotated[bool, typer.Option("--force", help="overwrite an earlier picture")]


@sweep_app.command()
def run(
    file: Annotated[str | None, typer.Argument(metavar="SWEEP", help="a sweep file; none: list those shipped")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="folder, gone on with if it is there")] = None,
    engine: Engine = "local",
    workers: Workers = None,
    profile: Profile = None,
    reuse: Annotated[
        list[Path] | None, typer.Option(help="folder of another sweep whose points are taken over")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check it, count its points, estimate the time")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a sweep, or what is left of it: what is recorded already is never run again."""
    if file is None:
        from simulator.scenario.shipped import shipped_sweeps

        list_shipped(shipped_sweeps(), "aiceberg sweep run", as_json)
        return
    from simulator import sweeps
    from simulator.study.sweep.load import load_sweep

    loaded = load_sweep(file)
    folder = out or sweeps.folder_of(loaded)
    if dry_run:
        _forecast(loaded, folder, workers, as_json)
        return
    _end(run_left(loaded, folder, engine, workers, profile, reuse or ()), as_json)


@sweep_app.command()
def status(folder: Folder, as_json: AsJson = False) -> None:
    """How many points ended how, what went wrong, and who is at work."""
    from simulator import sweeps

    _tell(sweeps.open_sweep(folder), as_json, with_factors=True)


@sweep_app.command()
def retry(
    folder: Folder,
    engine: Engine = "local",
    workers: Workers = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Run again what failed, took too long or was killed, and what has not run yet."""
    from simulator.study.sweep.folder import newest, read_document
    from simulator.study.sweep.load import load_sweep_again
    from simulator.study.sweep.run import AGAIN

    planned = read_document(folder, newest(folder))
    loaded = load_sweep_again(planned)
    _end(run_left(loaded, folder, engine, workers, profile, (), AGAIN, planned["compute"]), as_json)


@sweep_app.command()
def collect(folder: Folder) -> None:
    """Write the table of all points as one Parquet file, results.parquet."""
    from simulator import sweeps

    found = sweeps.open_sweep(folder)
    path = found.collect()
    typer.echo(f"{path}: {found.table.num_rows} rows, {found.table.num_columns} columns")


@sweep_app.command()
def sensitivity(
    folder: Folder,
    of: Measure = "facility_energy_j",
    figure: Annotated[Path | None, typer.Option(metavar="PNG", help="draw it into this file too")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """What of a measure each factor explains: Sobol' indices with intervals, or Morris effects."""
    from simulator import sweeps
    from simulator.view import sensitivity as view
    from simulator.view.target import find_free_png

    find_free_png(figure, force)  # before the work, not after it
    opened = sweeps.open_sweep(folder)
    found = opened.sensitivity(of)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        console().print(view.indices(found))
    if figure is not None:
        opened.plot("sensitivity", of, path=figure, force=force)
        typer.echo(f"figure    {figure}", err=as_json)


@sweep_app.command()
def plot(
    folder: Folder,
    kind: Annotated[str, typer.Option(help="bands, heat, parallel, tornado, or sensitivity")] = "bands",
    of: Measure = "facility_energy_j",
    x: Annotated[str | None, typer.Option(help="the factor along x")] = None,
    y: Annotated[str | None, typer.Option(help="the factor along y, of heat")] = None,
    paradigm: Annotated[str | None, typer.Option(help="one of them, or A/B for their ratio (heat)")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="the picture, a PNG")] = Path("sweep.png"),
    force: Force = False,
) -> None:
    """Draw a measure over the factors."""
    from simulator import sweeps

    sweeps.open_sweep(folder).plot(kind, of, x=x, y=y, paradigm=paradigm, path=out, force=force)
    console().print(f"figure    {out}", highlight=False, soft_wrap=True)


@sweep_app.command()
def profile(
    name: Annotated[str | None, typer.Argument(help="slurm, pbs, oar-...; none: list those shipped")] = None,
) -> None:
    """Print a profile of jobs, to be changed and given as --profile."""
    from simulator.scenario.sentences import nearest
    from simulator.study.sweep.profile import shipped_profiles

    known = shipped_profiles()
    if name is None:
        typer.echo("\n".join(known) + "\n\nprint one with: aiceberg sweep profile NAME > my.yaml")
        return
    if name not in known:
        raise UsageError(f"sweep profile {name}", "no profile is called so", nearest(name, known))
    typer.echo(known[name].read_text(encoding="utf-8"), nl=False)


def run_left(
    loaded: "LoadedSweep",
    folder: Path,
    engine: str,
    workers: int | None,
    profile: str | None = None,
    reuse: "Sequence[Path]" = (),
    again: "Sequence[str]" = (),
    compute: str | None = None,
) -> "Sweep":
    """Run what is left of a sweep, with progress."""
    from simulator import sweeps
    from simulator.study.sweep import run as runs
    from simulator.study.sweep.engine import SIMULATE
    from simulator.view.sweep_progress import reporter

    start = sweeps.opener(engine, workers, profile)
    prepared = runs.prepare(loaded, folder, reuse, again, compute or SIMULATE)
    done = prepared.size - len(prepared.left)
    if done:
        typer.echo(f"{loaded.spec.name}: {done} of {prepared.size} points are done", err=True)
    with reporter(loaded.spec.name, prepared.size, done) as report:
        left = f"what is recorded is kept in {folder}; the same command goes on"
        runs.run(prepared, start, Stop.heed(report, left))
    return sweeps.open_sweep(folder)


def _tell(found: "Sweep", as_json: bool, with_factors: bool = False) -> bool:
    """Say how it stands now; whether all of its points ended well."""
    stands = found.status
    if as_json:
        typer.echo(json.dumps(stands.as_json(), indent=2, ensure_ascii=False))
        return stands.is_done
    from simulator.view import sweep_status

    console().print(sweep_status.standing(stands, found.folder, with_factors), highlight=False, soft_wrap=True)
    console().print(f"results   {found.folder}", highlight=False, soft_wrap=True)
    return stands.is_done


def _end(found: "Sweep", as_json: bool) -> None:
    """How it stands now; exit 1 where some points did not end well."""
    if not _tell(found, as_json):
        raise typer.Exit(1)


def _forecast(loaded: "LoadedSweep", folder: Path, workers: int | None, as_json: bool) -> None:
    """Count points and tell the time; writes nothing."""
    from simulator.study.sweep.estimate import find_point_s
    from simulator.study.sweep.local import cores
    from simulator.study.sweep.run import look
    from simulator.view import sweep_status

    found = look(loaded, folder)
    point_s, count = find_point_s(found), workers or cores()
    if as_json:
        left_s = None if point_s is None else len(found.left) * point_s / count
        plain = {"points": found.size, "left": len(found.left), "point_s": point_s, "workers": count, "left_s": left_s}
        typer.echo(json.dumps(plain, indent=2))
        return
    told = sweep_status.forecast(found.size, len(found.left), point_s, count)
    console().print(told, highlight=False, soft_wrap=True)


def compare_repeats(
    target: str,
    repeats: int | None,
    out: Path | None,
    workers: int | None,
    shows: str | None,
    where: dict[str, str],
    as_json: bool,
) -> None:
    """Compare over the repeats of a sweep, or of a scenario that is run for it."""
    from simulator import sweeps
    from simulator.scenario.shipped import name_of, shipped
    from simulator.study.compare import check_total
    from simulator.study.sweep.folder import is_sweep
    from simulator.view import repeats as view

    check_total(shows)
    folder = Path(target)
    if not folder.exists() and name_of(target) not in shipped():
        remedy = "give what `aiceberg run` or `sweep run` wrote, or a scenario"
        raise UsageError(target, "is no folder and no scenario", remedy)
    if not is_sweep(folder):
        loaded = sweeps.repeat(target, repeats)
        folder = out or sweeps.folder_of(loaded)
        run_left(loaded, folder, sweeps.LOCAL, workers)
    elif repeats is not None:
        raise UsageError("--repeats", "a sweep has its own", "say `repeats:` in its file and run it again")
    elif out is not None or workers is not None:
        raise UsageError("-o" if workers is None else "-j", "nothing is run of a sweep that is there", "leave it out")
    found = sweeps.open_sweep(folder).compare(shows, where)
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False))
        return
    for one in found:
        console().print(view.repeated(one))
