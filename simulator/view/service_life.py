"""What a request comes to, by how many requests a model answers in its life: how training fades, and when.

Both axes are logarithmic: the line falls with the number of requests while what was done once weighs more, and
is flat where requests do. The dot is where both weigh the same; the band is P5 to P95 of the factors' draws.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.errors import UsageError
from simulator.footprint.accounting.break_even import Drawn, Service, crossing_requests
from simulator.record.integrate import Floats
from simulator.units import SECONDS_PER_YEAR, show
from simulator.view.account import HEADS
from simulator.view.sweep_data import COLOURS

_POINTS = 200
_BAND = (5.0, 95.0)
_AROUND = 1e3
"""How many times fewer and more requests than at the dots are drawn."""


def draw(name: str, services: Sequence[Service], draws: Mapping[str, Drawn] | None = None) -> Figure:
    """A line for each service, with its band where there are draws; raises UsageError where there is none."""
    breaks = [one.break_even_requests for one in services if one.break_even_requests is not None]
    if not breaks:
        state = "no paradigm both does something once and answers requests that cost something"
        raise UsageError("a figure of service life", state, "run a scenario that trains and serves")
    criterion = services[0].each.criterion
    requests = np.geomspace(max(1.0, min(breaks) / _AROUND), max(breaks) * _AROUND, _POINTS)
    figure = Figure(figsize=(8.0, 5.2), layout="constrained")
    axes = figure.add_subplot()
    for number, one in enumerate(services):
        _draw_one(axes, one, requests, (draws or {}).get(one.paradigm), COLOURS[number % len(COLOURS)])
    _draw_crossings(axes, services)
    axes.set(xscale="log", yscale="log", xlabel="requests in the life of the model", xlim=(requests[0], requests[-1]))
    axes.set_ylabel(f"{HEADS[criterion]} of a request ({services[0].each.boundary})")
    axes.yaxis.set_major_formatter(lambda amount, _: show(amount, criterion))
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), frameon=False, fontsize=9)
    _draw_years(axes, services)
    figure.suptitle(f"{name}: what a request comes to, by the life of the model", fontsize=13)
    return figure


def _draw_one(axes: Axes, one: Service, requests: Floats, drawn: Drawn | None, colour: str) -> None:
    once, each = (show(total.value, total.criterion, 3) for total in (one.once, one.each))
    said = f"{one.paradigm}: {once} once, {each} each"
    at = one.break_even_requests
    if at is not None:
        years = "" if one.break_even_y is None else f", {one.break_even_y:.3g} y at this rate"
        said += f"; equal at {at:.3g} requests{years}"
        axes.plot(at, 2.0 * one.each.value, marker="o", markersize=9, color=colour, markeredgecolor="white", zorder=4)
    axes.plot(requests, one.per_request(requests), linewidth=1.8, color=colour, label=said, zorder=3)
    if drawn is not None:
        low, high = np.percentile(drawn.per_request(requests), _BAND, axis=0)
        axes.fill_between(requests, low, high, color=colour, alpha=0.2, linewidth=0, zorder=2)


def _draw_crossings(axes: Axes, services: Sequence[Service]) -> None:
    """Where two ways come to the same."""
    pairs = ((a, b) for place, a in enumerate(services) for b in services[place + 1 :])
    for a, b in pairs:
        at = crossing_requests(a, b)
        if at is not None:
            said = f"{a.paradigm} and {b.paradigm} are equal at {at:.3g} requests"
            axes.axvline(at, color="#8a8a8a", linewidth=1.0, linestyle="--", label=said, zorder=1)


def _draw_years(axes: Axes, services: Sequence[Service]) -> None:
    """The same axis in years, where all services answer at one rate."""
    rates = {one.rate_per_s for one in services}
    rate_per_s = next(iter(rates))
    if len(rates) == 1 and rate_per_s:
        a_year = rate_per_s * SECONDS_PER_YEAR

        def years(requests: Floats) -> Floats:
            return requests / a_year

        def requests(years: Floats) -> Floats:
            return years * a_year

        above = axes.secondary_xaxis("top", functions=(years, requests))  # type: ignore[arg-type]  # arrays alone are given
        above.set_xlabel(f"years at the rate of the run, {a_year:.3g} requests a year")
