"""What things take to make and what electricity brings with it: sets that add up to what was published."""

import pytest

from simulator.catalogue import find, rows
from simulator.footprint.making.factor_files import COVERS, per_of
from simulator.vocabulary import DEVICE_KINDS

PHASES = ("manufacture_kgco2e", "transport_kgco2e", "end_of_life_kgco2e")


def phases(id_):
    return sum(find("embodied", id_).find_number(column) or 0.0 for column in PHASES)


def making(id_, column=PHASES[0]):
    return find("embodied", id_).find_number(column)


@pytest.mark.parametrize(("kind", "about"), [("embodied", "target"), ("grid-factor", "zone")])
def test_the_id_of_a_factor_says_its_set_and_what_it_is_about(kind, about):
    assert [r.id for r in rows(kind).values() if r.id != f"{r.text('set')}:{r.text(about)}"] == []


def test_a_row_says_what_one_of_it_is_and_what_its_making_covers():
    made = [row for row in rows("embodied").values() if row.text("manufacture_kgco2e")]
    assert [row.id for row in made if row.text("covers") not in COVERS] == []
    assert [row.id for row in made if row.text("per") != per_of(row.text("target"))] == []
    assert [row.id for row in made if not row.text("scope")] == []


@pytest.mark.parametrize(
    ("card", "total_kg"),
    [("h100-sxm5-80gb", 575.1), ("a100-sxm4-40gb", 319.3), ("b300", 2543.0), ("mi300x", 1497.0), ("l4", 123.5)],
)
def test_the_phases_of_a_card_of_boavizta_add_up_to_what_it_says(card, total_kg):
    assert phases(f"boavizta:{card}") == pytest.approx(total_kg, abs=0.01)


def test_whatever_a_device_is_said_to_take_the_phases_of_its_base_row_add_up_to():
    """But those of two cards whose vendor follows them to the gate alone: it says 164 and 286 kg without the rest."""
    cradle_to_gate = {"h100-sxm5-80gb": 164.0, "b200-sxm-180gb": 286.0}
    for device in rows("device").values():
        said_kg = device.find_number("embodied_kgco2e")
        if said_kg is not None:
            ours_kg = making(f"base:{device.id}") if device.id in cradle_to_gate else phases(f"base:{device.id}")
            assert ours_kg == pytest.approx(cradle_to_gate.get(device.id, said_kg), rel=1e-4), device.id


def test_one_card_differs_39_times_between_sets():
    """575.1 kg to its grave by boavizta, 14.652 kg of bare die by LLMCarbon."""
    assert phases("boavizta:h100-sxm5-80gb") / phases("llmcarbon:h100-sxm5-80gb") == pytest.approx(39.25, abs=0.01)
    sets = [phases(f"{name}:h100-sxm5-80gb") for name in ("llmcarbon", "act", "vendor", "boavizta")]
    assert sets == pytest.approx([14.652, 27.8, 164.0, 575.1], abs=0.01)


@pytest.mark.parametrize("server", [id_ for id_, row in rows("server").items() if row.text("accelerator")])
def test_a_whole_server_is_its_host_and_its_cards(server):
    card, count = find("server", server).text("accelerator"), find("server", server).find_number("accelerators_count")
    own = rows("embodied").get(f"base:{card}")
    class_ = find("device", card).text("class").replace("_", "-")
    card_kg = own.find_number("manufacture_kgco2e") if own else None
    whole_kg = making(f"base:host.{server}") + count * (card_kg or making(f"base:class.{class_}"))
    assert making(f"base:node.{server}") == pytest.approx(whole_kg, rel=1e-5)


def test_a_host_is_a_whole_server_less_the_cards_of_the_same_source():
    """boaviztapi: 10300 kg less 8 cards of 575.1; 2900 less 8 of 205.5, the 16 GB card that the instance has."""
    assert making("boavizta:host.aws-p5.48xlarge") == pytest.approx(10300 - 8 * 575.1, abs=0.5)
    assert making("boavizta:host.aws-p3.16xlarge") == pytest.approx(2900 - 8 * 205.5, abs=0.5)
    assert making("boavizta:node.aws-p5.48xlarge") == 10300.0


def test_every_server_and_every_class_of_device_is_in_the_base():
    wanted = {f"base:{kind}.{id_}" for id_ in rows("server") for kind in ("host", "node")}
    wanted |= {f"base:class.{name.replace('_', '-')}" for name in DEVICE_KINDS}
    wanted |= {f"base:class.{name}" for name in ("host", "node", "server")}
    wanted |= {f"base:kind.{n}" for n in ("rack", "building", "submarine", "overland", "backhaul", "site", "box")}
    wanted |= {"base:access.mobile", "base:access.fixed"}
    assert [id_ for id_ in sorted(wanted) if not find("embodied", id_).text("manufacture_kgco2e")] == []


def test_what_the_base_assumes_of_a_class_or_kind_has_a_range():
    own = [r for r in rows("embodied").values() if r.id.startswith(("base:class.", "base:kind.", "base:share."))]
    assert len(own) > 25
    assumed = [(row, c) for row in own for c in PHASES if row.text(c) and row.source(c).confidence == "assumed"]
    assert [row.id for row, column in assumed if row.find_range(column) is None] == []


def test_the_figures_of_bloom_come_to_what_it_published():
    """1,082,990 hours of GPUs in servers of 8, over 6 years at 85 %: 11.2 t."""
    card, host = find("embodied", "bloom:a100-sxm4-80gb"), find("embodied", "bloom:host.apollo-6500-8xa100")
    life_h = 365 * 24 * card.find_number("lifetime_y") * card.find_number("duty_share")
    kg = 1_082_990 / life_h * (phases(card.id) + phases(host.id) / 8)
    assert kg == pytest.approx(11_200, rel=0.005)


def test_a_phone_hour_is_as_published_by_the_calendar_and_by_hours_of_use():
    """84 kg over 2.5 years: 3.8 g an hour, or 21 g an hour of 4.38 a day."""
    phone = find("embodied", "base:class.phone")
    an_hour_g = 1e3 * phases(phone.id) / (phone.find_number("lifetime_y") * 365 * 24)
    assert an_hour_g == pytest.approx(3.8, abs=0.05)
    assert an_hour_g / phone.find_number("duty_share") == pytest.approx(21.0, abs=0.1)


@pytest.mark.parametrize(
    ("id_", "gco2e_per_kwh"),
    [("ecologits:fr", 41.44), ("carbontracker:fr", 44.179085), ("green-algorithms:fr", 51.28)],
)
def test_france_has_another_intensity_in_each_set(id_, gco2e_per_kwh):
    assert find("grid-factor", id_).find_number("average_gco2e_per_kwh") == gco2e_per_kwh


def test_water_is_there_only_of_the_countries_that_have_their_own():
    """49; the world's 3.908 L stands in the base alone, assumed."""
    own = {row.id: row.find_number("grid_water_l_per_kwh") for row in rows("grid-factor").values()}
    known = {id_: litres for id_, litres in own.items() if litres is not None}
    assert (known.pop("base:world"), len(known), known["ecologits:fr"], known["ecologits:br"]) == (
        3.908,
        49,
        3.6737,
        18.6033,
    )
    assert 3.908 not in known.values()


def test_what_stands_in_for_any_zone_is_assumed_with_a_range_and_is_no_intensity():
    world = find("grid-factor", "base:world")
    columns = [column for column in world.columns if column not in ("set", "zone", "statement")]
    assert columns == [
        "marginal_ratio",
        "grid_water_l_per_kwh",
        "grid_adpe_kgsb_per_kwh",
        "grid_primary_mj_per_kwh",
        "price_usd_per_kwh",
    ]
    assert {world.source(column).confidence for column in columns} == {"assumed"}
    assert [column for column in columns if world.find_range(column) is None] == []


def test_no_electricity_holds_more_energy_than_it_took():
    """A kilowatt-hour is 3.6 MJ, the coefficient of the European Union 1.9."""
    world = find("grid-factor", "base:world")
    assert world.find_number("grid_primary_mj_per_kwh") == pytest.approx(1.9 * 3.6)
    assert world.find_range("grid_primary_mj_per_kwh")[0] >= 3.6
    given = [row.id for row in rows("grid-factor").values() if row.text("grid_primary_mj_per_kwh")]
    assert given == ["base:world"]


def test_the_scales_of_the_talk_are_those_of_its_sources():
    """IEA: 220-320 TWh of data centres, 100-140 of cryptocurrencies (2021), 300 Mt (2020); Shift Project: 3.5 %."""
    scales = rows("reference-scale")
    assert scales["data-centre-electricity"].find_range("energy_twh") == (220.0, 320.0)
    assert scales["crypto-electricity"].find_range("energy_twh") == (100.0, 140.0)
    assert scales["data-centre-network-emissions"].find_number("emissions_mtco2e") == 300.0
    assert scales["digital-emissions"].find_number("emissions_percent") == 3.5
