"""The command `aiceberg levers`: the what-ifs of a scenario, each alone and all together, ranked."""

import json
from pathlib import Path
from typing import Annotated

import typer

from simulator.command import AsJson, Stop, console, read_values
from simulator.errors import UsageError

FILE = "levers.json"
LEFT = "nothing is written before all levers are pulled"


def levers(
    scenario: Annotated[str, typer.Argument(help="a scenario file with `levers:`, or the name of a shipped one")],
    criterion: Annotated[str, typer.Option(help="co2e_kg, energy_j, cost_usd, ...")] = "co2e_kg",
    paradigm: Annotated[str | None, typer.Option(help="rank them for this one alone; all are run")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="DIR", help=f"write {FILE} there too")] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="replace one value first, for all of them")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="overwrite an earlier one")] = False,
    as_json: AsJson = False,
) -> None:
    """What each lever of a scenario saves alone, and all together; one that makes things worse is told as worse."""
    from simulator.scenario.load import load
    from simulator.study.levers import pull
    from simulator.view import levers as view
    from simulator.view import progress
    from simulator.view.target import write_whole

    target = None if out is None else _free(out, force)
    loaded = load(scenario, read_values(sets))
    with progress.reporter(loaded.spec.name) as report:
        found = pull(loaded, criterion, paradigm, Stop.heed(report, LEFT))
    told = json.dumps(found.as_json(), indent=2, ensure_ascii=False)
    if as_json:
        typer.echo(told)
    else:
        console().print(view.ranked(found))
    if target is not None:
        write_whole(f"{told}\n".encode(), target)
        typer.echo(f"results   {target}", err=as_json)


def _free(folder: Path, force: bool) -> Path:
    """Where the answer is written, looked at before anything is run."""
    target = folder / FILE
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"-o {folder}", "is a file", "give the name of a folder")
    if target.exists() and not force:
        raise UsageError(str(target), "exists already", "choose another folder, or overwrite it with --force")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"-o {folder}", f"cannot be made ({error.strerror})", "choose another folder") from None
    return target
