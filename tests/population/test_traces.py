"""When clients were on, from a file: who is on at a moment, who drops out at which, and what a file cannot say."""

from datetime import UTC, datetime
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LATENCY_S, PHONES, a_federate_scenario, a_season

from simulator.engine.clock import Clock
from simulator.engine.rng import Streams
from simulator.errors import ScenarioError, UsageError
from simulator.population.cohort import Cohorts
from simulator.population.crowd import Crowd
from simulator.population.session import COMPUTED, UPLOADED
from simulator.population.spec import Population
from simulator.population.trace import find_misfit, read_trace, trace_of
from simulator.scenario.load import dump, load, load_text

TRACED = {"kind": "trace", "file": "on.csv"}
SESSION_S = 2.0 + 20.0 + 5.0 + 2 * LATENCY_S
"""100 Mb at 50 Mbps down, 20 s for 10 samples, 100 Mb at 20 Mbps up."""


def written(tmp_path, *rows):
    path = tmp_path / "on.csv"
    path.write_text("\n".join(["client,from_s,to_s", *rows, ""]))
    return path


def cohorts(trace, count, learning=None, **phones):
    """The cohorts of a federate whose phones are on when a trace says so."""
    lines = {"access": phones["access"]} if "access" in phones else {}
    season = a_season(a_federate_scenario(learning, lines))
    spec = Population.model_validate({**PHONES, **phones, "count": count, "available": TRACED})
    crowd = Crowd("phones", spec, Streams(0), Clock(datetime(2025, 1, 6, tzinfo=UTC)), trace)
    return Cohorts(crowd, season.ways, season.world.traffic, season.world.streams, season.rules)


@st.composite
def stretches(draw):
    """Stretches of up to five clients, in order and apart for each."""
    rows = []
    for client in range(draw(st.integers(1, 5))):
        edges = sorted(draw(st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True)))
        rows += [[client, float(a), float(b)] for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return rows


@given(stretches(), st.integers(0, 61))
def test_who_is_on_is_who_has_a_stretch_around_the_moment(rows, at_s):
    trace = trace_of(rows)
    around = {client: to_s for client, from_s, to_s in rows if from_s <= at_s < to_s}
    on = trace.on(float(at_s))
    assert on.tolist() == sorted(around)
    assert trace.off_s(on, float(at_s)).tolist() == [around[client] for client in sorted(around)]
    assert trace.next_s(float(at_s)) == min((from_s for _, from_s, _ in rows if from_s > at_s), default=inf)


def test_clients_are_numbered_as_they_appear_and_stay_on_where_a_row_follows_at_once(tmp_path):
    trace = read_trace(written(tmp_path, "b,5,10", "a,0,3", "b,10,12", "", "a,4,5"))
    assert trace.clients == 2
    assert trace.client.tolist() == [1, 1, 0]
    assert (trace.from_s.tolist(), trace.to_s.tolist()) == ([0.0, 4.0, 5.0], [3.0, 5.0, 12.0])
    assert len(trace.sha256) == 64


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["a,0,5", "a,4,6"], "on.csv:3: is before 5 s, when a goes off; put the rows of a client in order"),
        (["a,6,7", "a,0,5"], "on.csv:3: is before 7 s, when a goes off"),
        (["a,5,5"], "on.csv:2: is on from 5 s to 5 s; seconds count from the scenario's start"),
        (["a,-1,5"], "on.csv:2: is on from -1 s to 5 s"),
        (["a,0,5", "b,0"], "on.csv:3: has 2 cells; a row is a client and two moments"),
        (["a,0,later"], "on.csv:2: is no name and two numbers; write such as `phone-1,0,3600`"),
        ([",0,1"], "on.csv:2: is no name and two numbers"),
        (["a,0,inf"], "on.csv:2: is no name and two numbers"),
        ([], "on.csv: has no row"),
    ],
)
def test_a_file_that_cannot_be_is_told_with_its_line(tmp_path, rows, told):
    with pytest.raises(UsageError) as caught:
        read_trace(written(tmp_path, *rows))
    assert told in str(caught.value)


def test_a_file_with_other_columns_is_refused(tmp_path):
    (tmp_path / "on.csv").write_text("user,begin,end\na,0,1\n")
    with pytest.raises(UsageError, match="the first line is `client,from_s,to_s`"):
        read_trace(tmp_path / "on.csv")


def test_a_trace_is_repeated_as_a_whole_or_not_at_all():
    trace = trace_of([[0, 0.0, 1.0], [1, 0.0, 1.0], [2, 0.0, 1.0]])
    assert [find_misfit(trace, users) for users in (3, 9)] == [None, None]
    assert "give `count` 3 or 6" in find_misfit(trace, 4)
    assert "give `count` 3" in find_misfit(trace, 2)


def test_who_goes_off_drops_out_at_that_moment_and_who_stays_is_accepted():
    """One of two goes off 10 s after the round began, at second 3, while it computes."""
    trace = trace_of([[0, 0.0, 13.0], [1, 0.0, 100.0]])
    played = cohorts(trace, 2, {"cohort": 2}).find_play(0, at_s=3.0)
    assert played.users.tolist() == [0, 1]
    assert played.sessions.dropped.tolist() == [True, False]
    assert played.sessions.accepted.tolist() == [False, True]
    assert played.sessions.moments_s[UPLOADED].tolist() == pytest.approx([10.0, SESSION_S])
    assert played.sessions.moments_s[COMPUTED, 0] == 10.0


def test_who_goes_off_on_links_that_hold_the_round_back_drops_out_at_that_moment_too():
    trace = trace_of([[0, 0.0, 13.0], [1, 0.0, 100.0]])
    played = cohorts(trace, 2, {"cohort": 2}).find_play(0, force_flows=True, at_s=3.0)
    assert played.ways is not None
    assert played.sessions.dropped.tolist() == [True, False]
    assert played.sessions.moments_s[UPLOADED, 0] == 10.0


def test_who_goes_off_when_he_is_done_is_accepted():
    trace = trace_of([[0, 0.0, SESSION_S + 1.0]])
    played = cohorts(trace, 1, {"cohort": 1}).find_play(0, at_s=0.5)
    assert played.sessions.accepted.tolist() == [True]


def test_only_those_who_are_on_are_selected_and_all_of_them_where_they_are_fewer():
    """Ten are asked for; 100 users repeat 20 clients, of whom the third is on."""
    trace = trace_of([[client, 0.0 if client == 2 else 50.0, 100.0] for client in range(20)])
    rounds = cohorts(trace, 100)
    played = rounds.find_play(0, at_s=10.0)
    assert played.users.tolist() == [2, 22, 42, 62, 82]
    assert len(rounds.find_play(0, at_s=50.0).users) == 10


def test_where_nobody_is_on_it_is_told_when_that_changes():
    rounds = cohorts(trace_of([[0, 5.0, 10.0], [1, 20.0, 30.0]]), 2)
    assert rounds.find_play(0, at_s=12.0) is None
    assert [rounds.find_next_s(0, at_s) for at_s in (0.0, 5.0, 12.0, 30.0)] == [5.0, None, 20.0, inf]


def test_users_on_lines_that_are_paid_by_volume_are_left_out():
    """Users 0 to 4 have wifi, 5 to 9 have 4G; all are on."""
    trace = trace_of([[client, 0.0, 100.0] for client in range(5)])
    phones = {"access": {"wifi": 0.5, "4g": 0.5}, "eligible": {"unmetered": True}}
    assert cohorts(trace, 10, **phones).find_play(0, at_s=0.0).users.tolist() == [0, 1, 2, 3, 4]


def a_scenario_file(tmp_path, count):
    data = a_federate_scenario(None, {"count": count, "available": TRACED})
    (tmp_path / "night.yaml").write_text(dump(data))
    return tmp_path / "night.yaml"


def test_a_scenario_finds_its_trace_beside_it(tmp_path):
    written(tmp_path, *(f"p{number},0,100" for number in range(10)))
    loaded = load(a_scenario_file(tmp_path, 20))
    assert {path: trace.clients for path, trace in loaded.traces.items()} == {"on.csv": 10}


def test_what_is_wrong_with_a_trace_stands_where_it_is_named(tmp_path):
    written(tmp_path, "a,0,5", "b,4,2")
    with pytest.raises(ScenarioError) as caught:
        load(a_scenario_file(tmp_path, 20))
    (problem,) = caught.value.problems
    assert problem.path == "world.populations.phones.available.file"
    assert "on.csv:3: is on from 4 s to 2 s" in problem.sentence


def test_a_trace_that_does_not_fit_the_users_is_told_with_what_would(tmp_path):
    written(tmp_path, "a,0,5", "b,2,4", "c,0,1")
    with pytest.raises(ScenarioError, match=r"on\.csv does not fit: it has 3 clients.* give `count` 18 or 21"):
        load(a_scenario_file(tmp_path, 20))


def test_a_trace_that_is_not_there_is_told():
    data = a_federate_scenario(None, {"available": TRACED})
    with pytest.raises(ScenarioError, match=r"on\.csv: there is no such file"):
        load_text(dump(data), "test.yaml")


def test_a_bad_name_of_a_trace_is_told_by_the_field_alone():
    data = a_federate_scenario(None, {"available": {"kind": "trace"}})
    with pytest.raises(ScenarioError) as caught:
        load_text(dump(data), "test.yaml")
    assert len(caught.value.problems) == 1


def test_the_pool_of_a_trace_is_in_order_of_the_users():
    rounds = cohorts(trace_of([[0, 0.0, 9.0], [1, 0.0, 9.0], [2, 1.0, 9.0]]), 9)
    assert np.all(np.diff(rounds._presence.pool(0, 0.0).users) > 0)
