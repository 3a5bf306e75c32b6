"""CodeCarbon 3.3.2 beside our grids: parity, which proves plumbing and nothing about the climate."""

import pytest

from simulator.footprint.carbon import co2e_kg
from simulator.footprint.making.factors import build_sets
from simulator.units import JOULES_PER_KWH

CODE = """
import json
from codecarbon.core.emissions import Emissions
from codecarbon.core.units import Energy
from codecarbon.external.geography import GeoMetadata
from codecarbon.input import DataSource
emissions, energy = Emissions(DataSource()), Energy.from_energy(kWh=1000)
places = (("FRA", "France"), ("USA", "United States"), ("POL", "Poland"), ("SWE", "Sweden"))
print(json.dumps([emissions.get_country_emissions(energy, GeoMetadata(code, name)) for code, name in places]))
"""
PRINTED_KG = {"fr": 56.039, "us": 369.473, "pl": 661.926, "se": 40.695}


def ours_kg(zone):
    factor = build_sets(["codecarbon"], []).grid(zone, "average_gco2e_per_kwh")
    return co2e_kg(1000 * JOULES_PER_KWH, factor.value)


@pytest.mark.parametrize("zone", PRINTED_KG)
def test_plumbing_a_thousand_kilowatt_hours_are_what_codecarbon_prints(zone):
    assert ours_kg(zone) == pytest.approx(PRINTED_KG[zone], rel=1e-9)


def test_plumbing_the_installed_codecarbon_prints_the_same(ask):
    assert ask("codecarbon", CODE) == pytest.approx([ours_kg(zone) for zone in PRINTED_KG], rel=1e-9)
