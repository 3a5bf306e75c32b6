"""Longer lives, repairs and second hands, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_federate_scenario, run

from simulator.footprint.making.embodied import embodied_table
from simulator.footprint.making.factors import build_sets
from simulator.footprint.making.items import ACTIVE_S, Item
from simulator.footprint.making.life import SPLITS, LifeSpec, SecondHand, lived

PHONE = Item("device", ("smartphone", "class.phone"), "piece", 1.0, "s")
SETS = build_sets([], [])


def years(count):
    return f"{count!r} y"


def a_year_kg(life):
    """What a year of a phone of 84 kg costs by a life, its making alone."""
    found = 0.0
    for item, lifetime_y in lived(PHONE, life, "smartphone", "phone"):
        amount = SETS.embodied(item.candidates, "manufacture_kgco2e").value
        own_y = lifetime_y or SETS.embodied(item.lives_as, "lifetime_y").value
        found += amount * item.times / own_y
    return found


@pytest.mark.parametrize(
    ("life", "kg"),
    [
        (LifeSpec(), 33.6),  # 84 kg in the 2.5 y of the catalogue
        (LifeSpec(lifetime=years(5)), 16.8),
        (LifeSpec(lifetime=years(5), repairs=2), (84 + 2 * 4) / 5),
        (LifeSpec(repairs=1), (84 + 4) / 2.5),
    ],
)
def test_a_year_of_a_phone_costs_its_making_and_its_repairs_over_its_life(life, kg):
    assert a_year_kg(life) == pytest.approx(kg)


@pytest.mark.parametrize(
    ("split", "first", "second"), [("cut-off", 84.0, 7.0), ("time", 50.4, 40.6), ("price", 54.6, 36.4)]
)
def test_two_owners_share_84_kilograms_and_7_of_refurbishing(split, first, second):
    """Three years and two; sold at 0.35 of its price: 84 | 7, 50 | 41 and 55 | 36, which all sum to 91."""
    for owner, kg, own_y in (("first", first, 3), ("second", second, 2)):
        resale = {"resale": 0.35} if split == "price" else {}
        hand = SecondHand(first=years(3), owner=owner, split=split, **resale)
        assert a_year_kg(LifeSpec(lifetime=years(5), second_hand=hand)) * own_y == pytest.approx(kg)


def test_what_has_two_of_a_thing_has_two_repaired_each_time():
    items = {one.item.name: one.item for one in lived(PHONE._replace(times=2.0), LifeSpec(repairs=3), "x", "phone")}
    assert (items["device"].times, items["repairs"].times) == (2.0, 6.0)
    assert items["repairs"].candidates == ("repair.x", "repair.phone")


def test_every_split_was_split():
    assert set(SPLITS) == {"cut-off", "time", "price"}


def test_repairs_are_spread_over_both_owners():
    hand = SecondHand(first=years(3), owner="first")
    found = a_year_kg(LifeSpec(lifetime=years(5), repairs=5, second_hand=hand))
    assert found == pytest.approx(50.4 / 3 + 5 * 4 / 5)


@given(st.floats(0.5, 9.0), st.floats(0.5, 9.0), st.integers(0, 5), st.floats(0.01, 1.0), st.sampled_from(list(SPLITS)))
def test_what_two_owners_bear_is_all_that_the_phone_took(first_y, second_y, repairs, resale, split):
    price = {"resale": resale} if split == "price" else {}
    both = 0.0
    for owner, own_y in (("first", first_y), ("second", second_y)):
        hand = SecondHand(first=years(first_y), owner=owner, split=split, **price)
        life = LifeSpec(lifetime=years(first_y + second_y), repairs=repairs, second_hand=hand)
        both += own_y * a_year_kg(life)
    assert both == pytest.approx(84.0 + 4.0 * repairs + 7.0)


@pytest.mark.parametrize("basis", ["calendar", "active"])
def test_what_mends_a_thing_works_as_long_as_it_does(basis):
    """A repair has no life of its own: by the hours at work it is charged as the phone is."""
    result = run(a_federate_scenario())
    tables = {name: result.table(name) for name in ("assets", "signals", "pue_curves")}
    life = LifeSpec(lifetime=years(5), repairs=1, second_hand=SecondHand(first=years(3)))
    rows = embodied_table(tables, SETS, {"phone": life}, basis).to_pylist()
    told = {row["item"]: row for row in rows if row["asset"] == "phones/paris/device" and row["phase"] == "manufacture"}
    assert set(told) == {"device", "refurbishing", "repairs"}
    assert {name: row["lifetime_y"] for name, row in told.items()} == {
        "device": 2.0,
        "refurbishing": 2.0,
        "repairs": 5.0,
    }
    if basis == "active":
        assert {row["over"] for row in told.values()} == {ACTIVE_S}
        assert {row["duty_share"] for row in told.values()} == {0.182}


def test_a_repair_without_another_word_lasts_as_long_as_the_thing_does():
    """58 kg and a repair of 4 kg in the 2.5 y of the catalogue; of what is unknown there is nothing."""
    result = run(a_federate_scenario(footprint={"lives": {"phone": {"repairs": 1}}}))
    rows = [row for row in result.table("embodied").to_pylist() if row["asset"] == "phones/paris/device"]
    assert {row["lifetime_y"] for row in rows} == {2.5}
    assert {row["item"] for row in rows} == {"device", "repairs"}
    assert "embodied" in result.summary["paradigms"]["main"]["boundaries"]


@pytest.mark.parametrize("name", ["iphone-13-pro", "phone", "device"])
def test_a_thing_is_named_by_its_row_its_class_or_what_it_is(name):
    """58 kg: 23.2 a year in 2.5 y, half of that in 5."""
    short, long = (phones_kg({name: {"lifetime": life}}) for life in ("2.5 y", "5 y"))
    assert short == pytest.approx(2 * long)
    assert short == pytest.approx(phones_kg({}))


def phones_kg(lives):
    found = run(a_federate_scenario(footprint={"lives": lives})).account(criterion="co2e_kg")
    return sum(
        term.amount for term in found.terms if (term.asset, term.phase) == ("phones/paris/device", "manufacture")
    )


def test_a_scenario_and_an_account_may_say_the_same_life():
    told = phones_kg({"phone": {"lifetime": "5 y"}})
    found = run(a_federate_scenario()).account(criterion="co2e_kg", lives={"phone": {"lifetime": "5 y"}})
    kept = [t.amount for t in found.terms if (t.asset, t.phase) == ("phones/paris/device", "manufacture")]
    assert sum(kept) == pytest.approx(told)


@pytest.mark.parametrize(
    ("life", "sentence"),
    [
        ({"second_hand": {"first": years(3)}}, "give `lifetime:`"),
        ({"lifetime": years(3), "second_hand": {"first": years(3)}}, "leaves nothing for the second owner"),
        ({"retired": {"after": years(3)}}, "of a life that ends early the whole is needed"),
        ({"lifetime": years(3), "retired": {"after": years(3)}}, "is no early end; give less than `lifetime`"),
    ],
)
def test_a_life_that_cannot_be_says_why(life, sentence):
    (fault,) = LifeSpec.model_validate(life).faults()
    assert sentence in fault.sentence


@pytest.mark.parametrize("hand", [{"split": "price"}, {"split": "time", "resale": 0.5}])
def test_a_price_and_the_split_by_it_come_together(hand):
    (fault,) = SecondHand.model_validate({"first": years(1), **hand}).faults()
    assert fault.path == ("resale",)


@pytest.mark.parametrize(
    ("charged", "users_kg", "left_kg"), [("cause", 84 / 5, (84 - 84 * 3 / 5) / 3), ("spread", 84 / 3, 0.0)]
)
def test_what_is_given_up_early_falls_on_its_users_or_on_the_cause(charged, users_kg, left_kg):
    """84 kg that would last five years and serve three: a year of use, and what is left a year of service."""
    life = LifeSpec.model_validate({"lifetime": "5 y", "retired": {"after": "3 y", "charged": charged}})
    found = {one.item.name: 84 * one.item.times / one.lifetime_y for one in lived(PHONE, life, "smartphone", "phone")}
    assert found["device"] == pytest.approx(users_kg)
    assert found.get("written off", 0.0) == pytest.approx(left_kg)
    assert 3 * sum(found.values()) == pytest.approx(84.0)


def test_what_was_written_off_is_nobodys_of_the_run():
    data = a_federate_scenario()
    lives = {"phone": {"lifetime": "5 y", "retired": {"after": "3 y"}}}
    result = run(data)
    early, whole = (result.account(lives=one, criterion="co2e_kg") for one in (lives, {"phone": {"lifetime": "5 y"}}))
    left = sum(term.amount for term in early.terms if term.item == "written off")
    assert {term.workload for term in early.terms if term.item == "written off"} == {"unassigned"}
    assert early.charged() == pytest.approx(whole.charged())
    assert early.total().value == pytest.approx(whole.total().value + left)
