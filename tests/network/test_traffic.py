"""Bits that processes send pay their latency, share their links fairly, and are counted to the last one."""

import math

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_ledger, networks

from simulator.errors import NetworkError, UnknownNameError
from simulator.network.traffic import Traffic
from simulator.vocabulary import RATE

MOMENTS_S = st.sampled_from([0.0, 0.5, 1.0, 2.0, 10.0])


def near(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


class Network:
    """Links, what is sent over them, and when each sending was through."""

    def __init__(self, **capacities_bps):
        self.env, self.ledger = a_ledger()
        self.traffic = Traffic(self.env, self.ledger)
        self.finish_s = {}
        for link, capacity_bps in capacities_bps.items():
            self.traffic.add_link(link, capacity_bps)

    def send(self, name, route, size_b, start_s=0.0, latency_s=0.0, workload="job", cap_bps=math.inf):
        def live():
            try:
                yield self.env.timeout(start_s)
                yield from self.traffic.send(tuple(route), size_b, workload, latency_s, cap_bps)
                self.finish_s[name] = self.env.now
            except simpy.Interrupt:
                pass

        return self.env.process(live())

    def interrupt(self, process, at_s):
        def live():
            yield self.env.timeout(at_s)
            process.interrupt()

        self.env.process(live())

    def run(self):
        self.env.run()
        return self.finish_s

    def integrals_b(self):
        assert {c.activity for c in self.ledger.channels} <= {"transfer"}
        assert {c.quantity for c in self.ledger.channels} <= {RATE}
        return {(c.asset, c.workload): self.ledger.integral(n) for n, c in enumerate(self.ledger.channels)}


@st.composite
def sendings(draw):
    """Links and (name, route, size, start, latency, workload, cap) rows, many of which begin at one instant."""
    capacities_bps, flows = draw(networks())
    rows = [
        (name, f.route, f.size_b, draw(MOMENTS_S), draw(MOMENTS_S), f.workload, f.cap_bps) for name, f in flows.items()
    ]
    return capacities_bps, rows


def sent(capacities_bps, rows):
    network = Network(**capacities_bps)
    for row in rows:
        network.send(*row)
    network.run()
    return network


def test_latency_comes_first_and_uses_no_link():
    """2 s of latency, then 1000 b at 100 bps."""
    network = Network(a=100.0)
    network.send("f", "a", 1000.0, start_s=1.0, latency_s=2.0)
    assert network.run() == {"f": 13.0}
    assert network.ledger.changes().at_s.tolist() == [3.0, 13.0]


def test_two_equal_sendings_on_one_link_take_twice_as_long():
    network = Network(a=100.0)
    network.send("one", "a", 1000.0)
    network.send("two", "a", 1000.0)
    assert network.run() == {"one": 20.0, "two": 20.0}


def test_who_comes_later_slows_who_was_there():
    """100 bps: 500 b alone by 5 s, then 50 bps each: the first's other 500 b by 15 s, the second's last 500 by 20 s."""
    network = Network(a=100.0)
    network.send("first", "a", 1000.0)
    network.send("second", "a", 1000.0, start_s=5.0)
    assert network.run() == {"first": 15.0, "second": 20.0}


def test_a_cap_leaves_the_rest_of_the_link_to_others():
    network = Network(a=100.0)
    network.send("slow", "a", 200.0, cap_bps=20.0)
    network.send("fast", "a", 800.0)
    assert network.run() == {"slow": 10.0, "fast": 10.0}


def test_who_is_interrupted_gives_the_link_back_and_what_it_carried_stays_counted():
    """50 bps each until 4 s, 200 b each; then the other's last 800 b at 100 bps."""
    network = Network(a=100.0)
    given_up = network.send("given up", "a", 1000.0, workload="alice")
    network.send("other", "a", 1000.0, workload="bob")
    network.interrupt(given_up, at_s=4.0)
    assert network.run() == {"other": 12.0}
    assert network.traffic.carried_b() == {("a", "alice"): 200.0, ("a", "bob"): 1000.0}
    assert network.integrals_b() == {("a", "alice"): 200.0, ("a", "bob"): 1000.0}
    assert network.traffic.sent_b("alice") == 200.0


def test_the_clock_ends_with_the_last_bit_though_it_was_planned_for_later():
    """Together they would have been through at 20 s; alone since 4 s, the other is at 12 s, and nothing is pending."""
    network = Network(a=100.0)
    network.interrupt(network.send("given up", "a", 1000.0), at_s=4.0)
    network.send("other", "a", 1000.0)
    network.run()
    assert network.env.now == 12.0


def test_the_clock_ends_with_the_interruption_of_the_last_sending():
    network = Network(a=100.0)
    network.interrupt(network.send("given up", "a", 1000.0), at_s=4.0)
    network.run()
    assert network.env.now == 4.0


def test_an_interruption_at_the_instant_of_the_end_changes_no_bit():
    network = Network(a=100.0)
    network.interrupt(network.send("f", "a", 1000.0), at_s=10.0)
    network.run()
    assert network.traffic.carried_b() == {("a", "job"): 1000.0}
    assert network.ledger.level(0) == 0.0


def test_changes_of_one_instant_are_reported_once():
    network = Network(a=100.0)
    for name in "bcd":
        network.send(name, "a", 100.0, workload=name)
    network.run()
    assert network.ledger.changes().at_s.tolist() == [0.0] * 3 + [3.0] * 3


def test_whoever_begins_late_within_an_instant_still_belongs_to_it():
    """50 bps each from the first moment on: nothing says that one of them had 100."""
    network = Network(a=100.0)
    network.send("early", "a", 100.0, workload="alice")

    def late():
        for _ in range(5):
            yield network.env.timeout(0.0)
        yield from network.traffic.send(("a",), 100.0, "bob", 0.0)

    network.env.process(late())
    network.run()
    assert network.ledger.changes().value.tolist() == [50.0, 50.0, 0.0, 0.0]


def test_one_event_is_pending_however_many_begin():
    """First the settling of the instant, then the next completion; SimPy's own events have priorities 0 and 1."""
    network = Network(a=100.0)
    pending = []

    def look():
        for _ in range(5):
            yield network.env.timeout(0.0)
        pending.append(sum(priority > 1 for _, priority, _, _ in network.env._queue))

    for name in "bcd":
        network.send(name, "a", 1000.0)
    network.send("late", "a", 1000.0, start_s=5.0)
    network.env.process(look())
    network.env.run(until=0.5)
    pending.append(sum(priority > 1 for _, priority, _, _ in network.env._queue))
    network.env.run(until=6.0)
    pending.append(sum(priority > 1 for _, priority, _, _ in network.env._queue))
    assert pending == [1, 1, 1]


def test_wakes_that_newcomers_left_waiting_do_not_prolong_the_run():
    """The long one would end at 10 s, newcomers end by 2 s; as it is given up at 1.5 s, the last tick is the end."""
    network = Network(a=100.0, b=100.0)
    for tick in range(20):
        network.env.timeout(0.25 * tick)
    network.interrupt(network.send("long", "a", 1000.0), at_s=1.5)
    network.send("later", "b", 150.0, start_s=0.5)
    network.send("sooner", "b", 25.0, start_s=1.0)
    assert network.run() == {"later": pytest.approx(2.25), "sooner": pytest.approx(1.5)}
    assert network.env.now == 4.75


def test_a_wake_that_waits_behind_newcomers_is_still_there_for_who_was_to_end_first():
    """1000 b on a alone by 10 s, whatever ends on b meanwhile: 10 newcomers of 50 b each, one after the other."""
    network = Network(a=100.0, b=100.0)
    for tick in range(30):
        network.env.timeout(0.25 * tick)
    network.send("long", "a", 1000.0)
    for number in range(10):
        network.send(number, "b", 50.0, start_s=0.75 * number)
    assert network.run() == {"long": 10.0, **{number: pytest.approx(0.75 * number + 0.5) for number in range(10)}}


def test_only_links_that_carry_something_have_channels():
    network = Network(a=100.0, b=100.0)
    network.send("f", "a", 1000.0)
    network.run()
    assert [(c.asset, c.workload) for c in network.ledger.channels] == [("a", "job")]


def test_a_link_that_is_there_keeps_its_capacity():
    network = Network(a=100.0)
    network.traffic.add_link("a", 5.0)
    network.send("f", "a", 1000.0)
    assert network.run() == {"f": 10.0}


def test_a_link_without_number_and_a_flow_over_no_link_are_refused():
    network = Network(a=100.0)
    with pytest.raises(NetworkError):
        network.traffic.add_link("b", float("nan"))
    network.send("f", ["elsewhere"], 1000.0)
    with pytest.raises(UnknownNameError):
        network.run()


@given(sendings())
def test_bits_out_are_bits_in_and_those_of_the_rates_for_each_link_and_workload(case):
    network = sent(*case)
    expected = {}
    for _, route, size_b, _, _, workload, _ in case[1]:
        for link in set(route):
            expected[link, workload] = expected.get((link, workload), 0.0) + size_b
    assert network.traffic.carried_b() == near(expected)
    assert network.integrals_b() == near(expected)
    assert all(network.ledger.level(n) == 0.0 for n in range(len(network.ledger.channels)))


@given(sendings(), st.floats(0.0, 200.0))
def test_bits_carried_are_those_of_the_rates_though_all_are_interrupted(case, at_s):
    capacities_bps, rows = case
    network = Network(**capacities_bps)
    processes = [network.send(*row) for row in rows]
    network.env.run(until=at_s + 0.1)
    for process in [p for p in processes if p.is_alive]:
        process.interrupt()
    network.run()
    carried_b = network.traffic.carried_b()
    integrals_b = network.integrals_b()
    assert {key: integrals_b.get(key, 0.0) for key in carried_b} == near(carried_b)


@given(sendings())
def test_nothing_is_faster_than_latency_and_size_over_its_narrowest_link(case):
    capacities_bps, rows = case
    finish_s = sent(capacities_bps, rows).finish_s
    for name, route, size_b, start_s, latency_s, _, cap_bps in rows:
        narrowest_bps = min(cap_bps, *(capacities_bps[link] for link in route))
        assert finish_s[name] >= (start_s + latency_s + size_b / narrowest_bps) * (1 - 1e-9)


@given(sendings(), st.randoms(use_true_random=False))
def test_the_order_of_those_who_begin_together_changes_nothing(case, luck):
    capacities_bps, rows = case
    shuffled = list(rows)
    luck.shuffle(shuffled)
    one, other = sent(capacities_bps, rows), sent(capacities_bps, shuffled)
    assert other.finish_s == near(one.finish_s)
    assert other.integrals_b() == near(one.integrals_b())


def test_what_is_passed_without_being_shared_carries_the_same_bits_and_limits_nothing():
    """1000 b at 100 bps: the router has a channel of its own, and a name given twice counts once."""
    env, ledger = a_ledger()
    traffic = Traffic(env, ledger)
    traffic.add_link("a", 100.0)
    env.process(traffic.send(("a",), 1000.0, "job", 2.0, also=("router", "a", "router")))
    env.run()
    assert {c.asset: ledger.integral(n) for n, c in enumerate(ledger.channels)} == near({"a": 1000.0, "router": 1000.0})
    assert traffic.carried_b() == {("a", "job"): 1000.0}
    assert traffic.spans_s() == {"a": (2.0, 12.0), "router": (2.0, 12.0)}


def test_what_is_still_in_use_is_so_until_now():
    env, ledger = a_ledger()
    traffic = Traffic(env, ledger)
    traffic.add_link("a", 100.0)
    env.process(traffic.send(("a",), 1000.0, "job", 2.0))
    assert traffic.spans_s() == {}
    env.run(until=5.0)
    assert traffic.spans_s() == {"a": (2.0, 5.0)}


def test_whoever_is_done_begins_another_at_once_and_the_link_never_looks_idle():
    """Ten times 100 b at 100 bps, one after the other: one level from the first moment to the last."""
    env, ledger = a_ledger()
    traffic = Traffic(env, ledger)
    traffic.add_link("a", 100.0)

    def live():
        for _ in range(10):
            yield from traffic.send(("a",), 100.0, "job", 0.0)

    env.process(live())
    env.run()
    assert (ledger.changes().at_s.tolist(), ledger.changes().value.tolist()) == ([0.0, 10.0], [100.0, 0.0])


def test_whoever_asks_to_be_called_is_called_when_the_last_bit_is_through():
    """500 b beside 1000 b at 50 bps each by 10 s; the other's last 500 b at 100 bps by 15 s."""
    env, ledger = a_ledger()
    traffic = Traffic(env, ledger)
    traffic.add_link("a", 100.0)
    told = []
    for size_b in 1000.0, 500.0:
        sending = traffic.begin(("a",), size_b, "job")
        sending.done.callbacks.append(lambda _, size_b=size_b: told.append((size_b, env.now)))
    env.run()
    assert told == [(500.0, 10.0), (1000.0, 15.0)]


def test_of_two_that_end_together_one_cannot_stop_the_other_whose_bits_are_through():
    """1000 b each at 50 bps, both by 20 s: the first then interrupts the second, which sends no more."""
    network = Network(a=100.0)
    second = []

    def first():
        yield from network.traffic.send(("a",), 1000.0, "job", 0.0)
        if second[0].is_alive:
            second[0].interrupt()

    network.env.process(first())
    second.append(network.send("second", "a", 1000.0))
    assert network.run() == {"second": 20.0}
    assert network.traffic.sent_b("job") == 2000.0


def test_what_goes_on_at_the_instant_of_an_end_belongs_to_it():
    """Two end at 2 s; one process waits for no time and sends again: nobody sees the link half used at 2 s."""
    env, ledger = a_ledger()
    traffic = Traffic(env, ledger)
    traffic.add_link("a", 100.0)

    def live(pause_s):
        for _ in range(2):
            yield from traffic.send(("a",), 100.0, str(pause_s), 0.0)
            if pause_s is not None:
                yield env.timeout(pause_s)

    env.process(live(None))
    env.process(live(0.0))
    env.run()
    assert ledger.changes().at_s.tolist() == [0.0, 0.0, 4.0, 4.0]
    assert ledger.changes().value.tolist() == [50.0, 50.0, 0.0, 0.0]
