"""Paradigms over repeats: intervals by pen and paper, what is refused, what is told, and what must not matter."""

import json
import subprocess
import sys
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.rng import Streams
from simulator.errors import UsageError
from simulator.study.intervals import lower_of, mean_of, ratio_of
from simulator.study.repeats import Repeat, compare_repeats

T_2, T_1 = 4.302653, 12.706205
"""Student's 97.5 % quantiles for 2 degrees of freedom and for 1, from a printed table."""

Z_SQUARED = 3.841459
"""The 95 % quantile of chi squared for 1 degree of freedom: Wilson's z squared."""

KWH_J = 3.6e6


def a_way(energy_j, owned_j=None, server_j=None, done_s=60.0, duration_s=60.0):
    """A paradigm that drew so much at the facility; a tenth of a millionth of it in kg CO2e."""

    def ladder(facility_j):
        found = {"server": energy_j if server_j is None else server_j, "facility": facility_j}
        return {boundary: {"energy_j": j, "co2e_kg": j * 1e-7} for boundary, j in found.items()}

    boundaries, owned = ladder(energy_j), ladder(energy_j if owned_j is None else owned_j)
    return {"duration_s": duration_s, "done_s": done_s, "boundaries": boundaries, "owned": owned}


def repeats_of(*pairs, names=("day", "night")):
    """One repeat a pair, of the energies of the first paradigm and the second."""
    ways = [{name: a_way(energy_j) for name, energy_j in zip(names, pair, strict=True)} for pair in pairs]
    return [Repeat(seed, found) for seed, found in enumerate(ways, start=1)]


def compared(repeats, comparison=None, shows=None):
    return compare_repeats("sleep", repeats, comparison, shows)


def line_of(found, paradigm="night", boundary="facility", quantity="energy_j"):
    (line,) = (line for line in found.table if line[:3] == (boundary, paradigm, quantity))
    return line


THREE = ((10.0, 6.0), (12.0, 7.0), (14.0, 8.0))
"""Means 12 and 7; differences -4, -5 and -6, whose standard deviation is 1."""


def test_three_pairs_by_pen_and_paper():
    line = line_of(compared(repeats_of(*THREE)))
    half = T_2 / sqrt(3)
    assert (line.finished, line.pairs) == (3, 3)
    assert line.mean == pytest.approx((7.0, 7.0 - half, 7.0 + half), rel=1e-6)
    assert line.difference == pytest.approx((-5.0, -5.0 - half, -5.0 + half), rel=1e-6)
    assert line.lower == pytest.approx((1.0, 1 / (1 + Z_SQUARED / 3), 1.0), rel=1e-6)
    assert line.spread == {"min": 6.0, "max": 8.0}


def test_the_ratio_lies_between_the_roots_of_fieller():
    """(7 - 12 q)^2 = t^2 / 3 (1 - 4 q + 4 q^2): variances 1 and 4, covariance 2, over three pairs."""
    ratio = line_of(compared(repeats_of(*THREE))).ratio
    k = T_2**2 / 3
    a, b, c = 144 - 4 * k, 84 - 2 * k, 49 - k
    root = sqrt(b**2 - a * c)
    assert ratio == pytest.approx((7 / 12, (b - root) / a, (b + root) / a), rel=1e-6)


def test_a_tie_is_half_a_pair_and_wilson_is_about_it():
    """Lower in one of four, equal in one, higher in two: 1.5 of 4."""
    line = line_of(compared(repeats_of((2.0, 1.0), (2.0, 2.0), (2.0, 3.0), (2.0, 4.0))))
    share, n = 1.5 / 4, 4
    centre = (share + Z_SQUARED / (2 * n)) / (1 + Z_SQUARED / n)
    half = sqrt(Z_SQUARED * (share * (1 - share) / n + Z_SQUARED / (4 * n**2))) / (1 + Z_SQUARED / n)
    assert line.lower == pytest.approx((share, centre - half, centre + half), rel=1e-6)


def test_what_differs_by_rounding_only_is_a_tie():
    found = compared(repeats_of((3.0, 3.0 + 1e-12), (4.0, 4.0 + 1e-12)))
    assert line_of(found).lower.value == 0.5
    assert "day and night are equal, 3.5 J on the mean of 2 pairs" in found.verdicts[0]


def test_two_pairs_have_the_quantile_of_one_degree_of_freedom():
    mean = line_of(compared(repeats_of((1.0, 3.0), (1.0, 5.0)))).mean
    assert mean == pytest.approx((4.0, 4.0 - T_1, 4.0 + T_1), rel=1e-6)


def test_the_first_has_nothing_beside_it():
    line = line_of(compared(repeats_of(*THREE)), "day")
    assert line.mean.value == 12.0
    assert (line.pairs, line.difference, line.ratio, line.lower) == (0, None, None, None)


def test_twenty_repeats_tell_quantiles_and_nineteen_their_ends():
    """Of 0 to 20 J in steps of one, P5 is 1 and P95 is 19."""
    pairs = [(float(n), 5.0) for n in range(21)]
    assert line_of(compared(repeats_of(*pairs)), "day").spread == {"P5": 1.0, "P50": 10.0, "P95": 19.0}
    assert set(line_of(compared(repeats_of(*pairs[:20])), "day").spread) == {"P5", "P50", "P95"}
    assert line_of(compared(repeats_of(*pairs[:19])), "day").spread == {"min": 0.0, "max": 18.0}


def test_figures_are_per_functional_unit():
    found = compared(repeats_of(*THREE), {"functional_unit": "one night", "units": 4.0, "shows": "owned"})
    assert (found.functional_unit, found.shows, found.name) == ("one night", "owned", "sleep")
    line = line_of(found)
    assert (line.mean.value, line.difference.value, line.ratio.value) == pytest.approx((1.75, -1.25, 7 / 12))
    assert line_of(found, quantity="co2e_kg").mean.value == pytest.approx(1.75e-7)
    assert compared(repeats_of(*THREE), {"shows": "owned"}, shows="reserved").shows == "reserved"


def test_a_first_of_nothing_has_no_ratio_and_one_near_it_no_interval():
    assert line_of(compared(repeats_of((0.0, 1.0), (0.0, 2.0)))).ratio is None
    assert line_of(compared(repeats_of((1.0, 1.0), (3.0, 2.0)))).ratio == (0.75, None, None)


def test_the_verdict_says_which_by_how_much_and_how_surely():
    found = compared(repeats_of(*THREE))
    assert found.verdicts[0] == (
        "energy at facility (reserved): night is lower than day by 5 J (95 %: 2.516 J to 7.484 J), "
        "P(night < day) = 1 (0.44 to 1) of 3 pairs; no boundary and no total turns the order of the means round"
    )
    assert found.verdicts[1].startswith("CO2e at facility (reserved): night is lower than day by 0.5 mg")
    assert not found.flips


def test_an_interval_that_holds_0_says_that_they_are_not_told_apart():
    """Differences 1, -1 and -3: the mean is -1, the interval 2 t / sqrt 3 either way."""
    found = compared(repeats_of((10.0, 11.0), (11.0, 10.0), (12.0, 9.0)))
    assert "night is lower than day by 1 J (95 %: -3.968 J to 5.968 J)" in found.verdicts[0]
    assert "; the interval holds 0: these repeats do not tell them apart; no boundary" in found.verdicts[0]


def flipping(owned):
    """Night is lower of what was reserved, and of what is owned it draws so much more than day's 20 J."""
    ways = [{"day": a_way(d, owned_j=20.0), "night": a_way(n, owned_j=20.0 + o)} for (d, n), o in owned]
    return [Repeat(seed, found) for seed, found in enumerate(ways)]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ((5.0, 5.0, 6.0), "the order FLIPS: day is lower at facility (owned), for certain: no interval there holds 0"),
        ((9.0, -1.0, 1.0), "the order FLIPS: day is lower at facility (owned), nowhere for certain"),
    ],
)
def test_an_order_that_the_other_total_turns_round_says_how_surely(more, sentence):
    found = compared(flipping(zip(THREE, more, strict=True)))
    assert found.flips
    assert found.verdicts[0].endswith(sentence)


def test_of_several_places_the_certain_ones_are_told():
    """At the server day is lower by 1, 1 and 2; of what is owned at the facility by 9, -1 and 1."""
    repeats = flipping(zip(THREE, (9.0, -1.0, 1.0), strict=True))
    for repeat, more in zip(repeats, (1.0, 1.0, 2.0), strict=True):
        for name, found in repeat.paradigms.items():
            for total in ("boundaries", "owned"):
                energy_j = 3.0 + (more if name == "night" else 0.0)
                found[total]["server"] = {"energy_j": energy_j, "co2e_kg": energy_j}
    verdict = compared(repeats).verdicts[1]
    assert "FLIPS: day is lower at server (reserved) and at server, facility (owned), nowhere for certain" in verdict
    for repeat, more in zip(repeats, (1.0, 1.0, 1.25), strict=True):
        for total in ("boundaries", "owned"):
            repeat.paradigms["night"][total]["server"] = {"energy_j": 3.0 + more, "co2e_kg": 3.0 + more}
    end = ", for certain at server (reserved) and at server (owned); elsewhere the interval holds 0"
    assert compared(repeats).verdicts[0].endswith(end)


def test_a_repeat_that_one_did_not_finish_counts_neither_for_it_nor_for_its_pairs():
    """Night's second is left out: its mean is of 6 and 8, day's still of all three, the pairs are two."""
    repeats = repeats_of(*THREE)
    repeats[1].paradigms["night"]["done_s"] = None
    found = compared(repeats)
    day, night = line_of(found, "day"), line_of(found)
    assert (day.finished, day.mean.value, night.finished, night.pairs) == (3, 12.0, 2, 2)
    assert (night.mean.value, night.difference.value, night.ratio.value) == pytest.approx((7.0, -5.0, 7 / 12))
    assert found.warnings == [
        "night did not finish in 1 of 3 repeats (seed 2): its figures and its pairs are of the others"
    ]


def test_pairs_of_those_that_finished_decide_and_not_means_of_other_repeats():
    """Day finishes the cheap ones only: its mean is lower, and night is lower in each repeat of both."""
    repeats = repeats_of((2.0, 1.0), (2.5, 1.5), (30.0, 20.0))
    repeats[2].paradigms["day"]["done_s"] = None
    found = compared(repeats)
    assert line_of(found, "day").mean.value < line_of(found).mean.value
    assert "night is lower than day by 1 J (95 %: 1 J to 1 J)" in found.verdicts[0]


def test_one_pair_has_no_interval_and_none_says_nothing():
    repeats = repeats_of((2.0, 1.0), (3.0, 1.0))
    repeats[0].paradigms["night"]["done_s"] = None
    found = compared(repeats)
    assert line_of(found).difference == (-2.0, None, None)
    assert "by 2 J, P(night < day) = 1 (0.21 to 1) of 1 pair; one pair has no interval" in found.verdicts[0]
    repeats[1].paradigms["day"]["done_s"] = None
    found = compared(repeats)
    assert line_of(found).pairs == 0
    assert "nothing is said of night beside day, for no repeat has both finished" in found.verdicts[0]
    repeats[1].paradigms["night"]["done_s"] = None
    found = compared(repeats)
    assert found.verdicts[0] == "energy: none is lower, for night finished in no repeat"
    assert line_of(found)[3:] == (0, None, None, 0, None, None, None)


def test_a_boundary_that_one_lacks_is_not_compared_and_one_that_some_repeats_lack_is_told():
    repeats = repeats_of(*THREE)
    del repeats[0].paradigms["night"]["boundaries"]["facility"]
    found = compared(repeats)
    assert line_of(found)[3:] == (3, None, None, 0, None, None, None)
    assert found.verdicts[0].startswith("energy at server (reserved): night is lower")
    assert found.warnings == ["night, facility: computed in 2 of 3 repeats only, so that it is compared in none"]
    for repeat in repeats:
        repeat.paradigms["day"]["boundaries"].clear()
    assert compared(repeats).verdicts[0] == "energy: no boundary is computed for all of them, so none is lower"


def test_windows_that_differ_among_repeats_are_told():
    repeats = [
        Repeat(seed, {name: a_way(seed + 1.0, duration_s=60.0 * seed) for name in ("day", "night")}) for seed in (2, 4)
    ]
    found = compared(repeats)
    assert found.windows_s == [120.0, 240.0]
    assert "the windows differ among repeats, 2 min to 4 min, for no horizon ends them" in found.warnings[0]


def test_repeats_that_are_one_and_the_same_are_told():
    found = compared(repeats_of((0.1, 0.3), (0.1, 0.3), (0.1, 0.3)))
    assert "nothing in it is drawn by seed: the repeats are one and the same" in found.warnings[0]
    assert line_of(found, "day").mean == (0.1, 0.1, 0.1)
    assert compared(repeats_of((0.1, 0.3), (0.1, 0.3), (0.1, 0.4))).warnings == []


@pytest.mark.parametrize(
    ("repeats", "sentence"),
    [
        ([], "there are 0 repeats, too few for an interval"),
        (repeats_of((1.0, 2.0)), "there is 1 repeat, too few for an interval; run it with two seeds or more"),
        ([repeats_of((1.0, 2.0))[0]] * 2, "seed 1 is there more than once; give each repeat a seed of its own"),
        (repeats_of((1.0,), (2.0,), names=("day",)), "there is nothing beside day; give repeats of all paradigms"),
        (
            [*repeats_of((1.0, 2.0)), Repeat(7, {"day": a_way(1.0)})],
            "the paradigms differ (day, night of one, day of another)",
        ),
        (
            [*repeats_of((1.0, 2.0)), Repeat(7, {"day": a_way(1.0), "night": a_way(1.0, duration_s=90.0)})],
            "the windows of its paradigms differ (seed 7)",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_to_do(repeats, sentence):
    with pytest.raises(UsageError) as caught:
        compared(repeats)
    assert str(caught.value).startswith("compare repeats of sleep: ")
    assert sentence in str(caught.value)


def test_a_total_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="there is reserved, owned"):
        compared(repeats_of(*THREE), shows="all")


def test_two_that_are_not_the_first_are_told_only_where_their_order_flips():
    repeats = repeats_of((1.0, 5.0, 9.0), (1.0, 6.0, 8.0), names=("day", "dusk", "night"))
    assert len(compared(repeats).verdicts) == 4
    for repeat in repeats:
        repeat.paradigms["dusk"]["owned"]["facility"] = {"energy_j": 30.0, "co2e_kg": 30.0}
    found = compared(repeats)
    assert found.flips
    assert len(found.verdicts) == 6
    assert "dusk is lower than night by 3 J" in found.verdicts[2]
    assert "the order FLIPS: night is lower at facility (owned)" in found.verdicts[2]


def test_what_a_program_reads_is_plain_and_the_same_each_time():
    first, again = (json.dumps(compared(repeats_of(*THREE)).as_json(), allow_nan=False) for _ in range(2))
    assert first == again
    line = json.loads(first)["table"][6]
    assert (line["paradigm"], line["difference"]["value"], line["spread"]) == ("night", -5.0, {"min": 6.0, "max": 8.0})


def test_importing_it_imports_nothing_heavy():
    code = "import sys, simulator.study.repeats; print({'numpy', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


energies = st.floats(1.0, 1e9)
some_pairs = st.lists(st.tuples(energies, energies), min_size=2, max_size=8)
whole = st.integers(1, 10**6).map(float)


def turned_over(estimate):
    """An estimate of minus that."""
    return -estimate.value, -estimate.high, -estimate.low


@given(some_pairs)
def test_swapping_the_paradigms_turns_differences_over_and_chances_round(pairs):
    there = line_of(compared(repeats_of(*pairs)))
    back = line_of(compared(repeats_of(*[pair[::-1] for pair in pairs], names=("night", "day"))), "day")
    assert back.difference == pytest.approx(turned_over(there.difference), rel=1e-9, abs=1e-3)
    share, low, high = there.lower
    assert back.lower == pytest.approx((1 - share, 1 - high, 1 - low), abs=1e-12)
    assert back.ratio.value == pytest.approx(1 / there.ratio.value)


@given(st.lists(st.tuples(st.floats(90.0, 110.0), st.floats(90.0, 110.0)), min_size=4, max_size=8))
def test_the_ratio_the_other_way_round_has_the_inverse_interval(pairs):
    ratio, back = ratio_of(pairs), ratio_of([pair[::-1] for pair in pairs])
    if ratio.low is not None and ratio.low > 0 and back.low is not None:
        assert back == pytest.approx((1 / ratio.value, 1 / ratio.high, 1 / ratio.low), rel=1e-6)


@given(some_pairs)
def test_the_ratio_holds_1_where_the_difference_holds_0(pairs):
    difference, ratio = mean_of([a - b for a, b in pairs]), ratio_of(pairs)
    near = min(abs(difference.low), abs(difference.high)) < 1e-6 * max(abs(end) for end in difference)
    if ratio.low is not None and not near:
        assert ratio.excludes(1.0) == difference.excludes(0.0)


@given(st.data(), some_pairs)
def test_the_order_of_the_repeats_changes_nothing(data, pairs):
    repeats = repeats_of(*pairs)
    assert compared(data.draw(st.permutations(repeats))) == compared(repeats)


@given(some_pairs, st.integers(-8, 8))
def test_more_joules_in_all_of_them_scale_means_and_differences_and_leave_ratio_and_chance(pairs, power):
    k = 2.0**power
    one = line_of(compared(repeats_of(*pairs)))
    more = line_of(compared(repeats_of(*[(k * a, k * b) for a, b in pairs])))
    assert more.mean == tuple(k * value for value in one.mean)
    assert more.difference == tuple(k * value for value in one.difference)
    assert (more.ratio, more.lower) == (one.ratio, one.lower)


@given(st.lists(st.tuples(whole, whole), min_size=2, max_size=8), whole)
def test_what_both_draw_besides_leaves_their_differences(pairs, more):
    one = line_of(compared(repeats_of(*pairs)))
    also = line_of(compared(repeats_of(*[(a + more, b + more) for a, b in pairs])))
    assert also.difference == pytest.approx(one.difference, rel=1e-12)
    assert also.lower == one.lower


@given(some_pairs)
def test_chances_are_shares_within_their_interval(pairs):
    share, low, high = lower_of(pairs)
    assert 0.0 <= low <= share <= high <= 1.0


@pytest.fixture(scope="module")
def many():
    """A thousand comparisons of five repeats: shared luck of 10 J, 1 J of their own, true means 100 and 98."""
    normal = Streams(11).generator("coverage").normal
    found = []
    for shared, own, other in zip(
        normal(0, 10, (1000, 5)), normal(0, 1, (1000, 5)), normal(0, 1, (1000, 5)), strict=True
    ):
        pairs = zip((100 + shared + own).tolist(), (98 + shared + other).tolist(), strict=True)
        found.append(line_of(compared(repeats_of(*pairs))))
    return found


@pytest.mark.unmeasured
@pytest.mark.parametrize(("name", "true"), [("mean", 98.0), ("difference", -2.0), ("ratio", 0.98)])
def test_intervals_hold_what_they_are_of_95_times_in_100(many, name, true):
    missed = sum(getattr(line, name).excludes(true) for line in many)
    assert 1 - missed / len(many) == pytest.approx(0.95, abs=0.03)


def test_shared_luck_falls_out_of_the_difference(many):
    """Its interval is of the two of 1 J alone, sqrt 2 over 10, though each paradigm has luck of 10 J."""

    def width(estimate):
        return estimate.high - estimate.low

    narrower = sum(width(line.difference) for line in many) / sum(width(line.mean) for line in many)
    assert narrower == pytest.approx(sqrt(2 / 101), rel=0.05)
