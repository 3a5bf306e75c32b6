"""What a user's device draws from the plug for a workload, by what it does.

    charged to the workload = (draw - r x idle) / efficiency,    r = 1 marginal, 0 whole
    efficiency              = charger (charging), charger x battery (battery), 1 (mains)

Draws are those of the whole device, screen off: of the scenario, else of the device's class
in the table client_powers, of which phones' computing is published (Wu et al. 2022,
"Sustainable AI", appendix B: 3 W) and the rest assumed. The device's own row gives its idle.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.catalogue import Row, find, rows
from simulator.errors import ContradictionError, MissingValueError
from simulator.population.spec import Population

CHARGER, BATTERY = "charger-efficiency", "battery-efficiency"


class ClientWatts(NamedTuple):
    """Watts at the plug that a workload is charged with, while the device does something; what was assumed."""

    compute_w: float
    receive_w: float
    send_w: float
    assumptions: tuple[str, ...]


def build_client_power(spec: Population) -> ClientWatts:
    """What one device of the crowd is charged with.

    Raises MissingValueError where nothing says what it draws, ContradictionError where it draws more at rest.

    >>> users = {"device": "smartphone", "count": 2, "places": {"paris": 1.0}, "access": {"wifi": 1.0}}
    >>> power = {"compute": "3 W", "receive": "1 W", "send": "2 W", "idle": "0.5 W"}
    >>> spec = {**users, "state": "mains", "account": "marginal", "power": power}
    >>> build_client_power(Population.model_validate(spec))[:3]
    (2.5, 0.5, 1.5)
    """
    watts, idle_w, assumed = _draws_w(spec, find("device", spec.device))
    rest_w = idle_w if spec.account == "marginal" else 0.0
    chain = {"charging": (CHARGER,), "battery": (CHARGER, BATTERY), "mains": ()}[spec.state]
    efficiency = 1.0
    for name in chain:
        efficiency *= find("assumption", name).number("value_share", "correct the row")
    for doing, power_w in watts.items():
        if power_w < idle_w:
            sentence = f"to {doing} it draws {power_w:g} W, less than at rest, {idle_w:g} W; correct one of them"
            raise ContradictionError(spec.device, sentence)
    compute_w, receive_w, send_w = ((power_w - rest_w) / efficiency for power_w in watts.values())
    return ClientWatts(compute_w, receive_w, send_w, (*assumed, *chain))


def _draws_w(spec: Population, row: Row) -> tuple[dict[str, float], float, tuple[str, ...]]:
    """Watts of the device by what it does, at rest, and what of them is assumed."""
    if spec.power is not None:
        own = spec.power
        return {"compute": own.compute, "receive": own.receive, "send": own.send}, own.idle, ()
    remedy = "give `power:` with its watts: compute, receive, send and idle"
    known = rows("client-power").get(row.text("class"))
    if known is None:
        raise MissingValueError(row.id, f"watts as a user's device (class `{row.text('class')}`)", remedy)
    watts = {doing: known.number(f"{doing}_w", remedy) for doing in ("compute", "receive", "send")}
    return watts, row.number("idle_w", remedy), tuple(_assumed(known))


def _assumed(row: Row) -> Iterator[str]:
    """The names by which the assumed values of a row are listed."""
    for column in row.columns:
        if column.endswith("_w") and row.source(column).confidence == "assumed":
            yield f"client-power/{row.id}/{column}"
