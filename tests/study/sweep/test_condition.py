"""Conditions on factors: what they take for equal and for more, and what they refuse."""

from operator import eq, ge, gt, le, lt, ne

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.study.sweep.condition import compiled, names_in, unknown_names

TWO_HOURS = {"time": "2 h", "n": 3, "share": 0.5, "grid": "NO", "rate": "10 Gbps", "size": None, "flag": True}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("time > '90 min'", True),
        ("time < '90 min'", False),
        ("time >= '120 min'", True),
        ("time <= '119 min'", False),
        ("time <= '120 min'", True),
        ("time < '120 min'", False),
        ("time > '120 min'", False),
        ("n <= 3", True),
        ("'1 h' < time < '3 h'", True),
        ("time == '120 min'", True),
        ("time != '120 min'", False),
        ("time == '120 GB'", False),
        ("rate > '9000 Mbps'", True),
        ("rate > '10'", None),
        ("n > 2 and share < 1", True),
        ("n + share == 3.5", True),
        ("n % 2 == 1", True),
        ("not n > 2", False),
        ("n in [1, 2]", False),
        ("n not in (1, 2)", True),
        ("time in ['120 min']", True),
        ("grid == 'NO'", True),
        ("grid == 'FR' or n == 3", True),
        ("grid == 'no'", False),
        ("'N' in grid", True),
        ("size == 3", False),
        ("flag", True),
        ("share", True),
        ("'' == grid", False),
        ("n == '3'", False),
        ("(1 if n > 2 else 0) == 1", True),
        ("  n == 3  ", True),
    ],
)
def test_a_condition_holds_by_what_values_are_worth(condition, holds):
    if holds is None:
        with pytest.raises(UsageError):
            compiled(condition)(TWO_HOURS)
    else:
        assert compiled(condition)(TWO_HOURS) is holds


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"time": "2 h"}, True),
        ({"time": "120 min"}, True),
        ({"time": "2 GB"}, False),
        ({"n": 3.0}, True),
        ({"n": "3"}, False),
        ({"n": [1, 2]}, False),
        ({"n": [1, 3], "grid": ["FR", "NO"]}, True),
        ({"n": 3, "grid": "FR"}, False),
        ({"n": []}, False),
        ({"size": None}, True),
    ],
)
def test_values_by_factor_hold_where_all_are_met(condition, holds):
    assert compiled(condition)(TWO_HOURS) is holds


def test_a_value_that_is_a_list_is_met_by_a_list_in_a_list():
    assert compiled({"after": [["first"]]})({"after": ["first"]})
    assert not compiled({"after": ["first"]})({"after": ["first"]})


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("grid > 'FR'", "'NO' and 'FR' are no quantities of one kind, and texts have no order here"),
        ("time > '1 GB'", "'2 h' and '1 GB' are no quantities of one kind, and texts have no order here"),
        ("n > '2'", "'>' not supported between instances of 'int' and 'str'"),
        ("n / 0 > 1", "division by zero"),
        ("'%9d' % n == grid", "'%9d' is no number"),
        ("size > 3", "'>' not supported between instances of 'NoneType' and 'int'"),
        ("n == x", "'x' is not defined for expression 'n == x'"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_values(condition, state):
    with pytest.raises(UsageError) as caught:
        compiled(condition)(TWO_HOURS)
    told = "time='2 h', n=3, share=0.5, grid='NO', rate='10 Gbps', size=None, flag=True"
    assert str(caught.value) == f"{condition}: cannot be told for {told} ({state}); mend the condition"


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("grid[9] == 'a'", "Subscript"),
        ("2 ** 10 ** 9 > n", "Pow"),
        ("f'{n:>99999999999}' == '1'", "JoinedStr"),
        ("[x for x in (1, 2)]", "ListComp"),
        ("n << 99", "LShift"),
    ],
)
def test_what_is_more_than_a_comparison_is_refused_at_once(condition, what):
    with pytest.raises(UsageError) as caught:
        compiled(condition)
    assert f"holds a {what}, which is not understood" in str(caught.value)


def test_a_path_in_a_condition_is_to_be_given_a_name():
    with pytest.raises(UsageError, match=r"a path is no name here; give the factor a name"):
        compiled("world.datacenters.lab.pue > 1.2")


def test_a_condition_too_deep_to_be_told_is_refused():
    with pytest.raises(UsageError):
        compiled("n" + " + n" * 900 + " > 0")(TWO_HOURS)


@pytest.mark.parametrize("condition", ["n >", "n = 3", "", " ", "n; n", "import os", "'\0'", "not " * 9000 + "n"])
def test_what_is_no_expression_is_refused_at_once(condition):
    for ask in (compiled, lambda text: list(names_in(text))):
        with pytest.raises(UsageError, match=r"is no condition; write such as `clients > 100 and country == 'PL'`$"):
            ask(condition)


@pytest.mark.parametrize("condition", ["len(grid) > 2", "grid.upper() == 'NO'", "(lambda: 1)() == n", "n > abs(-2)"])
def test_what_calls_a_function_is_refused_at_once(condition):
    for ask in (compiled, lambda text: list(names_in(text))):
        with pytest.raises(UsageError, match=r"calls a function; compare factors with values alone$"):
            ask(condition)


def test_names_come_once_each():
    assert list(names_in("b > 1 and a > 2 and b < 3 or 'c' == a")) == ["b", "a"]
    assert list(names_in({"b": 1, "a": 2})) == ["b", "a"]


def test_strange_names_are_those_that_no_factor_has():
    assert unknown_names("time > '1 h' and tiem > '1 h' and n == 2", ["time", "n"]) == ["tiem"]
    assert unknown_names({"time": 1, "tiem": 2}, ["time", "n"]) == ["tiem"]


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_hours_and_minutes_are_ordered_as_minutes_are(hours, minutes):
    values = {"time": f"{hours} h"}
    signs = {"<": lt, "<=": le, "==": eq, "!=": ne, ">=": ge, ">": gt}
    for sign, compare in signs.items():
        assert compiled(f"time {sign} '{minutes} min'")(values) is compare(60 * hours, minutes)
