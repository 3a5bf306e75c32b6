"""What the YAML says of when users' devices may be selected: a table of kinds, and what they must be at that time.

    always     whenever it is asked
    nights     diurnal, with the values of the catalogue: `client-availability`, `-night`, `-peak`
    diurnal    mean x (1 + a cos(2 pi (hour - peak) / 24 h)),  (1 + a) / (1 - a) = night_over_day
    trace      when a file says so (trace.py)

The hour is the local one of each city. `eligible` multiplies the mean: by the share of the time
that a device charges, and that it is idle, as if one had nothing to do with the other; `unmetered`
leaves out the technologies of access that are paid by volume (table access_technologies).
Source of the ratio of night to day: Bonawitz et al. 2019, "Towards federated learning at scale", section 9.
"""

from collections.abc import Iterator
from math import floor
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from simulator.catalogue import find
from simulator.spec import AtLeastOne, Fault, PositiveShare, Seconds, Spec, Text, kind_field
from simulator.units import SECONDS_PER_DAY

AVAILABILITY, NIGHT, PEAK = "client-availability", "client-availability-night", "client-availability-peak"
"""The assumptions of `nights`."""
METERED = "metered_share"
"""The column of technologies of access."""


class Always(Spec):
    """Whenever it is asked."""

    kind: Literal["always"]


class Nights(Spec):
    """More at night than by day, by the catalogue."""

    kind: Literal["nights"]


class Diurnal(Spec):
    """More at one hour than twelve hours later."""

    kind: Literal["diurnal"]
    mean: PositiveShare = Field(description="share of the devices that may be selected, in the mean of a day")
    night_over_day: AtLeastOne = Field(description="the share at its peak over that twelve hours later")
    peak: Seconds = Field(description="when most may be selected, since midnight in their local time")

    def faults(self) -> Iterator[Fault]:
        """More than all at the peak, or a peak on another day."""
        peak_ratio = 1.0 + swing(self.night_over_day)
        if self.mean * peak_ratio > 1.0:
            found = f"is {self.mean * peak_ratio:.3g} of the devices at the peak"
            yield Fault(("mean",), f"{found}, more than all; give at most {floor(1e3 / peak_ratio) / 1e3:g}")
        if self.peak >= SECONDS_PER_DAY:
            yield Fault(("peak",), "is the time since midnight, below 24 h")


class Traced(Spec):
    """When a file says so."""

    kind: Literal["trace"]
    file: Text = Field(description="a CSV beside the scenario with columns client,from_s,to_s: when each client is on")


class Eligible(Spec):
    """What a device must be to be selected."""

    charging: PositiveShare = Field(1.0, description="share of the time that a device charges; 1: not asked for")
    idle: PositiveShare = Field(1.0, description="share of the time that a device is idle; 1: not asked for")
    unmetered: bool = Field(False, description="whether it must be on a line that is not paid by volume")

    @property
    def share(self) -> float:
        """Of the time that a device charges and is idle."""
        return self.charging * self.idle


AVAILABLE: dict[str, type[Spec]] = {"always": Always, "nights": Nights, "diurnal": Diurnal, "trace": Traced}
"""When devices may be selected, by what the YAML calls it."""
ALWAYS = Always(kind="always")


if TYPE_CHECKING:
    Available = Spec
else:
    Available = kind_field(AVAILABLE)
"""A field that takes one of these: `nights`, or `{kind: trace, file: on.csv}`."""


def swing(ratio: float) -> float:
    """How far a share goes above and below its mean, over that mean, if its highest is so many times its lowest.

    >>> swing(4.0)
    0.6
    """
    return (ratio - 1.0) / (ratio + 1.0)


def metered_share(technology: str) -> float:
    """The share of the lines of a technology that are paid by volume.

    >>> metered_share("4g"), metered_share("wifi")
    (1.0, 0.0)
    """
    return find("access", technology).find_number(METERED) or 0.0  # an empty cell is none of them


def find_diurnal(spec: Spec) -> Diurnal | None:
    """What a spec says of the hours of a day; None where it has none."""
    return _nights() if isinstance(spec, Nights) else spec if isinstance(spec, Diurnal) else None


def _nights() -> Diurnal:
    mean, night, peak = (
        find("assumption", row).number(column, "correct the row")
        for row, column in ((AVAILABILITY, "value_share"), (NIGHT, "night_over_day_ratio"), (PEAK, "peak_h"))
    )
    said = {"kind": "diurnal", "mean": mean, "night_over_day": night, "peak": f"{peak} h"}
    return Diurnal.model_validate(said)
