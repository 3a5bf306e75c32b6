"""The factor sets that a scenario's method names: of the catalogue, or CSV files beside the scenario."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from simulator.errors import ScenarioError, UsageError
from simulator.footprint.accounting.method import Method
from simulator.footprint.making.factor_files import is_file
from simulator.footprint.making.factors import FactorSets, build_sets
from simulator.scenario.samples import hash_of

KINDS = ("grid", "embodied")


class Named(NamedTuple):
    """A set where the scenario names it: the place in the file, its kind, its name or path as written."""

    place: tuple[str, ...]
    kind: str
    name: str


def sets_in(data: Any) -> Iterator[Named]:
    """Every factor set that raw data names."""
    said = data.get("footprint") if isinstance(data, dict) else None
    for kind in KINDS:
        raw = said.get(kind) if isinstance(said, dict) else None
        for name in [raw] if isinstance(raw, str) else raw if isinstance(raw, list) else ():
            if isinstance(name, str):
                yield Named(("footprint", kind), kind, name)


def wrong_in_set(named: Named, folder: Path) -> list[str]:
    """All that is wrong with a set, a sentence each; of a file with its line."""
    chains = {kind: (_found(named.name, folder),) if kind == named.kind else () for kind in KINDS}
    try:
        build_sets(**chains)
    except ScenarioError as error:
        return [str(problem) for problem in error.problems]
    except UsageError as error:
        return [f"{error}; paths are relative to the scenario" if is_file(named.name) else str(error)]
    return []


def read_sets(method: Method, folder: Path) -> FactorSets:
    """The factor sets of a method, whose own files lie beside the scenario."""
    return build_sets(*([_found(name, folder) for name in getattr(method, kind)] for kind in KINDS))


def hashes_of_sets(method: Method, folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of factors, by its path as written."""
    own = (name for kind in KINDS for name in getattr(method, kind) if is_file(name))
    return {name: hash_of(folder / name) for name in own}


def files_in(data: Any) -> Iterator[str]:
    """The path of every file of factors that raw data names, as written.

    >>> list(files_in({"footprint": {"grid": "boavizta", "embodied": ["mine.csv", "act"]}}))
    ['mine.csv']
    """
    return (named.name for named in sets_in(data) if is_file(named.name))


def beside(said: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """A method as plain data, with its own files where they lie: beside the scenario, in this folder.

    >>> beside({"embodied": "act", "rule": "used"}, Path("there"))
    {'embodied': ['act'], 'rule': 'used'}
    """
    found: dict[str, list[str]] = {}
    for named in sets_in({"footprint": said}):
        found.setdefault(named.kind, []).append(_found(named.name, folder))
    return {**said, **found}


def _found(name: str, folder: Path) -> str:
    return str(folder / name) if is_file(name) else name
