"""The command `aiceberg`: exit 0 done, 2 the user's mistake (no traceback), 1 ours or a missed gate.

Nothing heavy is imported before a command needs it: `aiceberg --help` must be instant.
"""

import io
import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.account_command import account, explain
from simulator.command import AsJson, Stop, console, list_shipped, read_values
from simulator.errors import SimulatorError, UsageError
from simulator.import_command import import_app
from simulator.lever_command import levers
from simulator.sweep_command import compare_repeats, sweep_app

if TYPE_CHECKING:
    from simulator.api import Results
    from simulator.scenario.load import Loaded

app = typer.Typer(
    help="AIceberg: simulate AI infrastructure, the hidden part included.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
catalogue_app = typer.Typer(
    help="Look up the figures that the simulator uses, each with its source.", no_args_is_help=True
)
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(import_app, name="import")
app.add_typer(sweep_app, name="sweep")
app.command()(account)
app.command()(explain)
app.command()(levers)

Scenarios = Annotated[
    list[str] | None, typer.Argument(help="scenario files, or names of shipped ones; none: list those")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="replace one value, such as tick='5 min'")
]
OwnAtlas = Annotated[Path | None, typer.Option("--atlas", help="folder with tables of your own, in place of ours")]


@app.command()
def run(
    scenarios: Scenarios = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="result folder; with several scenarios, the folder above")
    ] = None,
    paradigm: Annotated[str | None, typer.Option(help="run only this one")] = None,
    sets: Sets = None,
    seed: Annotated[int | None, typer.Option(min=0, help="seed of all random streams")] = None,
    force: Annotated[bool, typer.Option("--force", help="overwrite an earlier result")] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="draw no figures")] = False,
    as_json: AsJson = False,
) -> None:
    """Run scenarios and write their result folders."""
    if not scenarios:
        _list_scenarios(as_json)
        return
    from simulator import api
    from simulator.record.store import check_free
    from simulator.scenario.load import only

    values = read_values([*(sets or ()), *([] if seed is None else [f"seed={seed}"])])
    loaded = [only(api.load(scenario, values), paradigm) for scenario in scenarios]
    folders = [_folder(one, out, len(loaded) > 1) for one in loaded]
    if len(set(folders)) < len(folders):
        raise UsageError(
            "several scenarios", "two of them would write the same folder", "run them one at a time with -o"
        )
    for folder in folders:
        check_free(folder, force)
    summaries = {}
    for one, folder in zip(loaded, folders, strict=True):
        results = _run_one(one, folder, force, not no_report)
        summaries[one.spec.name] = results.summary
        if not as_json:
            _print_result(results, folder, not no_report)
    if as_json:
        typer.echo(json.dumps(summaries if len(summaries) > 1 else results.summary, indent=2))


@app.command()
def validate(scenarios: Annotated[list[str], typer.Argument(help="scenario files")], sets: Sets = None) -> None:
    """Check scenarios and sweeps without running them: all that is wrong, at once."""
    from simulator import api
    from simulator.study.sweep.load import is_sweep_file

    wrong = []
    for scenario in scenarios:
        try:
            is_sweep = is_sweep_file(scenario)
            source = _check_sweep(scenario, sets) if is_sweep else api.load(scenario, read_values(sets)).source
            typer.echo(f"{source}: nothing wrong")
        except SimulatorError as error:
            wrong.append(str(error))
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(2)


@app.command()
def schema(of_sweeps: Annotated[bool, typer.Option("--sweep", help="of sweep files instead")] = False) -> None:
    """Print the JSON Schema of scenario files, for editors and other programs."""
    from simulator.scenario.schema import json_schema
    from simulator.study.sweep.schema import sweep_schema

    typer.echo(json.dumps(sweep_schema() if of_sweeps else json_schema(), indent=2, ensure_ascii=False))


@app.command()
def compare(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="DIR...", help="result folders, or the folder of a sweep with repeats, or a SCENARIO"),
    ],
    repeats: Annotated[int | None, typer.Option(min=2, help="of a scenario: run it with so many seeds")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="of a sweep: these values of its factors alone")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="of a scenario: where its repeats are kept")] = None,
    workers: Annotated[int | None, typer.Option("-j", "--workers", min=1, help="of a scenario: processes")] = None,
    as_json: AsJson = False,
    shows: Annotated[
        str | None, typer.Option(metavar="TOTAL", help="reserved, or owned; what the first scenario says if left out")
    ] = None,
) -> None:
    """Paradigms beside the first one: differences, ratios, and whether the order flips; intervals over repeats."""
    from simulator.study.sweep.folder import is_sweep

    folders = [Path(target) for target in targets]
    if len(folders) == 1 and (is_sweep(folders[0]) or not folders[0].is_dir()):
        compare_repeats(targets[0], repeats, out, workers, shows, read_values(where, "--where"), as_json)
        return
    for option, value in {"--repeats": repeats, "--where": where, "-o": out, "-j": workers}.items():
        if value is not None:
            raise UsageError(option, "result folders are there already", "leave it out, or give a scenario or a sweep")
    from simulator import api
    from simulator.view import compare as view

    found = api.compare(*(api.open_results(folder) for folder in folders), shows=shows)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        console().print(view.comparison(found))


@app.command()
def route(
    a: Annotated[str, typer.Argument(help="a city or a cloud region of the catalogue, such as paris")],
    b: Annotated[str, typer.Argument(help="another one")],
    year: Annotated[int | None, typer.Option(help="of which the internet is; the newest if left out")] = None,
    without: Annotated[list[str] | None, typer.Option(help="a cable that is cut; may be repeated")] = None,
    access: Annotated[str | None, typer.Option(help="a user's line on the way: fibre, wifi, 4g, ...")] = None,
    latency: Annotated[str, typer.Option(help="policy, lower_bound, or measured")] = "policy",
    atlas: OwnAtlas = None,
    as_json: AsJson = False,
) -> None:
    """The way between two places: its cables, kilometres, round trip, and what a gigabyte costs on it."""
    from simulator import api
    from simulator.view import trip as view

    found = api.route(a, b, year=year, without=without or (), latency=latency, access=access, atlas=atlas)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        console().print(view.trip(found))


@app.command("map")
def draw_map(
    out: Annotated[Path, typer.Option("-o", "--out", help="the picture, a PNG")] = Path("map.png"),
    year: Annotated[int | None, typer.Option(help="of which the internet is; the newest, or that of the run")] = None,
    results: Annotated[
        Path | None, typer.Option(metavar="DIR", help="result folder: width is what links carried in that run")
    ] = None,
    paradigm: Annotated[str | None, typer.Option(help="which one of the result")] = None,
    colour: Annotated[str | None, typer.Option(help="of links that carried: utilisation (default), or carbon")] = None,
    lang: Annotated[str, typer.Option(help="en, or fr")] = "en",
    force: Annotated[bool, typer.Option("--force", help="overwrite an earlier picture")] = False,
) -> None:
    """Draw the physical internet: cables, exchanges, data centres, and what a run sent through them."""
    from simulator import api

    api.draw_map(out, year=year, results=results, paradigm=paradigm, colour=colour, lang=lang, force=force)
    console().print(f"figure    {out}", highlight=False, soft_wrap=True)


@app.command()
def accuracy(
    subject: Annotated[
        str,
        typer.Argument(
            help="training: all its parts, which are replay (arithmetic), node-power (watts), blind (hours), "
            "step-times, all-reduce, effective (failures), per-flop (joules); internet: round trips; "
            "federated: all its parts, which are fl-exact (arithmetic), fl-rounds (over-selection, nights), "
            "fl-laws (real learning), fl-pace (asynchronous over synchronous), fl-shares (of CO2e), fl-gboard (CO2e); "
            "footprint: all its parts, which are fp-replay (arithmetic), fp-network (power model), "
            "fp-llmcarbon (from parameters)"
        ),
    ] = "replay",
    atlas: OwnAtlas = None,
    figure: Annotated[
        Path | None, typer.Option(metavar="PNG", help="draw published against simulated into this file too")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="overwrite an earlier picture")] = False,
) -> None:
    """Published figures beside ours; exit 1 if a gate is missed."""
    from simulator import api
    from simulator.view import terminal

    report = api.accuracy(subject, atlas=atlas, figure=figure, force=force)
    console().print(terminal.comparisons(report))
    if figure is not None:
        console().print(f"\nfigure    {figure}", highlight=False, soft_wrap=True)
    if not report.passed:
        raise typer.Exit(1)


@catalogue_app.command("list")
def catalogue_list(
    kind: Annotated[str | None, typer.Argument(help="device, server, grid, ...; none: the kinds")] = None,
    as_json: AsJson = False,
) -> None:
    """List the kinds of things, or the things of a kind."""
    from simulator.catalogue import TABLES, rows

    if kind is None:
        counts = {name: len(rows(name)) for name in TABLES}
        typer.echo(
            json.dumps(counts, indent=2) if as_json else "\n".join(f"{name:18} {n:5}" for name, n in counts.items())
        )
        return
    if kind not in TABLES:
        raise UsageError(f"catalogue list {kind}", "no such kind", f"there is {', '.join(TABLES)}")
    if as_json:
        typer.echo(json.dumps({row.id: row.name for row in rows(kind).values()}, indent=2, ensure_ascii=False))
        return
    from simulator.view import terminal

    console().print(terminal.catalogue_list(list(rows(kind).values())))


@catalogue_app.command("show")
def catalogue_show(
    name: Annotated[str, typer.Argument(help="an id such as a100-sxm4-40gb")], as_json: AsJson = False
) -> None:
    """Show one thing: each of its values with source, year and confidence."""
    from simulator.catalogue import TABLES, rows, suggest

    found = [rows(kind)[name.lower()] for kind in TABLES if name.lower() in rows(kind)]
    if not found:
        hints = [f"as a {kind}: {hint}" for kind in TABLES if (hint := suggest(name, kind)).startswith("did you mean")]
        raise UsageError(
            name,
            "nothing in the catalogue has this id",
            "; ".join(hints) or "`aiceberg catalogue list` shows the kinds",
        )
    if as_json:
        text = [
            {
                "kind": r.kind,
                "id": r.id,
                "name": r.name,
                "values": {c: {"value": r.text(c), **r.source(c)._asdict()} for c in r.columns},
            }
            for r in found
        ]
        typer.echo(json.dumps(text, indent=2, ensure_ascii=False))
        return
    from simulator.view import terminal

    for row in found:
        console().print(terminal.catalogue_row(row))


def _check_sweep(asked: str, sets: list[str] | None) -> str:
    """Check a sweep, every value of it; where it was found."""
    if sets:
        raise UsageError(f"--set {sets[0]}", f"{asked} is a sweep", "say it in its `overrides`")
    from simulator.study.sweep.load import load_sweep
    from simulator.study.sweep.trial import try_values

    loaded = load_sweep(asked)
    try_values(loaded)
    return loaded.source


def _folder(loaded: "Loaded", out: Path | None, several: bool) -> Path:
    from simulator import api

    if out is None:
        return api.folder_for(loaded)
    return out / loaded.spec.name if several else out


def _run_one(loaded: "Loaded", folder: Path, force: bool, figures: bool) -> "Results":
    from simulator import api
    from simulator.view import progress

    with progress.reporter(loaded.spec.name) as report:
        return api.run(loaded, folder, force=force, figures=figures, report=Stop.heed(report))


def _print_result(results: "Results", folder: Path, figures: bool) -> None:
    from simulator import impacts
    from simulator.view import stages, terminal
    from simulator.view.unit_costs import unit_lines

    screen = console()
    moved, pings, events = (results.table(name).to_pylist() for name in ("transfers", "pings", "events"))
    records = stages.Records(results.jobs.to_pylist(), moved, results.services, results.learnings, pings, events)
    screen.print(terminal.result(results.summary, results.manifest, records, screen.width))
    for line in unit_lines(impacts.unit_costs(results, results.account(criterion="co2e_kg"))):
        screen.print(line)
    screen.print(f"\nresults   {folder}", highlight=False, soft_wrap=True)
    if figures:
        from simulator.record.store import FIGURES

        for name in (name for name in FIGURES if (folder / name).exists()):
            screen.print(f"figure    {folder / name}", highlight=False, soft_wrap=True)


def _list_scenarios(as_json: bool) -> None:
    from simulator.scenario.shipped import shipped

    list_shipped(shipped(), "aiceberg run", as_json)


def main() -> None:
    """Run the command line; every user error becomes a sentence and exit code 2."""
    signal.signal(signal.SIGTERM, Stop.ask)
    signal.signal(signal.SIGINT, Stop.ask)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no blocks still gets the numbers
    try:
        app()
    except SimulatorError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None
    except OSError as error:
        typer.echo(f"{error.filename or 'output'}: {error.strerror or error}", err=True)
        raise SystemExit(1) from None
    except SystemExit as end:
        if Stop.asked is not None and end.code == 128 + Stop.asked:
            name = signal.Signals(Stop.asked).name
            left = f": {Stop.left}" if Stop.heeded else ""
            typer.echo(f"interrupted ({name}){left}", err=True)
        raise
