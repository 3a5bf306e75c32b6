"""What a joule costs where it is drawn, criterion by criterion, as factors with their sources.

    CO2e            the intensity that the run recorded for the place, or that of a named set for its zone
    marginal CO2e   what one more kilowatt-hour of the zone emits, of a set; where none says it and the scenario gave
                    an intensity, by the hour or as a number, that one times the set's ratio of the margin to the mean
    water, metals, primary energy, money    of a set, for the zone

What stands in several countries has the mean of their factors. A place whose electricity the
scenario gave as a number keeps that, and all else of it is its country's, if it has a city or a region.
An intensity that changes by the hour was weighed against the watts, moment by moment, and stays too.
"""

from collections.abc import Mapping
from math import fsum
from typing import Any, NamedTuple

from simulator.catalogue import rows
from simulator.engine.series import Series
from simulator.footprint.accounting.term import GIVEN, KG_PER_G, KWH_PER_J
from simulator.footprint.entries import Tables, signals_of
from simulator.footprint.making.factor_files import WORLD
from simulator.footprint.making.factors import MARGINAL, RATIO, Factor, FactorSets
from simulator.record.pieces import of_paradigm
from simulator.units import JOULES_PER_KWH
from simulator.vocabulary import GRID

COLUMNS = {
    "co2e_kg": "average_gco2e_per_kwh",
    "marginal_co2e_kg": "marginal_gco2e_per_kwh",
    "grid_water_l": "grid_water_l_per_kwh",
    "primary_energy_mj": "grid_primary_mj_per_kwh",
    "adpe_kgsb": "grid_adpe_kgsb_per_kwh",
    "cost_usd": "price_usd_per_kwh",
}
"""The column of a set of electricity that answers for a criterion."""
GRAMS_PER_KG = 1e3
SCENARIO = "scenario"
"""The row of what the scenario says itself."""


class Drawn(NamedTuple):
    """Electricity of one place as a base and its factors, whose product is the impact."""

    base: float
    unit: str
    factors: tuple[Factor, ...]


class Electricity:
    """The factors of every place of a paradigm; `own` where the run's own intensities hold."""

    def __init__(self, tables: Tables, paradigm: str, sets: FactorSets, own: bool) -> None:
        self._sets, self._own = sets, own
        self._series: Mapping[tuple[str, str], Series] = signals_of(tables, paradigm)
        said = of_paradigm(tables["signals"], paradigm).to_pylist()
        self._said = {(row["place"], row["signal"]): row for row in reversed(said)}

    def find(self, criterion: str, asset: Mapping[str, Any], energy_j: float, co2e_kg: float) -> Drawn | None:
        """So many joules that an asset drew, which emitted so much by the run's own grid; None where nothing says."""
        if criterion == "energy_j":
            return Drawn(energy_j, "J", ())
        given = self._given(asset)
        if criterion == "co2e_kg" and (self._own or given):
            return self._recorded(asset["place"], energy_j, co2e_kg)
        if criterion == "marginal_co2e_kg" and given and not self._says_margin(asset):
            ratio = self._sets.grid(WORLD, RATIO)
            drawn = self._recorded(asset["place"], energy_j, co2e_kg)
            return None if ratio is None else drawn._replace(factors=(*drawn.factors, ratio))
        grams = (KG_PER_G,) if criterion in ("co2e_kg", "marginal_co2e_kg") else ()
        factor = self._of_zones(asset, COLUMNS[criterion])
        return None if factor is None else Drawn(energy_j, "J", (KWH_PER_J, factor, *grams))

    def _given(self, asset: Mapping[str, Any]) -> bool:
        """Whether the intensity of an asset's place is the scenario's own, by the hour or as a number."""
        place = asset["place"]
        if not self._series[place, GRID].constant:
            return True
        return self._said[place, GRID]["row"] == SCENARIO or not self._zones(asset)

    def _says_margin(self, asset: Mapping[str, Any]) -> bool:
        """Whether a set says itself what one more kilowatt-hour of an asset's zones emits."""
        zones = self._zones(asset)
        return bool(zones) and all(self._sets.said(zone, MARGINAL) is not None for zone in zones)

    def _recorded(self, place: str, energy_j: float, co2e_kg: float) -> Drawn:
        """By the intensity that the run recorded: a constant, or one that was weighed moment by moment."""
        if self._series[place, GRID].constant:
            return Drawn(energy_j, "J", (KWH_PER_J, self.signal(place, GRID), KG_PER_G))
        weighed = co2e_kg * JOULES_PER_KWH * GRAMS_PER_KG
        return Drawn(weighed, "J gCO2e/kWh, moment by moment", (KWH_PER_J, KG_PER_G))

    def find_signal(self, place: str, signal: str) -> Factor | None:
        """A constant that the run recorded of a place, with its source; None where it recorded none."""
        return self.signal(place, signal) if (place, signal) in self._said else None

    def signal(self, place: str, signal: str) -> Factor:
        """A constant that the run recorded of a place, with its source."""
        row = self._said[place, signal]
        known = rows("grid").get(row["row"]) if signal == GRID else rows("region").get(row["row"])
        column = "intensity_gco2e_per_kwh" if signal == GRID else signal
        confidence = GIVEN if known is None else known.source(column).confidence
        low, high = (None if known is None else known.find_range(column)) or (None, None)
        named = f"{signal} of {place}" if known is None else f"{known.kind}/{known.id}/{column}"
        return Factor(named, row["value"], low, high, row["source"], confidence)

    def _zones(self, asset: Mapping[str, Any]) -> list[str]:
        """The zones that feed an asset; none where the scenario gave a number."""
        named = [zone.strip() for zone in asset["zone"].split(",")]
        return named if all(zone in rows("grid") for zone in named) else []

    def _of_zones(self, asset: Mapping[str, Any], column: str) -> Factor | None:
        found = [self._sets.grid(zone, column) for zone in self._zones(asset)]
        known = [factor for factor in found if factor is not None]
        if not known or len(known) < len(found):
            return None
        if len({factor.name for factor in known}) == 1:
            return known[0]
        lows, highs = [f.low for f in known if f.low is not None], [f.high for f in known if f.high is not None]
        ranged = len(lows) == len(highs) == len(known)
        low, high = (fsum(lows) / len(lows), fsum(highs) / len(highs)) if ranged else (None, None)
        name = f"mean of {', '.join(factor.name for factor in known)}"
        source = "; ".join(dict.fromkeys(factor.source for factor in known))
        doubt = known[0].confidence if len({factor.confidence for factor in known}) == 1 else "derived"
        return Factor(name, fsum(factor.value for factor in known) / len(known), low, high, source, doubt)
