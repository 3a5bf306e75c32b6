"""What paradigms are compared by: the functional unit that each delivers, and the total that is shown.

per unit = total over the window / units
"""

from typing import Literal

from pydantic import Field

from simulator.spec import Count, PositiveNumber, Spec, Text
from simulator.vocabulary import TOTALS


class Comparison(Spec):
    """What makes the paradigms comparable."""

    functional_unit: Text = Field(description="what every paradigm delivers, such as `one trained model`")
    units: PositiveNumber = Field(1.0, description="how many functional units each paradigm delivers in the window")
    shows: Literal[tuple(TOTALS)] = Field(  # type: ignore[valid-type]  # the words of a table
        "reserved", description="which total the table shows: what was reserved, or everything owned"
    )
    repeats: Count = Field(1, description="with how many seeds `aiceberg compare SCENARIO` runs it")
