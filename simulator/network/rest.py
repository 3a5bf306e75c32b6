"""What one more bit costs on a link or site, and what this draws while nothing flows.

The average of a row (network/element.py) holds both; `energy: marginal` tells them apart:

    slope of a bit  = the marginal of the row, joules a bit, of a link for each kilometre
    link at rest    = W/km x km, half for each direction
    site at rest    = (average - marginal) x capacity / overcapacity

A site draws its average times what it carries, of which the marginal times the same is due to
the bits; it carries what it is built for over its overcapacity, 3.03 in the core and 6.67 in
the metro. A link's amplifiers draw the same whatever flows, so its watts come from its length:
its average times the capacities of the atlas would be some hundred times as much, for it was
measured on links far less full than those are assumed to be. The rest is that of the whole
cable or site, whoever uses it: nobody is charged with it, and it counts where all that is owned does.
Source: the table network_powers.
"""

from typing import NamedTuple

from simulator.catalogue import Row, doubts, find
from simulator.network.element import J_PER_NJ, J_PER_PJ, Element
from simulator.units import BITS_PER_TERABIT

PER_UNIT = {"site": "nj_per_b", "link": "pj_per_b_per_km"}
"""What ends the columns of joules a bit of a site and of a link."""


class Rest(NamedTuple):
    """What one more bit costs, what is drawn without any, and the names of what was assumed for it."""

    slope_j_per_b: float
    idle_w: float
    assumptions: tuple[str, ...]


def average_over_marginal(row: Row, kind: str) -> float:
    """How many times the marginal joules a bit the average is, for a link or site of this row.

    >>> from simulator.catalogue import find
    >>> round(average_over_marginal(find("network-power", "core-router"), "site"), 9)
    10.0
    """
    return _number(row, f"energy_{PER_UNIT[kind]}") / _number(row, f"marginal_{PER_UNIT[kind]}")


def find_rest(element: Element) -> Rest:
    """The marginal reading of an element, whose slope is the average.

    >>> found = find_rest(Element("site", ("fr",), "core-router", 3e-10, "core-router"))
    >>> round(found.idle_w)  # 0.27 nJ/b x 100 Tbps / 3.03
    8911
    >>> found = find_rest(Element("link", ("fr",), "lyon:grenoble", 126 * 20e-12, "overland"))
    >>> round(found.slope_j_per_b * 1e12), round(found.idle_w, 1)  # 126 km x 2 pJ/b/km, and x 2.7 W/km / 2
    (252, 170.1)
    """
    row = find("network-power", element.power)
    slope_j_per_b = element.slope_j_per_b / average_over_marginal(row, element.kind)
    marginal = f"marginal_{PER_UNIT[element.kind]}"
    if element.kind == "link":
        km = element.slope_j_per_b / (_number(row, "energy_pj_per_b_per_km") * J_PER_PJ)
        return Rest(slope_j_per_b, _number(row, "idle_w_per_km") * km / 2, doubts(row, marginal, "idle_w_per_km"))
    above_j_per_b = (_number(row, "energy_nj_per_b") - _number(row, marginal)) * J_PER_NJ
    used_bps = _number(row, "capacity_tbps") * BITS_PER_TERABIT / _number(row, "overcapacity_ratio")
    doubtful = doubts(row, marginal, "capacity_tbps", "overcapacity_ratio")
    return Rest(slope_j_per_b, above_j_per_b * used_bps, doubtful)


def _number(row: Row, column: str) -> float:
    return row.number(column, "correct the row")
