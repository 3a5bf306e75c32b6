"""Every broken file of tests/bad_sweeps/ gives exactly the text beside it: where, what is wrong, what to do."""

import re
import subprocess
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.load import load
from simulator.study.sweep.load import is_sweep_file, load_sweep
from simulator.study.sweep.trial import try_values

FOLDER = Path(__file__).parents[2] / "bad_sweeps"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
SEVERAL = {
    "base_with_a_mistake_and_a_value_with_one": 2,
    "five_all_over": 5,
    "five_in_the_values": 5,
}
"""How many mistakes are in files of more than one."""


def expected(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def told(name: str) -> list[str]:
    """All that is wrong with a file; the base has its whole path, of which the folder is left out."""
    with pytest.raises(ScenarioError) as caught:
        try_values(load_sweep(f"{name}.yaml"))
    return [str(problem).replace(f"{FOLDER}/", "") for problem in caught.value.problems]


@pytest.fixture
def in_folder(monkeypatch):
    monkeypatch.chdir(FOLDER)


def test_every_broken_file_has_its_text_and_every_text_its_file():
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == NAMES
    assert len(NAMES) > 100
    assert SEVERAL.keys() <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_sweep_says_exactly_what_is_wrong(name, in_folder):
    assert told(name) == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_one_mistake_is_one_problem(name):
    assert len(expected(name)) == SEVERAL.get(name, 1)


@pytest.mark.parametrize("name", NAMES)
def test_the_place_is_that_of_the_words_that_the_sentence_quotes(name):
    """Read independently of the parser: the text at line:column begins with what was found, or with the key."""
    if name in ("alias_bomb", "tab", "value_that_is_not_a_number"):  # a place, but another spelling
        return
    for problem in expected(name):
        file, line, column, text = re.fullmatch(r"([\w/]+\.yaml):(\d+):(\d+): (.*)", problem).groups()
        here = [*(FOLDER / file).read_bytes().decode("latin-1").splitlines(), ""][int(line) - 1][int(column) - 1 :]
        quoted = re.search(r"(?:found|called) (?:'([^']+)'|`([^`]+)`|(-?[\d.]+))", text)
        key = re.match(r"(?:[^ ]*\.)?(\w+): (?:no such key|another factor)", text)
        word = key[1] if key else next(filter(None, quoted.groups())) if quoted else ""
        listed = here.startswith(("[", "{", "'", '"')) or " > " in here
        assert listed or here.startswith(word), problem


def test_no_text_speaks_python_or_pydantic():
    texts = "\n".join(line for name in NAMES for line in expected(name))
    for word in ("Input should", "Traceback", "None", "True", "False", "pydantic", "validation", "{{", "should have"):
        assert word not in texts


@pytest.mark.parametrize("name", [name for name, count in SEVERAL.items() if count == 5])
def test_all_problems_come_in_the_order_of_the_file(name):
    places = [tuple(int(part) for part in line.split(":")[1:3]) for line in expected(name)]
    assert places == sorted(places)


def test_a_value_in_full_and_in_short_is_told_at_the_value_itself():
    """Counted by hand: the third value of the fourth line, the second of a list over lines."""
    (short,), (full,) = expected("value_that_no_scenario_can_have"), expected("value_in_full_that_no_scenario_can_have")
    assert short.startswith("value_that_no_scenario_can_have.yaml:4:51: ")
    assert full.startswith("value_in_full_that_no_scenario_can_have.yaml:8:9: ")


def test_a_sweep_given_as_a_scenario_says_what_runs_it(in_folder):
    with pytest.raises(ScenarioError) as caught:
        load("zip_of_unequal_lengths.yaml")
    (problem,) = caught.value.problems
    sentence = "this is a sweep, no scenario: `aiceberg sweep run` runs it"
    assert str(problem) == f"zip_of_unequal_lengths.yaml:2:1: base: {sentence}"


@pytest.mark.parametrize(
    ("asked", "is_one"),
    [
        ("nothing_varies.yaml", True),
        ("scenario.yaml", False),
        ("missing_base.yaml", False),
        ("text_at_the_top.yaml", False),
        ("open_bracket.yaml", False),
        ("bases/one.yaml", False),
        ("studies/small", True),
        ("scenarios/studies/small.yaml", True),
        ("small/one_gpu", False),
        ("none.yaml", False),
    ],
)
def test_a_sweep_is_a_shipped_one_or_a_file_with_a_base_and_no_world(asked, is_one, in_folder):
    assert is_sweep_file(asked) is is_one


@pytest.mark.parametrize("command", [["validate"], ["sweep", "run"]])
def test_the_command_exits_2_with_the_text_on_stderr_and_leaves_nothing(command, tmp_path, aiceberg):
    file = tmp_path / "five_in_the_values.yaml"
    file.write_bytes((FOLDER / file.name).read_bytes())
    done = subprocess.run([aiceberg, *command, file.name], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "five_in_the_values.yaml: 5 problems",
        *(f"  {line}" for line in expected("five_in_the_values")),
    ]
    assert list(tmp_path.iterdir()) == [file]
