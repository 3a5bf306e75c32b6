"""Indices of functions whose indices are known from pen and paper, and what is refused."""

import json
import sys
from math import pi

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.study.sweep.sample import unit_design
from simulator.study.sweep.sensitivity import morris_indices, sensitivity, sobol_indices

XYZ = ("x", "y", "z")
FIRST, TOTAL = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437)
"""Of Ishigami's function with a = 7, b = 0.1: Ishigami & Homma 1990, variances by Sobol' & Levitan 1999.

D = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2, D1 = b pi^4/5 + b^2 pi^8/50 + 1/2, D2 = a^2/8, D13 = 8 b^2 pi^8/225.
"""


def ishigami(unit):
    x, y, z = (pi * (2 * unit - 1)).T
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


def a_table(y, paradigm="central", replicate=0, status="ok", of="energy_j", **columns):
    """A table of a row each; `columns` are factors beside x, y and z."""
    count = len(y)
    base = {
        "point": [f"{paradigm}{replicate}{row}" for row in range(count)],
        "row": pa.array(range(count), pa.int64()),
        "replicate": pa.array([replicate] * count, pa.int64()),
        "status": [status] * count,
        "paradigm": [paradigm] * count,
    }
    factors = {name: [value] * count for name, value in (dict.fromkeys(XYZ, 0.5) | columns).items()}
    return pa.table({**base, of: pa.array(y, pa.float64()), **factors})


def ends(estimate):
    return estimate.low, estimate.high


@pytest.fixture(scope="module")
def design():
    return unit_design("saltelli", XYZ, 64, seed=1)


def test_the_published_shares_are_those_of_the_variances():
    a, b = 7.0, 0.1
    whole = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5
    one, two, both = b * pi**4 / 5 + b**2 * pi**8 / 50 + 0.5, a**2 / 8, 8 * b**2 * pi**8 / 225
    assert [v / whole for v in (one, two, 0.0)] == pytest.approx(FIRST, abs=1e-4)
    assert [v / whole for v in (one + both, two, both)] == pytest.approx(TOTAL, abs=1e-4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_indices_of_ishigamis_function_are_the_published_ones(seed):
    y = ishigami(unit_design("saltelli", XYZ, 2048, seed))
    found = sobol_indices(y, XYZ, seed)
    assert [index.factor for index in found] == list(XYZ)
    for index, first, total in zip(found, FIRST, TOTAL, strict=True):
        for estimate, published in ((index.first, first), (index.total, total)):
            assert estimate.value == pytest.approx(published, abs=0.03)
            assert estimate.low <= published <= estimate.high


def test_of_a_sum_every_share_is_the_square_of_its_coefficient():
    """Var(2x + y) = (4 + 1) / 12: shares 0.8 and 0.2, and no interaction."""
    unit = unit_design("saltelli", ("x", "y"), 1024, 3)
    found = sobol_indices(2 * unit[:, 0] + unit[:, 1], ("x", "y"), 3)
    assert [index.first.value for index in found] == pytest.approx([0.8, 0.2], abs=0.01)
    assert [index.total.value for index in found] == pytest.approx([0.8, 0.2], abs=0.01)


@pytest.mark.parametrize("levels", [2, 4, 6])
def test_of_a_linear_function_mu_star_is_the_coefficient_and_sigma_nothing(levels):
    """3x - 5y + 0z: every elementary effect is the coefficient."""
    unit = unit_design("morris", XYZ, 10, 1, levels)
    found = morris_indices(unit, 3 * unit[:, 0] - 5 * unit[:, 1], XYZ, levels, 1)
    assert [effect.mu for effect in found] == pytest.approx([3.0, -5.0, 0.0])
    assert [effect.mu_star.value for effect in found] == pytest.approx([3.0, 5.0, 0.0])
    assert [effect.sigma for effect in found] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    assert [ends(effect.mu_star) for effect in found] == [pytest.approx((v, v)) for v in (3.0, 5.0, 0.0)]


def test_of_a_product_the_effect_is_the_other_factor():
    """y = x1 x2, levels 2: effects of x1 are 0 or 1, as often as x2 is; mean and spread from these."""
    unit = unit_design("morris", ("x", "y"), 50, 2, levels=2)
    found = morris_indices(unit, unit[:, 0] * unit[:, 1], ("x", "y"), 2, 1)
    blocks = unit.reshape(50, 3, 2)
    moved = np.argmax(np.abs(np.diff(blocks, axis=1)), axis=2)
    others = [blocks[k, int(np.argmax(moved[k] == 0)), 1] for k in range(50)]
    assert found[0].mu == pytest.approx(np.mean(others))
    assert found[0].sigma == pytest.approx(np.std(others, ddof=1))


def test_neither_index_touches_the_global_luck():
    np.random.seed(5)  # noqa: NPY002 - what must not be touched
    before = np.random.get_state()  # noqa: NPY002
    unit = unit_design("morris", XYZ, 4, 0)
    morris_indices(unit, ishigami(unit), XYZ, 4, 0)
    sobol_indices(ishigami(unit_design("saltelli", XYZ, 4, 0)), XYZ, 0)
    assert (before[1] == np.random.get_state()[1]).all()  # noqa: NPY002
    assert before[2:] == np.random.get_state()[2:]  # noqa: NPY002


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(80)))
def test_the_order_of_the_table_is_of_no_consequence(order):
    unit = unit_design("saltelli", XYZ, 8, 1)
    tables = [a_table(ishigami(unit), way) for way in ("central", "federated")]
    whole = pa.concat_tables(tables)
    expected = sensitivity(whole, "saltelli", XYZ, unit, "energy_j")
    assert sensitivity(whole.take(list(order)), "saltelli", XYZ, unit, "energy_j") == expected
    assert expected.groups[0].indices == sobol_indices(ishigami(unit), XYZ, 0)


def test_each_paradigm_and_each_value_of_a_gridded_factor_is_a_group_of_its_own(design):
    tables = [a_table(design[:, k], "b", country=country) for k, country in ((1, "PL"), (2, "FR"))]
    found = sensitivity(pa.concat_tables(tables), "saltelli", XYZ, design, "energy_j", by=("paradigm", "country"))
    assert [group.by for group in found.groups] == [
        {"paradigm": "b", "country": "FR"},
        {"paradigm": "b", "country": "PL"},
    ]
    firsts = [[index.first.value for index in group.indices] for group in found.groups]
    assert firsts == [pytest.approx([0, 0, 1], abs=0.1), pytest.approx([0, 1, 0], abs=0.1)]


def test_repeats_of_a_row_are_averaged(design):
    """y + 1 and y - 1 are y on average, and a mean has the same shares."""
    y = ishigami(design)
    both = pa.concat_tables([a_table(y + 1.0, replicate=0), a_table(y - 1.0, replicate=1)])
    found = sensitivity(both, "saltelli", XYZ, design, "energy_j")
    alone = sensitivity(a_table(y), "saltelli", XYZ, design, "energy_j")
    assert (found.repeats, alone.repeats) == (2, 1)
    for one, other in zip(found.groups[0].indices, alone.groups[0].indices, strict=True):
        assert one.first == pytest.approx(other.first)


def lost(table, rows, status="failed"):
    """The table with other endings of some rows, which have no paradigm and no measure then."""
    records = table.to_pylist()
    for row in rows:
        records[row] |= {"status": status, "paradigm": None, "energy_j": None}
    return pa.Table.from_pylist(records, schema=table.schema)


REMEDY = "every row is needed; run what is missing with `aiceberg sweep run`"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.slice(2), "2 of 320 rows of the design are missing or did not end well: 0 (missing), 1 (missing)"),
        (lambda t: lost(t, [7]), "1 of 320 rows of the design are missing or did not end well: 7 (failed); " + REMEDY),
        (lambda t: lost(t, range(9), "timeout"), "9 of 320 rows"),
        (lambda t: lost(t, range(9), "timeout"), "4 (timeout), ...; " + REMEDY),
        (lambda t: lost(t, range(320)), "none of the rows ended well; run what is missing"),
        (lambda t: pa.concat_tables([t, t.set_column(2, "replicate", [[1] * 320]).slice(1)]), "0 (missing)"),
        (lambda t: pa.concat_tables([t, t]), "row 0 is there more than once; something else varies"),
        (lambda t: pa.concat_tables([t, t.set_column(1, "row", [[320] * 320])]), "row 320, the design 320 rows"),
        (lambda t: t.set_column(1, "row", pa.nulls(320, pa.int64())), "the table has row None"),
        (
            lambda t: t.set_column(5, "energy_j", pa.array([1.0] * 319 + [None], pa.float64())),
            "has no value in 1 of 320 rows, such as row 319; choose a measure",
        ),
        (lambda t: t.rename_columns({"energy_j": "facility_energy_j"}), "did you mean `facility_energy_j`?"),
        (lambda t: t.drop_columns(["paradigm"]), "no column 'paradigm'"),
    ],
)
def test_a_gap_is_refused_with_what_to_do(change, sentence, design):
    with pytest.raises(UsageError) as caught:
        sensitivity(change(a_table(ishigami(design))), "saltelli", XYZ, design, "energy_j")
    assert sentence in str(caught.value)


@pytest.mark.parametrize("method", ["lhs", "sobol", "halton", "grid"])
def test_rows_that_are_not_paired_are_refused_with_the_methods_that_pair_them(method, design):
    with pytest.raises(
        UsageError, match=r"rows by '\w+' are no design that pairs them; sample again with `method: salt"
    ):
        sensitivity(a_table(ishigami(design)), method, XYZ, design, "energy_j")


def test_a_design_with_rows_left_out_is_refused(design):
    with pytest.raises(UsageError, match="319 rows, which are no whole blocks of 5; give the whole design; no row of"):
        sensitivity(a_table(ishigami(design)), "saltelli", XYZ, design[1:], "energy_j")


def test_a_combination_of_which_nothing_ended_well_is_not_passed_over(design):
    tables = [a_table(ishigami(design), country=country) for country in ("FR", "PL")]
    table = lost(pa.concat_tables(tables), range(320, 640))
    with pytest.raises(UsageError, match="none of the rows at country PL ended well; run what is missing"):
        sensitivity(table, "saltelli", XYZ, design, "energy_j", by=("paradigm", "country"))


def test_a_table_of_one_paradigm_need_not_be_split(design):
    table = a_table(ishigami(design))
    (group,) = sensitivity(table, "saltelli", XYZ, design, "energy_j", by=()).groups
    assert group.by == {}
    assert group.indices == sensitivity(table, "saltelli", XYZ, design, "energy_j").groups[0].indices


@pytest.mark.parametrize("method", ["saltelli", "morris"])
def test_a_single_block_says_nothing_of_its_error(method):
    unit = unit_design(method, XYZ, 1, 1)
    with pytest.raises(UsageError, match="of n 1: says nothing of its own error; draw again with a larger n"):
        sensitivity(a_table(ishigami(unit)), method, XYZ, unit, "energy_j")


def test_rows_that_fell_on_one_point_may_stand_in_the_table_once():
    """Ten trajectories on the four corners of a square: each corner is run once."""
    unit = unit_design("morris", ("x", "y"), 10, 1, levels=2)
    whole = a_table(unit[:, 0] + 2 * unit[:, 1])
    _, once = np.unique(unit, axis=0, return_index=True)
    few = sensitivity(whole.take(once), "morris", ("x", "y"), unit, "energy_j", levels=2)
    assert len(once) == 4
    assert few == sensitivity(whole, "morris", ("x", "y"), unit, "energy_j", levels=2)


@pytest.mark.parametrize("method", ["saltelli", "morris"])
@pytest.mark.parametrize("value", [0.0, 3.6e9])
def test_what_does_not_vary_has_a_sentence_and_no_index(method, value):
    unit = unit_design(method, XYZ, 4, 1)
    noise = np.resize([1.0, 1.0 + 1e-15], len(unit))
    (group,) = sensitivity(a_table(value * noise), method, XYZ, unit, "energy_j").groups
    assert group.indices == []
    assert group.constant.startswith(f"energy_j is {value:.6g} ")
    assert "hangs on none of the factors" in group.constant


def test_too_small_a_sample_is_told():
    """Four base points of a function with large interactions."""
    unit = unit_design("saltelli", XYZ, 4, 1)
    (group,) = sensitivity(a_table(ishigami(unit)), "saltelli", XYZ, unit, "energy_j").groups
    assert any("is the interval of S1 of x" in line and "raise n" in line for line in group.warnings)


def test_a_large_sample_of_a_function_without_noise_needs_no_warning():
    unit = unit_design("saltelli", XYZ, 1024, 1)
    (group,) = sensitivity(a_table(unit[:, 0]), "saltelli", XYZ, unit, "energy_j").groups
    assert group.warnings == []


def test_shares_that_sum_to_more_than_one_are_told():
    """Of y = x of a design of two base points, the shares are luck: some seed has a sum far above 1."""
    found = []
    for seed in range(20):
        unit = unit_design("saltelli", ("x",), 2, seed)
        (group,) = sensitivity(a_table(unit[:, 0]), "saltelli", ("x",), unit, "energy_j").groups
        above = group.indices[0].first.value > 1.05
        assert any("above the 1 that they can be" in line for line in group.warnings) == above
        found.append(above)
    assert set(found) == {True, False}


@pytest.mark.parametrize("method", ["saltelli", "morris"])
def test_an_answer_is_plain_data(method):
    unit = unit_design(method, XYZ, 4, 1)
    found = sensitivity(a_table(ishigami(unit)), method, XYZ, unit, "energy_j").as_json()
    assert json.loads(json.dumps(found)) == found
    keys = {"factor", "S1", "ST"} if method == "saltelli" else {"factor", "mu", "mu_star", "sigma"}
    assert set(found["groups"][0]["indices"][0]) == keys


@pytest.mark.parametrize("method", ["saltelli", "morris"])
def test_where_salib_is_missing_the_command_that_installs_it_is_told(method, monkeypatch):
    unit = unit_design(method, XYZ, 4, 1)
    for name in ("SALib", "SALib.analyze.morris", "SALib.analyze.sobol"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=r"pip install 'aiceberg\[sensitivity\]'"):
        sensitivity(a_table(ishigami(unit)), method, XYZ, unit, "energy_j")
