"""Draws of an account: what factors do when luck moves them, and what luck does not move."""

import subprocess
import sys
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator as sim
from simulator.catalogue import find
from simulator.errors import UsageError
from simulator.footprint.accounting.spread import Z95, is_drawn, luck, spread_ratio, spreads_of, values_at
from simulator.footprint.accounting.term import Term, exact
from simulator.footprint.accounting.uncertainty import draw, interval, lower, tornado, under
from simulator.footprint.making.factors import Factor

CO2E, FACILITY = "co2e_kg", "facility"
PEDIGREE = {
    "reliability": (1.0, 1.54, 1.61, 1.69, 1.69),
    "completeness": (1.0, 1.03, 1.04, 1.08, 1.08),
    "time": (1.0, 1.03, 1.10, 1.19, 1.29),
    "place": (1.0, 1.04, 1.08, 1.11, 1.11),
    "technology": (1.0, 1.18, 1.65, 2.08, 2.80),
}
"""Ciroth et al. 2016, as codes of pedigree tools have it; scores that have no factor there as the score before."""
EXPERTS = {
    "reliability": (1.0, 1.05, 1.10, 1.20, 1.50),
    "completeness": (1.0, 1.02, 1.05, 1.10, 1.20),
    "time": (1.0, 1.03, 1.10, 1.20, 1.50),
    "place": (1.0, 1.01, 1.02, 1.02, 1.10),
    "technology": (1.0, 1.0, 1.20, 1.50, 2.00),
}
"""Frischknecht et al. 2007, of ecoinvent 2, from the same codes."""


def a_factor(name="f", value=10.0, low=None, high=None, confidence="published"):
    return Factor(name, value, low, high, "a study", confidence)


def a_term(base=1.0, *factors, inverse=(), workload="job"):
    named = ("main", FACILITY, "use", CO2E, "lab", "node", "electricity", workload, "compute")
    return Term(*named, base, "J", tuple(factors), tuple(inverse))


def drawn(*terms, count=4001, seed=7):
    return draw({"main": list(terms)}, CO2E, FACILITY, count, seed).of("main")


def quantiles_of(factor):
    """Where a factor is at P5, P50 and P95 of its luck."""
    return values_at(factor, np.array([-Z95, 0.0, Z95])).tolist()


def test_a_range_is_hit_at_p5_and_p95_and_its_value_in_the_middle():
    assert quantiles_of(a_factor(low=4.0, high=30.0)) == pytest.approx([4.0, 10.0, 30.0])


def test_each_side_of_a_range_is_a_log_normal_of_its_own():
    """Half a deviation of 1.645 down: 10 x sqrt(4 / 10) = 6.325; up: 10 x sqrt 3 = 17.32."""
    halves = np.array([-Z95, Z95]) / 2.0
    assert values_at(a_factor(low=4.0, high=30.0), halves).tolist() == pytest.approx([6.32456, 17.32051], rel=1e-5)


def test_a_value_at_the_end_of_its_range_is_the_likeliest_of_a_triangle():
    """Triangular(3, 6, 6): F(x) = (x - 3)^2 / 9, so that P5 = 3 + 3 sqrt 0.05 and the median 3 + 3 sqrt 0.5."""
    expected = [3.0 + 3.0 * sqrt(share) for share in (0.05, 0.5, 0.95)]
    assert quantiles_of(a_factor(value=6.0, low=3.0, high=6.0)) == pytest.approx(expected)
    mirrored = [9.0 - x for x in reversed(expected)]
    assert quantiles_of(a_factor(value=3.0, low=3.0, high=6.0)) == pytest.approx(mirrored)


def test_a_range_from_zero_is_a_triangle_with_nothing_beyond_its_ends():
    """Triangular(0, 1, 4): P5 = sqrt(0.05 x 4 x 1), P95 = 4 - sqrt(0.05 x 4 x 3)."""
    low, _, high = quantiles_of(a_factor(value=1.0, low=0.0, high=4.0))
    assert (low, high) == pytest.approx((sqrt(0.2), 4.0 - sqrt(0.6)))
    far = values_at(a_factor(value=1.0, low=0.0, high=4.0), np.array([-9.0, 9.0]))
    assert far.min() >= 0.0
    assert far.max() <= 4.0


def test_a_range_without_width_is_its_value():
    assert quantiles_of(a_factor(low=10.0, high=10.0)) == [10.0] * 3


def test_a_value_outside_of_its_range_stretches_it():
    assert quantiles_of(a_factor(value=7.0, low=3.0, high=6.0)) == quantiles_of(a_factor(value=7.0, low=3.0, high=7.0))
    assert quantiles_of(a_factor(value=2.0, low=3.0, high=6.0)) == quantiles_of(a_factor(value=2.0, low=2.0, high=6.0))


@pytest.mark.parametrize("confidence", ["measured", "published", "derived", "assumed", "unverified"])
def test_without_a_range_the_spread_of_its_confidence_stands_in(confidence):
    one_up = values_at(a_factor(confidence=confidence), np.array([1.0]))
    assert one_up == pytest.approx(10.0 * find("assumption", f"spread-{confidence}").number("spread_ratio", ""))


@pytest.mark.parametrize("confidence", ["given", "exact"])
def test_what_the_scenario_says_and_what_is_so_by_definition_is_not_drawn(confidence):
    factor = a_factor(low=1.0, high=100.0, confidence=confidence)
    assert not is_drawn(factor)
    assert np.ptp(drawn(a_term(2.0, factor))) == 0.0


@pytest.mark.parametrize(
    ("score", "confidence"), list(enumerate(["measured", "published", "derived", "assumed", "unverified"]))
)
def test_the_spreads_are_those_of_a_pedigree_with_one_score_in_all_its_indicators(score, confidence):
    """GSD = exp(0.5 sqrt(ln^2 1.05 + sum ln^2 U)): the factors U are contributions to the square of the GSD."""

    def gsd(table):
        return exp(0.5 * sqrt(log(1.05) ** 2 + sum(log(factors[score]) ** 2 for factors in table.values())))

    assert spread_ratio(confidence) == pytest.approx(gsd(PEDIGREE), abs=0.006)
    ends = find("assumption", f"spread-{confidence}").find_range("spread_ratio")
    assert ends is None or ends == pytest.approx((gsd(EXPERTS), gsd(PEDIGREE)), abs=0.006)


def test_the_spreads_that_stand_in_are_told_with_their_number():
    factors = [a_factor("a"), a_factor("b"), a_factor("b"), a_factor("c", low=1.0, high=20.0), exact("d", 2.0)]
    assert [(s.confidence, s.factors) for s in spreads_of(factors)] == [("published", 2)]
    assert draw({"main": [a_term(1.0, *factors)]}, CO2E, FACILITY).spreads == tuple(spreads_of(factors))


def test_one_factor_in_many_terms_is_drawn_once():
    factor = a_factor(low=4.0, high=30.0)
    assert drawn(*[a_term(1.0, factor)] * 100) == pytest.approx(100.0 * drawn(a_term(1.0, factor)))


def test_a_sum_of_two_factors_varies_less_than_one_of_both():
    """Independent: sd of the sum is sd x sqrt 2, of one factor twice it is sd x 2."""
    apart = drawn(a_term(1.0, a_factor("a", low=9.0, high=11.0)), a_term(1.0, a_factor("b", low=9.0, high=11.0)))
    once = drawn(*[a_term(1.0, a_factor("a", low=9.0, high=11.0))] * 2)
    assert apart.std() / once.std() == pytest.approx(sqrt(0.5), rel=0.05)


def test_what_is_divided_by_a_lifetime_is_high_where_it_is_short():
    """12 kg over [2, 12] years of which 4 is the middle: 6, 3 and 1 a year."""
    life = a_factor("life", 4.0, 2.0, 12.0)
    (swing,) = tornado([a_term(12.0, inverse=[life])])
    assert swing.impacts == pytest.approx((6.0, 1.0))
    assert swing.value == pytest.approx(3.0)
    assert swing.ends == pytest.approx((2.0, 12.0))
    values = drawn(a_term(12.0, inverse=[life]))
    assert values * values_at(life, luck(7, "life", 4001)) == pytest.approx(12.0)


def test_a_factor_over_itself_is_not_drawn():
    factor = a_factor(low=4.0, high=30.0)
    assert drawn(a_term(2.0, factor, inverse=[factor])) == pytest.approx(2.0)


def test_the_median_of_a_product_is_its_value_where_ranges_are_even():
    """The median of a product of log-normals is the product of medians; 0.03 is 4 deviations of 4001 draws' median."""
    factors = [a_factor(name, 10.0, 8.0, 12.5) for name in "abc"]
    values = drawn(a_term(1.0, *factors))
    assert interval(values).value == pytest.approx(1000.0, rel=0.03)
    half = 1.25 ** sqrt(3.0)
    assert interval(values).low == pytest.approx(1000.0 / half, rel=0.05)
    assert interval(values).high == pytest.approx(1000.0 * half, rel=0.05)


def test_equal_paradigms_tie_in_every_draw():
    terms = [a_term(3.0, a_factor()), a_term(1.0, a_factor("g"))]
    found = draw({"one": terms, "other": terms[::-1]}, CO2E, FACILITY, 100)
    assert lower(found.of("one"), found.of("other")).value == 0.5


def test_what_is_shared_does_not_blur_a_comparison():
    """5 % less of the same uncertain factor is less in every draw, though the distributions lie on each other."""
    factor = a_factor(low=1.0, high=100.0)
    found = draw({"more": [a_term(1.0, factor)], "less": [a_term(0.95, factor)]}, CO2E, FACILITY, 1000)
    assert interval(found.of("less")).high > interval(found.of("more")).value
    chance = lower(found.of("less"), found.of("more"))
    assert chance.value == 1.0
    assert chance.low == pytest.approx(1000.0 / (1000.0 + 1.96**2), rel=1e-5)


def test_of_two_alike_but_independent_each_is_lower_half_of_the_time():
    found = draw({name: [a_term(1.0, a_factor(name))] for name in ("a", "b")}, CO2E, FACILITY, 4000)
    chance = lower(found.of("a"), found.of("b"))
    assert chance.low < 0.5 < chance.high
    assert chance.high - chance.low == pytest.approx(2 * 1.96 * sqrt(0.25 / 4000), rel=0.01)


@given(st.permutations(range(12)), st.integers(0, 2**32))
def test_order_and_other_names_change_no_bit(order, seed):
    factors = [a_factor(name, low=4.0, high=30.0) for name in "ab"] + [a_factor("c"), exact("d", 3.0)]
    terms = [a_term(0.1 + 0.7 * n, factors[n % 4], factors[(n + 1) % 4]) for n in range(12)]
    other = [terms[n]._replace(workload=f"renamed {n}", factors=terms[n].factors[::-1]) for n in order]
    assert drawn(*terms, count=50, seed=seed).tobytes() == drawn(*other, count=50, seed=seed).tobytes()
    ours, theirs = tornado(terms), tornado(other)
    assert [s.factor.name for s in ours] == [s.factor.name for s in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.impacts == pytest.approx(other.impacts, rel=1e-12)


def test_another_paradigm_beside_it_changes_no_bit():
    terms = [a_term(1.0, a_factor("b")), a_term(2.0, a_factor("d"))]
    others = [a_term(1.0, a_factor(name)) for name in "abc"]
    found = draw({"others": others, "main": terms}, CO2E, FACILITY, 100, 7)
    assert found.of("main").tobytes() == drawn(*terms, count=100).tobytes()


def test_the_first_draws_are_those_of_fewer_and_another_seed_has_others():
    term = a_term(1.0, a_factor())
    assert drawn(term, count=200)[:50].tolist() == drawn(term, count=50).tolist()
    assert not np.allclose(drawn(term, count=50), drawn(term, count=50, seed=8))


def test_a_tornado_moves_one_factor_at_a_time_and_ranks_by_width():
    """10 a + b with a 2 [1, 4] and b 10 [5, 40]: a moves it from 20 to 50, b from 25 to 60."""
    a, b = a_factor("a", 2.0, 1.0, 4.0), a_factor("b", 10.0, 5.0, 40.0)
    swings = tornado([a_term(10.0, a), a_term(1.0, b)])
    assert [swing.factor.name for swing in swings] == ["b", "a"]
    assert [swing.impacts for swing in swings] == [pytest.approx((25.0, 60.0)), pytest.approx((20.0, 50.0))]
    assert [swing.value for swing in swings] == pytest.approx([30.0, 30.0])


def test_a_tornado_of_a_difference_leaves_out_what_both_share():
    shared, own = a_factor("shared", low=1.0, high=50.0), a_factor("own", low=5.0, high=20.0)
    both = [a_term(3.0, shared)]
    (swing,) = tornado([*both, a_term(1.0, own)], both)
    assert swing.factor.name == "own"
    assert swing.impacts == pytest.approx((5.0, 20.0))


def test_a_name_that_was_not_drawn_is_told():
    found = draw({"main": [a_term(1.0, a_factor())]}, CO2E, FACILITY, 10)
    with pytest.raises(UsageError, match="there are those of main"):
        found.of("night")


# accounts of a real result


@pytest.fixture(scope="module")
def result():
    return sim.run("small/queue")


def test_draws_of_an_account_are_around_its_total(result):
    accounts = result.account()
    found = accounts.draws(boundary="facility", count=2001)
    (name,) = found.names
    total = accounts.total(boundary="facility").value
    assert found.at_values.tolist() == pytest.approx([total], rel=1e-12)
    spread = interval(found.of(name))
    assert spread.low <= total <= spread.high


def test_draws_of_each_criterion_are_at_the_widest_boundary_that_is_known(result):
    accounts = result.account()
    for criterion in ("co2e_kg", "energy_j"):
        assert accounts.draws(criterion, count=10).boundary == accounts.total(criterion).boundary


def test_a_boundary_that_is_not_known_is_refused(result):
    with pytest.raises(UsageError, match=r"no such boundary.*life_cycle"):
        result.account().draws(boundary="nowhere")
    with pytest.raises(UsageError, match=r"energy_j of .* at life_cycle.*is not computed"):
        result.account().draws("energy_j", boundary="life_cycle")


def test_methods_are_drawn_beside_each_other_in_one_luck(result):
    """Whose figures of making are taken moves nothing within the facility, where none is counted."""
    methods = [("as run", result.account()), ("boavizta", result.account(factors="boavizta"))]
    (_, one), (_, other) = under(methods, "co2e_kg", "facility", count=100)
    assert one.values.tobytes() == other.values.tobytes()
    (_, one), (_, other) = under(methods, "co2e_kg", None, count=100)
    assert one.boundary == other.boundary == "life_cycle"
    assert one.values.tobytes() != other.values.tobytes()


def test_a_pue_is_drawn_by_what_it_adds(result):
    """PUE - 1 is a factor of the building's terms alone; one that the scenario gave is not drawn."""
    terms = [term for term in result.account().terms if term.criterion == "energy_j"]
    overhead = [term for term in terms if term.activity == "overhead"]
    assert overhead
    for term in terms:
        named = [factor for factor in term.factors if factor.name.endswith(" - 1")]
        assert len(named) == (term.activity == "overhead")
    (factor,) = {factor for term in overhead for factor in term.factors if factor.name.endswith(" - 1")}
    published = factor._replace(low=0.5 * factor.value, high=2.0 * factor.value, confidence="published")
    moved = [t._replace(factors=tuple(published if f == factor else f for f in t.factors)) for t in terms]
    (swing,) = tornado(moved)
    whole = sum(term.amount for term in overhead)
    assert swing.impacts == pytest.approx((swing.value - 0.5 * whole, swing.value + whole))


def test_a_factor_of_each_column_has_a_luck_of_its_own(result):
    """What a card took to make in kilograms and what it costs are two names."""
    ranges = {}
    for term in result.account().terms:
        for factor in (*term.factors, *term.inverse):
            if is_drawn(factor):
                ranges.setdefault(factor.name, set()).add((factor.value, factor.low, factor.high))
    assert {name: found for name, found in ranges.items() if len(found) > 1} == {}


CODE = """
import hashlib
from simulator.footprint.making.factors import Factor
from simulator.footprint.accounting.term import Term
from simulator.footprint.accounting.uncertainty import draw
factors = [Factor(name, 10.0, 4.0, 30.0, "a study", "published") for name in "abcdef"]
terms = [Term(*["x"] * 9, 1.0 + n, "J", (factors[n % 6], factors[n % 5])) for n in range(30)]
values = draw({"main": terms, "half": terms[::2]}, "co2e_kg", "facility", 100, 7).values
print(hashlib.sha256(values.tobytes()).hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed():
    found = set()
    for seed in ("0", "1", "2"):
        env = {"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"}
        ran = subprocess.run([sys.executable, "-c", CODE], env=env, capture_output=True, text=True, check=True)
        found.add(ran.stdout)
    assert len(found) == 1
