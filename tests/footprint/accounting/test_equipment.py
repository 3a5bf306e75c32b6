"""What of the rest of users' equipment is charged, by pen and paper."""

from functools import cache
from math import fsum

import pytest
from strategies import a_federate_scenario, run

from simulator.footprint.accounting.equipment import rest_factors

DUTY = 0.182
"""Of a phone: 4.38 h a day."""


def an_asset(charged="marginal", row="smartphone", kind="device"):
    return {"asset": "phones", "kind": kind, "row": row, "charged": charged, "power_row": ""}


def more(charged, equipment, **asset):
    factors = rest_factors(an_asset(charged, **asset), equipment)
    assert factors is not None
    return fsum(factor.value for factor in factors)


@pytest.mark.parametrize(
    ("charged", "equipment", "times"),
    [
        ("marginal", "as-run", 0.0),
        ("whole", "as-run", 0.0),
        ("marginal", "whole-device", 1.0),
        ("whole", "whole-device", 0.0),
        ("marginal", "marginal", 0.0),
        ("whole", "marginal", -1.0),
        ("marginal", "time-share", 1 / DUTY),
        ("whole", "time-share", 1 / DUTY - 1),
    ],
)
def test_so_many_times_its_rest_is_added_to_what_was_recorded(charged, equipment, times):
    assert more(charged, equipment) == pytest.approx(times)


@pytest.mark.parametrize("charged", ["marginal", "whole"])
def test_a_day_of_a_phone_is_borne_by_its_uses(charged):
    """0.5 W at rest and 3 W at work, 60 s of it: 3 x 60 whole; 2.5 x 60 + 0.5 x 86400 x 60 / 15768 by time-share."""
    recorded = 3.0 if charged == "whole" else 2.5
    found = recorded * 60 + more(charged, "time-share") * 0.5 * 60
    assert found == pytest.approx((3.0 - 0.5) * 60 + 0.5 * 60 / DUTY)
    whole = recorded * 60 + more(charged, "whole-device") * 0.5 * 60
    assert whole == pytest.approx(3.0 * 60)


def test_a_box_at_home_works_all_day():
    assert more("marginal", "time-share", row="fibre", kind="access") == pytest.approx(1.0)


def test_for_how_long_a_day_a_thing_is_in_use_that_no_set_knows_nobody_says():
    assert rest_factors(an_asset(row="of-ones-own"), "time-share") is None


@pytest.mark.parametrize(("charged", "times"), [("marginal", 1.0), ("whole", 0.0)])
def test_a_mobile_line_whose_hours_of_use_nobody_says_bears_its_rest_while_it_works(charged, times):
    assert more(charged, "time-share", row="4g", kind="access") == pytest.approx(times)


@cache
def result_of(account):
    return run(a_federate_scenario(phones={"account": account}))


def phones_j(account, equipment):
    terms = result_of(account).account(equipment=equipment, criterion="energy_j").terms
    return fsum(term.amount for term in terms if term.asset == "phones/paris/device")


@pytest.mark.parametrize("equipment", ["whole-device", "marginal", "time-share"])
def test_it_does_not_matter_what_of_it_was_recorded(equipment):
    assert phones_j("marginal", equipment) == pytest.approx(phones_j("whole", equipment), rel=1e-9)


def test_as_run_is_what_the_population_says():
    assert phones_j("marginal", "as-run") == pytest.approx(phones_j("marginal", "marginal"))
    assert phones_j("whole", "as-run") == pytest.approx(phones_j("whole", "whole-device"))
    assert phones_j("whole", "as-run") > phones_j("marginal", "as-run")


def test_a_whole_phone_is_its_rest_for_the_seconds_that_it_worked_more():
    """0.5 W x the seconds that phones worked."""
    busy_s = fsum(
        1000 * row["share"] * (row["to_s"] - row["from_s"])
        for row in result_of("marginal").table("reservations").to_pylist()
        if row["asset"] == "phones/paris/device"
    )
    added_j = phones_j("marginal", "whole-device") - phones_j("marginal", "marginal")
    assert added_j == pytest.approx(0.5 * busy_s, rel=1e-9)
    added_j = phones_j("marginal", "time-share") - phones_j("marginal", "marginal")
    assert added_j == pytest.approx(0.5 * busy_s / DUTY, rel=1e-9)


def test_a_mobile_line_of_a_run_bears_a_watt_while_it_works():
    """30 times 100 Mb down at 10 Mbps and up at 5, and the way there and back: light, and the 21 ms of the line."""
    result = run(a_federate_scenario(phones={"access": {"4g": 1.0}}))
    found = result.account(equipment="time-share", criterion="energy_j")
    line_j = fsum(term.amount for term in found.terms if term.asset == "phones/paris/4g")
    assert line_j == pytest.approx(6e9 * 1.5e-6 + 1.0 * 30 * (10 + 20 + 2 * 656 * 4.9e-6 + 21e-3), rel=1e-6)
    assert "devices" in found.boundaries("main", "energy_j")
