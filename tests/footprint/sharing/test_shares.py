"""Who pays for idle hours and for the making, by pen and paper and on records of runs."""

from math import fsum

import pytest
from hypothesis import given, settings
from strategies import a_federate_scenario, a_scenario, run, scenarios

from simulator.footprint.sharing.rules import RULES
from simulator.footprint.sharing.shares import Shares, read_shares
from simulator.record.tables import EXACT
from simulator.vocabulary import UNASSIGNED

CONSERVING = [name for name, rule in RULES.items() if rule.conserving]
CARDS = "lab/gpus/accelerator"


def tables_of(data):
    result = run(data)
    return {name: result.table(name) for name in EXACT}


def day_and_night():
    """Eight cards, always there, for four hours: a has four of them for two hours, b two for the other two."""
    a = {"name": "a", "at": "lab/gpus", "units": 4, "time": "2 h", "utilisation": 0.5}
    data = a_scenario([a, {**a, "name": "b", "units": 2, "start": "2 h"}], horizon="4 h")
    data["world"]["datacenters"]["lab"]["devices"]["gpus"]["owned"] = "always"
    return data


@pytest.mark.parametrize(
    ("rule", "whole", "idle"),
    [
        ("reserved", {"a": 8 / 32, "b": 4 / 32, UNASSIGNED: 20 / 32}, {UNASSIGNED: 1.0}),
        ("used", {"a": 2 / 3, "b": 1 / 3}, {"a": 2 / 3, "b": 1 / 3}),
        # each alone in its two hours: all that is left in them, 8 and 12 card-hours of 20
        ("reserve-then-use", {"a": 1 / 2, "b": 1 / 2}, {"a": 8 / 20, "b": 12 / 20}),
        # of a peak of four cards: two are needed all the time, two by a alone
        ("shapley", {"a": 3 / 4, "b": 1 / 4}, {"a": 3 / 4, "b": 1 / 4}),
        ("economic", {"a": 1 / 5, "b": 4 / 5}, {"a": 1 / 5, "b": 4 / 5}),
        ("sunk", {}, {UNASSIGNED: 1.0}),
    ],
)
def test_a_day_and_a_night_by_pen_and_paper(rule, whole, idle):
    found = read_shares(tables_of(day_and_night()), "main", rule, {"a": 1.0, "b": 4.0})[CARDS]
    assert {name: share for name, share in found.whole.items() if share} == pytest.approx(whole)
    assert {name: share for name, share in found.idle.items() if share} == pytest.approx(idle)


def test_what_is_never_free_has_no_idle_hours():
    """All eight cards for all of the time."""
    data = a_scenario([{"name": "a", "at": "lab/gpus", "units": 8, "time": "2 h", "utilisation": 0.5}])
    found = read_shares(tables_of(data), "main", "reserve-then-use", {})[CARDS]
    assert found == Shares({"a": 1.0, UNASSIGNED: 0.0}, {UNASSIGNED: 1.0})


def test_machines_that_nobody_used_have_no_shares():
    assert set(read_shares(tables_of(day_and_night()), "main", "reserved", {})) == {CARDS}


def test_users_equipment_and_networks_are_shared_by_no_rule():
    assert set(read_shares(tables_of(a_federate_scenario()), "main", "energy", {})) == {CARDS}


def test_phones_that_stand_there_for_nobody_are_shared_as_machines_are():
    tables = tables_of(a_federate_scenario(phones={"owned": "always"}))
    reserved, used = (read_shares(tables, "main", rule, {})["phones/paris/device"] for rule in ("reserved", "used"))
    assert reserved.whole[UNASSIGNED] > 0.9
    assert used.whole == pytest.approx({"federate": 1.0, UNASSIGNED: 0.0})


@settings(max_examples=25, deadline=None)
@given(scenarios())
def test_shares_of_all_and_of_idle_hours_sum_to_one_and_none_is_below_nothing(data):
    tables = tables_of(data)
    prices = dict.fromkeys(f"t{number}" for number in range(5)) | {f"t{number}": number + 1.0 for number in range(5)}
    for rule in RULES:
        for shares in read_shares(tables, "main", rule, prices).values():
            assert min(*shares.whole.values(), *shares.idle.values()) >= 0.0
            assert fsum(shares.idle.values()) == pytest.approx(1.0, abs=1e-9)
            assert fsum(shares.whole.values()) == pytest.approx(1.0 if rule in CONSERVING else 0.0, abs=1e-9)
