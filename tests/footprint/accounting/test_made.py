"""Terms of what was made: by seconds, by shares of a rule, by hours at work, by bits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.footprint.accounting.made import Over, making_terms
from simulator.footprint.making.embodied import charged
from simulator.footprint.making.items import ACTIVE_S, BITS, PIECE_S
from simulator.footprint.sharing.shares import Shares
from simulator.vocabulary import UNASSIGNED

ASSET = {"place": "lab"}
YEAR_S = 365.25 * 86400


def a_row(**fields):
    row = {
        "paradigm": "main",
        "asset": "lab/gpus",
        "item": "accelerator",
        "phase": "manufacture",
        "criterion": "co2e_kg",
    }
    row |= {"amount": 150.0, "per": "piece", "times": 1.0, "over": PIECE_S, "lifetime_y": 6.0, "duty_share": 0.85}
    row |= {"low": None, "high": None, "low_y": None, "high_y": None}
    row |= {"life_row": "bloom:a100", "life_source": "section 4", "life_confidence": "assumed"}
    return {**row, "row": "bloom:a100", "source": "Luccioni", "confidence": "published", **fields}


def amounts(row, over):
    return {term.workload: term.amount for term in making_terms(row, ASSET, over)}


HELD = {"a": 2.0 * YEAR_S, UNASSIGNED: 1.0 * YEAR_S}


def test_by_the_calendar_a_third_of_three_years_that_nobody_holds_is_nobodys():
    """150 kg in 6 y: 25 kg a year."""
    shares = Shares({"a": 2 / 3, UNASSIGNED: 1 / 3}, {UNASSIGNED: 1.0})
    assert amounts(a_row(), Over(HELD, {}, shares)) == pytest.approx({"a": 50.0, UNASSIGNED: 25.0})


def test_another_rule_shares_the_same_whole_otherwise():
    shares = Shares({"a": 1.0, UNASSIGNED: 0.0}, {})
    assert amounts(a_row(), Over(HELD, {}, shares)) == pytest.approx({"a": 75.0})


def test_by_hours_at_work_nobodys_hours_cost_nothing_and_worked_ones_more():
    """BLOOM: 150 kg over 6 y, at work for 0.85 of it: 29.41 kg a year of work."""
    shares = Shares({"a": 2 / 3, UNASSIGNED: 1 / 3}, {})
    assert amounts(a_row(over=ACTIVE_S), Over(HELD, {}, shares)) == pytest.approx({"a": 2 * 150 / 6 / 0.85})


def test_without_shares_everybody_is_charged_by_the_seconds_that_it_held():
    held = {"a": YEAR_S, "b": 3 * YEAR_S}
    assert amounts(a_row(), Over(held, {}, None)) == pytest.approx({"a": 25.0, "b": 75.0})


def test_a_gigabyte_has_no_lifetime():
    row = a_row(amount=0.00214, per="gb", times=1 / 8e9, over=BITS, lifetime_y=None)
    (term,) = making_terms(row, ASSET, Over({}, {"a": 80e9, "b": 0.0}, None))
    assert (term.amount, term.unit, term.inverse) == (pytest.approx(0.0214), "b", ())


def test_a_term_says_its_row_and_its_range_and_its_life():
    row = a_row(low=100.0, high=300.0, low_y=3.0, high_y=6.0)
    (term,) = making_terms(row, ASSET, Over({"a": YEAR_S}, {}, None))
    amount, life = term.factors[-1], term.inverse[0]
    named = "embodied/bloom:a100/manufacture_kgco2e"
    assert (amount.name, amount.value, amount.low, amount.high) == (named, 150.0, 100.0, 300.0)
    assert (amount.source, amount.confidence) == ("Luccioni", "published")
    assert (life.name, life.value, life.low, life.high) == ("embodied/bloom:a100/lifetime_y", 6.0, 3.0, 6.0)
    assert (life.source, life.confidence) == ("section 4", "assumed")
    assert (term.boundary, term.phase, term.place) == ("embodied", "manufacture", "lab")


@pytest.mark.parametrize(("phase", "boundary"), [("transport", "life_cycle"), ("end_of_life", "life_cycle")])
def test_what_comes_after_the_gate_counts_at_the_last_boundary(phase, boundary):
    (term,) = making_terms(a_row(phase=phase), ASSET, Over({"a": 1.0}, {}, None))
    assert (term.phase, term.boundary) == (phase, boundary)


seconds = st.dictionaries(st.sampled_from(["a", "b", "c", UNASSIGNED]), st.floats(0.0, 1e9), min_size=1)


@given(seconds, st.sampled_from([PIECE_S, ACTIVE_S]), st.floats(0.1, 20.0), st.floats(0.1, 1.0))
def test_terms_sum_to_what_the_row_comes_to(held, over, lifetime_y, duty_share):
    row = a_row(over=over, lifetime_y=lifetime_y, duty_share=duty_share)
    counted = sum(s for name, s in held.items() if over == PIECE_S or name != UNASSIGNED)
    assert sum(amounts(row, Over(held, {}, None)).values()) == pytest.approx(charged(row, counted))
