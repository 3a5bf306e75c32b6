"""How much a workload moves: a data set, a model, or so many bytes; one of the three is given."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.definitions import (
    MODEL_SIZE,
    Definitions,
    dataset_size_b,
    dataset_size_doubts,
    model_doubts,
    model_size_b,
)
from simulator.errors import MissingValueError, UnknownNameError
from simulator.spec import Fault, Spec, present

SIZES = ("dataset", "model", "size")


def amount_faults(raw: Mapping[str, Any]) -> Iterator[Fault]:
    """No size, or several."""
    given = [field for field in SIZES if field in present(raw)]
    if not given:
        yield Fault((), "nothing says how much is to be moved; give `dataset`, `model`, or `size`, such as `5 TB`")
    for field in given[1:]:
        yield Fault((field,), f"`{given[0]}` says already how much is to be moved; keep one of them")


def amount_field(spec: Spec) -> str:
    """The field that says how much."""
    return next(field for field in SIZES if getattr(spec, field) is not None)


def amount_b(spec: Spec, own: Definitions) -> float:
    """The bits that are to be moved; raises MissingValueError where nothing says how large a thing is."""
    field = amount_field(spec)
    value = getattr(spec, field)
    if field == "dataset":
        return dataset_size_b(value, own, "give the transfer a `size` instead")
    return model_size_b(value, own) if field == "model" else float(value)


def amount_doubts(spec: Spec, own: Definitions) -> tuple[str, ...]:
    """What of it is doubtful, as a result lists it."""
    field = amount_field(spec)
    if field == "dataset":
        return dataset_size_doubts(getattr(spec, field), own)
    return model_doubts(getattr(spec, field), own, *MODEL_SIZE) if field == "model" else ()


def find_amount_b(spec: Spec, own: Definitions) -> float | Fault | None:
    """The bits, or what lacks to know them; None where a name is unknown, which is told where it stands."""
    try:
        return amount_b(spec, own)
    except UnknownNameError:
        return None
    except MissingValueError as error:
        return Fault((amount_field(spec),), str(error))
