"""All parts of `accuracy training` together, as a user asks for them, and as one picture."""

import subprocess

import pytest

import simulator as sim
from simulator.catalogue import rows
from simulator.errors import UsageError
from simulator.study.training import PARTS

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def report():
    return sim.accuracy("training")


def test_arithmetic_measured_power_and_prediction_are_told_apart(report):
    assert [part.name for part in report.parts] == list(PARTS)
    kinds = [part.kind for part in PARTS.values()]
    assert kinds == ["arithmetic", "measured power", *["prediction"] * 5]
    assert all(part.title.startswith(kind) for part, kind in zip(report.parts, kinds, strict=True))


def test_every_gate_is_met(report):
    for part in report.parts:
        print(part.title, *part.summary, sep="\n  ")
    assert all(part.passed for part in report.parts)
    assert report.passed


def test_one_part_that_misses_its_gate_fails_the_whole(report):
    (first, *others) = report.parts
    assert not report._replace(parts=(first._replace(met=False), *others)).passed


def test_joules_per_flop_lie_where_physics_lets_them(report):
    """1.5 to 20 pJ where the time is predicted; BLOOM at its TDP: 400 W / (312 TFLOP/s x 0.269) = 4.77 pJ."""
    (part,) = [part for part in report.parts if part.name == "per-flop"]
    found = {line[0]: float(line[2]) for line in part.aside.lines}
    assert len(found) == 24
    assert all(1.5 <= value <= 20 for value in found.values())
    assert found["BLOOM-176B"] == pytest.approx(400 / (312e12 * 0.269) * 1e12, abs=0.01)


def test_a_device_of_ten_times_the_watts_is_beyond_physics(monkeypatch):
    monkeypatch.setitem(rows("device")["v100-sxm2-32gb"]._cells, "tdp_w", "3000")
    assert not sim.accuracy("per-flop").passed


def draw(aiceberg, what, folder):
    command = [aiceberg, "accuracy", what, "--figure", "true.png"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.unmeasured
def test_the_command_prints_all_parts_and_draws_the_picture(aiceberg, tmp_path):
    done = draw(aiceberg, "training", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    for words in ("arithmetic replay", "measured power:", "prediction: step times", "every gate is met", "true.png"):
        assert words in told, words
    assert (tmp_path / "true.png").read_bytes()[:4] == PNG
    again = draw(aiceberg, "effective", tmp_path)
    assert again.returncode == 2
    assert again.stderr == "true.png: exists already; choose another name, or overwrite it with --force\n"


def test_a_training_has_no_atlas(tmp_path):
    with pytest.raises(UsageError, match="no cable has a part in it"):
        sim.accuracy("training", atlas=tmp_path)
