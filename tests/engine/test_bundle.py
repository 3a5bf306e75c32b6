"""Signals that are written together are those that were handed in, and of one name add up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_ledger

from simulator.engine.bundle import Bundle
from simulator.engine.ledger import Channel


def channel(name):
    return Channel(name, "job", "transfer", "rate_bps")


def integrals(ledger, end_s):
    """The integral of each channel, from the log alone."""
    found, changes = {}, ledger.changes()
    for number, named in enumerate(ledger.channels):
        own = changes.channel == number
        lengths_s = np.diff(changes.at_s[own], append=end_s)
        found[named.asset] = float(changes.value[own] @ lengths_s)
    return found


def test_what_a_router_carries_there_and_back_at_once_adds_up():
    """3 b/s there for 2 s and 4 b/s back for 2 s, of which 1 s together."""
    _, ledger = a_ledger()
    bundle = Bundle(ledger, [channel("router"), channel("a>b"), channel("router")])
    bundle.add(np.array([0.0, 1.0, 2.0, 3.0]), np.array([[3.0, 3.0, 0.0], [3.0, 3.0, 0.0], [0.0, 4.0, 4.0]]))
    bundle.flush()
    changes = ledger.changes()
    router = changes.channel == 0
    assert [c.asset for c in ledger.channels] == ["router", "a>b"]
    assert (changes.at_s[router].tolist(), changes.value[router].tolist()) == ([0, 1, 2, 3], [3, 7, 4, 0])


LEVELS = st.integers(0, 9).map(float)


@given(
    names=st.lists(st.sampled_from("abc"), min_size=1, max_size=5),
    stretches=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.lists(LEVELS, min_size=5, max_size=5))),
)
def test_the_integral_of_a_channel_is_that_of_all_signals_of_its_name(names, stretches):
    _, ledger = a_ledger()
    bundle, at_s = Bundle(ledger, [channel(name) for name in names]), 0.0
    expected = dict.fromkeys(names, 0.0)
    for gap_s, length_s, levels in stretches:
        at_s += gap_s
        bundle.add(np.array([at_s, at_s + length_s]), np.array(levels[: len(names)])[:, None])
        at_s += length_s
        for name, level in zip(names, levels, strict=False):
            expected[name] += level * length_s
    bundle.flush()
    assert integrals(ledger, at_s) == pytest.approx({name: total for name, total in expected.items() if total})
