"""The most urgent first, then first come, first served; units are neither lost nor lent twice."""

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from simulator.hardware.queue import Queue


def order_of(wishes, units=1):
    """Names in the order in which they are served; each wish is (name, units, priority), all at once, 1 s each."""
    env = simpy.Environment()
    queue, served = Queue(env, units), []

    def live(name, wanted, priority):
        request = queue.ask(wanted, priority)
        yield request.granted
        served.append(name)
        yield env.timeout(1.0)
        queue.give_back(wanted)

    for wish in wishes:
        env.process(live(*wish))
    env.run()
    assert queue.free == units
    return served


def test_equals_are_served_as_they_came():
    assert order_of([("a", 1, 0), ("b", 1, 0), ("c", 1, 0)]) == ["a", "b", "c"]


def test_the_urgent_goes_before_those_who_wait_but_takes_nothing_from_the_holder():
    assert order_of([("holder", 1, 0), ("patient", 1, 0), ("urgent", 1, 5)]) == ["holder", "urgent", "patient"]


def test_a_small_wish_does_not_overtake_the_head_however_small():
    assert order_of([("a", 2, 0), ("large", 3, 0), ("small", 1, 0)], units=3) == ["a", "large", "small"]


def test_the_next_moves_up_when_the_head_leaves():
    env = simpy.Environment()
    queue = Queue(env, 2)
    queue.ask(1)
    large, small = queue.ask(2), queue.ask(1)
    assert not small.granted.triggered
    queue.leave(large)
    assert small.granted.triggered
    assert queue.free == 0


@pytest.mark.parametrize("granted", [True, False])
def test_leaving_gives_back_what_was_granted_and_nothing_else(granted):
    queue = Queue(simpy.Environment(), 2 if granted else 1)
    request = queue.ask(2)
    queue.leave(request)
    assert queue.free == (2 if granted else 1)


MOVES = st.lists(
    st.tuples(st.sampled_from(["ask", "give", "leave"]), st.integers(1, 4), st.integers(0, 3)), max_size=40
)


@given(MOVES)
def test_after_any_moves_units_add_up_and_nobody_who_could_be_served_waits_at_the_head(moves):
    queue = Queue(simpy.Environment(), 4)
    held, waiting = [], []
    for what, units, priority in moves:
        if what == "ask":
            waiting.append(queue.ask(units, priority))
        elif what == "give" and held:
            queue.give_back(held.pop(units % len(held)).units)
        elif what == "leave" and waiting:
            queue.leave(waiting.pop(units % len(waiting)))
        held += [request for request in waiting if request.granted.triggered]
        waiting = [request for request in waiting if not request.granted.triggered]
        assert queue.free == 4 - sum(request.units for request in held)
        assert 0 <= queue.free <= 4
        if waiting:
            head = min(waiting, key=lambda request: (request.urgency, request.order))
            assert head.units > queue.free
