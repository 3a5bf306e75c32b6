"""All that is wrong with a scenario, at once: its shape, its names, and what cannot be built.

Shape comes from the specs; names from their `Ref` marks, looked up in the catalogue or in
the file itself; what cannot be built from each spec's `faults` and each workload's `clashes`.
"""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pydantic import ValidationError

from simulator.definitions import Definitions, OwnDataset, OwnModel, Target
from simulator.errors import Problem, SimulatorError
from simulator.hardware.datacenter import Datacenter
from simulator.hardware.device import DeviceGroup, build_device
from simulator.hardware.server import BUILDERS, build_server
from simulator.hardware.unit import Stock
from simulator.learning.spec import TaskSpec
from simulator.network.setting import Setting, setting_faults
from simulator.network.tables import CATALOGUE, AtlasTables
from simulator.population.spec import Population
from simulator.scenario.names import definition_problems, name_problems, workloads_of
from simulator.scenario.sentences import nearest, problem_at, translate, without_echoes
from simulator.scenario.spec import Scenario, WorldSpec
from simulator.scenario.walk import Name, Node, walk
from simulator.scenario.yaml_file import Document, Path
from simulator.spec import Fault, Spec, shown
from simulator.vocabulary import UNASSIGNED
from simulator.workloads import KINDS
from simulator.workloads.given import Given


def check(document: Document, tables: AtlasTables | None = CATALOGUE) -> tuple[Scenario | None, list[Problem]]:
    """The scenario, or None and all its problems in the order of the file.

    `tables` are those of its atlas; None where they are wrong, and nothing can be said of what is in them.
    """
    if not isinstance(document.data, dict):
        sentence = f"a scenario is a mapping (`name: ...`, `world: ...`), found {shown(document.data)}"
        return None, document.problems or [problem_at(document, (), sentence)]
    if "base" in document.data and "world" not in document.data:
        sentence = "this is a sweep, no scenario: `aiceberg sweep run` runs it"
        return None, [problem_at(document, ("base",), sentence, key=True)]
    met = list(walk(Scenario, document.data))
    nodes = [n for n in met if isinstance(n, Node)]
    scenario, errors = _validate(Scenario, document.data)
    specs = {node.path: node.spec for node in nodes}
    problems = [translate(error, document, specs) for error in without_echoes(errors)]
    problems += name_problems(document, [n for n in met if isinstance(n, Name)], tables)
    problems += definition_problems(document)
    problems += _workload_problems(document)
    problems += _price_problems(document)
    problems += _year_problems(document)
    problems += _build_problems(document, nodes, scenario, tables)
    unread = {problem.where for problem in document.problems}
    problems = [*document.problems, *(problem for problem in problems if problem.where not in unread)]
    return (None if problems else scenario), in_order(problems)


def _validate(spec: type[Any], raw: Any) -> tuple[Any, list[Any]]:
    try:
        return spec.model_validate(raw), []
    except ValidationError as error:
        return None, list(error.errors())


def in_order(problems: list[Problem]) -> list[Problem]:
    """Problems in the order of the file, each once."""

    def position(problem: Problem) -> tuple[int, ...]:
        return tuple(int(part) for part in problem.where.split(":")[-2:] if part.isdigit())

    first: dict[tuple[str, str], Problem] = {}
    for problem in problems:  # an alias repeats a place, a mistake in it is told once
        first.setdefault((problem.where, problem.sentence), problem)
    return sorted(first.values(), key=position)


def _workload_problems(document: Document) -> Iterator[Problem]:
    workloads = workloads_of(document.data)
    first: dict[tuple[str, str], Path] = {}
    before: dict[str, dict[str, list[str]]] = {}
    for path, (paradigm, name, fields) in workloads.items():
        if name == UNASSIGNED:
            sentence = f"{UNASSIGNED!r} is what rests at nobody's cost; choose another `name`"
            yield problem_at(document, (*path, "name"), sentence)
        if (paradigm, name) in first:
            sentence = f"two workloads are called {name!r}; give one of them another `name`"
            yield problem_at(
                document, (*path, "name") if "name" in fields else path, sentence, key="name" not in fields
            )
        first.setdefault((paradigm, name), path)
        after = fields.get("after", [])
        listed = [after] if isinstance(after, str) else after if isinstance(after, list) else []
        before.setdefault(paradigm, {})[name] = [a for a in listed if isinstance(a, str)]
    for paradigm, graph in before.items():
        cycle = _find_cycle(graph)
        if cycle:
            path = (*first[paradigm, cycle[0]], "after")
            yield problem_at(
                document, path, f"these wait for each other for ever: {' -> '.join(cycle)}; take one `after` away"
            )


def _price_problems(document: Document) -> Iterator[Problem]:
    """Prices of workloads that there are not, and workloads without one where prices share."""
    said = document.data.get("footprint")
    prices = said.get("weights") if isinstance(said, dict) else None
    if not isinstance(prices, dict) or not isinstance(said, dict):
        return
    names = list(dict.fromkeys(name for _, name, _ in workloads_of(document.data).values()))
    for name in prices if names else ():
        if name not in names:
            sentence = f"no workload is called {name!r}; {nearest(name, names)}"
            yield problem_at(document, ("footprint", "weights", name), sentence, key=True)
    missing = [name for name in names if name not in prices]
    if said.get("rule") == "economic" and missing:
        sentence = f"the rule `economic` needs a price of every workload, and {', '.join(missing)} has none; give one"
        yield problem_at(document, ("footprint", "weights"), sentence, key=True)


def _find_cycle(graph: dict[str, list[str]]) -> list[str] | None:
    known = {name: [a for a in after if a in graph] for name, after in graph.items()}
    try:
        TopologicalSorter(known).prepare()
    except CycleError as error:
        return list(error.args[1])[::-1]
    return None


def _spec_of(node: Node, scenario: Scenario | None) -> tuple[Any, list[Any]]:
    """The spec that stands at a node: out of the scenario where that is sound, else read alone, or its errors."""
    if scenario is None:
        return _validate(node.spec, node.raw)
    found: Any = scenario
    for step in node.path:
        found = getattr(found, str(step)) if isinstance(found, Spec) else found[step]
    return found, []


def _build_problems(
    document: Document, nodes: list[Node], scenario: Scenario | None, tables: AtlasTables | None
) -> Iterator[Problem]:
    stocks: dict[str, Stock] = {}
    kinds = (OwnModel, OwnDataset, Datacenter, Population, TaskSpec, Target)
    defined: dict[type[Any], dict[Any, Any]] = {kind: {} for kind in kinds}
    workloads: list[tuple[Path, Any, Spec]] = []
    for node in nodes:
        faults = list(_presence_faults(node))
        spec, errors = _spec_of(node, scenario)
        if not errors and isinstance(spec, Spec):
            faults += spec.faults()
            faults += _internet_faults(spec, tables) if isinstance(spec, WorldSpec) else ()
        yield from (problem_at(document, (*node.path, *f.path), f.sentence, key=True) for f in faults)
        if faults or errors:
            continue
        if type(spec) in defined:
            defined[type(spec)][node.path[-1]] = spec
        if type(spec) in BUILDERS or isinstance(spec, DeviceGroup):
            stocks.update(_stock(node.path, spec))
        kind = next((kind for kind in KINDS.values() if kind.spec is node.spec), None)
        if kind is not None:
            workloads.append((node.path, kind, spec))
    own = Definitions(
        defined[OwnModel], defined[OwnDataset], defined[TaskSpec], next(iter(defined[Target].values()), None)
    )
    given = Given(stocks, defined[Datacenter], defined[Population], own, _find_setting(document.data, tables))
    for path, kind, spec in workloads:
        clashes = kind.clashes(spec, given)
        yield from (problem_at(document, (*path, *f.path), f.sentence, key=True) for f in clashes)


def _find_setting(data: Any, tables: AtlasTables | None) -> Setting | None:
    """The internet of the world; None where it has no year, or what is said of it cannot be."""
    world = data.get("world")
    said = {key: world[key] for key in ("year", "network") if key in world} if isinstance(world, dict) else {}
    found, _ = _validate(WorldSpec, {"datacenters": {}, **said})
    if (
        tables is None
        or found is None
        or found.year is None
        or any((*found.faults(), *_internet_faults(found, tables)))
    ):
        return None
    return Setting(found.year, found.network, tables)


def _internet_faults(world: WorldSpec, tables: AtlasTables | None) -> Iterator[Fault]:
    """What a world says of its internet, and the atlas of its year has not."""
    if tables is not None and world.year is not None and world.network.says_something:
        for fault in setting_faults(Setting(world.year, world.network, tables)):
            yield Fault(("network", *fault.path), fault.sentence)


def _year_problems(document: Document) -> Iterator[Problem]:
    """A world without a year in which something is sent; not judged where a key is misspelt, which may be the year."""
    world = document.data.get("world")
    if (
        not isinstance(world, dict)
        or not world.keys() <= WorldSpec.model_fields.keys()
        or world.get("year") is not None
        or "network" in world  # told there
    ):
        return
    if any(is_networked(path[-1], fields) for path, (_, _, fields) in workloads_of(document.data).items()):
        sentence = "`year` is missing: cables come and go, and data moves here; give one, such as `year: 2025`"
        yield problem_at(document, ("world",), sentence, key=True)


def is_networked(name: Any, fields: dict[str, Any]) -> bool:
    """Whether a workload needs the internet: its kind does, or a field that it is given."""
    kind = KINDS.get(name)
    return kind is not None and kind.networked(fields)


def _presence_faults(node: Node) -> Iterator[Fault]:
    """Fields that need or exclude each other; not judged where a key is misspelt, which may be the one that lacks."""
    if isinstance(node.raw, dict) and node.raw.keys() <= node.spec.model_fields.keys() and issubclass(node.spec, Spec):
        yield from node.spec.presence_faults(node.raw)


def _stock(path: Path, spec: Any) -> dict[str, Stock]:
    try:
        unit = build_device(spec) if isinstance(spec, DeviceGroup) else build_server(spec)
    except SimulatorError:
        return {}  # told where the part that cannot be built stands
    return {f"{path[-3]}/{path[-1]}": Stock(unit, spec.count)}
