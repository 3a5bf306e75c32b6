"""A transfer takes its latency and its share of its narrowest link, and the record says so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_transfer_scenario, cancelled, operation, run

import simulator as sim
from simulator.vocabulary import RATE

LATENCY_S = 0.5e-3 * (2 * 4.9e-3 * 1.244 * 656 + 3.6)
"""Paris to Grenoble: 656 km overland, one way."""


def rows(result):
    return {row["workload"]: row for row in result.table("transfers").to_pylist()}


def row(result, name="transfer"):
    return rows(result)[name]


def send(**fields):
    return {"from": "store", "to": "alps", "size": "25 GB", **fields}


def test_the_times_of_the_shipped_scenario_are_those_of_its_header():
    found = rows(sim.run("small/transfer"))
    assert found["small"]["end_s"] == pytest.approx(40.0042627, abs=1e-6)
    assert found["large"]["end_s"] == pytest.approx(60.0050307, abs=1e-6)
    assert sim.run("small/transfer").summary["paradigms"]["main"]["duration_s"] == pytest.approx(660.0050307, abs=1e-6)


def test_a_transfer_alone_takes_its_latency_and_its_size_over_the_uplink():
    """25 GB at 10 Gbps: 20 s."""
    found = row(run(a_transfer_scenario([send()])))
    assert found == {
        "paradigm": "main",
        "workload": "transfer",
        "from": "store",
        "to": "alps",
        "size_bytes": 25e9,
        "status": "finished",
        "submit_s": 0.0,
        "begin_s": pytest.approx(LATENCY_S, rel=1e-12),
        "end_s": pytest.approx(LATENCY_S + 20.0, rel=1e-12),
        "latency_s": pytest.approx(LATENCY_S, rel=1e-12),
        "km": 656.0,
        "hops": 2,
        "cables": "paris:lyon | lyon:grenoble",
        "waited_s": 0.0,
        "ways": 1,
        "reroutes": 0,
        "done_share": 1.0,
        "mean_rate_bps": pytest.approx(1e10, rel=1e-9),
    }


def test_opposite_directions_do_not_share():
    result = run(a_transfer_scenario([send(name="there"), send(name="back", **{"from": "alps", "to": "store"})]))
    assert [r["mean_rate_bps"] for r in result.table("transfers").to_pylist()] == pytest.approx([1e10, 1e10])


def test_a_cap_holds_it_back():
    assert row(run(a_transfer_scenario([send(rate_cap="2 Gbps")])))["mean_rate_bps"] == pytest.approx(2e9)


def test_a_transfer_within_a_city_without_uplinks_runs_at_its_cap():
    data = a_transfer_scenario([send(rate_cap="2 Gbps")])
    data["world"]["datacenters"] = {"store": {"city": "paris"}, "alps": {"city": "paris"}}
    found = row(run(data))
    assert (found["km"], found["hops"], found["cables"]) == (0.0, 0, "")
    assert found["end_s"] == pytest.approx(0.0018 + 100.0)


@pytest.mark.parametrize(
    ("what", "size_bytes"),
    [
        ({"dataset": "own"}, 3e9),
        ({"model": "own"}, 5.6e6),
        ({"dataset": "c4-en"}, 866423752622.0),
        ({"model": "alexnet"}, 61100840 * 4.0),
    ],
)
def test_the_size_is_that_of_what_is_moved(what, size_bytes):
    fields = {key: value for key, value in send(**what).items() if key != "size"}
    data = a_transfer_scenario([fields])
    data["datasets"] = {"own": {"samples": 6e7, "bytes_per_sample": "50 B"}}
    data["models"] = {"own": {"parameters": 1.4e6, "bytes_per_parameter": "4 B"}}
    assert row(run(data))["size_bytes"] == pytest.approx(size_bytes, rel=1e-12)


def test_what_is_under_way_at_the_horizon_says_how_far_it_came_and_what_waits_for_it_never_began():
    data = a_transfer_scenario([send(name="one", latency="lower_bound"), send(name="two", after="one")])
    found = rows(run({**data, "horizon": "10 s"}))
    assert (found["one"]["status"], found["one"]["end_s"], found["one"]["mean_rate_bps"]) == ("unfinished", None, None)
    assert found["one"]["done_share"] == pytest.approx((10.0 - 656 * 4.9e-6) / 20.0)
    assert (found["two"]["status"], found["two"]["submit_s"], found["two"]["km"]) == ("not submitted", None, None)
    events = run({**data, "horizon": "10 s"}).table("events").to_pylist()
    assert [e["subject"] for e in events if e["event"] == "unfinished"] == ["one", "two"]


def test_a_transfer_that_the_horizon_meets_in_its_latency_has_not_begun():
    found = row(run(a_transfer_scenario([send()], horizon="1 ms")))
    assert (found["status"], found["submit_s"], found["begin_s"], found["done_share"]) == ("unfinished", 0.0, None, 0.0)


def test_an_interruption_ends_it_and_what_went_through_stays_counted():
    world = cancelled(a_transfer_scenario([send(latency="lower_bound")]), at_s=10.0)
    (record,) = world.transfers
    assert (record.status, record.end_s) == ("cancelled", 10.0)
    assert record.sent_b == pytest.approx(1e10 * (10.0 - 656 * 4.9e-6))
    assert world.events.rows[-1][1:] == ("cancel", "transfer", "cancel")


def test_a_transfer_alone_answers_for_the_boundary_network_and_no_other():
    found = run(a_transfer_scenario([send()])).summary["paradigms"]["main"]
    assert list(operation(found["boundaries"])) == ["network"]
    assert found["by_activity"] == {"transfer": found["boundaries"]["network"]}
    assert found["duration_s"] == pytest.approx(LATENCY_S + 20.0)


def test_a_transfer_that_never_began_answers_for_nothing():
    result = run(a_transfer_scenario([send()], horizon="1 ms"))
    assert result.summary["paradigms"]["main"]["boundaries"] == {}
    assert result.table("ticks").num_rows == 0
    assert {row["in_service_from_s"] for row in result.table("assets").to_pylist()} == {None}


def test_what_is_assumed_is_listed_with_its_value_or_in_a_word():
    found = {a["id"]: a for a in run(a_transfer_scenario([send()])).manifest["assumptions"]}
    exchange, overland = "network-power/exchange/energy_nj_per_b", "network-power/overland/energy_pj_per_b_per_km"
    assert {name for name in found if not name.startswith("embodied/")} == {
        "overland-capacity:europe",
        "overland-length",
        "no-uplink/alps",
        exchange,
        overland,
    }
    assert (found[overland]["value"], found[overland]["range"], found[overland]["unit"]) == (20, (6.7, 60), "pJ/b/km")
    europe = found["overland-capacity:europe"]
    assert (europe["column"], europe["value"], europe["range"]) == ("capacity_tbps", 200.0, (20.0, 2000.0))
    assert found["no-uplink/alps"]["statement"].startswith("alps has no `uplink`")


def test_a_measured_transfer_takes_half_the_published_round_trip_on_the_way_of_policy():
    """Dallas to London: 113 ms there and back, IBM Cloud, October 2024."""
    data = a_transfer_scenario([send(name="one", latency="measured"), send(name="two")])
    data["world"]["datacenters"]["store"]["city"] = "dallas"
    data["world"]["datacenters"]["alps"]["city"] = "london"
    result = run(data)
    one, two = rows(result)["one"], rows(result)["two"]
    assert (one["latency_s"], one["cables"], one["km"]) == (0.0565, two["cables"], two["km"])
    assert two["latency_s"] != one["latency_s"]
    assert result.manifest["latencies"] == {"main": {"one": "measured", "two": "policy"}}
    (used,) = (a for a in result.manifest["assumptions"] if a["id"].startswith("round-trip/"))
    assert (used["id"], used["value"], used["unit"]) == ("round-trip/dallas:london/rtt_ms", 113.0, "ms")


def test_the_manifest_names_no_latency_where_nothing_is_sent():
    assert sim.run("small/one_gpu").manifest["latencies"] == {"main": {}}


def test_a_folder_keeps_transfers(tmp_path):
    result = sim.run("small/transfer", tmp_path / "out")
    assert sim.open_results(tmp_path / "out").table("transfers").equals(result.table("transfers"))


def test_a_transfer_leaves_the_energy_of_a_training_as_it_is():
    with_it = sim.run("small/transfer").summary["paradigms"]["main"]["boundaries"]
    assert with_it["accelerator"]["energy_j"] == pytest.approx(8 * 400 * 600.0)


def bits_by_channel(result):
    """The integral of each channel of rates, read from the tables."""
    channels = {c["channel"]: c for c in result.table("channels").to_pylist() if c["quantity"] == RATE}
    found, held = {}, {}
    for change in result.table("changes").to_pylist():
        channel = channels.get(change["channel"])
        if channel is not None:
            key = channel["asset"], channel["workload"]
            since_s, rate_bps = held.get(key, (0.0, 0.0))
            found[key] = found.get(key, 0.0) + rate_bps * (change["at_s"] - since_s)
            held[key] = change["at_s"], change["value"]
    return found


PLACES = ("store", "alps", "far")
ONE = st.fixed_dictionaries(
    {
        "ends": st.permutations(PLACES).map(lambda places: places[:2]),
        "size": st.integers(1, 5000),
        "start": st.sampled_from([0, 0, 10]),
    }
)


@given(st.lists(ONE, min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_bytes_out_are_bytes_in_nothing_is_too_fast_and_the_order_in_the_file_is_irrelevant(drawn, luck):
    sendings = [
        {
            "name": f"t{n}",
            "from": d["ends"][0],
            "to": d["ends"][1],
            "size": f"{d['size']} GB",
            "start": f"{d['start']} s",
        }
        for n, d in enumerate(drawn)
    ]
    result = run(a_transfer_scenario(sendings))
    found, carried_b = rows(result), bits_by_channel(result)
    for (_, workload), bits in carried_b.items():
        assert bits == pytest.approx(found[workload]["size_bytes"] * 8, rel=1e-9)
    uplinks_bps = {"store": 1e10, "far": 4e10}
    for sending in sendings:
        name = sending["name"]
        narrowest_bps = min(uplinks_bps.get(sending[end], 2e14) for end in ("from", "to"))
        fastest_s = found[name]["latency_s"] + found[name]["size_bytes"] * 8 / narrowest_bps
        assert found[name]["end_s"] - found[name]["submit_s"] >= fastest_s * (1 - 1e-9)
        assert {link for link, workload in carried_b if workload == name}
    luck.shuffle(sendings)
    again = rows(run(a_transfer_scenario(sendings)))
    assert {n: r["end_s"] for n, r in again.items()} == pytest.approx(
        {n: r["end_s"] for n, r in found.items()}, rel=1e-9
    )
