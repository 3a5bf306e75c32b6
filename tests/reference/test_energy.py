"""Joules of hosts and links integrated by hand (`exact_J`, `hand` of each file), over [0, until_s]."""

import json
from pathlib import Path

import pytest
from strategies import a_ledger

from simulator.catalogue import find
from simulator.hardware.cores import Cores
from simulator.hardware.power import build_power
from simulator.hardware.power_levels import Stepped
from simulator.network.energy import link_energy_j
from simulator.network.fluid import Fluid
from simulator.network.sharing import Flow

FOLDER = Path(__file__).parent / "energy"
ROW = find("device", "a100-sxm4-40gb")  # the cases name all their watts themselves


def exactly(expected):
    return pytest.approx(expected, rel=1e-9, abs=0.0)


def read(name):
    return json.loads((FOLDER / f"energy_{name}.json").read_text())


def build_cores(env, ledger, host):
    (state,) = host["pstates"]
    watts = {"idle": state["idle_W"], "epsilon": state["epsilon_W"], "max": state["allcores_W"]}
    power = build_power(Stepped(kind="stepped", **{field: f"{w} W" for field, w in watts.items()}), ROW)
    return Cores(env, ledger, host["name"], host["cores"], state["speed_flops_per_core"], power)


@pytest.mark.parametrize("name", ["host_e1", "host_e2"])
def test_a_host_computes_and_draws_as_integrated_by_hand(name):
    case = read(name)
    env, ledger = a_ledger()
    hosts = {host["name"]: build_cores(env, ledger, host) for host in case["hosts"]}
    finish_s = {}

    def compute(row):
        yield env.timeout(row["start_s"])
        yield from hosts[row["host"]].compute(row["threads"], row["flops_per_thread"], "job")
        finish_s[row["id"]] = env.now

    for row in case["execs"]:
        env.process(compute(row))
    env.run(until=case["until_s"])
    energy_j = dict.fromkeys(hosts, 0.0)
    for number, channel in enumerate(ledger.channels):
        energy_j[channel.asset] += ledger.integral(number)
    assert finish_s == exactly(case["exact_finish"])
    assert energy_j == exactly(case["exact_J"])


@pytest.mark.parametrize("name", ["link_l1", "link_l2", "link_l3"])
def test_a_link_draws_as_integrated_by_hand(name):
    """Of l1 in `link_l3` SimGrid says 560 J: the load changes there while no transfer begins or ends on it."""
    case = read(name)
    fluid = Fluid({link["name"]: 8.0 * link["bandwidth_Bps"] for link in case["links"]})
    finish_s = {}
    for row in sorted(case["flows"], key=lambda row: row["start_s"] + row["latency_s"]):
        finish_s.update(fluid.advance(row["start_s"] + row["latency_s"]))
        fluid.add(row["id"], Flow(tuple(row["route"]), 8.0 * row["size_B"], "job"))
    finish_s.update(fluid.advance(case["until_s"]))
    carried_b = fluid.carried_b()
    energy_j = {
        link["name"]: link_energy_j(
            link["idle_W"],
            link["busy_W"],
            8.0 * link["bandwidth_Bps"],
            carried_b[link["name"], "job"],
            case["until_s"],
        )
        for link in case["links"]
    }
    assert finish_s == exactly(case["exact_finish"])
    assert energy_j == exactly(case["exact_J"])
