"""What carries bits as rows of a result: an asset each, and the grids that feed it.

    grid of an element = mean of the grids of its countries

A hop between two countries draws its power somewhere along the way; the mean of both ends is
as near as the record comes. Links and sites are in service from their first bit to their last.
A country without a grid in the catalogue has the world's, an assumed row. What those that
carried something draw at rest, where it is told apart from their bits, is written for the
whole window under a quantity of its own: it counts in the total of everything owned alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import Any

import numpy as np

from simulator.catalogue import Row, find, rows
from simulator.engine.ledger import Ledger
from simulator.engine.series import always
from simulator.hardware.datacenter import Place, Signal
from simulator.network.element import GRID_ELSEWHERE, Element
from simulator.vocabulary import ATLAS_YEAR, SPARE, UNASSIGNED, WORLD


def element_row(name: str, element: Element, span_s: tuple[float, float] | None) -> Sequence[Any]:
    """The row of `assets` of an element, less its paradigm; without a span it carried nothing.

    >>> element_row("lyon/router", Element("site", ("fr",), "core-router", 3e-10), (1.0, 9.0))[:5]
    ('lyon/router', 'site', 'internet/FR', 'fr', 'core-router')
    """
    place, zone = place_name(element.countries), ", ".join(element.countries)
    described = (name, element.kind, place, zone, element.row, "", "", 1)
    carries = (element.slope_j_per_b, element.power, element.capacity_bps, element.length_km)
    return (*described, *(span_s or (None, None)), None, *carries, None, None, "")


def record_rests(ledger: Ledger, idle_w: Mapping[str, float]) -> None:
    """Write what these elements draw at rest from the first second on, apart from all that was drawn."""
    for name, power_w in idle_w.items():
        channel = ledger.channel(name, UNASSIGNED, "idle", SPARE)
        ledger.extend(np.zeros(1), np.array([channel], np.int32), np.array([power_w]))


def element_places(elements: Mapping[str, Element]) -> dict[str, Place]:
    """The places in which the elements stand, with their grids."""
    every = sorted({element.countries for element in elements.values()})
    return {place_name(countries): _place(countries) for countries in every}


def internet_place(year: int) -> Place:
    """The place that says of which year the internet is; it holds nothing and draws nothing."""
    signal = Signal(ATLAS_YEAR, always(float(year)), "scenario", "the scenario")
    return Place(WORLD, "", "UTC", (signal,))


def place_name(countries: Iterable[str]) -> str:
    """What the part of the internet in these countries is called.

    >>> place_name(("fr", "us"))
    'internet/FR-US'
    """
    return "internet/" + "-".join(country.upper() for country in countries)


def _place(countries: tuple[str, ...]) -> Place:
    grids = dict.fromkeys(_grid(country) for country in countries)
    intensities = [grid.number("intensity_gco2e_per_kwh", "correct the row") for grid in map(_grid, countries)]
    names = ", ".join(grid.id for grid in grids)
    row = names if len(countries) == 1 else f"mean of {names}"
    said = dict.fromkeys(grid.source("intensity_gco2e_per_kwh") for grid in grids)
    source = "; ".join(f"{s.source} ({s.year}, {s.confidence})" for s in said)
    series = always(fsum(intensities) / len(intensities))
    signal = Signal("grid_gco2e_per_kwh", series, row, source)
    return Place(place_name(countries), ", ".join(countries), "UTC", (signal,))


def _grid(country: str) -> Row:
    return rows("grid").get(country) or find("assumption", GRID_ELSEWHERE)
