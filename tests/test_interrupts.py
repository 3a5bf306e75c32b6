"""The command when it is to be quick: the help is instant, and a signal ends it with nothing that looks whole."""

import os
import signal
import subprocess
import time

import pytest

pytestmark = pytest.mark.alone  # starts processes of its own, whose times it tells

LONG = """
name: long
world: {datacenters: {lab: {grid: FR, devices: {gpu: {model: a100-sxm4-40gb, count: 1}}}}}
workloads:
  - train: {at: lab/gpu, time: 8 y, utilisation: 1.0, checkpoint: {every: 10 s, time: 1 s, load: 0.1}}
"""


# a signal that interrupts coverage while it holds its lock would make the run wait for ever
@pytest.mark.usefixtures("unmeasured_processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("after_s", [0.0, 2.0])  # while it starts, while it simulates
def test_an_interrupted_run_leaves_nothing_that_looks_whole(aiceberg, tmp_path, number, after_s):
    (tmp_path / "long.yaml").write_text(LONG)
    command = [aiceberg, "run", "long.yaml", "-o", "out", "--no-report"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            time.sleep(after_s)
            process.send_signal(number)
            message = process.communicate(timeout=30)[1]
        finally:
            process.kill()
    assert list(tmp_path.iterdir()) == [tmp_path / "long.yaml"]
    if number == signal.SIGKILL or after_s == 0.0:
        assert process.returncode != 0
    else:
        assert process.returncode == 128 + number
        assert message == f"interrupted ({number.name}): the run under way wrote no result\n"


@pytest.mark.usefixtures("unmeasured_processes")
def test_a_map_that_is_interrupted_ends_and_leaves_nothing(aiceberg, tmp_path):
    command = [aiceberg, "map", "-o", "map.png"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            time.sleep(1.0)
            process.send_signal(signal.SIGTERM)
            message = process.communicate(timeout=30)[1]
        finally:
            process.kill()
    assert (process.returncode, message) == (128 + signal.SIGTERM, "interrupted (SIGTERM)\n")
    assert list(tmp_path.iterdir()) == []


def test_a_second_signal_stops_it_at_once(aiceberg, tmp_path):
    (tmp_path / "long.yaml").write_text(LONG)
    with subprocess.Popen([aiceberg, "run", "long.yaml", "-o", "out"], cwd=tmp_path, stderr=subprocess.PIPE) as process:
        try:
            time.sleep(1.5)
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
        finally:
            process.kill()
    assert process.returncode != 0
    assert not (tmp_path / "out").exists()


def test_help_is_instant_and_names_the_commands(cli):
    began = os.times()
    done = cli("--help")
    spent = os.times()
    assert spent.children_user + spent.children_system - began.children_user - began.children_system < 1.0
    for command in ("run", "validate", "compare", "catalogue", "accuracy"):
        assert command in done.stdout
