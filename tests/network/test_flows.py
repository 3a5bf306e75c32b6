"""The compiled engine against the plain one: rates, ends, bits, whatever begins, ends, is given up or cut."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulator.network.flows.caps as caps
from simulator.errors import NetworkError, UnknownNameError
from simulator.network.flows.compiled import folder
from simulator.network.flows.engine import Engine
from simulator.network.fluid import Fluid
from simulator.network.sharing import Flow

LINKS = {"a": 100.0, "b": 50.0, "c": 77.7, "d": 10.0, "e": 100.0}
ROUTES = st.lists(st.sampled_from(sorted(LINKS)), min_size=1, max_size=3, unique=True).map(tuple)
FLOWS = st.builds(
    Flow,
    ROUTES,
    st.sampled_from([0.0, 100.0, 333.0, 1.0]),
    st.sampled_from(["one", "two"]),
    st.sampled_from([1.0, 1.0, 2.5]),
    st.sampled_from([math.inf, math.inf, 3.0, 7.0, 20.0, 33.3]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.7, 5.0]),
        st.one_of(
            FLOWS, st.integers(0, 20), st.tuples(st.sampled_from(sorted(LINKS)), st.sampled_from([0.0, 20.0, 150.0]))
        ),
    ),
    min_size=1,
    max_size=50,
)


class Both:
    """The same flows on both engines; `names` knows those under way by their number."""

    def __init__(self, links=LINKS):
        self.engine, self.plain = Engine(links), Fluid(links)
        self.names, self.count, self.ends = {}, 0, ({}, {})

    def add(self, flow):
        self.count += 1
        self.names[self.engine.add(flow)] = str(self.count)
        self.plain.add(str(self.count), flow)

    def advance(self, to_s):
        ended = {self.names.pop(number): at_s for number, at_s in self.engine.advance(to_s)}
        others = dict(self.plain.advance(to_s))
        ours, theirs = self.ends  # one may be a rounding earlier than the other
        ours.update(ended)
        theirs.update(others)
        now = {name for name in (*ended, *others) if name in ours and name in theirs}
        assert {name: ours[name] for name in now} == pytest.approx({n: theirs[n] for n in now}, rel=1e-9, abs=1e-9)

    def remove(self, which):
        number = sorted(self.names)[which % len(self.names)]
        left_b = self.engine.remove(number)
        assert left_b == pytest.approx(self.plain.remove(self.names.pop(number)), abs=1e-6)

    def check(self):
        rates_bps = self.plain.rates_bps()
        assert {name: self.engine.rate_bps(number) for number, name in self.names.items()} == pytest.approx(
            rates_bps, rel=1e-9, abs=1e-9
        )
        for number, name in self.names.items():
            assert self.engine.left_b(number) == pytest.approx(self.plain.left_b(name), abs=1e-6)

    def finish(self):
        while self.plain:
            self.advance(max(self.plain.now_s, self.plain.next_completion_s()))
        while (next_s := self.engine.next_completion_s()) < math.inf:
            self.advance(max(next_s, self.plain.now_s))
        assert set(self.ends[0]) == set(self.ends[1])
        assert self.engine.carried_b() == pytest.approx(self.plain.carried_b(), rel=1e-9)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_happens_both_engines_agree(steps):
    both, at_s = Both(), 0.0
    for wait_s, step in steps:
        at_s += wait_s
        both.advance(at_s)
        if isinstance(step, Flow):
            both.add(step)
        elif isinstance(step, int):
            if both.names:
                both.remove(step)
        else:
            both.engine.set_capacity(*step)
            both.plain.set_capacity(*step)
        both.check()
    for link in LINKS:
        both.engine.set_capacity(link, 100.0)
        both.plain.set_capacity(link, 100.0)
    both.finish()


@settings(max_examples=30, deadline=None)
@given(st.lists(FLOWS, min_size=1, max_size=40))
def test_rates_are_feasible_and_every_flow_is_at_its_cap_or_has_a_full_link_where_nobody_has_more(flows):
    engine = Engine(LINKS)
    under_way = {engine.add(flow._replace(size_b=1e9)): flow for flow in flows}
    rates_bps = {number: engine.rate_bps(number) for number in under_way}
    used_bps = {link: sum(rates_bps[n] for n, flow in under_way.items() if link in flow.route) for link in LINKS}
    assert all(used_bps[link] <= LINKS[link] * (1 + 1e-9) for link in LINKS)
    assert {link: engine.link_use(link)[0] for link in LINKS} == pytest.approx(used_bps, abs=1e-9)
    level = {number: rates_bps[number] / flow.weight for number, flow in under_way.items()}
    for number, flow in under_way.items():
        bottlenecks = [
            link
            for link in flow.route
            if used_bps[link] >= LINKS[link] * (1 - 1e-9)
            and level[number] >= (1 - 1e-9) * max(level[n] for n, other in under_way.items() if link in other.route)
        ]
        assert bottlenecks or rates_bps[number] == pytest.approx(flow.cap_bps)


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(4))
def test_a_class_of_hundreds_of_caps_that_come_and_go(seed):
    """Enough of them that caps are sorted anew, gaps are closed and the caps are moved to a larger array."""
    draw = np.random.default_rng(seed)
    both = Both({"up": 900.0, "far": 4000.0})
    for turn in range(400):
        both.advance(both.plain.now_s + float(draw.exponential(0.3)))
        for _ in range(int(draw.integers(1, 6))):
            route = ("far", "up") if draw.random() < 0.7 else ("up",)
            both.add(Flow(route, float(draw.exponential(200.0)), "w", 1.0, float(draw.lognormal(2.0, 1.5))))
        if both.names and draw.random() < 0.3:
            both.remove(int(draw.integers(0, 1000)))
        if turn % 40 == 39:
            both.check()
            assert len(both.names) > caps.WAITING
    both.finish()


@settings(max_examples=25, deadline=None)
@given(st.lists(FLOWS, min_size=2, max_size=25), st.randoms(use_true_random=False))
def test_the_order_of_beginning_and_the_names_of_workloads_change_no_end(flows, random):
    """Flows of one class and each in a class of its own; in another order."""

    def ends(chosen):
        engine = Engine(LINKS)
        names = {engine.add(flow): place for place, flow in chosen}
        found = {}
        while (next_s := engine.next_completion_s()) < math.inf:
            found.update((names[number], at_s) for number, at_s in engine.advance(next_s))
        return found

    places = list(enumerate(flows))
    apart = [(place, flow._replace(workload=str(place))) for place, flow in places]
    shuffled = random.sample(places, len(places))
    assert ends(apart) == pytest.approx(ends(places), rel=1e-9)
    assert ends(shuffled) == pytest.approx(ends(places), rel=1e-9)


def test_flows_that_begin_at_one_instant_see_each_other_on_every_link():
    """Three on x and y, one on x, one on y: y of 10 is shared by four, x of 100 keeps the rest."""
    engine = Engine({"x": 100.0, "y": 10.0})
    both = [engine.add(Flow(("x", "y"), 1e6, "w")) for _ in range(3)]
    x, y = engine.add(Flow(("x",), 1e6, "w")), engine.add(Flow(("y",), 1e6, "w"))
    assert [engine.rate_bps(number) for number in (*both, y)] == [2.5] * 4
    assert engine.rate_bps(x) == pytest.approx(92.5)


def test_what_cannot_flow_is_refused_as_by_the_plain_engine():
    engine = Engine({"a": 1.0})
    with pytest.raises(UnknownNameError, match="link"):
        engine.add(Flow(("nowhere",), 1.0, "w"))
    with pytest.raises(NetworkError, match="size_b"):
        engine.add(Flow(("a",), -1.0, "w"))
    engine.add(Flow(("a",), 1.0, "w"))
    for size_b, cap_bps in ((-1.0, 1.0), (math.nan, 1.0), (math.inf, 1.0), (1.0, 0.0), (1.0, math.nan)):
        with pytest.raises(NetworkError):
            engine.add(Flow(("a",), size_b, "w", 1.0, cap_bps))
    with pytest.raises(NetworkError, match="capacity_bps"):
        engine.set_capacity("a", -1.0)


def test_without_a_moment_time_goes_to_the_next_completion():
    """50 bps each by 10 s, then 100 bps for the 500 b that are left; after the last one time stays."""
    engine, plain = Engine({"a": 100.0}), Fluid({"a": 100.0})
    numbers = [engine.add(Flow(("a",), size_b, "w")) for size_b in (500.0, 1000.0)]
    for name, size_b in ("short", 500.0), ("long", 1000.0):
        plain.add(name, Flow(("a",), size_b, "w"))
    assert [engine.advance() for _ in range(3)] == [[(numbers[0], 10.0)], [(numbers[1], 15.0)], []]
    assert [plain.advance() for _ in range(3)] == [[("short", 10.0)], [("long", 15.0)], []]
    assert engine.now_s == plain.now_s == 15.0


def test_signals_say_what_links_and_sites_carry_for_whom():
    told = []
    engine = Engine({"a": 100.0}, log=lambda *columns: told.extend(zip(*(c.tolist() for c in columns), strict=True)))
    engine.add(Flow(("a",), 100.0, "one"), ("site",))
    engine.add(Flow(("a",), 200.0, "two"))
    while (next_s := engine.next_completion_s()) < math.inf:
        engine.advance(next_s)
    engine.flush()
    names = engine.signals
    assert names == [("a", "one"), ("site", "one"), ("a", "two")]
    expected = [
        (0.0, 0, 50.0),
        (0.0, 1, 50.0),
        (0.0, 2, 50.0),
        (2.0, 0, 0.0),
        (2.0, 1, 0.0),
        (2.0, 2, 100.0),
        (3.0, 2, 0.0),
    ]
    assert sorted(told) == sorted(expected)


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(3))
def test_hundreds_of_routes_that_all_hang_together(seed):
    """As one flow is done another begins on a route of its own: all are solved at once, as plainly."""
    draw = np.random.default_rng(seed)
    links = {f"link {number}": float(draw.integers(50, 200)) for number in range(14)}
    names = list(links)

    def one():
        route = tuple(names[n] for n in draw.choice(14, 3, replace=False))
        cap_bps = math.inf if draw.random() < 0.8 else float(draw.uniform(0.1, 5.0))
        return Flow(route, float(draw.exponential(300.0)), str(draw.integers(0, 3)), 1.0, cap_bps)

    both = Both(links)
    for _ in range(150):
        both.add(one())
    for turn in range(320):
        both.advance(max(both.plain.now_s, both.plain.next_completion_s(), both.engine.next_completion_s()))
        while len(both.names) < 150:
            both.add(one())
        if turn % 40 == 0:
            both.check()
    both.finish()


def test_a_flow_that_is_given_up_in_the_instant_in_which_it_begins_has_carried_nothing():
    """Beside one at its cap, whose class no link holds back: its rate has no bound until the instant is settled."""
    engine = Engine({"a": 100.0})
    engine.add(Flow(("a",), 50.0, "w", 1.0, 5.0))
    engine.advance(1.0)
    number = engine.add(Flow(("a",), 30.0, "w"))
    assert engine.left_b(number) == 30.0
    assert engine.remove(number) == 30.0
    assert engine.carried_b() == {("a", "w"): 5.0}


def test_classes_that_nobody_is_in_any_more_give_their_rows_to_others_and_what_they_carried_stays_counted():
    """1000 flows of 7 b, each of a workload and with a site of its own, one after the other on a or on a and b."""
    told = []
    engine = Engine({"a": 7.0, "b": 70.0}, log=lambda *columns: told.append(columns[0].size))
    for turn in range(1000):
        engine.add(Flow(("a", "b")[: 1 + turn % 2], 7.0, str(turn)), (f"site {turn}",))
        assert [at_s for _, at_s in engine.advance(turn + 1.0)] == [turn + 1.0]
    assert len(engine._m.classes) <= 128
    carried_b = engine.carried_b()
    assert carried_b == {
        (link, str(turn)): 7.0 for turn in range(1000) for link in ("a", "b") if link == "a" or turn % 2
    }
    engine.flush()
    assert sum(told) == 2 * (2 * 1000 + 500)  # each link and site up, and down again


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_routes_that_come_back_after_their_class_was_given_up_flow_as_before(random):
    """Some dozen flows at a time of 2400 classes, many of which come again."""
    both = Both()
    for _ in range(random.randint(80, 160)):
        while len(both.names) < random.randint(1, 30):
            route = tuple(random.sample(sorted(LINKS), random.randint(1, 3)))
            cap_bps = random.choice([math.inf, 20.0])
            both.add(Flow(route, random.choice([10.0, 100.0, 333.0]), str(random.randint(0, 40)), 1.0, cap_bps))
        both.advance(max(both.plain.now_s, both.plain.next_completion_s(), both.engine.next_completion_s()))
    both.check()
    both.finish()


def test_the_log_says_what_a_signal_came_to_once_an_instant_though_it_was_asked_for_meanwhile():
    told = []
    engine = Engine({"a": 100.0}, log=lambda *columns: told.extend(zip(*(c.tolist() for c in columns), strict=True)))
    for workload in "one", "two":
        engine.add(Flow(("a",), 100.0, workload))
        engine.next_completion_s()
    engine.flush()
    assert told == [(0.0, 0, 50.0), (0.0, 1, 50.0)]


def test_what_a_link_carried_first_and_last_is_known_though_it_was_idle_between():
    engine = Engine({"a": 100.0, "b": 1.0, "c": 100.0}, log=lambda *columns: None)
    engine.advance(1.0)
    engine.add(Flow(("a",), 100.0, "one"), ("site",))
    engine.advance(5.0)
    engine.add(Flow(("a",), 100.0, "two"))
    engine.add(Flow(("c",), 1e6, "two"))
    engine.advance(9.0)
    assert engine.spans_s(10.0) == {"a": (1.0, 6.0), "site": (1.0, 2.0), "c": (5.0, 10.0)}


def test_compiled_code_is_kept_by_what_all_sources_say(tmp_path):
    """A change of one file alone leaves nothing of yesterday's code in use."""
    for name in ("layout.py", "solve.py"):
        (tmp_path / name).write_text("x = 1\n")
    before = folder.__wrapped__(tmp_path)
    assert folder.__wrapped__(tmp_path) == before
    (tmp_path / "layout.py").write_text("x = 2\n")
    assert folder.__wrapped__(tmp_path) != before
