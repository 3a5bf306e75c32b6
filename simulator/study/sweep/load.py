"""A sweep file as a checked plan: its factors, its base scenario, and everything wrong with it in one error.

Each value of each factor is tried on the base, the others at their first value, so that what a
scenario would refuse is told with its place in the sweep file before anything runs. What only
some combinations make impossible is a `failed` point.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from os.path import exists, isfile
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from simulator.errors import Problem, ScenarioError, UsageError
from simulator.scenario.check import in_order
from simulator.scenario.load import as_texts, dump
from simulator.scenario.override import locate, set_values
from simulator.scenario.sentences import nearest, problem_at, translate, without_echoes
from simulator.scenario.shipped import find_scenario, find_sweep, name_of, shipped_sweeps
from simulator.scenario.source import read_text, root_node
from simulator.scenario.walk import Node, walk
from simulator.scenario.yaml_file import Document, read_nodes
from simulator.scenario.yaml_file import Path as Place
from simulator.spec import Spec, shown
from simulator.study.sweep.condition import names_in, unknown_names
from simulator.study.sweep.scale import Ends, parse_range
from simulator.study.sweep.spec import DESIGNS, Sweep


class Factor(NamedTuple):
    """One thing that varies: what it sets, and its values or its range; `section` is grid, zip or sample."""

    name: str
    section: str
    paths: tuple[str, ...]
    places: tuple[Place, ...]
    values: tuple[Any, ...] = ()
    ends: Ends | None = None


class Base(NamedTuple):
    """The scenario that varies: its file, its text, its plain data with the overrides in place."""

    source: str
    text: str
    data: dict[str, Any]


class LoadedSweep(NamedTuple):
    """A checked sweep: what its file says, the base, and the factors in the order of the file."""

    spec: Sweep
    data: dict[str, Any]
    source: str
    base: Base
    factors: tuple[Factor, ...]
    document: Document


def load_sweep(path: str | Path) -> LoadedSweep:
    """Read a sweep file, or one that travels with the package by its name.

    Raises ScenarioError with every problem of its shape, UsageError where there is no such file.
    """
    source = find_sweep(str(path))
    return load_sweep_text(read_text(source), str(source))


def is_sweep_file(asked: str) -> bool:
    """Whether somebody means a sweep: a shipped one, or a file with a base and no world."""
    path = Path(asked)
    if not isfile(path):
        return name_of(asked) in shipped_sweeps()
    try:
        data = read_nodes(root_node(read_text(path), asked)).data
    except ScenarioError:
        return False
    return isinstance(data, dict) and "base" in data and "world" not in data


def load_sweep_again(document: Mapping[str, Any]) -> LoadedSweep:
    """A sweep as the document of its plan has it, whatever became of its files."""
    base = document["base"]
    return load_sweep_text(dump(document["sweep"]), document["source"], (base["source"], base["text"]))


def load_sweep_text(text: str, source: str, base_file: tuple[str, str] | None = None) -> LoadedSweep:
    """Read a sweep from its text; `source` stands in the messages, and the base is looked for beside it.

    Unless it is given: where it came from, and its text. Raises as `load_sweep` does.
    """
    document = read_nodes(root_node(text, source))
    spec, problems = _check(document)
    if spec is None:
        raise ScenarioError(source, tuple(in_order(problems)))
    try:
        found, base_text = base_file or _base_file(spec, Path(source).parent)
        root = _base_root(spec, found, base_text)
    except UsageError as error:
        raise ScenarioError(source, (problem_at(document, ("base",), str(error)),)) from None
    wrong = list(_override(spec, root, document))
    base = Base(found, base_text, read_nodes(root).data)
    factors, problems = _factors(spec, root, document)
    problems += [*wrong, *_condition_problems(spec, document)]
    if problems:
        raise ScenarioError(source, tuple(in_order(problems)))
    return LoadedSweep(spec, document.data, source, base, factors, document)


def _check(document: Document) -> tuple[Sweep | None, list[Problem]]:
    """The spec, or None and what is wrong with the shape of the file."""
    data = document.data
    if not isinstance(data, dict):
        sentence = f"a sweep is a mapping (`base: ...`, `grid: ...`), found {shown(data)}"
        return None, document.problems or [problem_at(document, (), sentence)]
    if "world" in data and "base" not in data:
        sentence = "this is a scenario, no sweep: `aiceberg run` runs it, and a sweep names it as its `base`"
        return None, [problem_at(document, ("world",), sentence, key=True)]
    nodes = [node for node in walk(Sweep, data) if isinstance(node, Node)]
    specs = {node.path: node.spec for node in nodes}
    problems: list[Problem] = []
    spec = None
    try:
        spec = Sweep.model_validate(data)
    except ValidationError as error:
        problems += [translate(one, document, specs) for one in without_echoes(list(error.errors()))]
    unread = {problem.where for problem in document.problems}
    problems += _faults(nodes, document)
    problems = [*document.problems, *(problem for problem in problems if problem.where not in unread)]
    return (None if problems else spec), problems


def _faults(nodes: list[Node], document: Document) -> Iterator[Problem]:
    for node in nodes:
        if not issubclass(node.spec, Spec) or not isinstance(node.raw, dict | list):
            continue
        faults = list(node.spec.presence_faults(node.raw)) if isinstance(node.raw, dict) else []
        with suppress(ValidationError):  # told already
            faults += node.spec.model_validate(_whole(node)).faults()
        yield from (problem_at(document, (*node.path, *f.path), f.sentence) for f in faults)


def _whole(node: Node) -> Any:
    """A list that stands for a mapping of one field, as that."""
    if isinstance(node.raw, dict):
        return node.raw
    return {("range" if "range" in node.spec.model_fields else "values"): node.raw}


def _base_file(spec: Sweep, folder: Path) -> tuple[str, str]:
    """Where the base is, and its text; raises UsageError where there is none."""
    beside = folder / spec.base
    source = find_scenario(str(beside) if exists(beside) else spec.base).resolve()
    return str(source), read_text(source)


def _base_root(spec: Sweep, source: str, text: str) -> Any:
    """The node tree of the base; raises ScenarioError where it cannot be read, UsageError where it is none."""
    root = root_node(text, source)
    document = read_nodes(root)
    if document.problems:
        raise ScenarioError(source, tuple(document.problems))
    if not isinstance(document.data, dict):
        raise UsageError(spec.base, "is no scenario", "name one that `aiceberg run` runs")
    if "base" in document.data and "world" not in document.data:
        raise UsageError(spec.base, "is a sweep, no scenario", "name a scenario, such as the one that it varies")
    return root


def _override(spec: Sweep, root: Any, document: Document) -> Iterator[Problem]:
    """Put the overrides in place; what is wrong with their paths."""
    for path, text in as_texts(spec.overrides).items():
        try:
            locate(root, path, f"`{path}`")
        except UsageError as error:
            yield problem_at(document, ("overrides", path), str(error), key=True)
            continue
        set_values(root, {path: text})


def _factors(spec: Sweep, root: Any, document: Document) -> tuple[tuple[Factor, ...], list[Problem]]:
    """The factors, each with the places of the base that it sets, or what is wrong with their paths."""
    found: list[Factor] = []
    problems: list[Problem] = []
    for at, paths in spec.paths():
        section, name = at[0], at[-1]
        if section == "overrides":
            continue  # set already
        try:
            places = tuple(locate(root, path, f"`{path}`") for path in paths)
        except UsageError as error:
            problems.append(problem_at(document, at, f"{error}", key=True))
            continue
        values, ends = _levels(spec, section, name)
        found.append(Factor(name, section, tuple(paths), places, values, ends))
    set_already: dict[str, Place] = {}
    for path in spec.overrides:
        with suppress(UsageError):  # that it leads nowhere is told already
            set_already[path] = locate(root, path, f"`{path}`")
    problems += [problem_at(document, at, sentence, key=True) for at, sentence in _overlaps(found, set_already)]
    return tuple(found), problems


def _levels(spec: Sweep, section: str, name: str) -> tuple[tuple[Any, ...], Ends | None]:
    if section == "sample":
        assert spec.sample is not None
        drawn = spec.sample.ranges[name]
        ends = parse_range(drawn.range, drawn.scale, drawn.whole)
        assert isinstance(ends, Ends), ends
        return (), ends
    return tuple((spec.grid if section == "grid" else spec.zip)[name].values), None


def _overlaps(factors: list[Factor], set_already: Mapping[str, Place]) -> Iterator[tuple[Place, str]]:
    """Places that two factors set, or one within what the other sets; or that an override sets in vain."""
    for index, factor in enumerate(factors):
        at = ("sample", "ranges", factor.name) if factor.section == "sample" else (factor.section, factor.name)
        for other in factors[:index]:
            if any(_within(a, b) for a in factor.places for b in other.places):
                yield at, f"sets what `{other.name}` sets too; keep one of them"
        for path, place in set_already.items():
            if any(len(own) <= len(place) and _within(own, place) for own in factor.places):
                yield ("overrides", path), f"`{factor.name}` sets it anew at every point; take one of them out"


def _within(one: Place, other: Place) -> bool:
    width = min(len(one), len(other))
    return one[:width] == other[:width]


def _condition_problems(spec: Sweep, document: Document) -> list[Problem]:
    """Conditions that cannot be read, name no factor, or take rows out of a design that needs them all."""
    drawn = {} if spec.sample is None else spec.sample.ranges
    known = [*spec.grid, *spec.zip, *drawn]
    problems = []
    for index, condition in enumerate(spec.exclude):
        at: Place = ("exclude", index)
        try:
            strange = unknown_names(condition, known)
            asked = list(names_in(condition))
        except UsageError as error:
            problems.append(problem_at(document, at, str(error)))
            continue
        problems += [
            problem_at(document, at, f"no factor is called `{name}`; {nearest(name, known)}") for name in strange
        ]
        if spec.sample is not None and spec.sample.method in DESIGNS and set(asked) & set(drawn):
            sentence = f"a {spec.sample.method} design needs all of its rows; leave out by other factors alone"
            problems.append(problem_at(document, at, sentence))
    return problems


def set_at(data: Any, place: Place, value: Any) -> Any:
    """Plain data with the value of one place replaced; what is not on the way there is shared, not copied.

    >>> data = {"a": [{"b": 1}], "c": {}}
    >>> set_at(data, ("a", 0, "b"), 2), data["a"]
    ({'a': [{'b': 2}], 'c': {}}, [{'b': 1}])
    """
    if not place:
        return value
    step: Any = place[0]
    found = list(data) if isinstance(data, list) else dict(data)
    below = data[step] if isinstance(data, list) else data.get(step)
    found[step] = set_at(below, place[1:], value)
    return found
