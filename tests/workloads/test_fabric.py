"""Transfers between groups of machines: by their fabrics inside a data centre, by these and the uplinks between two."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import run

import simulator as sim
from simulator.errors import ScenarioError

WAY_S = 1.244 * 4.9e-6 * 530 + 0.0018
"""Paris to Lyon: 530 km overland, one way."""


def a_house(transfers, more=None, **changes):
    """Two hosts of 2 x 100 Gbps Ethernet and a trainer of 8 x 400 Gbps InfiniBand in Paris, four old hosts in Lyon."""
    servers = {
        "store": {"model": "2xepyc-9654", "count": 2},
        "trainer": {"model": "dgx-h100", "count": 1},
        **(more or {}),
    }
    places = {
        "paris": {"city": "paris", "uplink": "100 Gbps", "servers": servers},
        "rhone": {"city": "lyon", "uplink": "40 Gbps", "servers": {"copy": {"model": "r740", "count": 4}}},
    }
    workloads = [{"transfer": t} for t in transfers]
    return {"name": "test", "world": {"year": 2025, "datacenters": places}, "workloads": workloads, **changes}


def send(start="paris/store", end="paris/trainer", **fields):
    return {"size": "10 TB", "from": start, "to": end, **fields}


def rows(result):
    return {row["workload"]: row for row in result.table("transfers").to_pylist()}


def refused(data):
    with pytest.raises(ScenarioError) as caught:
        run(data)
    (problem,) = caught.value.problems
    return problem


def test_the_times_of_the_shipped_scenario_are_those_of_its_header():
    result = sim.run("small/fabric")
    found = rows(result)
    assert found["inside"]["end_s"] == pytest.approx(220.0 + 25.5e-6, abs=1e-9)
    assert found["outside"]["latency_s"] == pytest.approx(WAY_S + 50e-6)
    assert found["outside"]["end_s"] == pytest.approx(200.0 + WAY_S + 50e-6, abs=1e-9)
    assert result.summary["paradigms"]["main"]["duration_s"] == pytest.approx(820.0 + 25.5e-6, abs=1e-9)


def test_a_transfer_alone_takes_what_the_network_cards_of_its_narrower_group_carry():
    """10 TB are 80 Tb, at 2 x 2 x 100 Gbps 200 s; half of 50 us and half of 1 us come first."""
    found = rows(run(a_house([send()])))["transfer"]
    assert found["end_s"] == pytest.approx(200.0 + 25.5e-6, abs=1e-9)
    assert (found["from"], found["to"], found["km"], found["hops"]) == ("paris/store", "paris/trainer", 0.0, 0)


def test_more_machines_carry_more():
    data = a_house([send()])
    data["world"]["datacenters"]["paris"]["servers"]["store"]["count"] = 8
    assert rows(run(data))["transfer"]["end_s"] == pytest.approx(50.0 + 25.5e-6, abs=1e-9)


def test_inside_a_data_centre_no_year_and_no_city_are_needed_and_no_uplink_holds_it_back():
    data = a_house([send()])
    data["world"]["datacenters"] = {"paris": {**data["world"]["datacenters"]["paris"], "grid": "FR"}}
    del data["world"]["year"], data["world"]["datacenters"]["paris"]["city"]
    result = run(data)
    assert rows(result)["transfer"]["end_s"] == pytest.approx(200.0 + 25.5e-6, abs=1e-9)
    assert result.manifest["latencies"] == {"main": {}}


def test_the_two_directions_of_a_group_do_not_share():
    found = rows(run(a_house([send(name="there"), send("paris/trainer", "paris/store", name="back")])))
    assert found["there"]["mean_rate_bps"] == pytest.approx(4e11)
    assert found["back"]["mean_rate_bps"] == pytest.approx(4e11)


def test_from_a_group_to_another_data_centre_the_uplinks_hold_it_back_and_both_fabrics_are_paid():
    one, two = send(end="rhone/copy", name="group", size="1 TB"), send(end="rhone", name="place", size="1 TB")
    found = rows(run(a_house([one, {**two, "after": "group"}])))
    assert found["group"]["end_s"] == pytest.approx(200.0 + WAY_S + 50e-6, abs=1e-9)
    assert found["place"]["latency_s"] == pytest.approx(WAY_S + 25e-6)
    assert found["group"]["cables"] == found["place"]["cables"] == "paris:lyon"


def test_a_fabric_that_is_slower_than_the_uplinks_holds_the_way_back():
    data = a_house([send(end="rhone/copy", size="1 TB")])
    data["world"]["datacenters"]["rhone"]["servers"]["copy"]["count"] = 1
    assert rows(run(data))["transfer"]["mean_rate_bps"] == pytest.approx(2e10)


def test_a_rate_alone_has_no_latency_and_the_run_says_so():
    own = {"accelerator": "b200-sxm-180gb", "accelerators": 8, "node_power": {"kind": "constant", "power": "9 kW"}}
    lab = {**own, "count": 2, "fabric": "50 Gbps"}
    result = run(a_house([send(end="paris/lab", size="1 TB")], {"lab": lab}))
    assert rows(result)["transfer"]["end_s"] == pytest.approx(80.0 + 25e-6, abs=1e-9)
    (told,) = (a for a in result.manifest["assumptions"] if a["id"].startswith("no-fabric-latency/"))
    assert told["statement"] == "the fabric of paris/lab is known by its rate alone: its latency is not counted"


def test_bits_inside_add_no_joules_and_the_boundaries_say_so():
    train = {"train": {"at": "paris/trainer", "time": "1 h", "utilisation": 1.0}}
    alone, beside = a_house([]), a_house([send()])
    alone["workloads"], beside["workloads"] = [train], [train, *beside["workloads"]]
    before, after = run(alone), run(beside)
    names = ("accelerator", "server")
    energies = [[r.summary["paradigms"]["main"]["boundaries"][n]["energy_j"] for n in names] for r in (before, after)]
    assert energies[0] == energies[1]
    words = "bits inside data centres add nothing"
    assert words in after.manifest["boundaries"]["main"]["server"]
    assert words in after.manifest["boundaries"]["main"]["network"]
    assert "nothing was sent" not in after.manifest["boundaries"]["main"]["network"]
    assert words not in before.manifest["boundaries"]["main"]["server"]


def test_a_group_without_a_known_fabric_is_refused_with_the_remedy():
    own = {"accelerator": "a100-sxm4-40gb", "accelerators": 8, "node_power": {"kind": "constant", "power": "5 kW"}}
    problem = refused(a_house([send(end="paris/own")], {"own": {**own, "count": 1}}))
    assert problem.path == "workloads[0].transfer.to"
    assert problem.sentence == (
        "paris/own has no fabric in the scenario or the catalogue; give its servers one, `fabric: infiniband-ndr` "
        "and `ports: 8`, or the rate of a server, such as `fabric: 100 Gbps`"
    )


def test_a_fabric_whose_latency_nobody_published_is_refused():
    own = {"accelerator": "mi300x", "accelerators": 8, "node_power": {"kind": "constant", "power": "5 kW"}}
    joined = {**own, "count": 1, "fabric": "xgmi-mi300x", "ports": 7}
    problem = refused(a_house([send(end="paris/own")], {"own": joined}))
    assert problem.sentence.startswith("xgmi-mi300x has no latency_us in the catalogue; give `fabric:` as the rate")


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    ends=st.lists(st.permutations(["paris/store", "paris/trainer", "rhone/copy", "rhone"]), min_size=5, max_size=5),
)
@settings(max_examples=20, deadline=None)
def test_no_group_carries_more_than_its_cards_and_nothing_is_faster_than_bits_over_capacity(sizes, ends):
    cards_bps = {"paris/store": 4e11, "paris/trainer": 3.2e12, "rhone/copy": 8e10, "rhone": 4e10}
    pairs = [pair[:2] if {p[:5] for p in pair[:2]} != {"rhone"} else ["paris/store", pair[0]] for pair in ends]
    sendings = [
        send(*pair, name=f"t{n}", size=f"{size} TB") for n, (size, pair) in enumerate(zip(sizes, pairs, strict=False))
    ]
    found = rows(run(a_house(sendings)))
    for way in ("from", "to"):
        for end, bps in cards_bps.items():
            sent = [row for row in found.values() if row[way] == end]
            if sent:
                last_s = max(row["end_s"] for row in sent)
                assert sum(row["size_bytes"] for row in sent) * 8 <= bps * last_s * (1 + 1e-9)
