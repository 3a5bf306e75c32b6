"""How much a device draws, as a function of its load (0 at rest, 1 at full work).

    constant  P = power
    linear    P = idle + load x (max - idle)
    stepped   P = idle at load 0, else epsilon + load x (max - epsilon)

Watts that the scenario leaves out come from the device's catalogue row: `idle` from its
idle_w, `max` from its tdp_w (`tdp`) or from its typical_training_w (`typical`, which the
catalogue gives only where the source measured the device alone). What the row lacks is an
error: a device without idle watts can only be `constant`.
Source of the linear model: Fan, Weber and Barroso 2007, "Power provisioning for a
warehouse-sized computer", section 4; of the stepped one: SimGrid's host energy plug-in.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union

from pydantic import BeforeValidator, Field, WithJsonSchema

from simulator.catalogue import Row
from simulator.errors import ContradictionError, MissingValueError
from simulator.spec import Fault, OrJson, Spec, Watts, quantity, quantity_schema

WORDS = {"tdp": "tdp_w", "typical": "typical_training_w"}
"""Words for watts that the catalogue knows, and their columns."""

Power = Callable[[float], float]
"""Watts of one device at a load."""

_watts_of_text = quantity("power")


def _watts_or_word(value: Any) -> float | str:
    return value if isinstance(value, str) and value in WORDS else _watts_of_text(value)


DeviceWatts = Annotated[
    float | str,
    BeforeValidator(_watts_or_word),
    WithJsonSchema({"anyOf": [{"enum": list(WORDS)}, quantity_schema("power")]}),
]


class Constant(Spec):
    """The same watts whatever the load."""

    kind: Literal["constant"]
    power: DeviceWatts = Field(description="watts while in service: `250 W`, `tdp` or `typical`")


class Linear(Spec):
    """From idle to max in proportion to the load."""

    kind: Literal["linear"] = "linear"
    idle: Watts | None = Field(None, description="watts at rest; the row's idle_w if left out")
    max: DeviceWatts = Field("tdp", description="watts at full load: `400 W`, `tdp` or `typical`")


class Stepped(Spec):
    """A step up as soon as there is work, then in proportion to the load."""

    kind: Literal["stepped"]
    idle: Watts | None = Field(None, description="watts at rest; the row's idle_w if left out")
    epsilon: Watts = Field(description="watts at the smallest load")
    max: DeviceWatts = Field("tdp", description="watts at full load: `400 W`, `tdp` or `typical`")


def constant(spec: Constant, row: Row) -> Power:
    """The power function of a constant draw."""
    power_w = _watts(spec.power, row)
    return lambda load: power_w


def linear(spec: Linear, row: Row) -> Power:
    """The power function between idle and max."""
    idle_w, max_w = _idle(spec.idle, row), _watts(spec.max, row)
    _rising(row, idle=idle_w, max=max_w)
    return lambda load: idle_w + load * (max_w - idle_w)


def stepped(spec: Stepped, row: Row) -> Power:
    """The power function with a step at the first work."""
    idle_w, epsilon_w, max_w = _idle(spec.idle, row), spec.epsilon, _watts(spec.max, row)
    _rising(row, idle=idle_w, epsilon=epsilon_w, max=max_w)
    return lambda load: epsilon_w + load * (max_w - epsilon_w) if load > 0 else idle_w


KINDS: dict[str, tuple[type[Spec], Callable[[Any, Row], Power]]] = {
    "constant": (Constant, constant),
    "linear": (Linear, linear),
    "stepped": (Stepped, stepped),
}
"""The only list of power models: what the YAML says, and the function that it means."""


def _expand(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


_ALONE = [
    kind
    for kind, (spec, _) in KINDS.items()
    if all(f == "kind" or not field.is_required() for f, field in spec.model_fields.items())
]
if TYPE_CHECKING:
    PowerModel = Spec
else:
    PowerModel = Annotated[
        Union[tuple(spec for spec, _ in KINDS.values())],  # noqa: UP007 — the union of a table
        Field(discriminator="kind"),
        BeforeValidator(_expand),
        OrJson({"enum": _ALONE}),
    ]
"""A power model in the YAML: `linear`, or `{kind: linear, max: 350 W}`."""


def build_power(spec: Any, row: Row) -> Power:
    """The power function of a device; raises MissingValueError where its row lacks watts."""
    return KINDS[spec.kind][1](spec, row)


def columns_of(spec: Any) -> Iterator[str]:
    """The columns of a device's row that its power model reads."""
    for field, value in spec:
        if value in WORDS:
            yield WORDS[value]
        elif field == "idle" and value is None:
            yield "idle_w"


def power_faults(spec: Any, row: Row, path: tuple[str, ...]) -> Iterator[Fault]:
    """Why the power model cannot be of this row's device, if so; told at a path of the file."""
    try:
        build_power(spec, row)
    except (MissingValueError, ContradictionError) as error:
        yield Fault(path, str(error))


def _rising(row: Row, **watts_w: float) -> None:
    """Raise ContradictionError unless the named watts rise from first to last."""
    named = list(watts_w.items())
    for (low, low_w), (high, high_w) in pairwise(named):
        if low_w > high_w:
            raise ContradictionError(row.id, f"its {low}, {low_w:g} W, is above its {high}, {high_w:g} W")


def _watts(value: float | str, row: Row) -> float:
    if isinstance(value, str):
        return row.number(
            WORDS[value], f"write the watts of `{row.id}` yourself, such as `{{kind: constant, power: 250 W}}`"
        )
    return value


def _idle(idle_w: float | None, row: Row) -> float:
    if idle_w is not None:
        return idle_w
    found_w = row.find_number("idle_w")
    if found_w is None:
        raise MissingValueError(row.id, "idle_w", "write `power: {kind: constant, power: tdp}`, or give `idle:` watts")
    return found_w
