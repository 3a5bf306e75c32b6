"""What a YAML file may say: the frozen base of all specs, and the types of their fields.

A quantity type takes the text that people write and holds an SI float; a reference type
holds a name whose kind is known, so that unknown names are found without looking at what
the field means. Every field's description is the schema's and the documentation's text.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import Annotated, Any, ClassVar, NamedTuple, Union

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from simulator.errors import QuantityError
from simulator.units import DIMENSIONS, parse, pattern, show

MOST_MACHINES = 10_000_000
LONGEST_S = 1e13
"""About 317 000 years: beyond it a float of seconds no longer tells milliseconds apart."""
MOST_SAMPLES = 1e24
MOST_PUE = 10.0
"""Five times that of a machine room of long ago."""
MOST_WUE = 100.0
"""Far beyond any cooling tower: a kilowatt-hour of heat evaporates some 1.5 litres."""
EARLIEST_YEAR, LATEST_YEAR = 1988, 2100
"""The first optical cable of an ocean entered service in 1988."""
LARGEST, SMALLEST = 1e40, 1e-40
"""What a number (in SI units) may be: beyond all that exists, and products of several still fit a float."""
MOST_COUNTED = 100_000_000_000
"""So many in each of the most machines are still a 64-bit number."""


class Fault(NamedTuple):
    """What a well-formed spec says that cannot be: the field's path below the spec, and the sentence."""

    path: tuple[str | int, ...]
    sentence: str


class Spec(BaseModel):
    """The base of all specs: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    elsewhere: ClassVar[dict[str, str]] = {}
    """Keys that people write here though they belong to something else, and what to do instead."""

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Fields that need or exclude each other, whatever their values, which may be malformed."""
        yield from ()

    def faults(self) -> Iterator[Fault]:
        """What the catalogue (or another field) contradicts, one fault at a time; nothing by default."""
        yield from ()


def too_long(what: str, time_s: float) -> str:
    """Why something cannot be simulated to its end."""
    return f"{what} would take {show(time_s, 'time_s')}; at most 300 000 y can be simulated"


def present(raw: Mapping[str, Any]) -> set[str]:
    """The keys that hold something else than null."""
    return {key for key, value in raw.items() if value is not None}


class Ref(NamedTuple):
    """Marks a text field as the name of something: `kind` says of what; with `or_quantity`, or an amount."""

    kind: str
    or_quantity: bool = False


def names(value: Any) -> Any:
    """A name alone as a list of one."""
    return [value] if isinstance(value, str) else value


def one_kind(raw: Any, what: str, example: str, kinds: Iterable[str]) -> Any:
    """Refuse fields beside the kind, which a missing indent puts there, in one sentence for all of them."""
    if isinstance(raw, dict) and (len(raw) != 1 or None in raw.values()):
        listed = ", ".join(f"`{kind}`" for kind in kinds)
        sentence = f"{what} is one kind with its fields indented below it, `{example}`; the kinds are {listed}"
        raise PydanticCustomError("kind", "{sentence}", {"sentence": sentence})
    return raw


class OrJson(NamedTuple):
    """Marks what a field takes beside its type, as the schema says it."""

    schema: dict[str, Any]

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """The type's own schema, or this one."""
        return {"anyOf": [handler(core), self.schema]}


def _expand(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


def kinds_alone(*kinds: str) -> tuple[Any, ...]:
    """What marks a union of specs told apart by `kind`, of which these need nothing else: their name will do."""
    return Field(discriminator="kind"), BeforeValidator(_expand), OrJson({"enum": [*kinds]})


def kind_field(kinds: Mapping[str, type[Spec]], *marks: Any) -> Any:
    """The type of a field that takes one kind of a table: `NAME` if that says it all, or `{kind: NAME, ...}`.

    What `marks` validate is the mapping.
    """
    one, *rest = kinds_alone(*(kind for kind, spec in kinds.items() if _says_it_all(spec)))
    return Annotated[Union[tuple(kinds.values())], one, *marks, *rest]  # noqa: UP007 — the union of a table


def _says_it_all(spec: type[Spec]) -> bool:
    return all(name == "kind" or not field.is_required() for name, field in spec.model_fields.items())


NAME_ALONE = OrJson({"type": "string"})
"""What the schema adds to a list of names that `names` reads."""


def quantity_schema(dimension: str, positive: bool = False) -> dict[str, Any]:
    """The JSON Schema of a quantity: text of a number and a unit."""
    examples = re.findall("`([^`]+)`", DIMENSIONS[dimension][1])
    return {"type": "string", "pattern": pattern(dimension, positive), "examples": examples}


def shown(value: Any) -> str:
    """A value as the file says it; lists and mappings by their kind alone.

    >>> [shown(value) for value in (True, None, "2 h", 2, float("inf"), [1])]
    ['`true`', 'nothing', "'2 h'", '2', '`.inf`', 'a list']
    """
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float) and not isfinite(value):
        return f"`{str(value).replace('inf', '.inf').replace('nan', '.nan')}`"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def quantity(dimension: str, positive: bool = False) -> Callable[[Any], float]:
    """A validator that reads a quantity of a dimension of `units`; negative ones are refused."""

    def read(value: Any) -> float:
        try:
            amount = parse(value, dimension)
        except QuantityError as error:
            sentence = f"expected {error.expected}, found {shown(value)}; {error.hint}"
            raise PydanticCustomError("quantity", "{sentence}", {"sentence": sentence}) from None
        if dimension == "time" and amount > LONGEST_S:
            raise PydanticCustomError(
                "time", "at most 300 000 y can be simulated, found {found}", {"found": shown(value)}
            )
        return _signed(amount, shown(value), positive)

    return read


def _signed(amount: float, shown: str, positive: bool) -> float:
    if amount < 0 or (positive and amount == 0):
        wanted = "more than 0" if positive else "0 or more"
        raise PydanticCustomError("sign", "must be {wanted}, found {shown}", {"wanted": wanted, "shown": shown})
    if amount > LARGEST or (positive and amount < SMALLEST):
        bound = f"at most {LARGEST:g}" if amount > LARGEST else f"at least {SMALLEST:g}"
        sentence = "must be {bound} in SI units, found {shown}"
        raise PydanticCustomError("range", sentence, {"bound": bound, "shown": shown})
    return amount


def number(value: Any) -> float:
    """A validator that takes plain finite numbers; text and booleans are refused."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number", "expected a plain number, found {shown}", {"shown": shown(value)})
    if not isfinite(value):
        raise PydanticCustomError("number", "must be a finite number, found {shown}", {"shown": shown(value)})
    if abs(value) > LARGEST:
        context = {"most": f"{LARGEST:g}", "shown": shown(value)}
        raise PydanticCustomError("range", "must be at most {most}, found {shown}", context)
    return float(value)


def _share(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise PydanticCustomError("share", "must lie between 0 and 1, found {shown}", {"shown": f"{value:g}"})
    return value


def positive_share(value: Any) -> float:
    """A validator that takes a plain number above 0 and at most 1."""
    return _positive(_share(number(value)))


def _pue(value: float) -> float:
    if value < 1.0:
        raise PydanticCustomError(
            "pue", "facility power over IT power is 1 or more, found {shown}", {"shown": f"{value:g}"}
        )
    if value > MOST_PUE:
        context = {"most": f"{MOST_PUE:g}", "shown": f"{value:g}"}
        raise PydanticCustomError(
            "pue", "facility power over IT power is at most {most} in any building, found {shown}", context
        )
    return value


def _wue(value: float) -> float:
    if not 0.0 <= value <= MOST_WUE:
        context = {"most": f"{MOST_WUE:g}", "shown": f"{value:g}"}
        raise PydanticCustomError("wue", "litres a kilowatt-hour of IT, 0 to {most}, found {shown}", context)
    return value


def _at_least_one(value: float) -> float:
    if value < 1.0:
        raise PydanticCustomError("factor", "is a factor, 1 or more; found {shown}", {"shown": f"{value:g}"})
    return value


def _count(value: Any) -> int:
    whole = number(value)
    if whole != int(whole) or whole < 1:
        raise PydanticCustomError("count", "expected a whole number, 1 or more, found {shown}", {"shown": shown(value)})
    if whole > MOST_COUNTED:
        context = {"most": f"{MOST_COUNTED:,}", "shown": shown(value)}
        raise PydanticCustomError("count", "must be at most {most}, found {shown}", context)
    return int(whole)


def whole_number(value: Any) -> int:
    """A validator that takes whole numbers from 0 up."""
    whole = number(value)
    if whole != int(whole) or whole < 0:
        raise PydanticCustomError("count", "expected a whole number, 0 or more, found {shown}", {"shown": shown(value)})
    return int(whole)


def _year(value: Any) -> int:
    whole = number(value)
    if whole != int(whole) or not EARLIEST_YEAR <= whole <= LATEST_YEAR:
        sentence = "expected a year from {first} to {last}, found {shown}"
        raise PydanticCustomError(
            "year", sentence, {"first": EARLIEST_YEAR, "last": LATEST_YEAR, "shown": shown(value)}
        )
    return int(whole)


def _machines(count: int) -> int:
    if count > MOST_MACHINES:
        raise PydanticCustomError(
            "count", "a group holds at most {most} machines", {"most": f"{MOST_MACHINES:,}".replace(",", " ")}
        )
    return count


def _positive(value: float) -> float:
    if value > MOST_SAMPLES:
        raise PydanticCustomError("number", "at most 1e24 can be meant, found {found}", {"found": shown(value)})
    return _signed(value, f"{value:g}", positive=True)


_ABOVE_0 = {"exclusiveMinimum": 0}


def _json_number(**bounds: float) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", **{"maximum": LARGEST, **bounds}})


def _json_whole(least: int, most: float) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "minimum": least, "maximum": most})


Watts = Annotated[float, BeforeValidator(quantity("power")), WithJsonSchema(quantity_schema("power"))]
Seconds = Annotated[float, BeforeValidator(quantity("time")), WithJsonSchema(quantity_schema("time"))]
PositiveSeconds = Annotated[
    float, BeforeValidator(quantity("time", positive=True)), WithJsonSchema(quantity_schema("time", positive=True))
]
Bits = Annotated[
    float, BeforeValidator(quantity("data", positive=True)), WithJsonSchema(quantity_schema("data", positive=True))
]
Rate = Annotated[
    float, BeforeValidator(quantity("rate", positive=True)), WithJsonSchema(quantity_schema("rate", positive=True))
]
Flop = Annotated[
    float, BeforeValidator(quantity("work", positive=True)), WithJsonSchema(quantity_schema("work", positive=True))
]
Joules = Annotated[
    float, BeforeValidator(quantity("energy", positive=True)), WithJsonSchema(quantity_schema("energy", positive=True))
]
KilogramsCO2e = Annotated[
    float, BeforeValidator(quantity("mass", positive=True)), WithJsonSchema(quantity_schema("mass", positive=True))
]
Share = Annotated[float, BeforeValidator(number), AfterValidator(_share), _json_number(minimum=0, maximum=1)]
PositiveShare = Annotated[
    float,
    BeforeValidator(number),
    AfterValidator(_share),
    AfterValidator(_positive),
    _json_number(maximum=1, **_ABOVE_0),
]
Pue = Annotated[float, BeforeValidator(number), AfterValidator(_pue), _json_number(minimum=1, maximum=MOST_PUE)]
Wue = Annotated[float, BeforeValidator(number), AfterValidator(_wue), _json_number(minimum=0, maximum=MOST_WUE)]
"""Water that the cooling takes, in litres a kilowatt-hour of IT."""
AtLeastOne = Annotated[float, BeforeValidator(number), AfterValidator(_at_least_one), _json_number(minimum=1)]
PositiveNumber = Annotated[float, BeforeValidator(number), AfterValidator(_positive), _json_number(**_ABOVE_0)]
WholeNumber = Annotated[int, BeforeValidator(whole_number), _json_whole(0, LARGEST)]
"""A whole number from 0 up."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""A name that the scenario gives: letters, digits, `-`, `_` and `.`."""
Text = Annotated[str, StringConstraints(min_length=1)]
"""A text that says something."""
Year = Annotated[int, BeforeValidator(_year), _json_whole(EARLIEST_YEAR, LATEST_YEAR)]
"""A calendar year."""
Machines = Annotated[int, BeforeValidator(_count), AfterValidator(_machines), _json_whole(1, MOST_MACHINES)]
"""How many machines a group has, each of which is kept track of."""
Count = Annotated[int, BeforeValidator(_count), _json_whole(1, MOST_COUNTED)]
"""A whole number of things, written `4` or `1e6`."""
