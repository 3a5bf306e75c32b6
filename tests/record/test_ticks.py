"""The per-tick log is the exact mean: whatever the tick, it sums to the integral."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_scenario, finite_w, operation, run, scenarios

from simulator.errors import TooManyRowsError
from simulator.record.integrate import Log, channel_energy_j
from simulator.record.ticks import choose_tick_s, deltas, mean_power_w, moves, tick_grid

YEAR_S = 365.25 * 86400.0
TICKS_S = st.one_of(st.sampled_from([0.1, 1.0, 60.0, 3600.0, 86400.0, YEAR_S]), st.floats(0.1, YEAR_S))


def log(at_s, value, end_s, tick_s):
    """The ticks of one channel and its exact energy."""
    at_s, value = np.array(at_s, float), np.array(value, float)
    channel = np.zeros(len(at_s), np.int64)
    grid = tick_grid(end_s, tick_s, 1)
    power_w = mean_power_w([moves(at_s, channel, deltas(channel, value, np.zeros(1)), grid)], 1, grid)[0]
    return power_w, grid, channel_energy_j([Log(at_s, channel, value)], 1, end_s)[0]


def test_a_burst_shorter_than_the_tick_is_not_lost():
    """400 W for 0.4 s in a tick of 10 s: a mean of 16 W, where sampling sees 0 or 400."""
    power_w, grid, _ = log([3.2, 3.6], [400.0, 0.0], 20.0, 10.0)
    assert power_w == pytest.approx([16.0, 0.0], abs=1e-12)
    assert list(grid.at_s) == [0.0, 10.0]


def test_the_last_tick_may_be_short_and_its_mean_is_of_its_own_length():
    """100 W from 11 s to 13 s; ticks of 4 s, the run ends at 13 s."""
    power_w, grid, _ = log([11.0], [100.0], 13.0, 4.0)
    assert list(grid.length_s) == [4.0, 4.0, 4.0, 1.0]
    assert power_w == pytest.approx([0.0, 0.0, 25.0, 100.0])


@given(st.lists(st.tuples(st.floats(0.0, 1.0), finite_w), max_size=40), st.floats(0.5, 1e5), TICKS_S)
def test_ticks_sum_to_the_integral_for_any_tick(steps, end_s, tick_s):
    steps.sort(key=lambda step: step[0])
    tick_s = max(tick_s, end_s / 1e5)
    power_w, grid, energy_j = log([share * end_s for share, _ in steps], [w for _, w in steps], end_s, tick_s)
    dust_j = 1e-9 * max((w for _, w in steps), default=0.0) * end_s  # what is written as 0, at most
    assert (power_w * grid.length_s).sum() == pytest.approx(energy_j, rel=1e-9, abs=1e-6 + dust_j)
    assert grid.length_s.sum() == pytest.approx(end_s)


@settings(max_examples=40, deadline=None)
@given(scenarios(), st.sampled_from(["0.1 s", "7 s", "1 min", "1 h", "1 d", "1 y"]))
def test_ticks_of_a_whole_run_sum_to_its_widest_boundary(data, tick):
    result = run(data)
    widest = list(operation(result.summary["paradigms"]["main"]["boundaries"]).values())
    total_j = result.ticks(tick).column("energy_j").to_numpy().sum()
    assert total_j == pytest.approx(widest[-1]["energy_j"] if widest else 0.0, rel=1e-9, abs=1e-9)


@settings(max_examples=25)
@given(scenarios(), st.sets(st.sampled_from(["place", "workload", "activity", "asset", "kind"])))
def test_any_grouping_has_the_same_total_in_every_tick(data, keys):
    result = run(data)

    def by_tick(by):
        ticks = result.ticks("5 min", by=by)
        found = ticks.group_by("at_s").aggregate([("energy_j", "sum")]).sort_by("at_s")
        return found.column("energy_j_sum").to_numpy()

    assert by_tick(sorted(keys)) == pytest.approx(by_tick([]), rel=1e-9, abs=1e-6)


def test_float_dust_is_written_as_zero():
    power_w, _, _ = log([0.0, 1.0, 2.0, 3.0], [0.1, 0.1 + 0.2, 0.30000000000000004 + 1e-17, 0.0], 10.0, 1.0)
    assert list(power_w[3:]) == [0.0] * 7


def test_a_log_that_would_not_fit_is_refused_with_a_tick_that_does():
    with pytest.raises(TooManyRowsError, match=r"a tick of 5 s would fit") as caught:
        tick_grid(YEAR_S, 0.1, 10)
    assert tick_grid(YEAR_S, caught.value.tick_s, 10).at_s.size * 10 <= 1e8


def test_the_chosen_tick_gives_at_most_a_thousand():
    assert choose_tick_s(3600.0) == 5.0
    assert choose_tick_s(24.4 * 86400) == 3600.0
    assert choose_tick_s(0.5) == 0.1


def test_ticks_by_an_unknown_key_are_refused_with_the_keys():
    import simulator as sim

    result = run(a_scenario([{"at": "lab/gpus", "time": "1 h", "utilisation": 1.0}]))
    with pytest.raises(sim.SimulatorError, match="choose from place, workload, activity, asset, kind"):
        result.ticks("1 h", by=["colour"])
