"""A round where lines or links hold it back: one result where both hold, no link beyond its capacity, no bit lost."""

from collections import defaultdict
from itertools import pairwise
from math import fsum, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import LATENCY_S, LEARNING, a_crowd_scenario, a_federate_scenario, a_season, operation, run

from simulator.population.cohort import Cohorts
from simulator.population.congestion import Ways, play_congested
from simulator.population.session import Members, Sizes, reached_s
from simulator.vocabulary import RATE

SPREAD = {"speed_spread": 1.8, "rate_spread": 1.8, "samples_spread": 2.0, "places": {"paris": 0.5, "lyon": 0.5}}


def narrow(data, uplink):
    data["world"]["datacenters"]["lab"]["uplink"] = uplink
    return data


def rows(result):
    return result.table("rounds").to_pylist()


def rates(result):
    """For each asset that carries bits, the moments and rates of all its channels."""
    named = {c["channel"]: c for c in result.table("channels").to_pylist() if c["quantity"] == RATE}
    found = defaultdict(list)
    for change in result.table("changes").to_pylist():
        if change["channel"] in named:
            found[named[change["channel"]]["asset"]].append((change["at_s"], change["channel"], change["value"]))
    return found, named


def highest_bps(changes):
    """The highest sum of all channels of one asset at any time."""
    levels, highest = {}, 0.0
    moments = sorted({at_s for at_s, _, _ in changes})
    by_moment = defaultdict(list)
    for at_s, channel, value in changes:
        by_moment[at_s].append((channel, value))
    for at_s in moments:
        levels.update(by_moment[at_s])
        highest = max(highest, fsum(levels.values()))
    return highest


def integral_b(changes):
    by_channel = defaultdict(list)
    for at_s, channel, value in changes:
        by_channel[channel].append((at_s, value))
    return fsum(
        value * (then_s - at_s) for steps in by_channel.values() for (at_s, value), (then_s, _) in pairwise(steps)
    )


@given(
    st.fixed_dictionaries(
        {
            "cohort": st.integers(1, 12),
            "over_selection": st.sampled_from([1.0, 1.5]),
            "dropout": st.sampled_from([0.0, 0.3]),
        },
        optional={"deadline": st.sampled_from(["20 s", "60 s"])},
    ),
    st.sampled_from([{}, SPREAD]),
    st.integers(0, 9),
)
@settings(max_examples=40, deadline=None)
def test_where_rates_fit_the_flow_engine_has_the_same_round(learning, phones, turn):
    season = a_season(a_federate_scenario(learning, phones))
    alone, flows = (season.cohorts.find_play(turn, force_flows=force) for force in (False, True))
    assert (alone.ways, flows.ways is None) == (None, False)
    assert flows.sessions.accepted.tolist() == alone.sessions.accepted.tolist()
    assert flows.sessions.dropped.tolist() == alone.sessions.dropped.tolist()
    assert flows.sessions.close_s == pytest.approx(alone.sessions.close_s, rel=1e-9)
    assert flows.sessions.moments_s == pytest.approx(alone.sessions.moments_s, rel=1e-9)
    edges_s = alone.edges_s()
    bits = [played.bits(edges_s, reached_s(played.sessions, edges_s)) for played in (flows, alone)]
    for mine, theirs in zip(*bits, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-6, abs=10.0)


def test_a_small_uplink_makes_the_round_as_long_as_its_bits_over_it():
    """10 x 100 Mb over 100 Mbps, down and up: 10 s each way, 20 s of computing, two latencies."""
    (row,) = rows(run(narrow(a_federate_scenario({"rounds": 1}), "100 Mbps")))
    assert row["links"] == "shared"
    assert row["close_s"] == pytest.approx(40.0 + 2 * LATENCY_S, rel=1e-9)
    assert (row["accepted"], row["late"], row["lost_bytes"]) == (10, 0, 0.0)


def test_members_alike_that_share_a_link_are_taken_by_number():
    season = a_season(narrow(a_federate_scenario({"cohort": 10, "over_selection": 1.5}), "100 Mbps"))
    assert season.cohorts.find_play(0).sessions.accepted.tolist() == [True] * 10 + [False] * 5


def test_of_those_who_arrive_together_on_links_the_first_by_number_is_taken_though_it_began_later():
    """Both upload 128 b until second 3: the first from 2.5 on at 256 bps, the second from 2 on at 128 bps."""
    members = Members(np.zeros(2), np.full(2, 128.0), np.array([256.0, 128.0]), np.array([1.5, 1.0]), np.full(2, inf))
    ways = Ways([("down",)] * 2, [("up",)] * 2, {"down": 1e4, "up": 1e4})
    found = play_congested(members, Sizes(128.0, 128.0), ways, np.full(2, inf), 1, inf)
    assert (found.close_s, found.accepted.tolist()) == (3.0, [True, False])


def test_a_transfer_that_begins_in_a_round_that_fills_a_link_waits_for_its_close():
    """The round closes after 40 s and two latencies; then the aggregation leaves 5 s of the whole 100 Mbps."""
    sending = {"transfer": {"from": "store", "to": "lab", "size": "10 MB", "start": "30 s", "latency": "lower_bound"}}
    data = narrow(a_crowd_scenario([{"federate": {**LEARNING, "rounds": 1}}, sending]), "100 Mbps")
    result = run(data)
    found, _ = rates(result)
    assert highest_bps(found["grenoble>lab/uplink"]) <= 100e6 * (1 + 1e-9)
    (sent,) = result.table("transfers").to_pylist()
    assert sent["end_s"] == pytest.approx(rows(result)[0]["close_s"] + 0.8, rel=1e-9)


def test_another_transfer_has_its_fair_share_of_the_link():
    """One flow beside ten members: they may use 10 / 11 of the uplink, the flow has the rest until the close."""
    sending = {"transfer": {"from": "store", "to": "lab", "size": "10 GB", "latency": "lower_bound"}}
    learning = {"federate": {**LEARNING, "rounds": 1, "start": "10 s"}}
    data = narrow(a_crowd_scenario([sending, learning]), "110 Mbps")
    result = run(data)
    found, named = rates(result)
    uplink = found["grenoble>lab/uplink"]
    close_s = rows(result)[0]["close_s"]
    during = [
        value for at_s, c, value in uplink if named[c]["workload"] == "transfer" and 10.0 < at_s + 1e-9 < close_s - 1
    ]
    assert during == pytest.approx([10e6])
    assert highest_bps(uplink) <= 110e6 * (1 + 1e-9)


def two_learnings():
    """Two populations that learn at one narrow uplink, each on a GPU of its own."""
    names = {"one": "phones", "two": "others"}
    both = [{"federate": {**LEARNING, "name": name, "clients": at, "units": 1}} for name, at in names.items()]
    data = narrow(a_crowd_scenario(both), "100 Mbps")
    data["world"]["populations"]["others"] = dict(data["world"]["populations"]["phones"])
    return data


def test_two_crowds_at_one_link_take_turns_and_never_exceed_it():
    result = run(two_learnings())
    found, _ = rates(result)
    assert highest_bps(found["grenoble>lab/uplink"]) <= 100e6 * (1 + 1e-9)
    spans = sorted((row["begin_s"], row["close_s"]) for row in rows(result))
    assert len(spans) == 6
    assert all(close_s <= begin_s + 1e-9 for (_, close_s), (begin_s, _) in pairwise(spans))


@given(
    st.sampled_from(["20 Mbps", "100 Mbps", "1 Gbps", "10 Gbps"]),
    st.fixed_dictionaries(
        {
            "cohort": st.integers(1, 10),
            "over_selection": st.sampled_from([1.0, 1.3]),
            "dropout": st.sampled_from([0.0, 0.3]),
            "update": st.sampled_from(["1 MB", "12.5 MB"]),
        },
        optional={"deadline": st.just("60 s")},
    ),
    st.sampled_from([{"account": "marginal"}, {**SPREAD, "account": "whole", "state": "battery"}]),
)
@settings(max_examples=25, deadline=None)
def test_bits_are_conserved_capacities_kept_and_shares_add_up(uplink, learning, phones):
    result = run(narrow(a_federate_scenario(learning, phones), uplink))
    found, _ = rates(result)
    down_b, up_b = (fsum(row[f"{way}_bytes"] * 8 for row in rows(result)) for way in ("download", "upload"))
    assert integral_b(found["lab/uplink>grenoble"]) == pytest.approx(down_b, rel=1e-9, abs=1.0)
    assert integral_b(found["grenoble>lab/uplink"]) == pytest.approx(up_b, rel=1e-9, abs=1.0)
    lines = [integral_b(changes) for asset, changes in found.items() if asset.startswith("phones/")]
    assert fsum(lines) == pytest.approx(down_b + up_b, rel=1e-9, abs=1.0)
    capacity_bps = {"20 Mbps": 2e7, "100 Mbps": 1e8, "1 Gbps": 1e9, "10 Gbps": 1e10}[uplink]
    for link in ("lab/uplink>grenoble", "grenoble>lab/uplink"):
        assert highest_bps(found[link]) <= capacity_bps * (1 + 1e-9)
    for row in rows(result):
        accepted_b = (row["upload_bytes"] - row["lost_bytes"]) * 8
        size_b = (8e6 if learning["update"] == "1 MB" else 1e8) * row["accepted"]
        assert accepted_b == pytest.approx(size_b, rel=1e-9, abs=1.0)
    main = result.summary["paradigms"]["main"]
    whole_j = list(operation(main["boundaries"]).values())[-1]["energy_j"]
    assert np.sum(result.ticks("7 s")["energy_j"].to_numpy()) == pytest.approx(whole_j, rel=1e-9)
    for key in ("by_place", "by_workload", "by_activity"):
        assert fsum(part["energy_j"] for part in main[key].values()) == pytest.approx(whole_j, rel=1e-9)


def test_a_round_that_is_cut_short_on_shared_links_has_carried_what_they_could():
    """5 s of 100 Mbps, less the latency, at a horizon in the middle of the download."""
    result = run(narrow(a_federate_scenario({"rounds": 1}, horizon="5 s"), "100 Mbps"))
    found, _ = rates(result)
    assert integral_b(found["lab/uplink>grenoble"]) == pytest.approx(1e8 * (5 - LATENCY_S), rel=1e-9)
    assert rows(result) == []


def test_a_link_that_downloads_and_uploads_both_pass_is_asked_for_both():
    """Ways there and back may cross one link, where each takes the one that has room."""
    season = a_season(a_federate_scenario())
    ways = season.ways._replace(up=season.ways.down)
    cohorts = Cohorts(season.crowd, ways, season.world.traffic, season.world.streams, season.rules)
    block, members = cohorts.select(0)
    asked_bps = cohorts._asked_bps(block, members)
    assert set(asked_bps) == set(ways.down[0].capacities_bps)
    assert list(asked_bps.values()) == pytest.approx([fsum(members.down_bps) + fsum(members.up_bps)] * len(asked_bps))
