"""The public face: load, run, open; and what can be asked of a result.

A result is the same whether it was just run or opened from its folder: exact tables, a
summary computed from them, and a manifest that says what was used.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from simulator.columns import TABLES
from simulator.engine.probe import Probe
from simulator.errors import ResultsError, UsageError
from simulator.footprint.accounting.accounts import Accounts, build_accounts, kinds_of
from simulator.footprint.accounting.explain import Explained, explain
from simulator.footprint.accounting.log_book import LogBook
from simulator.footprint.curves import curve_rows
from simulator.footprint.power_log import DEFAULT_KEYS, tick_table
from simulator.network.access import build_access
from simulator.network.tables import CATALOGUE, read_tables
from simulator.packages import version_of
from simulator.record.digest import results_digest
from simulator.record.learnings import learning_rows
from simulator.record.pieces import LongTable, pieces
from simulator.record.services import service_rows
from simulator.record.store import (
    DOCUMENTS,
    check_free,
    read_document,
    read_json,
    read_manifest,
    read_table,
    write_folder,
)
from simulator.record.tables import Tables
from simulator.scenario.factors import beside
from simulator.scenario.load import Loaded, as_texts, only
from simulator.scenario.load import load as _load
from simulator.scenario.manifest import scenario_hash
from simulator.scenario.run import Progress, Report, run_scenario
from simulator.scenario.whole import whole
from simulator.scenario.yaml_file import compose, read_nodes
from simulator.study import compare as _compare
from simulator.study.repeats import RepeatedComparison
from simulator.sweeps import Sweep
from simulator.units import parse
from simulator.vocabulary import CRITERIA

if TYPE_CHECKING:
    import pyarrow as pa

    from simulator.network.trip import Trip
    from simulator.view.figures import Figures, Picture


class Results:
    """What a run recorded: `summary`, `ticks()`, `jobs`, any `table()`, `account()`, `explain()` and `plot`."""

    def __init__(self, tables: Tables, manifest: dict[str, Any], documents: dict[str, str]) -> None:
        self._tables, self.manifest, self._documents = tables, manifest, documents
        self._log = LogBook(tables)
        self.name: str = manifest["name"]

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Per paradigm: window, when done, both totals by boundary, shares by place and so on, networks by model."""
        found: dict[str, Any] = json.loads(self._documents["summary.json"])
        return found

    @property
    def jobs(self) -> "pa.Table":
        """One row a workload: when, how long, how many devices, implied MFU and energy per FLOP."""
        return self._tables["jobs"]

    def table(self, name: str) -> "pa.Table":
        """A table by name, whole; raises UsageError for one that is not there."""
        self._known(name)
        table = self._tables[name]
        return table.whole() if isinstance(table, LongTable) else table

    def pieces(self, name: str) -> "Iterable[pa.Table]":
        """A table as consecutive parts, so that a log of any length fits in memory; most tables are one part."""
        self._known(name)
        return pieces(self._tables[name])

    def ticks(self, tick: str | None = None, by: Sequence[str] = DEFAULT_KEYS) -> "pa.Table":
        """Mean power and energy per tick (such as `1 h`), by some of place, workload, activity, asset and kind."""
        tick_s = self.manifest["tick_s"] if tick is None else parse(tick, "time")
        if tick_s <= 0:
            raise UsageError(f"a tick of {tick}", "a tick has a length", "give one such as `1 h`")
        return tick_table(self._tables, tick_s, by)

    def _known(self, name: str) -> None:
        if name not in self._tables:
            raise UsageError(f"table {name!r}", "no such table", f"there is {', '.join(self._tables)}")

    @cached_property
    def learnings(self) -> list[dict[str, Any]]:
        """One row a federated learning: its rounds, how long they were, who came through, what was lost."""
        return learning_rows(self._tables)

    @cached_property
    def curves(self) -> list[dict[str, Any]]:
        """One row a look at a model that learned: how good it was, what its paradigm had spent on it by then."""
        return curve_rows(self._tables)

    @cached_property
    def services(self) -> list[dict[str, Any]]:
        """By service: answered, mean wait, percentiles of the response time, busy share, energy per answer."""
        return service_rows(self._tables, self.summary)

    def account(
        self,
        rule: str | None = None,
        factors: str | Sequence[str] = (),
        criterion: str | Sequence[str] = tuple(CRITERIA),
        **method: Any,
    ) -> Accounts:
        """The account of this record by another method, without simulating it again.

        `rule` shares what nobody asked for, `factors` names sets or CSV files; beside them `ledger`, `basis`,
        `equipment`, `network`, `lives` and `weights`, as under `footprint:` of a scenario, whose method holds else.
        """
        named = [factors] if isinstance(factors, str) else list(factors)
        criteria = [criterion] if isinstance(criterion, str) else list(criterion)
        for one in criteria:
            if one not in CRITERIA:
                raise UsageError(f"criterion {one!r}", "no such criterion", f"there is {', '.join(CRITERIA)}")
        given = {**method, **kinds_of(named), **({} if rule is None else {"rule": rule})}
        return build_accounts(self._tables, self._method, given, criteria, self._log)

    @cached_property
    def _method(self) -> dict[str, Any]:
        """The method of the run, with its own files of factors where they lie: beside its scenario."""
        folder = Path(json.loads(self._documents["provenance.json"])["source"]).parent
        return beside(self.manifest["footprint"]["method"], folder)

    def explain(self, path: str) -> Explained:
        """One number of the summary followed to its rows, factors and sources.

        `path` is such as `main.boundaries.facility.co2e_kg`; raises UsageError where it leads to no number.
        """
        return explain(self._tables, self.summary, self.manifest["footprint"]["method"], path, self._log)

    @property
    def plot(self) -> "Figures":
        """The figures of this result."""
        from simulator.view.figures import Figures

        return Figures(self, self._tasks)

    def _tasks(self) -> dict[str, Any]:
        """The learning tasks that the scenario says."""
        scenario = read_nodes(compose(self._documents["scenario.yaml"], "scenario.yaml")).data
        found: dict[str, Any] = scenario.get("tasks", {})
        return found

    def save(
        self, folder: str | Path, force: bool = False, figures: bool = False, report: Report | None = None
    ) -> Path:
        """Write the result folder in one step; raises ResultsError if it exists and `force` is not set."""

        def finish(partial: Path) -> None:
            if figures:
                self.plot.save(partial)
            _tell(report, "writing")  # the last moment to stop: what follows takes no time

        write_folder(Path(folder), self._tables, self._documents, self.manifest, force, finish)
        return Path(folder)


def load(path: str | Path, values: Mapping[str, Any] | None = None) -> Loaded:
    """Read and check a scenario; `values` replaces values by path, as `--set` does, by text or by plain data."""
    given = values or {}
    texts = {key: value for key, value in given.items() if isinstance(value, str)}
    return _load(path, texts | as_texts({key: value for key, value in given.items() if key not in texts}))


def run(
    scenario: str | Path | Loaded,
    out: str | Path | None = None,
    *,
    seed: int | None = None,
    values: Mapping[str, Any] | None = None,
    paradigm: str | None = None,
    force: bool = False,
    figures: bool = False,
    report: Report | None = None,
    probes: Sequence[Probe] = (),
) -> Results:
    """Run a scenario (a path, a shipped scenario's name or a loaded one) and keep or write what it recorded.

    `probes` watch the run and cannot change it; one that raises ends it with a ProbeError.

    >>> import simulator as sim
    >>> result = sim.run("small/one_gpu")
    >>> round(result.summary["paradigms"]["main"]["boundaries"]["accelerator"]["energy_j"] / 3.6e6, 6)
    3.2
    """
    if isinstance(scenario, Loaded):
        if values or seed is not None:
            raise UsageError("values or seed", "the scenario is loaded already", "give them to `load`, or run its path")
        loaded = scenario
    else:
        loaded = load(scenario, {**(values or {}), **({} if seed is None else {"seed": seed})})
    loaded = only(loaded, paradigm)
    if out is not None:
        check_free(Path(out), force)
    began_s = time.time()
    outcome = run_scenario(loaded, report, probes)
    _tell(report, "accounting")
    results = Results(*whole(loaded, outcome, began_s))
    if out is not None:
        _tell(report, "writing")
        results.save(out, force, figures, report)
    return results


def open_results(folder: str | Path) -> Results:
    """Open a result folder; raises ResultsError if its run did not finish or a file is damaged."""
    path = Path(folder)
    manifest = read_manifest(path)
    documents = {name: read_document(path, name) for name in DOCUMENTS}
    read_json(path, "summary.json")  # raises what is wrong with it
    results = Results({name: read_table(path, name) for name in TABLES}, manifest, documents)
    results.name = path.resolve().name
    if results_digest(results._tables, results.summary) != manifest["hashes"]["results"]:
        raise ResultsError(str(folder), "its tables are not those that its manifest names", "run it again")
    return results


@overload
def compare(*results: Results, shows: str | None = None) -> _compare.Comparison:
    """Of results."""


@overload
def compare(
    results: Sweep, /, *, shows: str | None = None, where: Mapping[str, Any] | None = None
) -> list[RepeatedComparison]:
    """Of a sweep."""


def compare(*results: Any, shows: str | None = None, where: Mapping[str, Any] | None = None) -> Any:
    """All paradigms of one result, or of several, beside the first: `table`, `verdicts`, `flips`, `warnings`.

    Of a sweep with repeats, one comparison for each combination of its factors (those that `where` leaves): means
    with intervals, paired differences, P(this < first).

    `shows` is `reserved` or `owned`; what the first scenario says if left out. A result is called as its
    folder, or as its scenario where it was just run. Raises UsageError where there is nothing to compare,
    or windows or functional units differ.

    >>> import simulator as sim
    >>> found = sim.compare(sim.run("small/norway"))
    >>> found.columns, found.flips
    (['norway', 'poland'], False)
    >>> [round(line.ratio["co2e_kg"], 1) for line in found.table if line.column == "poland"]
    [22.0, 15.0, 15.0]
    """
    if any(isinstance(one, Sweep) for one in results):
        if len(results) > 1:
            raise UsageError("compare", "a sweep is compared within itself", "give one sweep, or results alone")
        found: Sweep = results[0]
        return found.compare(shows, where)
    if where is not None:
        raise UsageError("compare where", "results have no factors, sweeps have", "leave it out")
    records = [_compare.Record(r.name, r.summary, r.manifest) for r in results]
    return _compare.compare(records, shows, [_reaccount(r) for r in results])


def _reaccount(result: Results) -> Callable[[Mapping[str, Any], Sequence[str], str], Accounts]:
    """How a result is accounted by another choice and other factor sets."""
    return lambda choice, factors, criterion: result.account(factors=factors, criterion=criterion, **choice)


def route(
    a: str,
    b: str,
    *,
    year: int | None = None,
    without: Sequence[str] = (),
    latency: str = "policy",
    access: str | None = None,
    atlas: str | Path | None = None,
) -> "Trip":
    """The way between two places (ids of cities or cloud regions) in the internet of a year, less some cables.

    The year is that of the newest cable in service if left out; `latency` is `policy`, `lower_bound` or `measured`;
    `access` adds a user's line (its time, and its energy by every model); `atlas` is a folder with tables of your
    own. Raises UnknownNameError with the nearest names, UsageError where nothing joins them, AtlasError with all
    that is wrong with the tables.

    >>> import simulator as sim
    >>> whole = sim.route("london", "mumbai", year=2025)
    >>> cut = sim.route("london", "mumbai", year=2025, without=["peace"])
    >>> "peace" in whole.cables, "peace" in cut.cables, cut.rtt_ms > whole.rtt_ms
    (True, False, True)
    """
    from simulator.footprint.networks import gigabyte_models
    from simulator.network.trip import find_trip, latest_year  # networkx and scipy

    tables = CATALOGUE if atlas is None else read_tables(Path(atlas))
    found = find_trip(a, b, latest_year(tables) if year is None else year, without, latency, tables)
    models = gigabyte_models(found.elements, access)
    line_ms = 0.0 if access is None else 2e3 * build_access(access).latency_s
    return found._replace(models=models, rtt_ms=found.rtt_ms + line_ms)


def draw_map(
    path: str | Path | None = None,
    *,
    year: int | None = None,
    results: Results | str | Path | None = None,
    paradigm: str | None = None,
    colour: str | None = None,
    lang: str = "en",
    force: bool = False,
) -> "Picture":
    """The picture of the physical internet of a year, or of what a run sent through it; written as PNG to a path.

    Lines are as wide as what cables are built to carry; with `results`, a result or its folder, as what they
    carried, their colour by `utilisation` or `carbon`. Raises UsageError for what there is not to draw.
    """
    from simulator.view.target import find_free_png, write_whole

    target = find_free_png(path, force)
    result = results if isinstance(results, Results) or results is None else open_results(results)
    from simulator.view import map as view  # matplotlib and networkx
    from simulator.view.figures import Picture
    from simulator.view.map_run import check, run_of

    run = None if result is None else run_of(result._tables, result.manifest["name"], paradigm)
    picture = Picture(view.draw(*check(run, year, paradigm, colour), run, lang, version_of("aiceberg")))
    if target is not None:
        write_whole(picture._repr_png_(), target)
    return picture


def accuracy(
    subject: str, *, atlas: str | Path | None = None, figure: str | Path | None = None, force: bool = False
) -> Any:
    """Published figures beside ours, and whether every gate is met: of a subject or a part of one.

    The subjects are `training`, `federated`, `footprint` and `internet`; the part `replay` is the arithmetic of
    trainings alone. The internet may be that of an atlas of your own, with round trips that you measured. `figure` is
    where the same tables are drawn, as PNG.
    """
    from simulator.study.accuracy import SUBJECTS  # networkx and scipy

    if subject not in SUBJECTS:
        raise UsageError(f"accuracy {subject}", "no such subject", f"there is {', '.join(SUBJECTS)}")
    if atlas is not None and subject != "internet":
        raise UsageError(f"accuracy {subject} of an atlas", "no cable has a part in it", "leave the atlas out")
    from simulator.view.target import find_free_png, write_whole

    target = find_free_png(figure, force)
    report = SUBJECTS[subject](CATALOGUE if atlas is None else read_tables(Path(atlas)))
    if target is not None:
        from simulator.view import accuracy as view  # matplotlib
        from simulator.view.figures import Picture

        write_whole(Picture(view.draw(report))._repr_png_(), target)
    return report


def folder_for(loaded: Loaded) -> Path:
    """Where a run is written that names no folder: `runs/NAME-HASH8`."""
    return Path("runs") / f"{loaded.spec.name}-{scenario_hash(loaded)[:8]}"


def _tell(report: Report | None, phase: str) -> None:
    if report is not None:
        report(Progress(phase, 0.0, None, phase))
