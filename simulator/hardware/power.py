"""How much a device draws, as a function of its load and of its use of memory.

    constant, linear, stepped   by two or three watts      power_levels.py
    piecewise, log              by a curve                 power_curves.py
    phase                       by what it works on        power_phase.py
    cap                         one of these below a cap   power_cap.py

Watts that the scenario leaves out come from the device's catalogue row (power_fields.py).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.catalogue import Row, doubts, find
from simulator.errors import ContradictionError, MissingValueError, UnknownNameError
from simulator.hardware.power_cap import Cap, cap
from simulator.hardware.power_curves import CURVE_COLUMNS
from simulator.hardware.power_fields import WORDS, Power
from simulator.hardware.power_phase import COLUMNS, find_phase_row
from simulator.hardware.power_uncapped import UNCAPPED, Kinds, power_field
from simulator.spec import Fault, Spec

KINDS: Kinds = {**UNCAPPED, "cap": (Cap, cap)}
"""All power models: what the YAML says, and the function that it means."""

if TYPE_CHECKING:
    PowerModel = Spec
else:
    PowerModel = power_field(KINDS)
"""A power model in the YAML: `linear`, or `{kind: linear, max: 350 W}`."""

_ROW_COLUMNS = {"idle": "idle_w", **dict.fromkeys(COLUMNS, "tdp_w")}
"""The columns of a device's row that stand in for fields which are left out."""


def build_power(spec: Any, row: Row) -> Power:
    """The power function of a device; raises MissingValueError where its row lacks watts."""
    return KINDS[spec.kind][1](spec, row)


def catalogue_fields(spec: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    """The fields whose watts the catalogue gives, as paths below the model, and the columns of the device's row.

    A CPU's curve is of another table: its column is empty.
    """
    for field, value in spec:
        if field == "of":
            yield from ((("of", *path), column) for path, column in catalogue_fields(value))
        elif field == "curve" and isinstance(value, str):
            yield (field,), ""
        elif isinstance(value, str) and value in WORDS:
            yield (field,), WORDS[value]
        elif value is None and field in _ROW_COLUMNS:
            yield (field,), _ROW_COLUMNS[field]


def columns_of(spec: Any) -> Iterator[str]:
    """The columns of a device's row that its power model reads."""
    yield from dict.fromkeys(column for _, column in catalogue_fields(spec) if column)


def reads_memory(spec: Any) -> bool:
    """Whether what it draws depends on the use of the device's memory."""
    inner = _below_cap(spec)
    return inner is not None and inner.kind == "phase"


def power_doubts(spec: Any, row: Row) -> tuple[str, ...]:
    """The names of doubtful values that a power model takes from the catalogue, as a result lists them."""
    found = list(doubts(row, *columns_of(spec)))
    inner = _below_cap(spec)
    fitted = find_phase_row(row) if inner.kind == "phase" else None
    if fitted is not None:
        found += doubts(fitted, *(column for field, column in COLUMNS.items() if getattr(inner, field) is None))
    if inner.kind == "log" and isinstance(inner.curve, str):
        found += doubts(find("cpu-curve", inner.curve), *CURVE_COLUMNS)
    return tuple(found)


def power_faults(spec: Any, row: Row, path: tuple[str, ...]) -> Iterator[Fault]:
    """Why the power model cannot be of this row's device, if so; told at a path of the file."""
    inner = _below_cap(spec)
    if inner.kind == "log" and row.text("class") != "cpu":
        yield Fault(path, f"{row.id} is no CPU, and the logarithm is of CPUs alone; take `piecewise` or `linear`")
        return
    try:
        build_power(spec, row)
    except (MissingValueError, ContradictionError) as error:
        yield Fault(path, str(error))
    except UnknownNameError:  # told where names are checked
        return


def _below_cap(spec: Any) -> Any:
    """The model that a cap is on, or the model itself."""
    return spec.of if isinstance(spec, Cap) else spec
