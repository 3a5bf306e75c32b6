"""A data centre: groups of machines, the grid that feeds them and the building around them.

    facility = PUE x IT        co2e = grid intensity x facility energy

The PUE is the scenario's or the cloud region's; where neither gives one, the boundary
`facility` is not computed. The scenario may give it by load, recorded IT watts over the highest
that its machines can draw, with straight lines between the points. The grid is the scenario's (a
zone of the catalogue or an intensity, a series by date, or a synthetic shape), else the country's
of the region or city; without any, the scenario is refused. What a market-based instrument claims
is recorded beside the grid and weighs nothing.
Neither is read by anything on the clock: both are applied to the record after the run.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from simulator.catalogue import Row, find, rows
from simulator.engine.series import Series, always
from simulator.hardware.curve import Points, load_faults, pair
from simulator.hardware.device import DeviceGroup
from simulator.hardware.grid import GridClaim, GridShape, SeriesFile
from simulator.hardware.server import ServerGroup
from simulator.spec import Fault, Name, Pue, Rate, Ref, Share, Spec, Wue, present, quantity, quantity_schema
from simulator.units import JOULES_PER_KWH
from simulator.vocabulary import CLAIM, WATER

_intensity_of_text = quantity("intensity")


def zone_or_intensity(value: Any) -> float | str:
    """A validator that takes a grid zone by name, or an intensity."""
    return value if isinstance(value, str) and value[:1].isalpha() else _intensity_of_text(value)


GRID = WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^[A-Za-z]"}, quantity_schema("intensity")]})


class PueByLoad(Spec):
    """Facility power over IT power as it follows the load of the data centre."""

    by_load: list[Annotated[tuple[Share, Pue], BeforeValidator(pair)]] = Field(
        description="pairs `[load, PUE]` from load 0 to 1 of its highest IT power, such as `[[0, 2.0], [1, 1.2]]`"
    )

    def faults(self) -> Iterator[Fault]:
        """Loads that do not go from 0 up to 1."""
        yield from load_faults(self.by_load, "by_load")


def _pue_form(raw: Any) -> str:
    return "curve" if isinstance(raw, dict | PueByLoad) else "ratio"


GRIDS = ("grid", "grid_series", "grid_shape")
"""The fields that say what electricity a data centre uses, one of which it has."""


class Datacenter(Spec):
    """A place with machines."""

    region: Annotated[str, Ref("region")] | None = Field(None, description="a cloud region of the catalogue")
    city: Annotated[str, Ref("city")] | None = Field(
        None, description="a city of the catalogue, if it is no cloud region"
    )
    grid: Annotated[float | str, BeforeValidator(zone_or_intensity), Ref("grid", or_quantity=True), GRID] | None = (
        Field(None, description="a grid zone (`FR`) or an intensity (`57 gCO2e/kWh`); the country's if left out")
    )
    grid_series: SeriesFile = Field(
        None, description="a CSV beside the scenario with the grid's intensity by date; its path alone will do"
    )
    grid_shape: GridShape | None = Field(None, description="a synthetic intensity by the hour; not measured")
    grid_claim: GridClaim | None = Field(None, description="what is claimed of its electricity; in no total")
    pue: (
        Annotated[Annotated[Pue, Tag("ratio")] | Annotated[PueByLoad, Tag("curve")], Discriminator(_pue_form)] | None
    ) = Field(None, description="facility power over IT power, or `by_load:` a curve; the region's if left out")
    wue: Wue | None = Field(None, description="litres that its cooling takes a kWh of IT; the region's if left out")
    uplink: Rate | None = Field(None, description="what its own line carries in each direction; no limit if left out")
    servers: dict[Name, ServerGroup] = Field({}, description="groups of identical servers by name")
    devices: dict[Name, DeviceGroup] = Field({}, description="groups of identical bare devices by name")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """A place without electricity, or in two places."""
        said = [field for field in GRIDS if field in present(raw)]
        if not said and not present(raw) & {"region", "city"}:
            yield Fault((), "nothing says what electricity it uses; give `grid:`, `region:` or `city:`")
        for field in said[1:]:
            yield Fault((field,), f"`{said[0]}` says already what electricity it uses; keep one of them")
        if present(raw) >= {"region", "city"}:
            yield Fault(("city",), "`region` says already where it is; keep one of them")

    def faults(self) -> Iterator[Fault]:
        """A country without a grid, or two groups of one name."""
        no_grid = all(getattr(self, field) is None for field in GRIDS)
        if no_grid and place_known(self) and find_country(self) is None:
            yield Fault((), "the catalogue has no grid for its country; give `grid:`, such as `57 gCO2e/kWh`")
        for name in sorted(set(self.servers) & set(self.devices)):
            yield Fault(("devices", name), f"a group of servers is called {name!r} too; rename one")


class Signal(NamedTuple):
    """An outside series that the accounting reads."""

    signal: str
    series: Series
    row: str
    source: str


class Place(NamedTuple):
    """A data centre as the world knows it."""

    name: str
    zone: str
    timezone: str
    signals: tuple[Signal, ...]
    city: str = ""
    """Where it meets the internet; "" where nothing says."""
    uplink_bps: float | None = None
    """What its own line carries in each direction; None where nothing limits it."""
    pue_by_load: Points = ()
    """Its PUE at some loads, where that follows the load; () where it does not, or is not known."""


def build_place(name: str, spec: Datacenter, grid: Signal | None = None) -> Place:
    """The grid, the clock and the building of a data centre whose faults are none; `grid` is its series or shape."""
    if grid is None:
        zone = find_country(spec) if spec.grid is None else spec.grid
        assert zone is not None, "presence_faults() refuses a place without a grid"
        grid = _grid_signal(zone)
    signals = (grid, *_claim_signal(spec), *_building_signal("pue_ratio", spec), *_building_signal(WATER, spec))
    city = find_city(spec)
    timezone = find("city", city).text("timezone") if city else "UTC"
    curve = spec.pue.by_load if isinstance(spec.pue, PueByLoad) else ()
    zone_of = grid.row if grid.row != "scenario" else find_country(spec) or grid.row
    return Place(name, zone_of, timezone, signals, city, spec.uplink, curve)


def build_user_place(name: str, city: str, zone: float | str | None) -> Place:
    """The grid and the clock of users in a city; their country's grid where no zone is given."""
    row = find("city", city)
    grid = _grid_signal(row.text("country") if zone is None else zone)
    country = row.text("country")
    zone_of = country if grid.row == "scenario" and country in rows("grid") else grid.row
    return Place(name, zone_of, row.text("timezone"), (grid,), city)


def find_city(spec: Datacenter) -> str:
    """The city of a data centre or of its region; "" where nothing says.

    Raises UnknownNameError for a region that the catalogue does not have.
    """
    return find("region", spec.region).text("city") if spec.region else (spec.city or "").lower()


def find_country(spec: Datacenter) -> str | None:
    """The grid zone of the region's or city's country; None where the catalogue knows none."""
    row = rows("region").get((spec.region or "").lower()) or rows("city").get((spec.city or "").lower())
    country = row.text("country") if row else ""
    return country if country in rows("grid") else None


def place_known(spec: Datacenter) -> bool:
    """Whether the catalogue has the region or the city that it names."""
    return (spec.region or "").lower() in rows("region") or (spec.city or "").lower() in rows("city")


def _grid_signal(zone: float | str) -> Signal:
    if isinstance(zone, str):
        row = find("grid", zone)
        return _row_signal("grid_gco2e_per_kwh", row, "intensity_gco2e_per_kwh")
    return Signal("grid_gco2e_per_kwh", always(_grams(zone)), "scenario", "the scenario")


def _grams(intensity_kg_per_j: float) -> float:
    return intensity_kg_per_j * JOULES_PER_KWH * 1000.0


def _claim_signal(spec: Datacenter) -> tuple[Signal, ...]:
    claim = spec.grid_claim
    if claim is None:
        return ()
    source = f"a market-based claim of the scenario, in no total: {claim.instrument}"
    return (Signal(CLAIM, always(_grams(claim.intensity)), "scenario", source),)


def _building_signal(column: str, spec: Datacenter) -> tuple[Signal, ...]:
    """What the scenario or the region says of the building, by the column of the region; a PUE by load is a curve."""
    own = {"pue_ratio": spec.pue, WATER: spec.wue}[column]
    if isinstance(own, PueByLoad):
        return ()
    if own is not None:
        return (Signal(column, always(own), "scenario", "the scenario"),)
    region = find("region", spec.region) if spec.region else None
    if region is None or region.find_number(column) is None:
        return ()
    return (_row_signal(column, region, column),)


def _row_signal(signal: str, row: Row, column: str) -> Signal:
    source = row.source(column)
    value = row.number(column, "correct the row")
    return Signal(signal, always(value), row.id, f"{source.source} ({source.year}, {source.confidence})")
