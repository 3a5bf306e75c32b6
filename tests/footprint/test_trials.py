"""What trials add to an account: the boundary `development`, and nothing else."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_scenario, run

from simulator.footprint.boundary import owned_reach, reach, summarise
from simulator.record.tables import EXACT, from_rows

HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h"}
figures = st.floats(0.0, 1e12)
trials = st.lists(st.tuples(figures, figures, figures, figures), min_size=2, max_size=8)


@cache
def plain():
    """The exact tables of an hour's training for which nothing was tried."""
    result = run(a_scenario([HOUR]))
    return {name: result.table(name) for name in EXACT}


def with_trials(drawn, statuses=("reached",)):
    """The same with trials that drew (J, kg, J of everything owned, kg)."""
    rows = [
        ("main", n, 7, "no", statuses[n % len(statuses)], 0.1, None, 9, 60.0, "facility", *figures)
        for n, figures in enumerate(drawn)
    ]
    return {**plain(), "trials": from_rows("trials", rows)}


@given(trials)
def test_development_is_the_widest_boundary_of_operation_and_all_that_was_tried(drawn):
    found = summarise(with_trials(drawn))["paradigms"]["main"]
    for total, first in (("boundaries", 0), ("owned", 2)):
        ladder = found[total]
        assert list(ladder)[-4:] == ["facility", "development", "embodied", "life_cycle"]
        for quantity, place in (("energy_j", first), ("co2e_kg", first + 1)):
            tried = sum(trial[place] for trial in drawn)
            assert ladder["development"][quantity] >= ladder["facility"][quantity]
            assert ladder["development"][quantity] == pytest.approx(ladder["facility"][quantity] + tried)


@given(trials)
def test_trials_change_nothing_but_that_boundary_and_those_around_it(drawn):
    before, after = (summarise(tables)["paradigms"]["main"] for tables in (plain(), with_trials(drawn)))
    for total, place in (("boundaries", 1), ("owned", 3)):
        assert "development" not in before[total]
        del after[total]["development"]
        for boundary in ("embodied", "life_cycle"):
            more_kg = after[total].pop(boundary)["co2e_kg"] - before[total].pop(boundary)["co2e_kg"]
            tried_kg = sum(trial[place] for trial in drawn)
            assert more_kg == pytest.approx(tried_kg, rel=1e-9, abs=1e-9)
    assert after == before


def test_the_sentence_says_how_many_were_tried_and_how_they_ended():
    tables = with_trials([(1.0, 1.0, 1.0, 1.0)] * 4, ("diverged", "reached", "missed"))
    said = "; 4 trainings were tried (1 reached, 1 missed, 2 diverged)"
    for computed in (reach(tables, "main"), owned_reach(tables, "main")):
        assert computed.boundaries["development"].endswith(said)
        assert computed.widest == "facility"


def test_where_everything_owned_ends_before_the_building_nothing_tried_is_added_to_it():
    """A store without a PUE holds machines that nobody uses: `owned` holds servers, a trial's figure more."""
    data = a_scenario([HOUR])
    store = {"grid": "FR", "servers": {"nodes": {"model": "dgx-a100", "count": 1}}}
    data["world"]["datacenters"]["store"] = store
    result = run(data)
    tables = {name: result.table(name) for name in EXACT} | {"trials": with_trials([(1.0, 1.0, 1.0, 1.0)])["trials"]}
    assert list(owned_reach(tables, "main").boundaries)[-1] == "server"
    assert "development" in reach(tables, "main").boundaries
