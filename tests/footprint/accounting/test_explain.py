"""A number of a summary followed to its rows: whoever multiplies and adds them gets it, with nothing of ours."""

import json
import math
import random
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
from strategies import a_scenario, run

import simulator as sim
from simulator.errors import UsageError
from simulator.footprint.accounting.explain import numbers

HOUR = {"at": "lab/nodes", "units": 2, "time": "1 h", "utilisation": 1.0}

SCRIPT = """
import json, math, sys
found = json.load(sys.stdin)
total = 0.0
for row in found["rows"]:
    value = row["base"]
    for factor in row["factors"]:
        value *= factor["value"]
    for factor in row["inverse"]:
        value /= factor["value"]
    total += value
print(json.dumps([found["value"], total, [name for name in sys.modules if name.startswith("simulator")]]))
"""
"""Imports nothing of ours, and says so."""


def recomputed(found):
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT],
        input=json.dumps(found.as_json()),
        capture_output=True,
        text=True,
        check=True,
    )
    value, total, ours = json.loads(done.stdout)
    assert ours == []
    return value, total


@pytest.fixture(scope="module")
def service():
    return sim.run("small/ask")


@pytest.mark.parametrize("name", ["small/ask", "small/pue_by_load", "small/federate", "small/norway"])
def test_every_number_of_a_summary_is_the_sum_of_its_rows(name):
    result = sim.run(name)
    paths = numbers(result.summary)
    assert len(paths) > 20
    for path in paths:
        found = result.explain(path)
        assert math.fsum(row.amount for row in found.rows) == pytest.approx(found.value, rel=1e-9, abs=1e-15), path


def test_ten_numbers_are_computed_again_by_a_script_that_imports_nothing_of_ours(service):
    for path in random.Random(8).sample(numbers(service.summary), 10):
        value, total = recomputed(service.explain(path))
        assert total == pytest.approx(value, rel=1e-9, abs=1e-15), path


def test_the_bases_are_integrals_of_the_written_changes(tmp_path):
    """Two dgx-a100 for an hour: each base of energy is the sum of watts x seconds of its channel's rows."""
    result = run(a_scenario([HOUR]))
    result.save(tmp_path / "out")
    changes = pq.read_table(tmp_path / "out" / "changes.parquet").to_pylist()
    found = result.explain("main.boundaries.server.energy_j")
    assert len(found.rows) == 2  # the accelerators and their hosts
    for row in found.rows:
        number = int(row.origin.rpartition(" ")[2])
        own = [(one["at_s"], one["value"]) for one in changes if one["channel"] == number]
        ends_s = [*(at_s for at_s, _ in own[1:]), 3600.0]
        joules = sum(value * (end_s - at_s) for (at_s, value), end_s in zip(own, ends_s, strict=True))
        assert row.base == pytest.approx(joules)
        assert row.factors == ()


def test_a_row_names_its_factors_with_row_source_and_confidence():
    """The lab's grid is FR: 56.039 g/kWh of the table grids; its PUE of 1.2 is the scenario's own."""
    found = run(a_scenario([HOUR])).explain("main.boundaries.facility.co2e_kg")
    factors = {factor.name: factor for row in found.rows for factor in row.factors}
    grid = factors["grid/fr/intensity_gco2e_per_kwh"]
    assert (grid.value, grid.confidence) == (56.039, "published")
    assert "CodeCarbon" in grid.source
    (pue,) = (factor for name, factor in factors.items() if "pue_ratio" in name)
    assert pue.confidence == "given"


def test_owned_numbers_hold_what_was_never_used():
    data = a_scenario([{**HOUR, "units": 1}])
    result = run(data)
    found = result.explain("main.owned.life_cycle.co2e_kg")
    assert math.fsum(row.amount for row in found.rows) == pytest.approx(found.value, rel=1e-9)
    assert found.value > result.explain("main.boundaries.life_cycle.co2e_kg").value


def test_a_duration_is_end_less_start():
    found = run(a_scenario([HOUR])).explain("main.duration_s")
    assert {row.item: row.amount for row in found.rows} == {"start": 0.0, "end": 3600.0}


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("main.boundaries.moon.co2e_kg", "main.boundaries has no 'moon.co2e_kg'"),
        ("other.duration_s", "the summary has no 'other.duration_s'"),
        ("main", "is no number but holds several; there is duration_s, "),
        ("main.boundaries.devices", "holds several; there is energy_j, co2e_kg"),
        ("main.duration_s.mean", "leads to no number"),
        ("", "no path: is no number"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_there_is(service, path, state):
    with pytest.raises(UsageError) as error:
        service.explain(path)
    assert state in str(error.value)


def test_what_is_not_known_has_no_rows():
    result = run({**a_scenario([{**HOUR, "time": "3 h"}]), "horizon": "1 h"})
    with pytest.raises(UsageError, match="is nothing"):
        result.explain("main.done_s")
