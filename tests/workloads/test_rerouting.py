"""What is under way when cables go down takes other ways with what it has left, or waits; all of it is sent once."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_crowd_scenario, a_federate_scenario, a_sea, an_atlas, run, seas

from simulator.network.outage import link_of
from simulator.network.path import home
from simulator.record.events import held_s
from simulator.record.transfers import Transfer, transfer_row
from simulator.vocabulary import RATE
from simulator.workloads.transfer import carry

TWO_WAYS = (("a", "b", "direct", 1000.0, 10.0), ("a", "c", "round", 1000.0, 4.0), ("b", "c", "round", 1000.0, 4.0))
"""1000 km that carry 10 Gb/s, and 2000 km that carry 4."""
DIRECT, ROUND = [("a", "b", "direct")], [("a", "c", "round"), ("b", "c", "round")]
NEAR_S, FAR_S = ((2 * 4.9e-3 * 1.216 * km + 3.6) / 2e3 for km in (1000, 2000))
"""Half the round trips of `policy` over 1000 and 2000 km at sea."""


class Sent:
    """Transfers from place to place while links go down and come back, and what was recorded of them."""

    def __init__(self, cables, transfers, events=(), cancels=(), end_s=None, late=False, **network):
        with a_sea(an_atlas(*cables), **network) as world:
            self.world, self.records, self.causes = world, [], {}
            self.capacities = [(0.0, dict(self._edges()))]
            if not late:
                world.env.process(self._happen(events))
            processes = [world.env.process(self._send(n, *one)) for n, one in enumerate(transfers)]
            if late:
                world.env.process(self._happen(events))
            for at_s, number in cancels:
                world.env.process(self._cancel(at_s, processes[number]))
            world.env.run(until=end_s)

    def _edges(self):
        return ((frozenset((a, b)), edge["capacity_bps"]) for a, b, edge in self.world.internet.atlas.edges(data=True))

    def _happen(self, events):
        internet, env = self.world.internet, self.world.env
        for at_s, what, links in sorted(events, key=lambda event: event[0]):
            if at_s > env.now:
                yield env.timeout(at_s - env.now)
            (internet.take_down if what == "down" else internet.bring_back)(links)
            self.capacities.append((env.now, dict(self._edges())))
        yield env.timeout(0.0)

    def _send(self, number, a, b, gbit, start_s=0.0, cap_bps=math.inf):
        record = Transfer(f"t{number}", a, b, gbit * 1e9)
        self.records.append(record)
        if start_s:
            yield self.world.env.timeout(start_s)
        self.causes[number] = yield from carry(self.world, record, (home(a), home(b)), "policy", cap_bps)

    def _cancel(self, at_s, process):
        yield self.world.env.timeout(at_s)
        process.interrupt("cancel")

    @property
    def one(self):
        (record,) = self.records
        return record

    def carried_gbit(self):
        """What passed each link, as the channels integrate it."""
        found = Counter()
        for number, channel in enumerate(self.world.ledger.channels):
            found[channel.asset] += self.world.ledger.integral(number) / 1e9
        return found

    def events(self, *kinds):
        return [(event.at_s, event.event) for event in self.world.events.rows if event.event in kinds]

    def rates(self):
        """The rate of each link between two changes of anything, beside what it could carry then."""
        changes = self.world.ledger.changes()
        moments = np.unique(np.concatenate([changes.at_s, [at_s for at_s, _ in self.capacities]]))
        middles = (moments[:-1] + moments[1:]) / 2
        begins = np.array([at_s for at_s, _ in self.capacities])
        for number, channel in enumerate(self.world.ledger.channels):
            mine = changes.channel == number
            before = np.searchsorted(changes.at_s[mine], middles, side="right") - 1
            rates_bps = np.where(before >= 0, np.append(changes.value[mine], 0.0)[before], 0.0)
            then = np.searchsorted(begins, middles, side="right") - 1
            most_bps = [self.capacities[k][1].get(frozenset(channel.asset.split(">")), 0.0) for k in then]
            yield channel.asset, rates_bps, np.array(most_bps)


def test_what_is_left_goes_on_over_the_next_way_after_its_latency():
    """100 Gb at 10 Gb/s; cut after 5 s, the rest at 4 Gb/s."""
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(5.0, "down", DIRECT)])
    first = 10 * (5 - NEAR_S)
    assert sent.one.end_s == pytest.approx(5 + FAR_S + (100 - first) / 4)
    assert sent.carried_gbit() == pytest.approx({"a>b": first, "a>c": 100 - first, "c>b": 100 - first})
    assert (sent.one.status, sent.one.reroutes, sent.one.waited_s) == ("finished", 1, 0)
    assert (sent.one.km, sent.one.cables, sent.one.latency_s) == (2000, ("round", "round"), pytest.approx(FAR_S))
    assert sent.one.begin_s == pytest.approx(NEAR_S)
    assert sent.one.sent_b == 100e9
    assert sent.events("reroute", "held", "free") == [(5.0, "reroute")]


def test_it_goes_back_when_the_better_way_does():
    """5 s at 10 Gb/s, 5 s at 4, the rest at 10."""
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(5.0, "down", DIRECT), (10.0, "up", DIRECT)])
    gone = 10 * (5 - NEAR_S) + 4 * (5 - FAR_S)
    assert sent.one.end_s == pytest.approx(10 + NEAR_S + (100 - gone) / 10)
    assert (sent.one.reroutes, sent.one.km, sent.one.sent_b) == (2, 1000, 100e9)
    assert sent.carried_gbit()["a>c"] == pytest.approx(4 * (5 - FAR_S))


def test_a_cut_beside_its_way_does_not_disturb_it():
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(5.0, "down", ROUND), (6.0, "up", ROUND)])
    assert (sent.one.end_s, sent.one.reroutes) == (pytest.approx(10 + NEAR_S), 0)


def test_a_link_that_loses_a_cable_beside_others_carries_what_is_left_of_it():
    """10 + 5 Gb/s; the longer one goes after 4 s and nobody changes, then the shorter one and it is another way."""
    cables = (("a", "b", "short", 1000.0, 10.0), ("a", "b", "long", 2000.0, 5.0))
    long = Sent(cables, [("a", "b", 120)], [(4.0, "down", [("a", "b", "long")])])
    assert (long.one.end_s, long.one.reroutes) == (pytest.approx(4 + (120 - 15 * (4 - NEAR_S)) / 10), 0)
    short = Sent(cables, [("a", "b", 120)], [(4.0, "down", [("a", "b", "short")])])
    assert short.one.end_s == pytest.approx(4 + FAR_S + (120 - 15 * (4 - NEAR_S)) / 5)
    assert (short.one.reroutes, short.one.cables, short.one.km) == (1, ("long",), 2000)


def test_it_waits_where_there_is_no_way_and_says_so_once():
    """Two changes while nothing joins its ends; 10 s of waiting."""
    events = [(5.0, "down", DIRECT), (7.0, "down", ROUND), (9.0, "up", ROUND[:1]), (17.0, "up", DIRECT)]
    sent = Sent(TWO_WAYS, [("a", "b", 100)], events)
    gone = 10 * (5 - NEAR_S) + 4 * (2 - FAR_S)
    assert sent.one.end_s == pytest.approx(17 + NEAR_S + (100 - gone) / 10)
    assert sent.one.waited_s == 10
    assert sent.events("held", "free") == [(7.0, "held"), (17.0, "free")]


def test_who_is_sent_off_while_there_is_no_way_begins_when_there_is_one_and_has_not_waited_since():
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(0.0, "down", DIRECT + ROUND), (8.0, "up", DIRECT)])
    assert (sent.one.submit_s, sent.one.begin_s, sent.one.waited_s) == (0, pytest.approx(8 + NEAR_S), 0)
    assert (sent.one.end_s, sent.one.reroutes) == (pytest.approx(18 + NEAR_S), 0)


def test_who_still_pays_its_latency_has_not_begun_and_pays_that_of_the_other_way():
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(NEAR_S / 2, "down", DIRECT)])
    assert sent.one.begin_s == pytest.approx(NEAR_S / 2 + FAR_S)
    assert sent.one.end_s == pytest.approx(NEAR_S / 2 + FAR_S + 25)
    assert set(sent.carried_gbit()) == {"a>c", "c>b"}


@pytest.mark.parametrize("late", [False, True])
def test_a_cut_in_the_instant_in_which_it_is_sent_off_is_as_if_it_had_been_before(late):
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(0.0, "down", DIRECT)], late=late)
    assert sent.one.end_s == pytest.approx(FAR_S + 25)
    assert set(sent.carried_gbit()) == {"a>c", "c>b"}


@pytest.mark.parametrize("late", [False, True])
def test_a_cut_in_the_instant_in_which_its_latency_is_paid_leaves_all_of_it_to_the_other_way(late):
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(NEAR_S, "down", DIRECT)], late=late)
    assert sent.one.end_s == pytest.approx(NEAR_S + FAR_S + 25)
    assert (sent.one.sent_b, sent.carried_gbit()["a>b"]) == (100e9, 0)


@pytest.mark.parametrize("late", [False, True])
def test_a_cut_in_the_instant_in_which_its_last_bit_arrives_comes_too_late(late):
    end_s = Sent(TWO_WAYS, [("a", "b", 100)]).one.end_s
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(end_s, "down", DIRECT + ROUND)], late=late)
    assert (sent.one.status, sent.one.end_s, sent.one.reroutes, sent.one.sent_b) == ("finished", end_s, 0, 100e9)
    assert sent.events("held") == []


@pytest.mark.parametrize("late", [False, True])
def test_a_cut_and_a_repair_of_one_instant_cost_a_latency_at_most(late):
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(5.0, "down", DIRECT), (5.0, "up", DIRECT)], late=late)
    assert sent.one.sent_b == 100e9
    assert 10 + NEAR_S <= sent.one.end_s <= 10 + 2 * NEAR_S + 1e-9


def test_two_cuts_of_one_instant_are_one():
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(5.0, "down", DIRECT), (5.0, "down", ROUND), (6.0, "up", ROUND)])
    assert sent.one.end_s == pytest.approx(6 + FAR_S + (100 - 10 * (5 - NEAR_S)) / 4)
    assert sent.one.waited_s == 1


def test_who_is_cancelled_while_it_waits_has_waited_up_to_then_and_sends_nothing_more():
    events = [(5.0, "down", DIRECT + ROUND), (20.0, "up", DIRECT)]
    sent = Sent(TWO_WAYS, [("a", "b", 100)], events, cancels=[(12.0, 0)])
    assert (sent.one.status, sent.one.end_s, sent.one.waited_s) == ("cancelled", 12, 7)
    assert sent.one.sent_b == pytest.approx(10e9 * (5 - NEAR_S))
    assert sent.causes == {0: "cancel"}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("routing", ["policy", "capacity"])
def test_who_is_cancelled_in_the_instant_of_the_cut_is_cancelled(late, routing):
    network = {"routing": routing}
    sent = Sent(TWO_WAYS, [("a", "b", 100, 0.0, 13e9)], [(5.0, "down", DIRECT)], [(5.0, 0)], late=late, **network)
    assert (sent.one.status, sent.one.end_s) == ("cancelled", 5)
    gone = 10 * (5 - NEAR_S) + (3 * (5 - FAR_S) if routing == "capacity" else 0)
    assert sent.one.sent_b == pytest.approx(gone * 1e9)


def test_who_still_waits_at_the_end_has_waited_up_to_then():
    sent = Sent(TWO_WAYS, [("a", "b", 100)], [(5.0, "down", DIRECT + ROUND)], end_s=30.0)
    assert transfer_row(sent.one, 30.0)["waited_s"] == 25
    assert sent.one.status == "unfinished"


def test_what_is_spread_over_ways_ends_on_all_of_them_at_once_but_for_their_latencies():
    """130 Gb at 10 and 3 Gb/s: 10 s on each."""
    sent = Sent(TWO_WAYS, [("a", "b", 130, 0.0, 13e9)], routing="capacity")
    assert (sent.one.ways, sent.one.end_s) == (2, pytest.approx(10 + FAR_S))
    assert sent.carried_gbit() == pytest.approx({"a>b": 100, "a>c": 30, "c>b": 30})


def test_what_is_spread_over_ways_goes_on_over_those_that_are_left():
    """After 5 s the narrow way alone, at its 4 Gb/s."""
    sent = Sent(TWO_WAYS, [("a", "b", 130, 0.0, 13e9)], [(5.0, "down", DIRECT)], routing="capacity")
    gone = 10 * (5 - NEAR_S) + 3 * (5 - FAR_S)
    assert sent.one.end_s == pytest.approx(5 + FAR_S + (130 - gone) / 4)
    assert (sent.one.ways, sent.one.reroutes, sent.one.sent_b) == (1, 1, 130e9)


def test_who_found_no_room_goes_on_when_a_crowd_gives_it_back():
    """Nothing happens to cables: a crowd takes all of both ways for 10 s, and flows share what crowds leave."""
    with a_sea(an_atlas(*TWO_WAYS), routing="capacity") as world:
        for link in ("a>b", "a>c"):
            world.traffic.add_link(link, {"a>b": 10e9, "a>c": 4e9}[link])
        world.traffic.occupy({"a>b": 10e9, "a>c": 4e9})
        record = Transfer("t", "a", "b", 100e9)
        world.env.process(carry(world, record, (home("a"), home("b")), "policy", math.inf))
        world.env.run(until=10.0)
        world.traffic.occupy({"a>b": -10e9})
        world.env.run()
        assert (record.status, record.end_s) == ("finished", pytest.approx(20))
        assert [event.event for event in world.events.rows] == []


@st.composite
def outages(draw, cables):
    """Cuts that overlap, begin and end in the same instants as others, and are all over after 60 s."""
    every = sorted({link_of(a, b, name) for a, b, name, *_ in cables})
    moments_s, repairs_s = st.sampled_from([0.0, 1.0, 5.0, 10.0, 20.0, 45.0]), st.sampled_from([0.5, 5.0, 10.0, 15.0])
    cut = st.tuples(moments_s, repairs_s, st.sets(st.sampled_from(every), min_size=1).map(sorted))
    cuts = draw(st.lists(cut, max_size=4))
    both = [[(at_s, "down", links), (at_s + repair_s, "up", links)] for at_s, repair_s, links in cuts]
    return [event for pair in both for event in pair]


@given(seas(), st.data())
def test_whatever_goes_down_all_is_sent_exactly_once_and_no_link_carries_more_than_it_can_then(cables, data):
    events = data.draw(outages(cables))
    pairs = st.sampled_from([("a", "b"), ("b", "a"), ("a", "c"), ("c", "b")])
    sizes, starts_s = st.integers(1, 400), st.sampled_from([0.0, 1.0, 5.0, 10.0])
    caps_bps = st.sampled_from([math.inf, 3e9, 70e9])
    one = st.tuples(pairs, sizes, starts_s, caps_bps).map(lambda drawn: (*drawn[0], *drawn[1:]))
    transfers = data.draw(st.lists(one, min_size=1, max_size=4))
    routing, late = data.draw(st.sampled_from(["policy", "capacity"])), data.draw(st.booleans())
    sent = Sent(cables, transfers, events, late=late, routing=routing)
    balance = Counter()
    for record in sent.records:
        assert record.status == "finished"
        assert record.sent_b == pytest.approx(record.size_b, rel=1e-9)
        assert record.end_s >= record.begin_s + record.waited_s
        balance[record.sender, record.workload] += record.size_b
        balance[record.receiver, record.workload] -= record.size_b
    ledger = sent.world.ledger
    for number, channel in enumerate(ledger.channels):
        a, b = channel.asset.split(">")
        balance[a, channel.workload] -= ledger.integral(number)
        balance[b, channel.workload] += ledger.integral(number)
    assert balance == pytest.approx(dict.fromkeys(balance, 0.0), abs=400e9 * 1e-9)
    together = Counter()
    for asset, rates_bps, most_bps in sent.rates():
        together[asset] = together[asset] + rates_bps
        assert (together[asset] <= most_bps * (1 + 1e-9)).all()
    assert sent.world.internet._senders == {}


ISLAND = {"places": {"nukualofa": 1.0}}
"""A thousand phones on an island that one cable joins to the rest of the world."""


def an_island(workload, *events, **changes):
    """What these phones do with a lab in Suva, 827 km away, while the cable is cut."""
    data = a_crowd_scenario([workload], ISLAND, **changes)
    data["world"]["datacenters"]["lab"]["city"] = "suva"
    data["world"]["populations"]["phones"]["grid"] = data["world"]["datacenters"]["lab"]["grid"] = "NZ"
    data["world"]["network"] = {"events": list(events)}
    return run(data)


def cut(at_s, repair_s=None, cable="tonga"):
    repair = {} if repair_s is None else {"repair": f"{repair_s} s"}
    return {"cut": {"at": f"{at_s} s", "cables": cable, **repair}}


COLLECT = {"collect": {"from": "phones", "to": "lab", "size": "1 GB", "during": "100 s", "latency": "lower_bound"}}
"""8 Gb at 80 Mb/s: 400 s of devices at 20 Mb/s, in each of which a device draws 1.5 W over its rest."""
ISLE_S = 827 * 4.9e-6 + 5e-3


def device_s(result, gbit=8.0):
    """Seconds of devices, from their joules less the slope of their lines, 0.02 W/Mbps."""
    return (result.summary["paradigms"]["main"]["by_activity"]["upload"]["energy_j"] - gbit * 20.0) / 1.5


def test_devices_are_not_busy_while_no_way_joins_them_to_the_rest():
    """An hour of waiting, and the latency of the way paid once more."""
    result = an_island(COLLECT, cut(50, 3600))
    (row,) = result.table("transfers").to_pylist()
    assert (row["end_s"], row["waited_s"]) == (pytest.approx(3700 + 2 * ISLE_S), pytest.approx(3600))
    assert device_s(result) == pytest.approx(400 * (100 + ISLE_S) / 100, rel=1e-9)


def test_devices_that_still_wait_at_the_horizon_are_not_busy_either():
    result = an_island(COLLECT, cut(50), horizon="1 h")
    (row,) = result.table("transfers").to_pylist()
    share = (50 - ISLE_S) / 100
    assert (row["waited_s"], row["done_share"]) == (3550, pytest.approx(share))
    assert device_s(result, 8 * share) == pytest.approx(400 * share, rel=1e-9)


def test_a_run_without_horizon_ends_where_nothing_is_left_to_happen_and_says_so():
    result = an_island(COLLECT, cut(50))
    events = [(e["at_s"], e["event"], e["cause"]) for e in result.table("events").to_pylist()]
    assert events[-2] == (50.0, "unfinished", "nothing is left to happen")
    assert ("held", "phones/nukualofa/wifi to lab: no cable joins them") in [event[1:] for event in events]


def test_learning_is_held_while_a_city_of_its_devices_is_cut_off_and_goes_on():
    """Each round lasts 20 s of work, 2 + 5 s of moving and 5 s at the server; the cut falls into the second."""
    learning = a_federate_scenario()["workloads"][0]
    whole, held = an_island(learning), an_island(learning, cut(40, 600))
    begins, rounds = ([row["begin_s"] for row in r.table("rounds").to_pylist()] for r in (whole, held))
    assert (len(begins), len(rounds)) == (3, 4)
    assert rounds[:2] == begins[:2]
    assert begins[1] < 40 < 640 == rounds[2]
    lost = held.table("rounds").to_pylist().pop(1)
    assert (lost["round"], lost["accepted"], lost["close_s"]) == (1, 0, 40)
    assert lost["lost_bytes"] == lost["upload_bytes"]
    for name in ("round", "download_bytes", "upload_bytes", "accepted"):
        came = held.table("rounds")[name].to_pylist()
        assert [*came[:1], *came[2:]] == whole.table("rounds")[name].to_pylist()
    waited_s = held_s({"events": held.table("events")})
    assert waited_s == {("main", "federate"): pytest.approx(600)}


def test_rounds_take_the_ways_that_there_are_when_they_begin():
    """From Bilbao to Washington: over Grace Hopper until it is cut in the second of three rounds, begun again then."""
    data = a_federate_scenario(phones={"places": {"bilbao": 1.0}})
    data["world"]["datacenters"]["lab"]["city"] = "washington"
    data["world"]["datacenters"]["lab"]["grid"] = "US"
    data["world"]["network"] = {"events": [cut(40, cable="grace-hopper")]}
    result = run(data)
    begins_s = [row["begin_s"] for row in result.table("rounds").to_pylist()]
    assert begins_s[1] < 40 == begins_s[2] < begins_s[3]
    assets = {row["channel"]: row["asset"] for row in result.table("channels").to_pylist() if row["quantity"] == RATE}
    used = {asset: set() for asset in assets.values()}
    for row in result.table("changes").to_pylist():
        if row["channel"] in assets and row["value"] > 0:
            used[assets[row["channel"]]].add(sum(begin_s <= row["at_s"] for begin_s in begins_s))
    assert (used["bilbao>bu-grace"], used["bu-grace>bilbao"]) == ({1}, {1, 2})  # no upload had come so far
    assert used["bilbao>virginia-beach"] == used["virginia-beach>bilbao"] == {3, 4}
