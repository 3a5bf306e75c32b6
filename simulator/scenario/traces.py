"""Traces that populations name: files beside the scenario that say when clients are on (population/trace.py)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simulator.errors import UsageError
from simulator.population.trace import Trace, find_misfit, read_trace

PLACE = ("available", "file")


class Named(NamedTuple):
    """A trace where a population names it: the place in the file, its path as written, and how many users there are."""

    place: tuple[str, ...]
    path: str
    users: Any


def traces_in(data: Any) -> Iterator[Named]:
    """Every trace that raw data names."""
    world = data.get("world") if isinstance(data, dict) else None
    populations = world.get("populations") if isinstance(world, dict) else None
    for name, raw in populations.items() if isinstance(populations, dict) else ():
        said = raw.get(PLACE[0]) if isinstance(raw, dict) else None
        path = said.get(PLACE[1]) if isinstance(said, dict) and said.get("kind") == "trace" else None
        if isinstance(path, str):
            yield Named(("world", "populations", name, *PLACE), path, raw.get("count"))


def read_traces(data: Any, folder: Path) -> Iterator[tuple[Named, Trace | str]]:
    """Every trace that raw data names, read, or what is wrong with it as a sentence."""
    for named in traces_in(data):
        try:
            trace = read_trace(folder / named.path)
        except UsageError as error:
            yield named, f"{error}; paths are relative to the scenario"
            continue
        whole = isinstance(named.users, int | float) and named.users == int(named.users)
        misfit = find_misfit(trace, int(named.users)) if whole else None  # else told where `count` stands
        yield named, trace if misfit is None else f"{named.path} does not fit: {misfit}"
