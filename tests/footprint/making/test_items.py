"""What there is to make of every kind of asset, and by what names sets may know it."""

import pytest

from simulator.catalogue import rows
from simulator.footprint.making.embodied import charged
from simulator.footprint.making.factors import build_sets
from simulator.footprint.making.items import ACTIVE_S, BITS, NAMES, PIECE_S, items_of, thing_names
from simulator.vocabulary import ASSET_KINDS

BLANK = {
    "asset": "a",
    "row": "",
    "part_of": "",
    "power_row": "",
    "capacity_bps": None,
    "length_km": None,
    "most_w": None,
}
LAST = {"device": "pixel-6", "access": "fibre", "link": "overland"}


def an_asset(kind, row="", **fields):
    inside = {"part_of": "lab/nodes"} if kind == "host" and row not in rows("device") else {}
    return {**BLANK, "kind": kind, "row": row, **inside, **fields}


def names(asset, roofed=False):
    return {item.name: item.candidates for item in items_of(asset, roofed)}


@pytest.mark.parametrize("kind", ASSET_KINDS)
def test_every_kind_of_asset_is_made_of_something(kind):
    assert list(items_of(an_asset(kind, LAST.get(kind, ""), power_row="overland"), roofed=True))


@pytest.mark.parametrize(
    ("asset", "found"),
    [
        (("accelerator", "h100-sxm5-80gb"), {"accelerator": ("h100-sxm5-80gb", "class.dc-gpu")}),
        (("host", "dgx-a100"), {"host": ("host.dgx-a100", "class.host"), "rack": ("kind.rack",)}),
        (("host", ""), {"host": ("class.host",), "rack": ("kind.rack",)}),
        (("host", "amd-epyc-7763"), {"processor": ("amd-epyc-7763", "class.cpu")}),
        (("node", "dgx-a100"), {"node": ("node.dgx-a100", "class.node"), "rack": ("kind.rack",)}),
        (("device", "laptop"), {"device": ("laptop", "class.laptop")}),
        (("access", "fibre"), {"box": ("kind.box",), "network": ("access.fixed",)}),
        (("access", "wifi"), {"box": ("kind.box",), "network": ("access.fixed",)}),
        (("access", "4g"), {"network": ("access.mobile",)}),
        (("site", "metro-router"), {"": ("kind.site",)}),
    ],
)
def test_the_closest_name_comes_first(asset, found):
    assert names(an_asset(*asset)) == found


def test_a_server_that_the_scenario_describes_is_one_of_its_class_with_cards_or_without():
    """The row of its host is that of its processors, and it is no bare processor."""
    own = an_asset("host", "amd-epyc-7763", part_of="lab/nodes")
    for cards, row in ((True, "class.host"), (False, "class.server")):
        found = {item.name: item.candidates for item in items_of(own, roofed=False, cards=cards)}
        assert found == {"host": (row,), "rack": ("kind.rack",)}


def test_machines_in_a_building_have_their_kilowatts_of_it():
    """A card that draws 400 W at most: 0.4 kW of the building."""
    card = an_asset("accelerator", "a100-sxm4-40gb", most_w=400.0)
    building = next(item for item in items_of(card, roofed=True) if item.name == "building")
    assert (building.candidates, building.per, building.times, building.over) == (
        ("kind.building",),
        "kw",
        0.4,
        PIECE_S,
    )
    assert "building" not in names(card)


def test_users_equipment_stands_in_no_building():
    assert "building" not in names(an_asset("device", "pixel-6", most_w=3.0), roofed=True)


def test_a_cable_is_made_for_the_bits_that_it_carries_in_its_life():
    """530 km on land of 6300 kg/km in 30 y, 200 Tb/s each way, 1 / 3.03 used: 26.7 fg a bit, 0.21 mg a GB."""
    (item,) = items_of(an_asset("link", power_row="overland", capacity_bps=200e12, length_km=530.0), roofed=True)
    assert (item.name, item.candidates, item.per, item.over) == ("overland", ("kind.overland",), "km", BITS)
    amount = build_sets([], []).embodied(item.candidates, "manufacture_kgco2e").value
    row = {"amount": amount, "times": item.times, "lifetime_y": 30.0, "over": BITS, "per": "km", "duty_share": None}
    by_hand_kg = 6300 * 530 * 3.03 / (30 * 365.25 * 86400 * (200e12 + 200e12))
    assert charged(row, 1.0) == pytest.approx(by_hand_kg)
    assert charged(row, 8e9) == pytest.approx(0.214e-6, rel=0.01)


def test_a_cable_whose_capacity_nobody_says_is_there_and_unknown():
    (item,) = items_of(an_asset("link", power_row="submarine", length_km=530.0), roofed=False)
    assert (item.candidates, item.times) == ((), 0.0)
    assert build_sets([], []).embodied(item.candidates, "manufacture_kgco2e") is None


@pytest.mark.parametrize(("row", "grams"), [("fibre", 2.14), ("4g", 8.7)])
def test_a_gigabyte_of_an_access_network_is_what_was_read(row, grams):
    """ADEME FAI: 2.14 g/GB of a fixed network, 8.7 g of a mobile one."""
    item = next(item for item in items_of(an_asset("access", row), False) if item.name == "network")
    amount = build_sets([], []).embodied(item.candidates, "manufacture_kgco2e").value
    made = {"amount": amount, "times": item.times, "lifetime_y": None, "over": BITS, "per": "gb"}
    assert charged(made, 8e9) == pytest.approx(grams / 1e3)


def test_every_device_and_server_of_the_catalogue_has_a_making_in_the_set_base():
    sets = build_sets([], [])
    for kind, table in (("accelerator", "device"), ("host", "server"), ("node", "server")):
        for row in rows(table):
            (item, *_) = items_of(an_asset(kind, row), roofed=False)
            assert sets.embodied(item.candidates, "manufacture_kgco2e") is not None, (kind, row)
            assert sets.embodied(item.candidates, "lifetime_y") is not None, (kind, row)


def test_every_item_that_lasts_can_be_named_in_a_scenario():
    kinds = [(kind, LAST.get(kind, "")) for kind in ASSET_KINDS] + [("host", "amd-epyc-7763")]
    items = [one for kind, row in kinds for one in items_of(an_asset(kind, row, power_row="overland"), True)]
    assert {one.name for one in items if one.per != "gb"} <= thing_names()
    assert set(NAMES) <= thing_names()


def test_what_it_is_charged_over_has_three_words():
    assert len({PIECE_S, ACTIVE_S, BITS}) == 3
