"""What of a run is drawn on the map: the links of one paradigm, and the cities at the ends of its ways."""

from collections.abc import Sequence
from typing import NamedTuple

from simulator.catalogue import rows
from simulator.errors import UsageError
from simulator.footprint.carried import Carried, carried
from simulator.footprint.entries import Tables, paradigms
from simulator.network.trip import latest_year
from simulator.record.pieces import of_paradigm
from simulator.view.strands import UTILISATION, most_carried_b
from simulator.vocabulary import ATLAS_YEAR, MAIN

EDGE = "/edge"
"""What ends the name of the router at either end of a way (network/element.py)."""


class Run(NamedTuple):
    """A paradigm of a result as the map needs it."""

    name: str
    paradigm: str
    """Empty where the scenario names none."""
    year: int
    links: Sequence[Carried]
    most_b: float
    """The bits of the busiest pair of places in any paradigm, so that maps of one result have one scale."""
    ends: Sequence[str]


def check(run: Run | None, year: int | None, paradigm: str | None, colour: str | None) -> tuple[int, str]:
    """The year and the colour of a map; raises UsageError for what contradicts its run, or needs one."""
    if run is None:
        for option, value in (("--colour", colour), ("--paradigm", paradigm)):
            if value is not None:
                raise UsageError(f"{option} {value}", "there is no run to look at", "give its folder with --results")
        return latest_year() if year is None else year, UTILISATION
    if year is not None and year != run.year:
        raise UsageError(f"a map of {run.name} in {year}", f"it ran on the internet of {run.year}", "leave out --year")
    return run.year, UTILISATION if colour is None else colour


def run_of(tables: Tables, name: str, asked: str | None) -> Run:
    """The paradigm asked for, or the only one there is.

    Raises UsageError where there are several and none is named, where there is none of that name, and where
    the result has no internet or nothing was sent through it.
    """
    names = paradigms(tables)
    if asked is None and len(names) > 1:
        raise UsageError(f"a map of {name}", f"it has the paradigms {', '.join(names)}", "choose one with --paradigm")
    if asked is not None and asked not in names:
        raise UsageError(f"paradigm {asked!r}", f"{name} has none of that name", f"there is {', '.join(names)}")
    chosen = names[0] if asked is None else asked
    every = {paradigm: _on_the_map(carried(tables, paradigm)) for paradigm in names}
    signals = of_paradigm(tables["signals"], chosen).to_pylist()
    years = [int(row["value"]) for row in signals if row["signal"] == ATLAS_YEAR]
    if not years or not every[chosen]:
        of = "" if chosen == MAIN else f", paradigm {chosen}"
        remedy = "map a run that transfers, collects, distributes, serves users or federates between cities"
        raise UsageError(f"a map of {name}{of}", "it sent nothing over a link of the internet", remedy)
    sites = [row["asset"] for row in of_paradigm(tables["assets"], chosen).to_pylist() if row["kind"] == "site"]
    ends = [site.removesuffix(EDGE) for site in sites if site.endswith(EDGE)]
    most_b = max(most_carried_b(links) for links in every.values())
    return Run(name, "" if chosen == MAIN else chosen, years[0], every[chosen], most_b, ends)


def _on_the_map(links: Sequence[Carried]) -> list[Carried]:
    """What lies on the ground or in the sea: hops over satellites are not drawn, nor counted."""
    return [link for link in links if link.cable not in rows("satellite")]
