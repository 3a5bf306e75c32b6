"""The Equal Earth projection against published values, and areas that stay true."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.view.projection import equal_earth


def plane(lon_deg, lat_deg):
    return equal_earth(np.array([lon_deg], float), np.array([lat_deg], float))[0]


def test_the_equator_is_2_05458_times_as_long_as_the_height_and_the_pole_0_59247_of_it():
    """Savric, Patterson & Jenny 2018, section 4."""
    half_equator, half_pole, half_height = plane(180, 0)[0], plane(180, 90)[0], plane(0, 90)[1]
    assert half_equator / half_height == pytest.approx(2.05458, abs=5e-6)
    assert half_pole / half_equator == pytest.approx(0.59247, abs=5e-6)


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg", "x", "y"),
    [
        (115.8571, -31.9535, 1.614621210487, -0.629372441721),
        (-0.1278, 51.5074, -0.001565514410, 0.965105647318),
        (-74.0060, 40.7128, -0.981861449986, 0.787064220049),
        (139.6917, 35.6895, 1.909462941700, 0.697844715778),
        (180.0, 0.0, 17263256.84 / 6378137, 0.0),
    ],
)
def test_cities_are_where_proj_puts_them(lon_deg, lat_deg, x, y):
    """PROJ 9.7.1, `+proj=eqearth +R=1`; the last from its own tests, to a centimetre on 6378137 m."""
    assert plane(lon_deg, lat_deg) == pytest.approx((x, y), abs=1e-9)


@given(
    west=st.floats(-180, 170),
    wide=st.floats(0.5, 10),
    south=st.floats(-89, 80),
    high=st.floats(0.5, 9),
    at=st.just(200),
)
def test_a_field_has_the_area_that_it_has_on_the_globe(west, wide, south, high, at):
    """On a sphere of radius 1: difference of longitudes x difference of the sines of latitudes."""
    side = np.linspace(0, 1, at)
    lon = west + wide * np.concatenate((side, np.ones(at), side[::-1], np.zeros(at)))
    lat = south + high * np.concatenate((np.zeros(at), side, np.ones(at), side[::-1]))
    x, y = equal_earth(lon, lat).T
    found = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    sines = np.sin(np.radians([south, south + high]))
    assert found == pytest.approx(np.radians(wide) * (sines[1] - sines[0]), rel=1e-5)
