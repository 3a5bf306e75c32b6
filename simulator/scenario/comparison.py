"""What paradigms are compared by: the functional unit that each delivers, and the total that is shown.

per unit = total over the window / units
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from simulator.definitions import Target
from simulator.scenario.search_spec import Search
from simulator.spec import Count, Fault, PositiveNumber, Spec, Text
from simulator.vocabulary import TOTALS


class Comparison(Spec):
    """What makes the paradigms comparable."""

    functional_unit: Text = Field(description="what every paradigm delivers, such as `one trained model`")
    target: Target | None = Field(None, description="what every model must come to, whoever trains it")
    units: PositiveNumber = Field(1.0, description="how many functional units each paradigm delivers in the window")
    shows: Literal[tuple(TOTALS)] = Field(  # type: ignore[valid-type]  # the words of a table
        "reserved", description="which total the table shows: what was reserved, or everything owned"
    )
    repeats: Count = Field(1, description="with how many seeds `aiceberg compare SCENARIO` runs it")
    search: Search | None = Field(
        None,
        description="a search for the rates with which each paradigm learns best; each learns with its own if left out",
    )

    def faults(self) -> Iterator[Fault]:
        """A search for the way to nowhere."""
        if self.search is not None and (self.target is None or self.target.accuracy is None):
            sentence = "the best rates are those that come to a target soonest; give `target: {accuracy: 0.9}`"
            yield Fault(("search",), sentence)
