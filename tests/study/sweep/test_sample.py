"""Designs fill the unit cube as their methods say, by seed alone, and leave NumPy's luck as it was."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.study.sweep import sample
from simulator.study.sweep.sample import row_count, unit_design
from simulator.study.sweep.scale import Ends, parse_range

METHODS = ("lhs", "sobol", "halton", "morris", "saltelli")
NAMES = [f"factor {number}" for number in range(12)]
SEEDS = st.integers(0, 2**63)


@st.composite
def designs(draw, *methods):
    """Arguments of `unit_design`."""
    method = draw(st.sampled_from(methods or METHODS))
    n = 2 ** draw(st.integers(0, 5)) if method in ("sobol", "saltelli") else draw(st.integers(1, 20))
    return method, NAMES[: draw(st.integers(1, 12))], n, draw(SEEDS), 2 * draw(st.integers(1, 4))


@settings(deadline=None)  # the first example imports SciPy
@given(designs())
def test_a_design_is_in_the_unit_cube_and_has_the_rows_that_were_counted(asked):
    method, factors, n, _, _ = asked
    unit = unit_design(*asked)
    assert unit.shape == (row_count(method, n, factors), len(factors))
    assert unit.dtype == np.float64
    assert ((unit >= 0.0) & (unit <= 1.0)).all()


@settings(deadline=None)
@given(designs(), SEEDS)
def test_a_seed_gives_the_same_bytes_and_leaves_the_global_luck_alone(asked, other):
    np.random.seed(5)  # noqa: NPY002 - what must not be touched
    before = np.random.get_state()  # noqa: NPY002
    unit = unit_design(*asked)
    after = np.random.get_state()  # noqa: NPY002
    assert (before[1] == after[1]).all()
    assert before[2:] == after[2:]
    np.random.seed(6)  # noqa: NPY002
    assert unit_design(*asked).tobytes() == unit.tobytes()


@pytest.mark.parametrize("method", METHODS)
def test_another_seed_gives_another_design(method):
    first, second = (unit_design(method, NAMES[:3], 16, seed) for seed in (0, 1))
    assert (first != second).any()


def test_the_bytes_do_not_depend_on_the_hash_seed():
    code = "import hashlib; from simulator.study.sweep.sample import unit_design as u; " + (
        f"print([hashlib.sha256(u(m, ['a', 'b'], 4, 3).tobytes()).hexdigest() for m in {METHODS}])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(found) == 1


@settings(deadline=None)
@given(designs("lhs"))
def test_a_latin_hypercube_has_one_row_in_each_stratum_of_each_factor(asked):
    strata = np.sort(np.floor(unit_design(*asked) * asked[2]), axis=0)
    assert (strata == np.arange(asked[2])[:, None]).all()


@settings(deadline=None)
@given(designs("sobol"))
def test_a_scrambled_sobol_sequence_of_a_power_of_two_has_one_row_in_each_stratum_too(asked):
    strata = np.sort(np.floor(unit_design(*asked) * asked[2]), axis=0)
    assert (strata == np.arange(asked[2])[:, None]).all()


@settings(deadline=None)
@given(designs("morris"))
def test_each_step_of_a_trajectory_moves_one_factor_by_delta_and_each_factor_moves_once(asked):
    _, factors, n, _, levels = asked
    unit = unit_design(*asked)
    assert set(unit.ravel()) <= {step / (levels - 1) for step in range(levels)}
    steps = np.abs(np.diff(unit.reshape(n, len(factors) + 1, len(factors)), axis=1))
    delta = levels / (2 * (levels - 1))
    assert steps.max(axis=2) == pytest.approx(delta)
    assert steps.sum(axis=2) == pytest.approx(delta)
    assert steps.sum(axis=1) == pytest.approx(delta)


@settings(deadline=None)
@given(designs("saltelli"))
def test_a_saltelli_block_is_a_then_a_with_one_column_of_b_then_b(asked):
    _, factors, n, _, _ = asked
    blocks = unit_design(*asked).reshape(n, len(factors) + 2, len(factors))
    a, b = blocks[:, 0], blocks[:, -1]
    for number in range(len(factors)):
        mixed = a.copy()
        mixed[:, number] = b[:, number]
        assert (blocks[:, number + 1] == mixed).all()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("sobol", ["a"], 100, 1), "n 100: sobol balances powers of two only; give 64 or 128"),
        (("saltelli", ["a"], 3, 1), "give 2 or 4"),
        (("sobl", ["a"], 4, 1), "method 'sobl': there is no such design; did you mean `sobol`?"),
        (("lhs", ["a"], 0, 1), "n 0: is no number of rows"),
        (("lhs", [], 4, 1), "has no factor"),
        (("morris", ["a"], 4, 1, 5), "levels 5: morris needs an even number of them"),
    ],
)
def test_what_no_design_can_have_is_refused_with_what_to_do(asked, sentence):
    with pytest.raises(UsageError) as caught:
        unit_design(*asked)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("method", ["morris", "saltelli"])
def test_where_salib_is_missing_the_command_that_installs_it_is_told(method, monkeypatch):
    for name in ("SALib", "SALib.sample.morris", "SALib.sample.sobol"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"needs SALib.*pip install 'aiceberg\[sensitivity\]'"):
        unit_design(method, ["a"], 4, 1)


def test_a_seed_for_others_is_never_0_which_salib_takes_for_none():
    assert all(sample.key(seed, "sweep morris") > 0 for seed in range(100))


ENDS = st.tuples(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)).map(sorted).filter(lambda ends: ends[0] < ends[1])


@given(st.floats(0, 1), ENDS, st.sampled_from(["linear", "log"]))
def test_a_value_is_between_its_ends_and_the_ends_are_its_own(share, ends, scale):
    found = Ends(*ends, "", scale, False)
    assert ends[0] <= found.at(share) <= ends[1]
    assert [found.at(0.0), found.at(1.0)] == pytest.approx(ends, rel=1e-11)


def test_half_the_way_is_the_mean_or_the_geometric_mean():
    assert Ends(1.0, 100.0, "", "linear", False).at(0.5) == 50.5
    assert Ends(1.0, 100.0, "", "log", False).at(0.5) == 10.0


def test_whole_numbers_are_equally_likely_and_both_ends_are_among_them():
    """100 middles of equal strata over 2, 3, 4, 5: 25 each."""
    found = Ends(2.0, 5.0, "", "linear", True)
    values = [found.at((k + 0.5) / 100) for k in range(100)]
    assert {value: values.count(value) for value in values} == dict.fromkeys((2.0, 3.0, 4.0, 5.0), 25)
    assert [found.at(0.0), found.at(1.0)] == [2.0, 5.0]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (([0, 1], "log", False), "a log scale needs ends above 0"),
        (([2, 1], "linear", False), "write the lower end first"),
        (([1, 2.5], "linear", True), "whole numbers have whole ends"),
        (([1, 8], "log", True), "whole numbers are drawn on a linear scale"),
        ((["1 h", "30 min"], "linear", False), "one end is in h, the other in min"),
        (([1], "linear", False), "expected two numbers or quantities"),
        (([True, 2], "linear", False), "expected two numbers or quantities"),
    ],
)
def test_ends_that_span_nothing_are_refused(asked, sentence):
    assert sentence in parse_range(*asked)


def test_a_quantity_is_said_in_the_unit_of_its_ends():
    found = parse_range(["1 Gbps", "100 Gbps"], "log", False)
    assert found.said(found.at(0.5)) == "10 Gbps"
    assert parse_range([2, 5], "linear", True).said(3.0) == 3
