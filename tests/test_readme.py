"""What the README shows is what the reader gets."""

import re
import subprocess

import pytest
from strategies import operation

import simulator as sim
from simulator.catalogue import rows
from simulator.scenario.load import load_text
from simulator.study.sweep.load import load_sweep
from simulator.study.sweep.run import look

pytestmark = pytest.mark.unmeasured  # long, and what it runs is measured elsewhere


@pytest.fixture(scope="module")
def text(root):
    return (root / "README.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_output_of_the_flagship_is_the_one_shown(text, aiceberg, tmp_path):
    (shown,) = [
        block for block in blocks(text, "console") if "$ aiceberg run talk/stable_diffusion_v1 -o out/" in block
    ]
    command, *lines = shown.strip().splitlines()
    done = subprocess.run([aiceberg, *command.split()[2:]], cwd=tmp_path, capture_output=True, text=True, check=True)
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    assert printed[-len(lines) :] == [line.rstrip() for line in lines]


def test_the_comparison_shown_is_the_one_printed(text, aiceberg, tmp_path):
    (shown,) = [block for block in blocks(text, "console") if "$ aiceberg compare out/ways" in block]
    first, second, *lines = [line for line in shown.strip().splitlines() if line]
    for command in (first, second):
        call = [aiceberg, *command.partition("#")[0].split()[2:]]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.rstrip() for line in done.stdout.splitlines() if line.strip()] == [line.rstrip() for line in lines]


def test_the_matrix_shown_is_the_one_printed(text, aiceberg, tmp_path):
    (shown,) = [block for block in blocks(text, "console") if "$ aiceberg compare out/cap" in block]
    first, second, dots, *lines = shown.strip().splitlines()
    assert dots == "..."
    for command in (first, second):
        call = [aiceberg, *command.partition("#")[0].split()[2:]]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True)
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    assert printed[-len(lines) :] == [line.rstrip() for line in lines]


def test_the_levers_shown_are_those_printed(text, aiceberg, tmp_path):
    (shown,) = [
        block
        for block in blocks(text, "console")
        if "$ aiceberg levers talk/phone_life\n" in block and "main:" in block
    ]
    command, *lines = shown.strip().splitlines()
    done = subprocess.run([aiceberg, *command.split()[2:]], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.rstrip() for line in done.stdout.splitlines()] == [line.rstrip() for line in lines]


def test_the_method_shown_is_valid(text):
    (method,) = [block for block in blocks(text, "yaml") if block.startswith("footprint:")]
    (scenario,) = [block for block in blocks(text, "yaml") if "world:" in block]
    assert load_text(scenario + method.replace(", my.csv", ""), "my.yaml").spec.footprint.embodied == ["vendor"]


def test_the_sweep_shown_is_valid_and_has_the_points_that_its_comments_say(text, tmp_path):
    """3 PUEs x 2 counts x 2 evenings x 8 samples x 3 seeds, less those with 2 machines and 1000 requests: a quarter."""
    (shown,) = [block for block in blocks(text, "yaml") if "base:" in block]
    (tmp_path / "my.yaml").write_text(shown)
    found = look(load_sweep(tmp_path / "my.yaml"), tmp_path / "out")
    assert found.size == 3 * 2 * 2 * 8 * 3 * 3 // 4


def test_the_repeats_shown_are_those_compared(text, aiceberg, tmp_path):
    (shown,) = [block for block in blocks(text, "console") if "$ aiceberg compare out --where" in block]
    first, second, *lines = [line for line in shown.strip().splitlines() if line]
    for command in (first, second):
        call = [aiceberg, *command.split()[2:]]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [line.rstrip() for line in done.stdout.splitlines() if line.strip()] == [line.rstrip() for line in lines]


def test_the_scenario_shown_is_valid_and_the_mistakes_are_those_shown(text):
    (shown,) = [block for block in blocks(text, "yaml") if "world:" in block]
    assert load_text(shown, "my.yaml").spec.name == "week"
    broken = shown.replace("pue: 1.2  ", "puee: 1.2").replace("time: 7 d", "time: 7 kWh")
    with pytest.raises(sim.SimulatorError) as caught:
        load_text(broken, "my.yaml")
    (message,) = [block for block in blocks(text, "console") if "$ aiceberg validate my.yaml\n" in block]
    assert str(caught.value) == message.split("\n", 1)[1].strip()


def test_the_snippet_on_the_folder_runs(text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    result = sim.run("talk/stable_diffusion_v1", "out")
    (snippet,) = [block for block in blocks(text, "python") if "pq.read_table" in block]
    exec(snippet, {})
    ladders = {name: operation(way["boundaries"]) for name, way in result.summary["paradigms"].items()}
    widest = {name: list(ladder.values())[-1]["energy_j"] for name, ladder in ladders.items()}
    assert eval(capsys.readouterr().out) == pytest.approx(widest, rel=1e-9)


def test_the_catalogue_is_at_least_as_large_as_said(text):
    words = {"device": "devices", "server": "servers", "grid": "grids", "city": "cities", "region": "cloud regions"}
    words |= {"model": "models", "dataset": "data sets"}
    (sentence,) = re.findall(r"The catalogue holds over ([^;]*);", text)
    said = dict(reversed(part.split(None, 1)) for part in re.split(r", | and ", " ".join(sentence.split())))
    assert set(said) == set(words.values())
    for kind, least in ((kind, said[word]) for kind, word in words.items()):
        assert len(rows(kind)) > int(least)


def test_every_command_shown_exists(text, aiceberg):
    printed = subprocess.run([aiceberg, "--help"], capture_output=True, text=True, check=True).stdout
    for name in {
        line.split()[2]
        for block in blocks(text, "console")
        for line in block.splitlines()
        if line.startswith("$ aiceberg")
    }:
        assert name in printed


def test_what_is_said_of_the_replay_is_what_it_comes_to(text):
    """49 of 61 trainings; of 40 figures 35 within 1 %, 11 of them unverified, 5 explained; 12 circular, 19 carried."""
    verdicts = [c.verdict.partition(":")[0] for c in sim.accuracy("replay").comparisons]
    counts = {verdict: verdicts.count(verdict) for verdict in verdicts}
    assert counts == {"agrees": 24, "agrees, unverified": 11, "explained": 5, "circular": 12, "carried": 19}
    for said in (
        "49 of the 61",
        "Of 40 figures",
        "35 are within 1 % (11 of them",
        "12 are `circular`",
        "19 are `carried`",
    ):
        assert said in text, said
    assert len(rows("training")) == 61
