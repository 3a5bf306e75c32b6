"""What a scenario may say of a grid beside its intensity: a series by date, a synthetic shape, a market-based claim.

    grid_series: {file: fr_2024.csv, column: direct, gaps: hold}
    grid_shape:  {shape: solar-gas, mean: 264 gCO2e/kWh}
    grid_claim:  {intensity: 0 gCO2e/kWh, instrument: power purchase agreement with ...}

A claim is recorded beside the grid and is in no total: those are location-based. How files are read stands
in scenario/series.py, how shapes are drawn in grid_shape.py.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, WithJsonSchema

from simulator.spec import Fault, OrJson, Ref, Spec, Text, present, quantity, quantity_schema

Intensity = Annotated[float, BeforeValidator(quantity("intensity")), WithJsonSchema(quantity_schema("intensity"))]
"""The intensity of electricity, in SI: kilograms a joule."""


class GridSeries(Spec):
    """A file of intensities by date."""

    file: Text = Field(
        description="a CSV beside the scenario: of its own form, of Electricity Maps, of NESO or another"
    )
    column: Text | None = Field(
        None, description="`life_cycle`, `direct`, `actual`, `forecast` or a column as the file calls it"
    )
    zone: Text | None = Field(None, description="which zone of the file, such as `FR`; not needed if it holds one")
    timezone: Text | None = Field(
        None, description="whose clocks its times are of, such as `Europe/Paris`, where the file does not say it"
    )
    gaps: Literal["refuse", "hold"] | None = Field(
        None, description="what to do where values are missing: refuse (if left out), or hold the last one"
    )

    def faults(self) -> Iterator[Fault]:
        """Clocks of nowhere."""
        if self.timezone is not None and find_timezone(self.timezone) is None:
            yield Fault(("timezone",), f"{self.timezone!r} is no time zone of IANA; write such as `Europe/Paris`")


class GridShape(Spec):
    """Intensities that go up and down as those of a kind of grid do, around a mean of one's own."""

    shape: Annotated[str, Ref("grid-shape")] = Field(description="a kind of grid of the catalogue, such as `solar-gas`")
    mean: Intensity | None = Field(None, description="the mean of each calendar year")
    zone: Annotated[str, Ref("grid")] | None = Field(None, description="the grid zone whose mean it has, such as `FR`")
    noise: bool = Field(True, description="whether weather is drawn, or the pattern alone is repeated")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """No mean, or two."""
        if len(present(raw) & {"mean", "zone"}) != 1:
            yield Fault((), "give either `mean:`, such as `264 gCO2e/kWh`, or `zone:`, whose mean it has")


class GridClaim(Spec):
    """What was bought on paper: the intensity that a market-based account may use, and what entitles it to."""

    intensity: Intensity = Field(description="the intensity that is claimed, such as `0 gCO2e/kWh`")
    instrument: Text = Field(description="what it rests on: a contract, certificates, a supplier's tariff")


def series_of(value: Any) -> Any:
    """A path alone as the file that it names, for a validator."""
    return {"file": value} if isinstance(value, str) else value


SeriesFile = Annotated[GridSeries | None, BeforeValidator(series_of), OrJson({"type": "string", "minLength": 1})]
"""The type of a field that takes a file of intensities, its path alone, or nothing."""


def find_timezone(name: str) -> ZoneInfo | None:
    """The time zone of that IANA name; None where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a path out of the folder, or a folder
        return None
