"""Transfers that SimGrid 4.1, SimGrid 3.32 and pen and paper agree on (`hand_computed` of each file)."""

import json
from pathlib import Path

import pytest

from simulator.network.fluid import finish_times

CASES = sorted((Path(__file__).parent / "flows").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_flow_is_done_when_pen_and_paper_say(path):
    case = json.loads(path.read_text())
    found_s = finish_times(case["links"], case["flows"])
    assert found_s == pytest.approx(case["hand_computed"], rel=1e-9, abs=0.0)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_flow_is_done_when_simgrid_says(path):
    case = json.loads(path.read_text())
    expected_s = {flow["id"]: flow["finish_s"] for flow in case["flows"]}
    assert finish_times(case["links"], case["flows"]) == pytest.approx(expected_s, rel=1e-9, abs=0.0)


def test_the_cases_are_found():
    assert len(CASES) == 13
