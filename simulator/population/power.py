"""What a user's device draws from the plug for a workload, by what it does.

    charged to the workload = (draw - r x idle) / efficiency,    r = 1 marginal, 0 whole
    efficiency              = charger (charging), charger x battery (battery), 1 (mains)

Draws are those of the whole device, screen off: of the scenario, else of the device's class
in the table client_powers, of which phones' computing is published (Wu et al. 2022,
"Sustainable AI", appendix B: 3 W) and the rest assumed. The device's own row gives its idle,
and its typical use, screen on, while a person asks something and waits.
"""

from collections.abc import Collection, Iterator
from math import prod
from typing import NamedTuple

from simulator.catalogue import Row, doubts, find, rows
from simulator.errors import ContradictionError, MissingValueError
from simulator.population.spec import Population

CHARGER, BATTERY = "charger-efficiency", "battery-efficiency"
_COLUMNS = {"compute": "compute_w", "down": "receive_w", "up": "send_w"}
"""The watts of a class of devices by what is used of it."""
REMEDY = "give `power:` with its watts: compute, receive, send and idle"


class ClientWatts(NamedTuple):
    """Watts at the plug that a workload is charged with, while the device does something."""

    compute_w: float
    receive_w: float
    send_w: float


def build_client_power(spec: Population) -> ClientWatts:
    """What one device of the crowd is charged with while it works.

    Raises MissingValueError where nothing says what it draws, ContradictionError where it draws more at rest.

    >>> users = {"device": "smartphone", "count": 2, "places": {"paris": 1.0}, "access": {"wifi": 1.0}}
    >>> power = {"compute": "3 W", "receive": "1 W", "send": "2 W", "idle": "0.5 W"}
    >>> spec = {**users, "state": "mains", "account": "marginal", "power": power}
    >>> build_client_power(Population.model_validate(spec))
    ClientWatts(compute_w=2.5, receive_w=0.5, send_w=1.5)
    """
    draws_w = _draws_w(spec, find("device", spec.device))
    return ClientWatts(*(_charged_w(spec, doing, power_w) for doing, power_w in draws_w.items()))


def power_assumptions(spec: Population, uses: Collection[str]) -> Iterator[str]:
    """The names of what is assumed of a device's watts, by what is used of it: up, down, compute, ask."""
    device = find("device", spec.device)
    known = rows("client-power").get(device.text("class"))
    columns = [column for use, column in _COLUMNS.items() if use in uses]
    if spec.power is None and known is not None:
        yield from doubts(known, *columns)
    if "ask" in uses and (spec.power is None or spec.power.use is None):
        yield from doubts(device, "typical_use_w")
    if spec.power is None and (spec.account == "marginal" or spec.owned == "always"):
        yield from doubts(device, "idle_w")
    yield from _chain(spec)


def build_use_power_w(spec: Population) -> float:
    """What one device is charged with while its user asks and waits for an answer; raises what build_client_power does.

    >>> users = {"device": "laptop", "count": 2, "places": {"paris": 1.0}, "access": {"wifi": 1.0}}
    >>> build_use_power_w(Population.model_validate({**users, "state": "mains", "account": "whole"}))
    22.0
    """
    if spec.power is not None and spec.power.use is not None:
        return _charged_w(spec, "be used", spec.power.use)
    row = find("device", spec.device)
    return _charged_w(spec, "be used", row.number("typical_use_w", "give `power:` with `use`"))


def build_rest_w(spec: Population) -> float | None:
    """What one device draws at rest, at the plug; None where nothing says.

    >>> users = {"device": "laptop", "count": 2, "places": {"paris": 1.0}, "access": {"wifi": 1.0}}
    >>> build_rest_w(Population.model_validate({**users, "state": "mains", "account": "whole"}))
    11.0
    """
    idle_w = find("device", spec.device).find_number("idle_w") if spec.power is None else spec.power.idle
    return None if idle_w is None else idle_w / _efficiency(spec)


def _charged_w(spec: Population, doing: str, power_w: float) -> float:
    """What of a draw a workload is charged with, at the plug."""
    idle_w = _idle_w(spec)
    if power_w < idle_w:
        sentence = f"to {doing} it draws {power_w:g} W, less than at rest, {idle_w:g} W; correct one of them"
        raise ContradictionError(spec.device, sentence)
    return (power_w - (idle_w if spec.account == "marginal" else 0.0)) / _efficiency(spec)


def _efficiency(spec: Population) -> float:
    """What reaches the device over what leaves the plug."""
    return prod(find("assumption", name).number("value_share", "correct the row") for name in _chain(spec))


def _chain(spec: Population) -> tuple[str, ...]:
    """What stands between the plug and the device."""
    return {"charging": (CHARGER,), "battery": (CHARGER, BATTERY), "mains": ()}[spec.state]


def _idle_w(spec: Population) -> float:
    return find("device", spec.device).number("idle_w", REMEDY) if spec.power is None else spec.power.idle


def _draws_w(spec: Population, row: Row) -> dict[str, float]:
    """Watts of the device by what it does."""
    if spec.power is not None:
        own = spec.power
        return {"compute": own.compute, "receive": own.receive, "send": own.send}
    known = rows("client-power").get(row.text("class"))
    if known is None:
        raise MissingValueError(row.id, f"watts as a user's device (class `{row.text('class')}`)", REMEDY)
    return {doing: known.number(f"{doing}_w", REMEDY) for doing in ("compute", "receive", "send")}
