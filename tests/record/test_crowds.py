"""Users' devices that are owned all the time: working and resting add up to all of them, in seconds and in joules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_federate_scenario, run

from simulator.footprint.quantities import piece_seconds

YEAR_S = 365.25 * 86400
OWNED = {"owned": "always", "account": "whole"}
REST_W = 0.5


def a_day(phones=None, **changes):
    """Three rounds of ten of a thousand phones on a day, 0.5 W each at rest, from the plug."""
    return run(a_federate_scenario({}, {**OWNED, **(phones or {})}, horizon="1 d", **changes))


@pytest.fixture(scope="module")
def result():
    return a_day()


def test_every_owned_phone_counts_for_the_whole_window(result):
    held = piece_seconds(result._tables, "main")
    phones = {workload: seconds for (asset, workload), seconds in held.items() if asset == "phones/paris/device"}
    assert set(phones) == {"federate", "unassigned"}
    assert phones["federate"] > 0
    assert sum(phones.values()) == pytest.approx(1000 * 86400, rel=1e-12)


def test_an_owned_phone_is_in_service_from_the_first_second_to_the_last(result):
    (phone,) = (row for row in result.table("assets").to_pylist() if row["kind"] == "device")
    (line,) = (row for row in result.table("assets").to_pylist() if row["kind"] == "access")
    assert (phone["in_service_from_s"], phone["in_service_to_s"]) == (0.0, 86400.0)
    assert line["in_service_to_s"] < 86400.0


def joules(result, workload, **method):
    """Of devices alone, in the account."""
    found = result.account(criterion="energy_j", **method).terms
    return sum(term.amount for term in found if term.asset == "phones/paris/device" and term.workload == workload)


def test_phones_at_rest_draw_their_rest_while_they_do_not_work(result):
    """Whole: 0.5 W for every second that no phone works, and nothing twice."""
    worked_s = piece_seconds(result._tables, "main")["phones/paris/device", "federate"]
    assert joules(result, "unassigned") == pytest.approx(REST_W * (1000 * 86400 - worked_s))


def test_what_owning_adds_is_the_rest_alone(result):
    """The same run whose phones count as they are used has the same watts of the workload."""
    used = a_day({"owned": "used"})
    assert joules(used, "unassigned") == 0.0
    assert joules(result, "federate") == pytest.approx(joules(used, "federate"))
    assert result.jobs.to_pylist() == used.jobs.to_pylist()


def test_a_rest_that_is_not_charged_is_taken_off_what_was_recorded(result):
    """Marginal: nothing of any rest. Time-share: 0.5 W x seconds at work / 0.182, its share of a life."""
    worked_s = piece_seconds(result._tables, "main")["phones/paris/device", "federate"]
    marginal = {workload: joules(result, workload, equipment="marginal") for workload in ("federate", "unassigned")}
    assert marginal["unassigned"] == pytest.approx(0.0, abs=1e-3)
    assert marginal["federate"] == pytest.approx(joules(result, "federate") - REST_W * worked_s)
    shared = {workload: joules(result, workload, equipment="time-share") for workload in ("federate", "unassigned")}
    assert shared["unassigned"] == pytest.approx(0.0, abs=1e-3)
    assert shared["federate"] == pytest.approx(marginal["federate"] + REST_W * worked_s / 0.182)


def test_by_the_rule_used_who_uses_phones_pays_for_all_of_them(result):
    assert joules(result, "unassigned", rule="used") == 0.0
    whole = joules(result, "federate") + joules(result, "unassigned")
    assert joules(result, "federate", rule="used") == pytest.approx(whole)
    marginal = joules(result, "federate", equipment="marginal")
    assert joules(result, "federate", rule="used", equipment="marginal") == pytest.approx(marginal)


def test_the_consequential_ledger_leaves_phones_that_rest_anyway_out(result):
    assert joules(result, "unassigned", ledger="consequential") == 0.0
    marginal = joules(result, "federate", equipment="marginal")
    assert joules(result, "federate", ledger="consequential") == pytest.approx(marginal)


def test_the_making_of_an_owned_phone_is_that_of_the_whole_window(result):
    """A thousand phones for a day of 2.5 years, 58 kg each to make (iphone-13-pro of `base`)."""
    found = result.account(criterion="co2e_kg").terms
    made = sum(t.amount for t in found if t.asset == "phones/paris/device" and t.phase == "manufacture")
    assert made == pytest.approx(1000 * 58 * 86400 / (2.5 * YEAR_S))


@settings(max_examples=10, deadline=None)
@given(count=st.integers(10, 5000), account=st.sampled_from(["marginal", "whole"]), hours=st.integers(1, 100))
def test_working_and_resting_add_up_to_all(count, account, hours):
    phones = {"owned": "always", "account": account, "count": count}
    found = run(a_federate_scenario({}, phones, horizon=f"{hours} h"))
    held = piece_seconds(found._tables, "main")
    whole_s = sum(seconds for (asset, _), seconds in held.items() if asset == "phones/paris/device")
    assert whole_s == pytest.approx(count * hours * 3600, rel=1e-9)
    worked_s = held["phones/paris/device", "federate"]
    assert joules(found, "unassigned") == pytest.approx(REST_W * (count * hours * 3600 - worked_s), rel=1e-9)
