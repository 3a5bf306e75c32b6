"""Mytton, Staffell and Jansen: kWh/GB of edge, metro and core, from routers, hops and their notebook's equation."""

import pytest

import simulator as sim
from simulator.catalogue import find
from simulator.study.footprint_network import layers_kwh_per_gb

PUBLISHED = {"edge": 0.0009, "metro": 0.0020, "core": 0.0052}
NOTEBOOK = {"edge": 0.0008571366208, "metro": 0.002019983214479143, "core": 0.005117230825822691}
"""What the notebook printed, before it was rounded; cell 40."""


def test_the_layers_are_those_of_the_notebook():
    assert layers_kwh_per_gb() == pytest.approx(NOTEBOOK, rel=1e-9)


def test_the_edge_by_hand():
    """2 x 1.99 x 6.67 x (8 + 64) J/Gb x 0.2018, with 8 Gb a gigabyte and 3.6e6 J a kilowatt-hour."""
    by_hand = 2 * 1.99 * 6.67 * 72 * 0.2018 * 8 / 3.6e6
    assert layers_kwh_per_gb()["edge"] == pytest.approx(by_hand, rel=1e-12)


def test_the_layers_are_within_ten_per_cent_of_what_was_published():
    report = sim.accuracy("fp-network")
    found = {one.name: one for one in report.comparisons}
    for layer, published in PUBLISHED.items():
        assert found[f"Mytton, {layer}"].published == published
        assert abs(found[f"Mytton, {layer}"].error) <= 0.10
    total = found["Mytton, edge, metro and core"]
    assert total.published == 0.0080
    assert total.ours == pytest.approx(sum(layers_kwh_per_gb().values()))
    assert abs(total.error) <= 0.10
    assert report.passed


def test_the_routers_of_the_internet_are_the_same_as_those_of_the_layers():
    """The routers that a run may be charged for are Schien's less 79.82 %, rounded: 39 and 26.7 nJ/b."""
    left = find("footprint-input", "equipment-2019").number("value_ratio", "")
    for name in ("metro-router", "core-router"):
        whole = find("footprint-input", name).number("energy_nj_per_b", "")
        assert find("network-power", name).number("max_nj_per_b", "") == pytest.approx(whole * left, rel=1e-3)
