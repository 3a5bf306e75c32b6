"""Land and the ways of cables: whole, where the catalogue says, and cut at the seam of the map alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import find, rows
from simulator.network.atlas import great_circle_km
from simulator.view.basemap import (
    along_great_circles,
    cable_ways,
    drawn_lines,
    drawn_rings,
    land_rings,
    outline,
    unwrap,
)
from simulator.view.iceberg import polygon_area
from simulator.view.projection import MIDDLE_DEG

HALF_A_TURN = 180.0


def longest_step(line):
    return np.abs(np.diff(line[:, 0])).max(initial=0.0)


def test_the_coasts_are_unwrapped_and_closed():
    rings = land_rings()
    assert len(rings) > 100
    pole = [ring for ring in rings if ring[:, 1].min() == -90.0]
    assert [longest_step(ring) for ring in rings if longest_step(ring) > 20.0] == [longest_step(pole[0])] == [360.0]
    assert [ring for ring in rings if tuple(ring[0]) != tuple(ring[-1])] == []


def test_the_drawn_land_has_the_area_of_the_land():
    """29.2 % of the globe is land (148.9 of 510.1 million km2); the lakes are within, and coasts are coarse."""
    share = sum(polygon_area(ring) for ring in drawn_rings(land_rings())) / (4 * np.pi)
    assert share == pytest.approx(0.292, abs=0.005)


def test_no_land_lies_outside_the_map():
    edge = outline()
    for ring in drawn_rings(land_rings()):
        x_edge = np.interp(ring[:, 1], edge[:181, 1], edge[:181, 0])
        assert (np.abs(ring[:, 0]) <= x_edge + 1e-3).all()


def test_every_segment_of_the_catalogue_has_a_way_from_its_one_end_to_its_other():
    """Ways begin and end at the coordinates of the catalogue, which are rounded to 0.01 degree: 1.6 km."""
    ways = cable_ways()
    assert set(ways) == set(rows("segment"))
    for row in rows("segment").values():
        for end, (lon_deg, lat_deg) in zip("ab", ways[row.id][[0, -1]], strict=True):
            place = rows("city").get(row.text(end)) or find("landing", row.text(end))
            at = (place.find_number("lat_deg"), place.find_number("lon_deg"))
            assert great_circle_km(at, (lat_deg, lon_deg)) < 1.6, row.id


def test_a_way_is_no_longer_than_its_cable():
    """To 0.1 %, for the lengths of the catalogue are rounded to a kilometre."""
    for name, corners in cable_ways().items():
        points = along_great_circles(corners)[:, ::-1]
        km = sum(great_circle_km(a, b) for a, b in pairwise(points))
        assert km <= find("segment", name).find_number("length_km") * 1.001 + 1.0, name


def test_no_cable_is_drawn_through_the_whole_map():
    """A step is a degree of a great circle; where it is longest, near Svalbard, that is less than a tenth of a unit."""
    pieces = [piece for way in cable_ways().values() for piece in drawn_lines(along_great_circles(way))]
    assert len(pieces) > len(cable_ways())
    assert max(np.hypot(*np.diff(piece, axis=0).T).max(initial=0.0) for piece in pieces) < 0.1


def test_what_crosses_the_seam_goes_on_at_the_other_side():
    """From 10 degrees before the seam to 10 after, on the equator: the halves end at the edges of the map."""
    seam = MIDDLE_DEG + HALF_A_TURN
    left, right = drawn_lines(np.array([[seam - 10.0, 0.0], [seam + 10.0, 0.0]]))
    edge = outline()[:, 0].max()
    assert (left[-1, 0], right[0, 0]) == (pytest.approx(edge), pytest.approx(-edge))
    assert left[0, 0] == pytest.approx(edge * 170 / 180)
    assert right[-1, 0] == pytest.approx(-edge * 170 / 180)


LINES = st.lists(st.tuples(st.floats(-180, 180), st.floats(-80, 80)), min_size=2, max_size=8)


@given(LINES)
def test_cutting_keeps_every_point_and_all_pieces_stay_on_the_map(points):
    line = unwrap(np.array(points))
    pieces = drawn_lines(line)
    edge = outline()[:, 0].max()
    assert sum(len(piece) for piece in pieces) == len(line) + 2 * (len(pieces) - 1)
    assert all((np.abs(piece[:, 0]) <= edge + 1e-9).all() for piece in pieces)


@given(LINES)
def test_unwrapped_lines_take_the_short_way_and_keep_their_places(points):
    line = np.array(points)
    found = unwrap(line)
    assert longest_step(found) <= HALF_A_TURN + 1e-9
    assert ((found - line)[:, 0] / 360.0) == pytest.approx(np.round((found - line)[:, 0] / 360.0), abs=1e-9)
