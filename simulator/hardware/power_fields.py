"""What all power models share: their type, and watts that the device's catalogue row knows.

Watts that the scenario leaves out come from the device's row: `idle` from its idle_w, `max`
from its tdp_w (`tdp`) or from its typical_training_w (`typical`, which the catalogue gives only
where the source measured the device alone). What the row lacks is an error: a device without
idle watts can only be `constant`.
"""

from itertools import pairwise
from typing import Annotated, Any, Protocol

from pydantic import BeforeValidator, WithJsonSchema

from simulator.catalogue import Row
from simulator.errors import ContradictionError, MissingValueError
from simulator.spec import quantity, quantity_schema

WORDS = {"tdp": "tdp_w", "typical": "typical_training_w"}
"""Words for watts that the catalogue knows, and their columns."""


class Power(Protocol):
    """Watts of one device by its load, and by the share of its memory's bandwidth in use.

    The load is the share of the peak FLOP/s, or of full work where nothing tells it apart. A
    model that does not know memory ignores it.
    """

    def __call__(self, load: float, memory: float = 0.0) -> float:
        """The watts at a load (0 at rest, 1 at full work) and a use of memory (0 to 1)."""


_watts_of_text = quantity("power")


def _watts_or_word(value: Any) -> float | str:
    return value if isinstance(value, str) and value in WORDS else _watts_of_text(value)


DeviceWatts = Annotated[
    float | str,
    BeforeValidator(_watts_or_word),
    WithJsonSchema({"anyOf": [{"enum": list(WORDS)}, quantity_schema("power")]}),
]


def watts_of(value: float | str, row: Row) -> float:
    """Watts as written, or those of the row that a word stands for."""
    if isinstance(value, str):
        return row.number(
            WORDS[value], f"write the watts of `{row.id}` yourself, such as `{{kind: constant, power: 250 W}}`"
        )
    return value


def idle_of(idle_w: float | None, row: Row) -> float:
    """Watts at rest as written, else the row's."""
    if idle_w is not None:
        return idle_w
    found_w = row.find_number("idle_w")
    if found_w is None:
        raise MissingValueError(row.id, "idle_w", "write `power: {kind: constant, power: tdp}`, or give `idle:` watts")
    return found_w


def check_rising(row: Row, **watts_w: float) -> None:
    """Raise ContradictionError unless the named watts rise from first to last."""
    named = list(watts_w.items())
    for (low, low_w), (high, high_w) in pairwise(named):
        if low_w > high_w:
            raise ContradictionError(row.id, f"its {low}, {low_w:g} W, is above its {high}, {high_w:g} W")
