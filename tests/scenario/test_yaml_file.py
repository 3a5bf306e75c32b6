"""YAML 1.2 core scalars, one by one, and the traps of YAML 1.1 beside them; places; bombs; the round trip."""

import math
from datetime import date

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.errors import ScenarioError, UsageError
from simulator.scenario.load import dump, load_text
from simulator.scenario.yaml_file import compose, place, read_nodes, scalar, show_path


def read(text: str):
    document = read_nodes(compose(text, "a.yaml"))
    assert document.problems == []
    return document.data


def problems(text: str) -> list[str]:
    return [str(problem) for problem in read_nodes(compose(text, "a.yaml")).problems]


SCALARS = [
    *((text, None) for text in ("null", "Null", "NULL", "~", "")),
    *((text, True) for text in ("true", "True", "TRUE")),
    *((text, False) for text in ("false", "False", "FALSE")),
    *((text, text) for text in ("yes", "Yes", "YES", "no", "No", "NO", "on", "On", "off", "OFF", "y", "Y", "n", "N")),
    *((text, text) for text in ("nULL", "tRUE", "nil", "none", "None", "nan", "inf", "-inf", "NaN")),
    *((text, text) for text in ("12:30", "12:30:45", "190:20:30", "0777", "0b1", "1_000", "0o18", "0xfg", "-0xff")),
    *((text, text) for text in ("2025-01-06", "2025-01-06 12:00", "1.2.3", "1e", "e6", ".", "-", "+", "=", "<<")),
    *((text, text) for text in ("2 h", "150 000 h", "1,000", "+.nan", "-.nan", "1e6 W", "٣")),
    ("0", 0),
    ("-0", 0),
    ("7", 7),
    ("-7", -7),
    ("+7", 7),
    ("12345678901234567890", 12345678901234567890),
    ("0o17", 15),
    ("0xff", 255),
    ("0xFF", 255),
    ("1e6", 1e6),
    ("1E6", 1e6),
    ("1e+6", 1e6),
    ("-1e-6", -1e-6),
    (".5", 0.5),
    ("-.5", -0.5),
    ("5.", 5.0),
    ("5.e1", 50.0),
    ("1.5", 1.5),
    ("0.1e-3", 1e-4),
    (".inf", math.inf),
    (".Inf", math.inf),
    ("+.INF", math.inf),
    ("-.inf", -math.inf),
    ("1e400", math.inf),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_a_plain_scalar_means_what_yaml_1_2_core_says(text, value):
    found = read(f"key: {text}")["key"] if text not in ("-",) else scalar(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_a_number(text):
    assert math.isnan(read(f"key: {text}")["key"])


@pytest.mark.parametrize(
    ("text", "trap"),
    [
        ("NO", False),
        ("no", False),
        ("on", True),
        ("yes", True),
        ("12:30", 750),
        ("190:20:30", 685230),
        ("0777", 511),
        ("1_000", 1000),
        ("2025-01-06", date(2025, 1, 6)),
    ],
)
def test_what_pyyaml_alone_would_turn_into_something_else_stays_text(text, trap):
    assert yaml.safe_load(text) == trap
    assert read(text) == text


def test_pyyaml_alone_would_read_1e6_as_text():
    assert yaml.safe_load("1e6") == "1e6"
    assert read("1e6") == 1e6


@pytest.mark.parametrize("text", ["1", "true", "null", "~", "1e6", "0xff", ".nan", "", "NO"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_what_stands_in_quotes_is_text(text, quote):
    assert read(f"key: {quote}{text}{quote}") == {"key": text}


def test_a_block_scalar_is_text():
    assert read("a: |\n  12\nb: >-\n  true\n") == {"a": "12\n", "b": "true"}


def test_keys_are_always_text():
    assert read("{1: a, true: b, NO: c, ~: d, 1.5: e, '': f}") == dict(
        zip(("1", "true", "NO", "~", "1.5", ""), "abcdef", strict=True)
    )


def test_a_number_too_long_for_python_is_infinite_or_text_and_no_traceback():
    """int() refuses 5000 digits, and float() an int of 400: neither may surface."""
    assert read("9" * 5000) == math.inf
    assert read("-" + "9" * 400) == -math.inf
    assert read("9" * 301) == int("9" * 301)
    assert read("0x" + "f" * 5000) == "0x" + "f" * 5000


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=12))
@example("1" * 400)
def test_every_plain_scalar_is_one_of_five_types_that_floats_can_hold(text):
    found = scalar(text)
    assert found is None or type(found) in (bool, int, float, str)
    if type(found) is int:
        float(found)
    if type(found) is str:
        assert found == text


def test_a_key_that_stands_twice_is_told_with_the_place_of_the_first():
    assert problems("b: 1\na: {x: 1, y: 2, x: 3}\nb: 2\n") == [
        "a.yaml:2:17: a.x: `x` stands twice in this mapping; the first is at a.yaml:2:5",
        "a.yaml:3:1: b: `b` stands twice in this mapping; the first is at a.yaml:1:1",
    ]


def test_of_a_key_that_stands_twice_the_first_counts():
    assert read_nodes(compose("a: 1\na: 2\n", "a.yaml")).data == {"a": 1}


def test_one_key_in_two_mappings_is_no_mistake():
    assert read("a: {x: 1}\nb: {x: 1}\n") == {"a": {"x": 1}, "b": {"x": 1}}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("!!python/object/apply:os.system [echo hello]", "!!python/object/apply:os.system"),
        ("!!python/name:os.system ''", "!!python/name:os.system"),
        ("!!int 12", "!!int"),
        ("!!binary aGVsbG8=", "!!binary"),
        ("!!set {a}", "!!set"),
        ("!own {a: 1}", "!own"),
        ("!<tag:example.org,2000:x> 1", "tag:example.org,2000:x"),
    ],
)
def test_a_tag_is_refused_and_its_value_not_read(text, shown):
    document = read_nodes(compose(f"a: 1\nb: {text}\n", "a.yaml"))
    assert [str(problem) for problem in document.problems] == [
        f"a.yaml:2:4: b: tags such as `{shown}` are not read here; write a plain value"
    ]
    assert document.data == {"a": 1, "b": None}


def test_tags_that_say_the_obvious_are_read():
    """`!!str 12` is the YAML way to write the text 12."""
    assert read("a: !!map {x: !!seq [1]}\nb: !!str text\nc: ! text\n") == {"a": {"x": [1]}, "b": "text", "c": "text"}


def test_an_alias_repeats_its_value():
    assert read("a: &x {p: [1, 2]}\nb: *x\nc: [*x, *x]\n") == {
        "a": {"p": [1, 2]},
        "b": {"p": [1, 2]},
        "c": [{"p": [1, 2]}, {"p": [1, 2]}],
    }


def test_an_alias_bomb_is_refused_after_a_bounded_number_of_values():
    """Eight lines that stand for 10^9 values, of which 300 000 are read."""
    bomb = "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
    for one, two in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{two}: &{two} [{', '.join([f'*{one}'] * 10)}]\n"
    assert len(read_nodes(compose(bomb, "a.yaml")).marks) < 301_000
    with pytest.raises(ScenarioError) as caught:
        load_text(bomb, "a.yaml")
    (problem,) = caught.value.problems
    assert problem.sentence == "more than 300,000 values, repeats by aliases included; split the file"


@pytest.mark.parametrize(
    ("text", "where"),
    [("a: &x [1, *x]\n", "1:4: a[1]"), ("a: &x {b: {c: *x}}\n", "1:4: a.b.c"), ("&x [*x]", "1:1: [0]")],
)
def test_a_node_within_itself_is_refused_where_it_begins(text, where):
    assert problems(text) == [f"a.yaml:{where}: an alias repeats what it is part of; write plain values"]


def test_deep_nesting_is_refused_where_it_is_too_deep():
    assert read("[" * 60 + "]" * 60) is not None
    assert problems("[" * 62 + "]" * 62) == ["a.yaml:1:62: nested more than 60 deep"]


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000 + "1", "{a: " * 100_000])
def test_nesting_that_would_break_the_parser_is_a_sentence(text):
    with pytest.raises(ScenarioError, match=r"a.yaml:1:\d+: this cannot be read as YAML: nested more than 250 deep$"):
        load_text(text, "a.yaml")


@pytest.mark.parametrize("text", ["[" * 240 + "]" * 240, "- " * 240 + "1", "{a: " * 240 + "1" + "}" * 240])
def test_nesting_that_the_parser_stands_is_refused_as_too_deep_for_a_scenario(text):
    assert [problem.rsplit(": ", 1)[1] for problem in problems(text)] == ["nested more than 60 deep"]


def test_brackets_side_by_side_are_not_deep():
    assert read("a: [" + "[1], " * 5000 + "]")["a"][4999] == [1]


def test_an_override_that_would_break_the_parser_is_a_sentence():
    with pytest.raises(UsageError, match="the value is not YAML"):
        load_text("name: a\n", "a.yaml", {"name": "[" * 100_000})


def test_keys_and_values_know_their_line_and_column():
    text = """\
# a comment
name: lab
world:
    places: {one: 1, "two":   'b'}
list:
  - first
  -   kind: [x, yy, zzz]
"""
    document = read_nodes(compose(text, "dir/a.yaml"))
    keys = {show_path(path): place(mark) for path, mark in document.key_marks.items()}
    values = {show_path(path): place(mark) for path, mark in document.marks.items()}
    assert keys == {
        "name": "dir/a.yaml:2:1",
        "world": "dir/a.yaml:3:1",
        "world.places": "dir/a.yaml:4:5",
        "world.places.one": "dir/a.yaml:4:14",
        "world.places.two": "dir/a.yaml:4:22",
        "list": "dir/a.yaml:5:1",
        "list[1].kind": "dir/a.yaml:7:7",
    }
    assert values == {
        "": "dir/a.yaml:2:1",
        "name": "dir/a.yaml:2:7",
        "world": "dir/a.yaml:4:5",
        "world.places": "dir/a.yaml:4:13",
        "world.places.one": "dir/a.yaml:4:19",
        "world.places.two": "dir/a.yaml:4:31",
        "list": "dir/a.yaml:6:3",
        "list[0]": "dir/a.yaml:6:5",
        "list[1]": "dir/a.yaml:7:7",
        "list[1].kind": "dir/a.yaml:7:13",
        "list[1].kind[0]": "dir/a.yaml:7:14",
        "list[1].kind[1]": "dir/a.yaml:7:17",
        "list[1].kind[2]": "dir/a.yaml:7:21",
    }


def test_columns_count_characters_not_bytes():
    assert problems("{é: 1, 日本: 2, é: 3}") == [
        "a.yaml:1:15: é: `é` stands twice in this mapping; the first is at a.yaml:1:2"
    ]


def test_lines_end_as_windows_ends_them_too():
    assert problems("a: 1\r\nb: 2\r\na: 3\r\n")[0].startswith("a.yaml:3:1: a: ")


NASTY = [
    "NO",
    "no",
    "0777",
    "1e6",
    "0o17",
    "0xff",
    "null",
    "~",
    "",
    " x",
    "x ",
    "a: b",
    "#",
    "- a",
    "12:30",
    ".nan",
    "=",
]
NASTY += [
    "true",
    "2025-01-06",
    "1_000",
    "*x",
    "&x",
    "!x",
    "%",
    "@",
    "`",
    "|",
    ">",
    "?",
    "'",
    '"',
    "{",
    "[a",
    "\\",
    "<<",
]
NASTY += [
    "a\nb",
    "\n",
    "\t",
    "\r",
    "\x00",
    "\x07",
    "\x85",
    "\u2028",
    "\ufeff",
    "\U0001f600",
    "é",
    "---",
    "...",
    "x #y",
    "5.",
]
TEXTS = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | TEXTS
    | st.from_regex(r"[-+]?[0-9._xo]{1,5}([eE][-+]?[0-9]+)?", fullmatch=True)
)
DATA = st.recursive(
    VALUES, lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXTS, below, max_size=4), max_leaves=12
)


@given(DATA)
@example({text: [text] for text in NASTY})
@example({"shared": [same := ["1e6"], same]})
@example(1e22)
@example(-0.0)
def test_what_was_dumped_is_read_back_the_same(data):
    found = read_nodes(compose(dump(data), "a.yaml"))
    assert found.problems == []
    assert repr(found.data) == repr(data)
