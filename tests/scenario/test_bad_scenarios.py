"""Every broken file of tests/bad_scenarios/ gives exactly the text beside it: where, what is wrong, what to do."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario.load import load

FOLDER = Path(__file__).parent.parent / "bad_scenarios"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
FIVE = sorted(name for name in NAMES if name.startswith("five_"))


def expected(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def in_folder(monkeypatch):
    monkeypatch.chdir(FOLDER)


def test_every_broken_file_has_its_text_and_every_text_its_file():
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == NAMES
    assert len(NAMES) > 100
    assert len(FIVE) == 3


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_file_says_exactly_what_is_wrong(name, in_folder):
    with pytest.raises(ScenarioError) as caught:
        load(f"{name}.yaml")
    assert [str(problem) for problem in caught.value.problems] == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_one_mistake_is_one_problem_and_five_are_five(name):
    assert len(expected(name)) == (5 if name in FIVE else 1)


@pytest.mark.parametrize("name", NAMES)
def test_the_place_is_that_of_the_words_that_the_sentence_quotes(name):
    """Read independently of the parser: the text at line:column begins with what was found, or with the key."""
    if name in ("alias_bomb", "tag", "nan", "overflowing_count", "tab"):  # a place, but another spelling
        return
    lines = (FOLDER / f"{name}.yaml").read_bytes().decode("latin-1").splitlines()
    for problem in expected(name):
        line, column, text = re.fullmatch(rf"{name}\.yaml:(\d+):(\d+): (.*)", problem).groups()
        here = [*lines, ""][int(line) - 1][int(column) - 1 :]  # the end of the file is a place too
        quoted = re.search(r"(?:found|called|remove) (?:'([^']+)'|`([^`]+)`|(-?[\d.]+))", text)
        key = re.match(r"(?:[^ ]*\.)?(\w+): no such key", text)
        word = key[1] if key else next(filter(None, quoted.groups())) if quoted else ""
        word = word.encode().decode("unicode_escape")
        assert here.removeprefix("'").startswith(word) or here.startswith("train:"), problem


def test_no_text_speaks_python_or_pydantic():
    texts = "\n".join(line for name in NAMES for line in expected(name))
    for word in ("Input should", "Traceback", "NoneType", "None", "True", "False", "pydantic", "validation error"):
        assert word not in texts


def test_the_error_counts_the_problems_and_lists_them_below(in_folder):
    with pytest.raises(ScenarioError) as caught:
        load("five_all_over.yaml")
    head, *lines = str(caught.value).splitlines()
    assert head == "five_all_over.yaml: 5 problems"
    assert lines == [f"  {line}" for line in expected("five_all_over")]


def test_all_problems_come_in_the_order_of_the_file():
    for name in FIVE:
        places = [tuple(int(part) for part in line.split(":")[1:3]) for line in expected(name)]
        assert places == sorted(places)


def test_a_mistake_that_an_alias_repeats_is_told_once(tmp_path):
    file = tmp_path / "a.yaml"
    broken = (FOLDER / "pue_below_one.yaml").read_text(encoding="utf-8")
    file.write_text(
        broken.replace("    lab:\n", "    lab: &same\n").replace("workloads:", "    twin: *same\nworkloads:")
    )
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert [problem.path for problem in caught.value.problems] == ["world.datacenters.lab.pue"]


@pytest.mark.parametrize("command", ["validate", "run"])
@pytest.mark.parametrize("name", ["unknown_key", "five_in_the_world"])
def test_the_command_exits_2_with_the_text_on_stderr_and_leaves_nothing(command, name, tmp_path):
    file = tmp_path / f"{name}.yaml"
    file.write_bytes((FOLDER / file.name).read_bytes())
    aiceberg = Path(sys.executable).with_name("aiceberg")
    done = subprocess.run([aiceberg, command, file.name], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[1:] == [f"  {line}" for line in expected(name)]
    assert list(tmp_path.iterdir()) == [file]
