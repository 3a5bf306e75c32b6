"""The names that a scenario uses, looked up in the catalogue or in the file itself.

Where the part of the file that would hold a name is malformed (a misspelt `devices:`, a
place that is no mapping), nothing is said about the name: that is an echo of the first mistake.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from simulator.catalogue import TABLES, rows
from simulator.definitions import SECTIONS
from simulator.errors import Problem, UnknownNameError
from simulator.hardware.datacenter import Datacenter
from simulator.network.tables import ATLAS_TABLES, CATALOGUE, AtlasTables
from simulator.scenario.sentences import nearest, problem_at
from simulator.scenario.spec import WorldSpec
from simulator.scenario.walk import Name
from simulator.scenario.yaml_file import Document, Path
from simulator.vocabulary import MAIN

_PLACES = {"datacenter": ("datacenters",), "population": ("populations",), "site": ("datacenters", "populations")}
"""The sections of a world in which a kind of place is named."""
_OR_GROUP = {"end": ("datacenters",), "client": ("populations",)}
"""The sections of a world in which a kind is named that may be a group of machines too."""
_WHAT = {
    "group": "group of machines (place/group)",
    "datacenter": "data centre",
    "site": "data centre or population",
    "end": "data centre or group of machines (place/group)",
    "client": "population or group of machines (place/group)",
    "task": "learning task (`tasks:`)",
}


class Known(NamedTuple):
    """The names of a kind that a file gives, in its order (None where it is too malformed to tell), and for look-up."""

    names: list[str] | None
    quick: frozenset[str]


def name_problems(document: Document, names: list[Name], tables: AtlasTables | None) -> Iterator[Problem]:
    """Every name of something that is not there; not of what stands in an atlas whose tables are wrong."""
    known: dict[tuple[str, Path], Known] = {}
    for name in names:
        kind = name.ref.kind
        if kind == "landing-place":
            yield from () if tables is None else _landing_problems(document, name, tables)
            continue
        if kind in TABLES:
            if tables is not None or kind not in ATLAS_TABLES:
                yield from _catalogue_problems(document, name, tables or CATALOGUE)
            continue
        listed = _list_path(name.path) if kind == "workload" else ()
        if (kind, listed) not in known:  # once, for a file may name a thing as often as it has lines
            found = _find_known(document.data, kind, listed)
            known[kind, listed] = Known(found, frozenset(found or ()))
        there, quick = known[kind, listed]
        if there is not None and name.raw not in quick:
            sentence = f"no {_WHAT.get(kind, kind)} is called {name.raw!r}; {nearest(name.raw, there)}"
            yield problem_at(document, name.path, sentence, key=name.is_key)


def _landing_problems(document: Document, name: Name, tables: AtlasTables) -> Iterator[Problem]:
    """A place that is neither a landing nor a city, which may have one."""
    kinds = ("landing", "city")
    if not any(name.raw.lower() in tables.rows(kind) for kind in kinds):
        sentence = str(UnknownNameError("landing", name.raw, tables.suggest(name.raw, *kinds)))
        yield problem_at(document, name.path, sentence)


def _catalogue_problems(document: Document, name: Name, tables: AtlasTables) -> Iterator[Problem]:
    kind = name.ref.kind
    own = _find_defined(document.data, kind) if kind in SECTIONS else []
    if own is None or name.raw in own:
        return
    try:
        tables.find(kind, name.raw)
    except UnknownNameError as error:
        near = nearest(name.raw, own)
        sentence = str(UnknownNameError(kind, name.raw, near)) if near.startswith("did you mean") else str(error)
        yield problem_at(document, name.path, sentence, key=name.is_key)


def _find_defined(data: Any, kind: str) -> list[str] | None:
    """The names of a kind that the scenario defines itself; None where it is too malformed to tell."""
    section = SECTIONS[kind]
    if any(nearest(key, [section]).startswith("did you mean") for key in data.keys() - {*SECTIONS.values()}):
        return None
    defined = data.get(section, {})
    return list(defined) if isinstance(defined, dict) else None


def definition_problems(document: Document) -> Iterator[Problem]:
    """Names that the scenario defines though the catalogue has them."""
    for kind, section in SECTIONS.items():
        defined = document.data.get(section)
        for name in defined if isinstance(defined, dict) else ():
            if name.lower() in rows(kind):
                sentence = f"the catalogue has a {kind} called {name!r} too; give yours another name"
                yield problem_at(document, (section, name), sentence, key=True)


def workloads_of(data: Any) -> dict[Path, tuple[str, str, Any]]:
    """The workloads of raw data by path: paradigm, name and fields; malformed ones left out."""
    found: dict[Path, tuple[str, str, Any]] = {}
    for path, (paradigm, listed) in _lists(data).items():
        for index, raw in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(raw, dict) and len(raw) == 1:
                ((kind, fields),) = raw.items()
                if isinstance(fields, dict):
                    found[(*path, index, kind)] = (paradigm, str(fields.get("name") or kind), fields)
    return found


def _lists(data: Any) -> dict[Path, tuple[str, Any]]:
    """The lists of workloads by path, each with its paradigm."""
    paradigms = data.get("paradigms")
    lists: dict[Path, tuple[str, Any]] = {("workloads",): (MAIN, data.get("workloads"))}
    for name, listed in paradigms.items() if isinstance(paradigms, dict) else ():
        lists["paradigms", name] = (name, listed)
    return lists


def _list_path(path: Path) -> Path:
    """Where the list of workloads stands that a path leads into."""
    return path[:1] if path[:1] == ("workloads",) else path[:2]


def _find_known(data: Any, kind: str, list_path: Path) -> list[str] | None:
    """The names of a kind that the file gives, workloads of one list; None where it is too malformed to tell."""
    if kind == "group":
        return _find_groups(data)
    if kind in _PLACES:
        return _find_places(data, _PLACES[kind])
    if kind in _OR_GROUP:
        places, groups = _find_places(data, _OR_GROUP[kind]), _find_groups(data)
        return None if places is None or groups is None else [*places, *groups]
    if kind == "task":
        tasks = data.get("tasks", {})
        return list(tasks) if isinstance(tasks, dict) else None
    if kind == "paradigm":
        paradigms = data.get("paradigms", {MAIN: None})
        return list(paradigms) if isinstance(paradigms, dict) else None
    here = [name for at, (_, name, _) in workloads_of(data).items() if at[: len(list_path)] == list_path]
    return here if len(here) == len(_lists(data)[list_path][1]) else None


def _find_places(data: Any, sections: tuple[str, ...]) -> list[str] | None:
    world = data.get("world")
    if not isinstance(world, dict) or not world.keys() <= WorldSpec.model_fields.keys():
        return None
    found = [world.get(section, {}) for section in sections]
    return [name for places in found for name in places] if all(isinstance(p, dict) for p in found) else None


def _find_groups(data: Any) -> list[str] | None:
    world = data.get("world")
    places = world.get("datacenters") if isinstance(world, dict) else None
    if not isinstance(places, dict) or not all(isinstance(raw, dict) for raw in places.values()):
        return None
    found = []
    for place, raw in places.items():
        groups = [raw.get(kind, {}) for kind in ("servers", "devices")]
        if not raw.keys() <= Datacenter.model_fields.keys() or not all(isinstance(group, dict) for group in groups):
            return None
        found += [f"{place}/{name}" for group in groups for name in group]
    return found
