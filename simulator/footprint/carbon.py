"""Greenhouse gas of electricity: energy times the average intensity of the grid that feeds it.

    co2e_kg = energy_j / 3.6e6 x intensity_g_per_kwh / 1000

Average, attributional, over a year and a country: what a plug shares of all generation, not
what one more kilowatt-hour would cause.
"""

from simulator.units import JOULES_PER_KWH


def co2e_kg(energy_j: float, grid_gco2e_per_kwh: float) -> float:
    """The kilograms of CO2e of so many joules.

    >>> co2e_kg(37.5e6 * JOULES_PER_KWH / 1000, 300.0)
    11250.0
    """
    return energy_j / JOULES_PER_KWH * grid_gco2e_per_kwh / 1000.0
