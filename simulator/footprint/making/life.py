"""How long a thing lasts, how often it is mended, and who had it before: the scenario's word for a kind of thing.

    a year of it = (making x own part + refurbishing) / years of its owner + repairs / years of its whole life

With `second_hand` a life has two owners. The first one's part of the making is all of it
(`cut-off`), or by years (`time`), or by what the thing lost in price (`price`); the second one
bears the rest, and the refurbishing. What is given up early (`retired`) is borne by those whom it served, or the rest
by the cause of its end, an item of its own that stays `unassigned`; both add up to the making.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import Field

from simulator.footprint.making.amortise import first_by_price, first_by_time, retirement
from simulator.footprint.making.items import Item
from simulator.spec import Fault, PositiveSeconds, PositiveShare, Spec, WholeNumber
from simulator.units import SECONDS_PER_YEAR

WRITTEN_OFF = "written off"
"""The item that is left of a thing's making when it is given up early."""
RETIREMENTS = {
    "cause": "what ended it: nobody of the run, so that it stays unassigned",
    "spread": "its users, whose years are fewer",
}
"""Who bears the rest of an unfinished life."""
SPLITS = {
    "cut-off": "the first owner bears all of the making",
    "time": "each bears the making by the years of use",
    "price": "the first bears what the thing lost in price",
}
"""How two owners share what a thing took to make."""


class SecondHand(Spec):
    """A life with two owners."""

    first: PositiveSeconds = Field(description="how long the first owner has it")
    owner: Literal["first", "second"] = Field("second", description="which of the two this run is about")
    split: Literal[tuple(SPLITS)] = Field("time", description="how the two share the making")  # type: ignore[valid-type]  # the words of a table
    resale: PositiveShare | None = Field(None, description="price at which it is sold over that when new; for `price`")

    def faults(self) -> Iterator[Fault]:
        """A split by price without a price, or a price for nothing."""
        if (self.split == "price") != (self.resale is not None):
            yield Fault(("resale",), "`split: price` shares by it, and nothing else does; give both or none")


class Retired(Spec):
    """A life that ends before its time."""

    after: PositiveSeconds = Field(description="how long the thing serves, of its `lifetime`")
    charged: Literal[tuple(RETIREMENTS)] = Field("cause", description="who bears the rest of its making")  # type: ignore[valid-type]  # the words of a table


class LifeSpec(Spec):
    """The life of a kind of thing."""

    lifetime: PositiveSeconds | None = Field(None, description="how long it lasts, all owners together")
    repairs: WholeNumber = Field(0, description="how often it is repaired in its life")
    second_hand: SecondHand | None = Field(
        None, description="a second owner; one has it for its whole life if left out"
    )
    retired: Retired | None = Field(None, description="it is given up before its `lifetime` is over")

    def faults(self) -> Iterator[Fault]:
        """A first owner who outlives the thing, an end that is none, or two lives at once."""
        own, early = self.second_hand, self.retired
        if early is not None and own is not None:
            yield Fault(("retired",), "`second_hand` says already how its life is shared; keep one of them")
        elif early is not None and self.lifetime is None:
            yield Fault(("lifetime",), "of a life that ends early the whole is needed; give `lifetime:`")
        elif early is not None and self.lifetime is not None and early.after >= self.lifetime:
            yield Fault(("retired", "after"), "is no early end; give less than `lifetime`")
        if own is not None and self.lifetime is None:
            yield Fault(("lifetime",), "of two owners' lives the whole is needed; give `lifetime:`")
        elif own is not None and self.lifetime is not None and own.first >= self.lifetime:
            yield Fault(("second_hand", "first"), "leaves nothing for the second owner; give less than `lifetime`")


class Lived(NamedTuple):
    """An item by its life: how many of it fall on whom it is charged to, over how many years."""

    item: Item
    lifetime_y: float | None


def lived(item: Item, life: LifeSpec, row: str, kind: str) -> Iterator[Lived]:
    """The item as its owner has it, with what keeps it alive; `row` and `kind` name the thing and its class.

    >>> phone = Item("device", ("smartphone",), "piece", 1.0, "s")
    >>> life = LifeSpec.model_validate({"lifetime": "5 y", "second_hand": {"first": "3 y"}})
    >>> [(one.item.name, round(one.item.times, 3), one.lifetime_y) for one in lived(phone, life, "smartphone", "phone")]
    [('device', 0.4, 2.0), ('refurbishing', 1.0, 2.0)]
    """
    whole_y = None if life.lifetime is None else life.lifetime / SECONDS_PER_YEAR
    own = life.second_hand
    if life.retired is not None and whole_y is not None:
        yield from _retired(item, life.retired, whole_y)
    elif own is None or whole_y is None:
        yield Lived(item, whole_y)
    else:
        first_y = own.first / SECONDS_PER_YEAR
        part, years = _first_part(own, first_y, whole_y), first_y
        if own.owner == "second":
            part, years = 1.0 - part, whole_y - first_y
            yield Lived(item._replace(times=item.times * part), years)
            yield Lived(_mending("refurbishing", "refurbish", item, 1.0, row, kind), years)
        else:
            yield Lived(item._replace(times=item.times * part), years)
    if life.repairs:
        yield Lived(_mending("repairs", "repair", item, float(life.repairs), row, kind), whole_y)


def _retired(item: Item, early: Retired, whole_y: float) -> Iterator[Lived]:
    """An item that served less than its life: by its users' years, and what is left for the cause of its end."""
    served_y = early.after / SECONDS_PER_YEAR
    served, rest = retirement(served_y, whole_y, early.charged)
    yield Lived(item._replace(times=item.times * served), served_y)
    if rest:
        left = item._replace(name=WRITTEN_OFF, times=item.times * rest, of=item.lives_as)
        yield Lived(left, served_y)


def _first_part(own: SecondHand, first_y: float, whole_y: float) -> float:
    """What the first owner bears of the making."""
    if own.split == "price":
        assert own.resale is not None, "faults() refuses a split by price without one"
        return first_by_price(1.0, own.resale)
    return 1.0 if own.split == "cut-off" else first_by_time(first_y, whole_y - first_y)


def _mending(name: str, doing: str, item: Item, count: float, row: str, kind: str) -> Item:
    named = tuple(f"{doing}.{one}" for one in (row, kind) if one)
    return Item(name, named, item.per, item.times * count, item.over, item.candidates)
