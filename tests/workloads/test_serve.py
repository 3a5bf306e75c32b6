"""Requests wait as queueing theory says, and replicas draw what they are reserved for, exactly."""

from importlib import import_module
from itertools import pairwise
from math import factorial, inf

import numpy as np
import pyarrow.compute as pc
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_service_scenario, assumed, loaded, run

import simulator as sim
from simulator.engine import spill
from simulator.engine.rng import Streams
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.run import close_records
from simulator.scenario.spec import tasks
from simulator.view import stages
from simulator.workloads.line import begin_times, busy_steps
from simulator.workloads.serving_spec import Serve

serving = import_module("simulator.workloads.serve")  # the package shows the function under this name

REGULAR = {"at": "lab/gpus", "arrivals": "regular", "service": "constant", "utilisation": 1.0}
ONE = {**REGULAR, "replicas": 1, "requests": 4, "during": "40 s", "service_time": "4 s"}
"""One arrives every 10 s, at 0, 10, 20 and 30 s, and takes 4 s."""
SLOW = {**ONE, "service_time": "15 s"}
"""Begin at 0, 15, 30 and 45 s, answered at 15, 30, 45 and 60 s."""
IDLE_W, MAX_W = 63.0, 400.0


def job(result, name="serve"):
    return next(row for row in result.jobs.to_pylist() if row["workload"] == name)


def times(result):
    table = result.table("requests")
    return [table.column(name).to_pylist() for name in ("arrive_s", "begin_s", "end_s")]


def activity_j(result):
    return {name: found["energy_j"] for name, found in result.summary["paradigms"]["main"]["by_activity"].items()}


def a_world(*services):
    """A world with these services under way."""
    scenario = loaded(a_service_scenario(list(services))).spec
    world = build_world(scenario)
    start_tasks(world, tasks(scenario)["main"])
    return world


def process(world):
    """The process of the one service under way."""
    (found,) = [event.callbacks[0].__self__ for _, _, _, event in world.env._queue if event.callbacks]
    return found


def spent_j(world):
    return sum(world.ledger.integral(n) for n in range(len(world.ledger.channels)))


def erlang_c_wait_s(erlangs, replicas, service_s):
    """Mean wait of M/M/k: C(k, a) s / (k - a); Erlang 1917."""
    last = erlangs**replicas / factorial(replicas) / (1 - erlangs / replicas)
    chance = last / (sum(erlangs**n / factorial(n) for n in range(replicas)) + last)
    return chance * service_s / (replicas - erlangs)


def waits_s(replicas, load, service, requests=2_000_000, seed=5):
    """Waits of a service with 3 s a request at this offered load."""
    fields = {"at": "lab/gpus", "requests": requests, "service": service, "service_time": "3 s"}
    spec = Serve.model_validate({**fields, "during": f"{3 * requests / (load * replicas)} s"})
    found = serving.ask(Streams(seed), spec, "serve", 0.0, replicas)
    return found.begin_s - found.arrive_s


def standard_error(waits, parts=50):
    """Of the mean of waits that depend on each other, by batch means."""
    return np.array([part.mean() for part in np.array_split(waits, parts)]).std(ddof=1) / parts**0.5


def test_the_formula_of_erlang_is_that_of_the_books():
    """M/M/1: rho s / (1 - rho); M/M/2: rho^2 s / (1 - rho^2)."""
    assert erlang_c_wait_s(0.75, 1, 3.0) == pytest.approx(9.0)
    assert erlang_c_wait_s(1.6, 2, 3.0) == pytest.approx(0.64 * 3 / 0.36)


@pytest.mark.parametrize(("replicas", "load"), [(1, 0.5), (1, 0.8), (2, 0.5), (2, 0.8), (5, 0.8)])
def test_the_mean_wait_with_exponential_service_is_erlangs_within_3_percent(replicas, load):
    """Two million requests: the standard error of their mean is below 1.2 %, so that 3 % are 2.5 of them or more."""
    waits, expected_s = waits_s(replicas, load, "exponential"), erlang_c_wait_s(load * replicas, replicas, 3.0)
    assert standard_error(waits) < 0.012 * expected_s
    assert waits.mean() == pytest.approx(expected_s, rel=0.03)


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_the_mean_wait_with_constant_service_is_that_of_pollaczek_and_khinchine_within_3_percent(load):
    """M/D/1: rho s / (2 (1 - rho)), half of M/M/1."""
    waits, expected_s = waits_s(1, load, "constant"), load * 3.0 / (2 * (1 - load))
    assert standard_error(waits) < 0.01 * expected_s
    assert waits.mean() == pytest.approx(expected_s, rel=0.03)


def test_the_shipped_scenario_made_longer_waits_as_its_header_says():
    longer = {"workloads.0.serve.requests": 1_000_000, "workloads.0.serve.during": "1.875e6 s"}
    (found,) = sim.run("small/serve", values=longer).services
    assert found["mean_wait_s"] == pytest.approx(0.64 * 3 / 0.36, rel=0.03)
    assert found["busy_share"] == pytest.approx(0.8, rel=0.01)


def test_poisson_arrivals_are_independent_of_each_other():
    """Counts in equal parts of the span have variance = mean x (1 - 1 / parts), given their sum."""
    fields = {"at": "lab/gpus", "requests": 200_000, "during": "1000 s", "service_time": "1 s", "service": "constant"}
    arrive_s = serving.arrival_times(Streams(3), Serve.model_validate(fields), "serve")
    counts = np.histogram(arrive_s, bins=2000, range=(0.0, 1000.0))[0]
    assert counts.mean() == 100.0
    assert counts.var() == pytest.approx(100.0, rel=0.1)
    assert (np.diff(arrive_s) >= 0).all()


WHOLE_S = st.integers(0, 60).map(float)


@given(st.lists(st.tuples(WHOLE_S, WHOLE_S.filter(bool)), min_size=1, max_size=40), st.integers(1, 5))
def test_requests_begin_when_they_do_in_a_queue_of_processes(asked, replicas):
    """A request a process, the replicas a SimPy resource: the same moments, and first come, first served."""
    asked = sorted(asked, key=lambda request: request[0])
    env = simpy.Environment()
    resource, expected_s = simpy.Resource(env, replicas), []

    def one(arrive_s, service_s):
        yield env.timeout(arrive_s)
        with resource.request() as turn:
            yield turn
            expected_s.append(env.now)
            yield env.timeout(service_s)

    for request in asked:
        env.process(one(*request))
    env.run()
    arrive_s, service_s = (np.array(column) for column in zip(*asked, strict=True))
    begin_s = begin_times(arrive_s, service_s, replicas)
    assert begin_s.tolist() == expected_s
    assert (np.diff(begin_s) >= 0).all()


@given(st.lists(st.tuples(WHOLE_S, WHOLE_S.filter(bool)), min_size=1, max_size=40), st.lists(WHOLE_S, max_size=5))
def test_busy_replicas_are_those_that_began_and_did_not_end_wherever_it_is_cut(spans, cuts):
    begin_s = np.sort([begin for begin, _ in spans])
    end_s = np.sort(begin_s + np.array([length for _, length in spans]))
    edges = [-inf, *sorted(cuts), 1000.0]
    parts = [busy_steps(begin_s, end_s, *edge) for edge in pairwise(edges)]
    at_s, busy = (np.concatenate(column) for column in zip(*parts, strict=True))
    assert (np.diff(at_s) > 0).all()
    assert (np.diff(busy, prepend=0) != 0).all()
    assert busy.tolist() == [np.sum(begin_s <= t) - np.sum(end_s <= t) for t in at_s]
    assert {*begin_s, *end_s} >= set(at_s)


def test_replicas_draw_at_load_while_they_serve_and_at_rest_while_they_wait():
    """Held for 34 s: 4 x 4 s at 400 W and 18 s at 63 W."""
    result = run(a_service_scenario([ONE]))
    assert times(result) == [[0.0, 10.0, 20.0, 30.0]] * 2 + [[4.0, 14.0, 24.0, 34.0]]
    assert activity_j(result)["compute"] == pytest.approx(16 * MAX_W, rel=1e-12)
    assert activity_j(result)["wait"] == pytest.approx(18 * IDLE_W, rel=1e-12)
    row = job(result)
    assert (row["kind"], row["status"], row["units"], row["devices"]) == ("serve", "finished", 1, 1)
    assert (row["device_s"], row["done_share"], row["samples"], row["end_s"]) == (34.0, 1.0, 4.0, 34.0)
    assert row["energy_j"] == pytest.approx(16 * MAX_W + 18 * IDLE_W, rel=1e-12)


def test_accelerators_and_hosts_of_servers_are_recorded_apart():
    """Two DGX A100: 8 x 400 W beside a host of 996 W while one serves, 8 x 63 W and the same host while one waits."""
    nodes = {**ONE, "at": "lab/nodes", "replicas": 2, "during": "8 s"}  # one every 2 s: 4 s of one and 4 s of two busy
    result = run(a_service_scenario([nodes]))
    found = {}
    for tick in result.ticks("1 h", by=("asset", "activity")).to_pylist():
        found[tick["asset"].rpartition("/")[2], tick["activity"]] = tick["energy_j"]
    assert found["accelerator", "compute"] == pytest.approx(4 * 4 * 8 * MAX_W)
    assert found["accelerator", "wait"] == pytest.approx((2 * 10 - 16) * 8 * IDLE_W)
    assert found["host", "compute"] / found["host", "wait"] == pytest.approx(16 / 4)
    assert job(result)["devices"] == 16


def test_the_horizon_leaves_one_waiting_one_in_service_and_the_rest_unborn():
    """At 22 s: one answered at 15 s, one served since 15 s, one waits since 20 s; the replica was never free."""
    result = run(a_service_scenario([SLOW], horizon="22 s"))
    assert times(result) == [[0.0, 10.0, 20.0], [0.0, 15.0, None], [15.0, None, None]]
    row = job(result)
    assert (row["status"], row["end_s"], row["device_s"], row["done_share"]) == ("unfinished", None, 22.0, 0.25)
    assert row["energy_j"] == pytest.approx(22 * MAX_W)
    (found,) = result.services
    assert (found["answered"], found["being_served"], found["waiting"], found["busy_share"]) == (1, 1, 1, 1.0)
    assert (found["mean_wait_s"], found["p50_response_s"]) == (0.0, 15.0)
    assert [event["event"] for event in result.table("events").to_pylist()][-2:] == ["unfinished", "end"]


def test_what_happens_at_the_horizon_itself_still_happens():
    result = run(a_service_scenario([SLOW], horizon="30 s"))
    assert times(result) == [[0.0, 10.0, 20.0, 30.0], [0.0, 15.0, 30.0, None], [15.0, 30.0, None, None]]
    assert job(run(a_service_scenario([SLOW], horizon="60 s")))["status"] == "finished"


def test_a_cancelled_service_keeps_what_it_drew_and_leaves_the_rest_unserved():
    world = a_world(SLOW)
    world.env.run(until=22.0)
    process(world).interrupt("cancel")
    world.env.run()
    (row,) = world.jobs
    assert (row.status, row.end_s, row.device_s, row.done_share) == ("cancelled", 22.0, 22.0, 0.25)
    assert spent_j(world) == pytest.approx(22 * MAX_W)
    assert world.requests[0].until_s == 22.0
    assert world.closing == []
    assert [e.event for e in world.events.rows] == ["start", "submit", "overload", "begin", "cancel"]


def test_a_service_that_is_interrupted_in_the_queue_for_machines_had_no_requests():
    world = a_world({**SLOW, "name": "first", "replicas": 8}, {**SLOW, "name": "second"})
    world.env.run(until=1.0)
    group = world.groups["lab/gpus"]
    group._queue._waiting[0].granted.callbacks[0].__self__.interrupt("make way")
    world.env.run()
    assert [(row.workload, row.status, row.begin_s) for row in world.jobs] == [
        ("first", "finished", 0.0),
        ("second", "cancelled", None),
    ]
    assert [requests.workload for requests in world.requests] == ["first"]


def test_requests_come_when_the_machines_do():
    """The second service has to wait for the whole group until 34 s."""
    first, second = ({**ONE, "name": name, "replicas": 8} for name in ("first", "second"))
    result = run(a_service_scenario([first, second]))
    assert times(result)[0][4:] == [34.0, 44.0, 54.0, 64.0]
    assert job(result, "second")["begin_s"] == 34.0


def test_a_service_whose_turn_had_not_come_is_listed_as_such():
    services = [{**ONE, "name": "a"}, {**ONE, "name": "b", "after": "a"}]
    result = run(a_service_scenario(services, horizon="20 s"))
    assert job(result, "b")["status"] == "not submitted"
    assert [found["workload"] for found in result.services] == ["a"]


RANDOM = {
    **{"at": "lab/gpus", "requests": 3000, "during": "1000 s", "service_time": "2 s", "service": "exponential"},
    **{"utilisation": 0.7, "replicas": 7},
}


def test_where_the_record_is_cut_into_stretches_changes_nothing(monkeypatch):
    whole = run(a_service_scenario([RANDOM]))
    monkeypatch.setattr(serving, "STRETCHES", 700)
    cut = run(a_service_scenario([RANDOM]))
    for table in ("requests", "changes", "reservations"):
        assert cut.table(table).equals(whole.table(table))


def test_a_log_that_goes_to_disk_is_the_same_log(monkeypatch):
    data = a_service_scenario([RANDOM, {**RANDOM, "name": "other", "replicas": 1, "requests": 900}])
    whole = run(data)
    monkeypatch.setattr(serving, "STRETCHES", 30)
    monkeypatch.setattr(spill, "SPILL_AT", 500)
    long = run(data)
    assert long.table("changes").num_rows == whole.table("changes").num_rows
    assert long.table("requests").equals(whole.table("requests"))
    assert activity_j(long) == pytest.approx(activity_j(whole), rel=1e-12)


def test_the_same_seed_gives_the_same_requests_and_another_gives_others():
    first, again, other = (run(a_service_scenario([RANDOM], seed=seed)) for seed in (1, 1, 2))
    assert first.manifest["hashes"]["results"] == again.manifest["hashes"]["results"]
    assert not first.table("requests").equals(other.table("requests"))


def test_ways_of_doing_it_are_asked_the_same_at_the_same_moments():
    """Only the replicas differ: the arrivals, and how long each request takes, do not."""
    ways = {f"k{replicas}": [{"serve": {**RANDOM, "replicas": replicas}}] for replicas in (6, 7)}
    data = {name: value for name, value in a_service_scenario([]).items() if name != "workloads"}
    table = run({**data, "paradigms": ways}).table("requests")
    six, seven = (table.filter(pc.equal(table["paradigm"], way)) for way in ways)
    assert six["arrive_s"].equals(seven["arrive_s"])
    spans_s = [np.subtract(found["end_s"].to_numpy(), found["begin_s"].to_numpy()) for found in (six, seven)]
    assert spans_s[0] == pytest.approx(spans_s[1])
    assert not six["begin_s"].equals(seven["begin_s"])


@pytest.mark.parametrize("changes", [{}, {"horizon": "400 s"}])
def test_the_ticks_add_up_and_every_replica_is_busy_or_waits(changes):
    result = run(a_service_scenario([RANDOM], tick="7 s", **changes))
    (found,) = result.summary["paradigms"].values()
    widest_j = found["boundaries"]["facility"]["energy_j"]
    assert pc.sum(result.ticks()["energy_j"]).as_py() == pytest.approx(widest_j, rel=1e-12)
    row, (service,) = job(result), result.services
    busy_s = service["busy_share"] * row["device_s"]
    assert row["energy_j"] == pytest.approx(busy_s * (63 + 0.7 * 337) + (row["device_s"] - busy_s) * IDLE_W, rel=1e-9)
    assert (service["boundary"], row["boundary"]) == ("facility", "accelerator")
    assert service["energy_per_answer_j"] == pytest.approx(1.25 * row["energy_j"] / service["answered"], rel=1e-12)


def test_a_result_that_is_opened_has_the_same_requests(tmp_path):
    result = sim.run(loaded(a_service_scenario([SLOW], horizon="22 s")), tmp_path / "out")
    opened = sim.open_results(tmp_path / "out")
    assert opened.table("requests").to_pylist() == result.table("requests").to_pylist()
    assert opened.services == result.services


@pytest.mark.parametrize(("service_time", "grows"), [("9 s", False), ("10 s", False), ("15 s", True)])
def test_a_queue_that_grows_is_noted(service_time, grows):
    """One every 10 s: at 10 s each, nobody waits."""
    result = run(a_service_scenario([{**ONE, "service_time": service_time}]))
    (found,) = result.services
    assert (found["overload"] is not None) == grows
    assert ("overload" in result.table("events")["event"].to_pylist()) == grows


def test_a_queue_of_random_requests_grows_even_where_replicas_could_just_do_them():
    (found,) = run(a_service_scenario([{**ONE, "service_time": "10 s", "arrivals": "poisson"}])).services
    assert found["overload"] == "asked for 1 times what its replicas can do"


def told(service):
    return "  ".join(stages._service(service))


def test_the_terminal_says_what_a_service_was_like():
    """Waits of 0, 5, 10 and 15 s before 15 s of service; 60 s at 400 W and a PUE of 1.25 are 7.5 kJ a request."""
    (found,) = run(a_service_scenario([SLOW])).services
    assert told(found) == (
        "main/serve: 4 of 4 requests answered  mean wait 7.5 s, response P50 22.5 s, P95 29.25 s, P99 29.85 s  "
        "replicas busy 100.0%  2.083 Wh per answer (facility)  asked for 1.5 times what its replicas can do: the queue "
        "grows"
    )


def test_the_terminal_does_not_average_over_no_answer():
    (found,) = run(a_service_scenario([SLOW], horizon="14 s")).services
    growing = "asked for 1.5 times what its replicas can do: the queue grows"
    asked = "main/serve: 0 of 2 requests answered, 1 being served, 1 waiting"
    assert told(found) == f"{asked}  replicas busy 100.0%  {growing}"


def test_services_of_several_ways_stand_in_one_table(tmp_path):
    """Each with a name of its own, one of them with two; times are in the order of the file."""
    ways = {"a": [{"serve": ONE}], "b": [{"serve": {**ONE, "name": name}} for name in ("x", "y")]}
    data = {name: value for name, value in a_service_scenario([]).items() if name != "workloads"}
    result = sim.run(loaded({**data, "paradigms": ways}), tmp_path / "out")
    opened = sim.open_results(tmp_path / "out").table("requests")
    assert opened.to_pylist() == result.table("requests").to_pylist()
    assert opened["workload"].to_pylist() == ["serve"] * 4 + ["x"] * 4 + ["y"] * 4
    assert opened["arrive_s"].to_pylist() == [0.0, 10.0, 20.0, 30.0] * 3
    assert [(found["paradigm"], found["answered"]) for found in result.services] == [("a", 4), ("b", 4), ("b", 4)]


def test_a_load_that_nobody_gave_is_a_listed_assumption():
    asked = {name: value for name, value in ONE.items() if name != "utilisation"}
    result = run(a_service_scenario([asked]))
    assert assumed(result) == ["accelerator-load-serving"]
    assert activity_j(result)["compute"] == pytest.approx(16 * MAX_W)


def test_what_is_to_be_closed_is_closed_once_in_its_order():
    world = a_world(ONE)
    closed = []
    world.closing += [lambda until_s, n=n: closed.append((n, until_s)) for n in range(3)]
    for _ in range(2):
        close_records(world, [], 5.0)
    assert closed == [(0, 5.0), (1, 5.0), (2, 5.0)]


def test_more_replicas_than_requests_change_no_wait():
    assert begin_times(np.array([1.0, 1.0]), np.array([5.0, 5.0]), 10_000_000).tolist() == [1.0, 1.0]
