"""A scenario file as a checked spec; everything wrong with it in one error."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from simulator.errors import AtlasError, Problem, ScenarioError, UsageError
from simulator.hardware.grid import GridSeries
from simulator.hardware.grid_shape import horizon_fault
from simulator.network.tables import CATALOGUE, AtlasTables, read_tables
from simulator.population.trace import Trace
from simulator.scenario.bulk import collector_off
from simulator.scenario.check import check, in_order
from simulator.scenario.factors import sets_in, wrong_in_set
from simulator.scenario.override import set_values
from simulator.scenario.samples import find_wrong_samples, hash_of, samples_in
from simulator.scenario.sentences import nearest, problem_at
from simulator.scenario.series import Dated, find_gap, read_all
from simulator.scenario.shipped import find_scenario
from simulator.scenario.source import read_text, root_node
from simulator.scenario.spec import Scenario
from simulator.scenario.traces import read_traces
from simulator.scenario.yaml_file import Document, read_nodes, scalar
from simulator.vocabulary import MAIN


class Loaded(NamedTuple):
    """A checked scenario, the plain data that it was read from, where that came from, and the series it names."""

    spec: Scenario
    data: dict[str, Any]
    source: str
    series: dict[GridSeries, Dated]
    tables: AtlasTables = CATALOGUE
    """Of the atlas that it names; the catalogue's if it names none."""
    traces: Mapping[str, Trace] = {}
    """By path, those that its populations name."""
    folder: Path = Path()
    """Where the files are that its tasks name."""
    samples: Mapping[str, str] = {}
    """By path, the SHA-256 of the tables of samples that its tasks name."""


def load(path: str | Path, values: dict[str, str] | None = None) -> Loaded:
    """Read a scenario file (or one that travels with the package, by its name).

    `values` replaces values by path, as `--set` does. Raises ScenarioError with every problem,
    UsageError if there is no such file or path.
    """
    source = find_scenario(str(path))
    return load_text(read_text(source), str(source), values)


def as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Plain data by path as `--set` reads it: the JSON of a value is its YAML."""
    return {path: json.dumps(value, ensure_ascii=False) for path, value in values.items()}


def only(loaded: Loaded, paradigm: str | None) -> Loaded:
    """A scenario with one paradigm (all, if none is asked for); raises UsageError for one that is not there."""
    names = [MAIN] if loaded.spec.paradigms is None else list(loaded.spec.paradigms)
    if paradigm is None or names == [paradigm]:
        return loaded
    if paradigm not in names:
        raise UsageError(f"--paradigm {paradigm}", f"{loaded.source} has no such paradigm", nearest(paradigm, names))
    data = {**loaded.data, "paradigms": {paradigm: loaded.data["paradigms"][paradigm]}}
    if "published" in data:
        data["published"] = [p for p in data["published"] if p.get("paradigm") == paradigm]
    return loaded._replace(spec=Scenario.model_validate(data), data=data)


@collector_off()
def load_text(text: str, source: str, values: dict[str, str] | None = None) -> Loaded:
    """Read a scenario from its text; `source` stands in the messages."""
    root = root_node(text, source)
    set_values(root, values or {})
    document = read_nodes(root)
    tables, wrong_atlas = _tables(document, Path(source).parent)
    scenario, problems = check(document, tables)
    series, wrong = _series(document, Path(source).parent, scenario)
    traces, wrong_traces = _traces(document, Path(source).parent)
    samples, wrong_samples = _samples(document, Path(source).parent)
    wrong_sets = [
        problem_at(document, named.place, sentence)
        for named in sets_in(document.data)
        for sentence in wrong_in_set(named, Path(source).parent)
    ]
    wrong += wrong_atlas + wrong_traces + wrong_samples + wrong_sets
    if scenario is None or tables is None or wrong:
        raise ScenarioError(source, tuple(in_order([*problems, *wrong])))
    return Loaded(scenario, document.data, source, series, tables, traces, Path(source).parent, samples)


def _tables(document: Document, folder: Path) -> tuple[AtlasTables | None, list[Problem]]:
    """The tables of the atlas that the file names, or None and what is wrong with them."""
    world = document.data.get("world") if isinstance(document.data, dict) else None
    path = world.get("atlas") if isinstance(world, dict) else None
    if not isinstance(path, str):
        return CATALOGUE, []
    try:
        return read_tables(folder / path), []
    except UsageError as error:
        sentences = [f"{error}; paths are relative to the scenario"]
    except AtlasError as error:
        sentences = [str(problem) for problem in error.problems]
    return None, [problem_at(document, ("world", "atlas"), sentence) for sentence in sentences]


def _series(
    document: Document, folder: Path, scenario: Scenario | None
) -> tuple[dict[GridSeries, Dated], list[Problem]]:
    """The grid series that the file names, and what is wrong with them and with shapes for so long a run."""
    found: dict[GridSeries, Dated] = {}
    wrong: list[Problem] = []
    for place, said, series in read_all(document.data, folder):
        if isinstance(series, UsageError):
            wrong.append(problem_at(document, place, str(series)))
            continue
        found[said] = series
        gap = None if scenario is None else find_gap(series, scenario.start, scenario.horizon)
        if gap is not None:
            wrong.append(problem_at(document, place, f"{said.file} does not cover the run: {gap}"))
    too_long = None if scenario is None else horizon_fault(scenario.horizon)
    for name, datacenter in scenario.world.datacenters.items() if scenario is not None and too_long else ():
        if datacenter.grid_shape is not None:
            wrong.append(problem_at(document, ("world", "datacenters", name, "grid_shape"), str(too_long)))
    return found, wrong


def _traces(document: Document, folder: Path) -> tuple[dict[str, Trace], list[Problem]]:
    """The traces that the file names, and what is wrong with them."""
    found: dict[str, Trace] = {}
    wrong: list[Problem] = []
    for named, trace in read_traces(document.data, folder):
        if isinstance(trace, str):
            wrong.append(problem_at(document, named.place, trace))
        else:
            found[named.path] = trace
    return found, wrong


def _samples(document: Document, folder: Path) -> tuple[dict[str, str], list[Problem]]:
    """The SHA-256 of the tables of samples that the file names, and what is wrong with them."""
    found: dict[str, str] = {}
    wrong: list[Problem] = []
    for named in samples_in(document.data):
        sentence = find_wrong_samples(named, folder)
        if sentence is not None:
            wrong.append(problem_at(document, named.place, sentence))
        elif (folder / named.path).is_file():
            found[named.path] = hash_of(folder / named.path)
    return found, wrong


def dump(data: dict[str, Any]) -> str:
    """Plain data as YAML that `load_text` reads back to the same data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """PyYAML quotes what YAML 1.1 would misread; this one also what 1.2 would, such as the text `1e6`."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if isinstance(scalar(text), str) else "'"
    if any(line_end in text for line_end in "\x85\u2028\u2029"):  # which the other styles fold into spaces
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)
