"""Terms multiply, totals know what they are of."""

from itertools import product
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.footprint.accounting.term import EXACT, KG_PER_G, KWH_PER_J, YEARS_PER_S, Term, Total, exact, total
from simulator.footprint.making.factors import Factor

NAMES = ("main", "server", "use", "co2e_kg", "lab", "lab/gpus", "electricity", "train", "compute")


def a_term(base, factors=(), inverse=()):
    return Term(*NAMES, base, "J", tuple(factors), tuple(inverse))


def a_factor(value):
    return Factor("a", value, None, None, "made up", "assumed")


def test_a_kilowatt_hour_of_france_is_fifty_six_grams():
    """3.6 MJ x 1 kWh / 3.6 MJ x 56.039 g/kWh x 1 kg / 1000 g."""
    assert a_term(3.6e6, (KWH_PER_J, a_factor(56.039), KG_PER_G)).amount == pytest.approx(0.056039)


def test_a_phone_of_84_kilograms_costs_33_6_a_year_of_two_and_a_half():
    year_s = 365.25 * 86400
    assert a_term(year_s, (YEARS_PER_S, a_factor(84.0)), (a_factor(2.5),)).amount == pytest.approx(33.6)


def test_what_is_so_by_definition_says_so():
    factor = exact("of its rest", 1.0)
    assert (factor.confidence, factor.source, factor.low) == (EXACT, "by definition", None)


numbers = st.lists(st.floats(-1e9, 1e9), max_size=6)


@given(numbers)
def test_the_sum_of_terms_is_rounded_once(bases):
    assert total(a_term(base) for base in bases) == fsum(bases)


KINDS = (("co2e_kg", "marginal_co2e_kg"), ("facility", "embodied"), ("attributional", "consequential"))


@pytest.mark.parametrize("mine", list(product(*KINDS)))
@pytest.mark.parametrize("theirs", list(product(*KINDS)))
def test_totals_of_one_kind_add_up_and_no_others_do(mine, theirs):
    one, other = Total(1.0, *mine), Total(2.0, *theirs)
    if mine == theirs:
        assert one + other == Total(3.0, *mine)
        return
    with pytest.raises(UsageError, match=r"of two kinds .* do not add up; tell them beside each other"):
        one + other


def test_the_sentence_names_both_totals_and_in_what_they_differ():
    average, caused = (Total(1.0, "co2e_kg", "facility", ledger) for ledger in KINDS[2])
    with pytest.raises(UsageError) as caught:
        average + caused
    assert str(caught.value) == (
        "co2e_kg of the attributional ledger at facility, and co2e_kg of the consequential at facility: "
        "they are of two kinds (ledger) and do not add up; tell them beside each other"
    )


def test_a_total_and_a_number_do_not_add_up():
    with pytest.raises(TypeError):
        Total(1.0, "co2e_kg", "facility", "attributional") + 1.0
