"""The replay of all published trainings, once, and how a source's rows are checked against it."""

import json
import os
import subprocess
from configparser import ConfigParser

import pytest

import simulator as sim
from simulator.catalogue import rows
from simulator.units import show

SI = {"energy_j": ("energy_mwh", 3.6e9), "co2e_kg": ("co2e_t", 1e3)}


@pytest.fixture(scope="session")
def replay_report():
    return sim.accuracy("replay")


@pytest.fixture(scope="session")
def replayed(replay_report):
    """The comparison of each figure, by the row's id and the figure's column."""
    ids = {row.name: id_ for id_, row in rows("training").items()}
    return {(ids[c.name], SI[c.quantity][0]): c for c in replay_report.comparisons}


@pytest.fixture
def check(replayed):
    """Published figures and inputs typed from the source: the table has them, ours is their product, it agrees.

    `hours` x `watts` x `pue` x `grid_g`; a figure is (published, verdict), or published alone where it agrees.
    """

    def check(id_, hours, watts, pue=1.0, grid_g=None, energy_mwh=None, co2e_t=None, within=0.01):
        energy = hours * watts * pue / 1e6
        ours = {"energy_mwh": energy, "co2e_t": None if grid_g is None else energy * grid_g / 1e3}
        for column, told in (("energy_mwh", energy_mwh), ("co2e_t", co2e_t)):
            found = replayed.get((id_, column))
            if told is None or (column == "co2e_t" and grid_g is None):
                assert found is None, (id_, column)
                continue
            published, verdict = told if isinstance(told, tuple) else (told, "agrees")
            size = dict(SI.values())[column]
            print(f"{found.name:48}{show(found.published, found.quantity):>12}{found.error:+8.2%}  {found.verdict}")
            assert found.published == pytest.approx(published * size, rel=1e-9), (id_, column)
            assert found.ours == pytest.approx(ours[column] * size, rel=1e-9), (id_, column)
            assert found.verdict == verdict, (id_, column)
            if not verdict.startswith("explained"):
                assert abs(found.error) <= within, (id_, column)

    return check


XCHECK = ".venv/xcheck/bin/python"
INSTALLED = "from importlib.metadata import distributions as d; print({x.name: x.version for x in d()}.get(%r))"


@pytest.fixture(scope="session")
def ask(root):
    """What another tool says: the last line that code prints in the environment of those tools, read as JSON.

    They want older libraries than the tests, and are no part of the program: only what they print is compared.
    """
    config = ConfigParser()
    config.read(root / "setup.cfg")
    wanted = dict(line.split("==") for line in config["options.extras_require"]["xcheck"].split())

    def ask(tool, code):
        if not (root / XCHECK).exists() or run(INSTALLED % tool).strip() != wanted[tool]:
            state = f"{tool} {wanted[tool]} is not in {XCHECK}; `make .venv/.xcheck` puts it there"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(state)
        return json.loads(run(f"import warnings\nwarnings.filterwarnings('ignore')\n{code}").splitlines()[-1])

    def run(code):
        return subprocess.run(
            [root / XCHECK, "-c", code], capture_output=True, text=True, check=True, timeout=120
        ).stdout

    return ask
