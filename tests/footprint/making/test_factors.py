"""Chains of factor sets: who is asked first, what follows from what, what is unknown, and files of one's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import rows
from simulator.errors import ScenarioError, UsageError
from simulator.footprint.making.factor_files import per_of
from simulator.footprint.making.factors import Factor, build_sets, set_names

MAKING, TRANSPORT, END = "manufacture_kgco2e", "transport_kgco2e", "end_of_life_kgco2e"
H100 = ("h100-sxm5-80gb", "class.dc_gpu")
HEADER = "target,covers,manufacture_kgco2e,lifetime_y,source,year,confidence\n"


def embodied(*sets):
    return build_sets([], sets)


def grid(*sets):
    return build_sets(sets, [])


def a_file(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def problems(path, kind="embodied"):
    with pytest.raises(ScenarioError) as caught:
        build_sets([path], []) if kind == "grid" else build_sets([], [path])
    return [str(problem).removeprefix(path) for problem in caught.value.problems]


def test_a_value_comes_with_its_range_its_source_and_its_name():
    found = embodied().embodied(H100, MAKING)
    assert found[:4] == ("embodied/base:h100-sxm5-80gb/manufacture_kgco2e", 164.0, 164.0, 571.6)
    assert "1312 kg / 8" in found.source
    assert found.confidence == "published"


@pytest.mark.parametrize(
    ("name", "kg"), [("base", 164.0), ("vendor", 164.0), ("boavizta", 571.6), ("ecologits", 273.0), ("act", 27.8)]
)
def test_the_set_that_was_asked_for_is_asked_first(name, kg):
    assert embodied(name).embodied(H100, MAKING).value == kg


def test_the_closest_name_is_taken_in_a_set_before_its_class():
    assert embodied().embodied(("iphone-13-pro", "class.phone"), MAKING).value == 58.0
    assert embodied().embodied(("fairphone-9", "class.phone"), MAKING).value == 84.0


def test_an_earlier_set_that_knows_the_class_goes_before_a_later_one_that_knows_the_thing():
    assert embodied("vendor").embodied(("galaxy-s24", "class.phone"), MAKING).value == 55.5
    assert embodied("ecologits").embodied(("b300", "class.dc_gpu"), MAKING).value == 273.0


def test_what_a_set_does_not_know_comes_from_the_next_and_is_told():
    sets = embodied("act", "boavizta")
    assert sets.embodied(H100, MAKING).value == 27.8
    assert sets.fallbacks == ()
    assert sets.embodied(H100, "manufacture_adpe_kgsb").value == 0.005832
    assert sets.embodied(("kind.rack",), MAKING).name == "embodied/base:kind.rack/manufacture_kgco2e"
    assert sets.fallbacks == (
        "embodied/boavizta:h100-sxm5-80gb/manufacture_adpe_kgsb",
        "embodied/base:kind.rack/manufacture_kgco2e",
    )


def test_what_nobody_knows_is_none():
    assert embodied().embodied(("warp-drive",), MAKING) is None
    assert embodied().embodied((), MAKING) is None
    assert embodied().embodied(("class.phone",), "price_usd") is None
    assert grid().grid("atlantis", "average_gco2e_per_kwh") is None
    assert grid().grid("atlantis", "marginal_gco2e_per_kwh") is None


def test_a_price_alone_does_not_hide_what_the_class_takes():
    card = ("a100-pcie-80gb", "class.dc_gpu")
    assert embodied().embodied(card, "price_usd").value == 15000.0
    assert embodied().embodied(card, MAKING).value == 288.0


def test_transport_and_end_of_life_are_a_rows_own_where_it_has_them():
    assert embodied().embodied(H100, TRANSPORT)[:2] == ("embodied/base:h100-sxm5-80gb/transport_kgco2e", 0.95)
    assert embodied().embodied(H100, END).value == 2.55


def test_to_the_gate_alone_they_are_an_assumed_share_of_the_making():
    """2 % (0.5 to 5) and 0.5 % (0.1 to 1) of 27.8 kg."""
    sets = embodied("act")
    found = sets.embodied(H100, TRANSPORT)
    assert found[:2] == ("embodied/act:h100-sxm5-80gb/transport_kgco2e", pytest.approx(0.556))
    assert (found.low, found.high) == pytest.approx((0.139, 1.39))
    assert found.confidence == "assumed"
    assert sets.embodied(H100, END).value == pytest.approx(0.139)
    assert sets.ratios == tuple(f"embodied/base:share.{n}/of_manufacture_share" for n in ("transport", "end-of-life"))


def test_a_product_is_as_uncertain_as_both_its_ranges():
    """30 [8, 100] kg of a rack by 0.02 [0.005, 0.05]."""
    found = embodied().embodied(("kind.rack",), TRANSPORT)
    assert (found.value, found.low, found.high) == pytest.approx((0.6, 0.04, 5.0))


def test_to_the_grave_they_are_in_the_making_and_add_nothing():
    for column in (TRANSPORT, END):
        found = embodied().embodied(("class.phone",), column)
        assert found[1:4] == (0.0, 0.0, 0.0)
        assert found.name == f"embodied/base:class.phone/{column}"
        assert found.source.startswith("in manufacture_kgco2e already")


MADE = [row for row in rows("embodied").values() if row.text(MAKING)]


@given(st.sampled_from(MADE))
def test_the_phases_of_any_row_add_up_to_what_it_says_and_shares_that_it_lacks(row):
    sets = embodied(row.text("set"))
    phases_kg = [sets.embodied((row.text("target"),), column).value for column in (MAKING, TRANSPORT, END)]
    own_kg = [row.find_number(column) for column in (MAKING, TRANSPORT, END)]
    to_gate = row.text("covers") == "manufacture"
    shares = (1.0, 0.02 * to_gate, 0.005 * to_gate)
    wanted = sum(own if own is not None else own_kg[0] * s for own, s in zip(own_kg, shares, strict=True))
    assert sum(phases_kg) == pytest.approx(wanted, rel=1e-12)


def test_electricity_is_that_of_codecarbon_unless_another_set_is_asked_for():
    assert grid().grid("FR", "average_gco2e_per_kwh").name == "grid/fr/intensity_gco2e_per_kwh"
    assert grid("codecarbon").grid("fr", "average_gco2e_per_kwh").value == 56.039
    assert grid("ecologits").grid("fr", "average_gco2e_per_kwh").value == 41.44
    sets = grid("green-algorithms")
    assert sets.grid("fr", "average_gco2e_per_kwh").value == 51.28
    assert sets.grid("ng", "average_gco2e_per_kwh").name == "grid/ng/intensity_gco2e_per_kwh"
    assert sets.fallbacks == ("grid/ng/intensity_gco2e_per_kwh",)


def test_a_zone_without_its_own_water_has_that_of_any_and_it_is_told():
    sets = grid("codecarbon", "ecologits")
    assert sets.grid("fr", "grid_water_l_per_kwh").name == "grid-factor/ecologits:fr/grid_water_l_per_kwh"
    found = sets.grid("ae", "grid_water_l_per_kwh")
    assert (found.name, found.value, found.confidence) == (
        "grid-factor/base:world/grid_water_l_per_kwh",
        3.908,
        "assumed",
    )
    assert found.name in sets.fallbacks


def test_a_marginal_intensity_is_the_average_by_an_assumed_ratio():
    """56.039 g x 1.46 [0.87, 3.08]."""
    sets = grid()
    found = sets.grid("fr", "marginal_gco2e_per_kwh")
    assert (found.value, found.low, found.high) == pytest.approx((81.81694, 48.75393, 172.60012))
    assert found.name == "grid/fr/marginal_gco2e_per_kwh"
    assert found.source.startswith("1.46 x 56.039 (grid/fr/intensity_gco2e_per_kwh): ")
    assert found.confidence == "assumed"
    assert sets.ratios == ("grid-factor/base:world/marginal_ratio",)
    assert grid("ecologits").grid("fr", "marginal_gco2e_per_kwh").value == pytest.approx(1.46 * 41.44)


def test_products_of_two_zones_have_two_names():
    assert len({grid().grid(zone, "marginal_gco2e_per_kwh").name for zone in ("fr", "de")}) == 2


@pytest.mark.parametrize(("kind", "ask"), [("embodied", embodied), ("grid-factor", grid)])
def test_an_unknown_set_is_refused_with_those_that_there_are(kind, ask):
    with pytest.raises(UsageError) as caught:
        ask("boavizt")
    assert str(caught.value).startswith(f"factor set 'boavizt': there is no such {kind} set; there are ")
    assert all(f"`{name}`" in str(caught.value) for name in set_names(kind))


def test_the_sets_of_electricity_are_the_tables_and_codecarbon():
    assert set_names("grid-factor") == ("base", "carbontracker", "codecarbon", "ecologits", "green-algorithms")


def test_a_file_of_ones_own_goes_first(tmp_path):
    path = a_file(tmp_path, HEADER + 'H100-SXM5-80GB,life_cycle,"400 [300, 500]",4,our supplier,2025,published\n')
    sets = embodied(path)
    name = "embodied/mine:h100-sxm5-80gb/manufacture_kgco2e"
    assert sets.embodied(H100, MAKING) == Factor(name, 400.0, 300.0, 500.0, "our supplier", "published")
    assert sets.embodied(H100, TRANSPORT).value == 0.0
    assert sets.embodied(H100, "lifetime_y").value == 4.0
    assert sets.fallbacks == ()


def test_a_file_that_does_not_say_what_its_making_covers_leaves_the_rest_unknown(tmp_path):
    path = a_file(tmp_path, HEADER + "h100-sxm5-80gb,,400,,our supplier,2025,published\n")
    assert embodied(path).embodied(H100, TRANSPORT) is None
    assert embodied(path).embodied(H100, "lifetime_y").name == "embodied/base:h100-sxm5-80gb/lifetime_y"


def test_a_file_of_grids_may_say_what_holds_for_any_zone(tmp_path):
    head = "zone,average_gco2e_per_kwh,marginal_gco2e_per_kwh,price_usd_per_kwh,source,year,confidence"
    rows_ = "FR,0,600,0.09,contract,2025,published,bill\n*,300,,,guess,2025,assumed,\n"
    sets = grid(a_file(tmp_path, f"{head},source:price_usd_per_kwh\n{rows_}", "Mine_2.csv"))
    assert sets.grid("fr", "average_gco2e_per_kwh")[:2] == ("grid-factor/mine-2:fr/average_gco2e_per_kwh", 0.0)
    assert sets.grid("fr", "marginal_gco2e_per_kwh").value == 600.0
    assert sets.grid("fr", "price_usd_per_kwh").source == "bill"
    assert sets.grid("atlantis", "average_gco2e_per_kwh").value == 300.0
    assert sets.grid("atlantis", "marginal_gco2e_per_kwh").value == pytest.approx(1.46 * 300.0)


def test_all_mistakes_of_a_file_are_told_at_once_with_their_lines(tmp_path):
    lines = (
        "a card,gate,4oo,3,me,2025,published",
        "phone,life_cycle,84,0,,20250,sure",
        'phone,life_cycle,"84 [90, 100]",3,me,2025,published',
        "laptop,,-1,,me,2025,published",
        "tablet,,,,me,2025,published",
        "tv,life_cycle,84,8,me, and you,2025,published",
    )
    path = a_file(tmp_path, HEADER + "\n".join(lines) + "\n")
    assert problems(path) == [
        ":2: a card: 'a card' is no target: letters, digits, `.` and `-`",
        ":2: a card, covers: 'gate' is none of manufacture, life_cycle",
        ":2: a card, manufacture_kgco2e: '4oo' is no number such as `72` or `72 [60, 90]`",
        ":3: phone, source: is empty; say where the values come from",
        ":3: phone, year: '20250' is no year such as 2024",
        ":3: phone, confidence: 'sure' is none of measured, published, derived, assumed, unverified",
        ":3: phone, lifetime_y: 0 is not above 0; unknown is an empty cell",
        ":4: phone, manufacture_kgco2e: 84 [90, 100] is not within its range",
        ":4: phone: stands in line 3 already; keep one of them",
        ":5: laptop, manufacture_kgco2e: -1 is below 0; unknown is an empty cell",
        ":6: tablet: has no value; leave the row out",
        ":7: tv: has 8 cells, and the header 7 columns; put a range and whatever has commas in quotes",
    ]


def test_all_mistakes_of_a_header_are_told_at_once(tmp_path):
    found = problems(a_file(tmp_path, "target,manufacture_kg,source,source,year\nx,1,me,me,2025\n"))
    assert found[0] == (
        ":1: manufacture_kg: there is no such column of a table embodied; did you mean `manufacture_kgco2e`?"
    )
    assert found[1] == ":1: source: this column is there twice; keep one of them"
    assert found[2] == ":1: confidence: this column is missing; add it"
    assert found[3].startswith(":1: there is no column of values; add one of manufacture_kgco2e, transport_kgco2e, ")


def test_a_file_of_another_kind_is_told_what_it_lacks(tmp_path):
    path = a_file(tmp_path, HEADER + "phone,life_cycle,84,3,me,2025,published\n")
    assert ":1: zone: this column is missing; add it" in problems(path, "grid")


def test_a_file_says_its_values_per_what_one_of_it_is(tmp_path):
    text = "target,per,manufacture_kgco2e,source,year,confidence\nkind.building,piece,9e6,me,2025,published\n"
    wanted = ":2: kind.building, per: 'piece' is not what one of it is; give its values per kw"
    assert problems(a_file(tmp_path, text)) == [wanted]
    assert [per_of(target) for target in ("kind.building", "access.mobile", "class.phone")] == ["kw", "gb", "piece"]


def test_a_file_is_one_set_and_none_that_is_there(tmp_path):
    head = "target,set,manufacture_kgco2e,source,year,confidence\n"
    text = "phone,base,1,me,2025,published\ntv,b,1,me,2025,published\n"
    assert problems(a_file(tmp_path, head + text)) == [
        ":2: set: 'base' is a set that is there already; call the file otherwise, or write another name under `set`",
        ":3: tv, set: is 'b', and the first row's 'base'; a file is one set",
    ]


def test_a_file_without_a_row_or_without_being_there_is_refused(tmp_path):
    assert problems(a_file(tmp_path, HEADER)) == [
        ":1: has no row of values; give a header and a row for each thing",
    ]
    with pytest.raises(UsageError, match="there is no such file"):
        embodied(str(tmp_path / "none.csv"))


def test_a_share_above_1_and_a_number_out_of_this_world_are_refused(tmp_path):
    text = "target,duty_share,manufacture_kgco2e,source,year,confidence\nphone,1.5,1e13,me,2025,published\n"
    assert problems(a_file(tmp_path, text)) == [
        ":2: phone, manufacture_kgco2e: 1e13 is too large",
        ":2: phone, duty_share: 1.5 is above 1, and it is a share",
    ]
