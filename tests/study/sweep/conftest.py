"""A Slurm of the tests' own, on loopback: two virtual nodes of one core."""

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
import sweep_work

SCRIPTS = Path(__file__).parents[3] / "scripts"
NODES = 2
PROFILE = """\
engine: slurm
workers: 2
cores: 1
memory: 500 MiB
walltime: "00:10:00"
interface: lo
log_directory: {logs}
"""


class Slurm(NamedTuple):
    """The running cluster: its folder, a profile for its two nodes, and where its jobs write."""

    folder: Path
    profile: Path
    logs: Path

    def jobs(self) -> list[str]:
        """The numbers of the jobs that wait or run."""
        return self.call("squeue", "-h", "-o", "%i").split()

    def call(self, *command: str) -> str:
        """What one of Slurm's commands says."""
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """A private Slurm, up for as long as the tests run; SLURM_CONF and PYTHONPATH are set for its commands and jobs."""
    missing = [command for command in ("slurmctld", "slurmd", "munged") if shutil.which(command) is None]
    lack = f"{', '.join(missing)} missing" if missing else "not root" if os.getuid() else ""
    if lack and os.environ.get("CI") == "true":
        pytest.fail(f"no Slurm to test with: {lack}; .ci/run installs slurm-wlm and munge")
    if lack:
        pytest.skip(f"no Slurm to test with: {lack}")
    folder = tmp_path_factory.mktemp("slurm")
    logs, profile = folder / "jobs", folder / "loopback.yaml"
    profile.write_text(PROFILE.format(logs=logs), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AICEBERG_SLURM_DIR", str(folder))
        patch.setenv("AICEBERG_SLURM_PORT", str(free_ports(NODES + 1)))
        patch.setenv("AICEBERG_SLURM_NODES", str(NODES))
        patch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
        patch.setenv("PYTHONPATH", sweep_work.importable())
        try:
            subprocess.run([SCRIPTS / "slurm-up.sh"], check=True, timeout=60, stdout=subprocess.DEVNULL)
            yield Slurm(folder, profile, logs)
        finally:
            subprocess.run([SCRIPTS / "slurm-down.sh"], check=True, timeout=60, stdout=subprocess.DEVNULL)


def free_ports(count):
    """The first of so many ports in a row that nobody listens at."""
    for first in range(21000 + os.getpid() % 5000, 32000, count):
        if all(free(port) for port in range(first, first + count)):
            return first
    raise AssertionError(f"no {count} free ports in a row")


def free(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(autouse=True)
def unmeasured(unmeasured_processes):
    """These tests start many processes."""


@pytest.fixture
def lab(tmp_path):
    """Points that do as they are ordered."""
    return sweep_work.Lab(tmp_path / "lab")
