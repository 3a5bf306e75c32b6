"""Transfers that SimGrid 4.1, SimGrid 3.32 and pen and paper agree on (`hand_computed` of each file)."""

import json
import math
from pathlib import Path

import pytest

from simulator.network.flows.engine import Engine
from simulator.network.fluid import finish_times
from simulator.network.sharing import Flow

CASES = sorted((Path(__file__).parent / "flows").glob("*.json"))


def compiled_times(links, flows):
    """The same lists through the compiled engine."""
    engine = Engine({link["name"]: link["bandwidth_Bps"] * 8 for link in links})
    arrivals = sorted(
        (flow["start_s"] + flow["latency_s"], place, flow["id"], as_flow(flow)) for place, flow in enumerate(flows)
    )
    engine.now_s = arrivals[0][0]
    names, found_s = {}, {}
    for at_s, _, name, flow in arrivals:
        found_s.update((names[number], done_s) for number, done_s in engine.advance(at_s))
        names[engine.add(flow)] = name
    while (next_s := engine.next_completion_s()) < math.inf:
        found_s.update((names[number], done_s) for number, done_s in engine.advance(next_s))
    return found_s


def as_flow(row):
    cap_bps = (row.get("rate_cap_Bps") or math.inf) * 8
    return Flow(tuple(row["route"]), row["size_B"] * 8, row["id"], row.get("weight") or 1.0, cap_bps)


@pytest.mark.parametrize("times", [finish_times, compiled_times])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_flow_is_done_when_pen_and_paper_say(path, times):
    case = json.loads(path.read_text())
    found_s = times(case["links"], case["flows"])
    assert found_s == pytest.approx(case["hand_computed"], rel=1e-9, abs=0.0)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_flow_is_done_when_simgrid_says(path):
    case = json.loads(path.read_text())
    expected_s = {flow["id"]: flow["finish_s"] for flow in case["flows"]}
    assert finish_times(case["links"], case["flows"]) == pytest.approx(expected_s, rel=1e-9, abs=0.0)


def test_the_cases_are_found():
    assert len(CASES) == 13
