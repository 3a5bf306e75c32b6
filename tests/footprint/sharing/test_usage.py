"""Who reserved and used what: pen and paper on small records, and conservation on those of runs."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_federate_scenario, a_transfer_scenario, run, scenarios

import simulator as sim
from simulator.columns import TABLES
from simulator.footprint.entries import span_s
from simulator.footprint.sharing.rules import RULES, allocate
from simulator.footprint.sharing.stretches import integrals_at
from simulator.footprint.sharing.usage import read_usages
from simulator.record.integrate import Log, channel_energy_j, log_of
from simulator.record.pieces import LongTable, Source
from simulator.record.tables import EXACT, from_rows
from simulator.vocabulary import POWER, RATE, SPARE, UNASSIGNED

REST_W, WORK_W = 50.0, 400.0
"""Of one of four machines."""


def table(name, rows):
    """A result table from rows as dictionaries; what a row does not say is null."""
    return from_rows(name, [["main", *(row.get(column) for column in list(TABLES[name])[1:])] for row in rows])


def a_record(held, drawn, end_s=100.0, **asset):
    """Tables of one asset: (workload, from, to, share) rows, and watts by (workload, activity, quantity)."""
    gpus = {"asset": "gpus", "kind": "accelerator", "place": "lab", "owner": "reserved", "count": 4, **asset}
    names = ("workload", "from_s", "to_s", "share")
    changes = sorted((at_s, number, w) for number, steps in enumerate(drawn.values()) for at_s, w in steps)
    channels = [
        {"asset": "gpus", "channel": number, "workload": workload, "activity": activity, "quantity": quantity}
        for number, (workload, activity, quantity) in enumerate(drawn)
    ]
    events = [{"at_s": 0.0, "event": "start"}, {"at_s": end_s, "event": "end"}]
    return {
        "assets": table("assets", [gpus]),
        "reservations": table(
            "reservations", [{"asset": "gpus", **dict(zip(names, row, strict=True))} for row in held]
        ),
        "channels": table("channels", channels),
        "changes": table("changes", [dict(zip(("at_s", "channel", "value"), row, strict=True)) for row in changes]),
        "events": table("events", events),
    }


def usage_of(record, log=True):
    return read_usages(record, "main", log)["gpus"]


def used_s(usage):
    """Share of the machines x seconds at work, by workload."""
    return dict(zip(usage.workloads, (usage.used @ usage.length_s).tolist(), strict=True))


def serve(busy, held=4, begin_s=0.0, end_s=100.0):
    """Watts of a service of so many machines, of which so many work from each moment on: (moment, machines)."""
    work = [(at_s, n * WORK_W) for at_s, n in busy]
    wait = [(begin_s, held * REST_W)] if begin_s < busy[0][0] else []
    wait += [(at_s, (held - n) * REST_W) for at_s, n in busy]
    return [*work, (end_s, 0.0)], [*wait, (end_s, 0.0)]


def test_steps_are_cut_where_reservations_begin_and_end():
    """Half of the machines for a, a quarter for b later; between them a quarter is in service for nobody."""
    held = [("a", 0.0, 40.0, 0.5), ("b", 60.0, 100.0, 0.25), (UNASSIGNED, 40.0, 60.0, 0.25)]
    usage = usage_of(a_record(held, {}), log=False)
    assert usage.edges_s.tolist() == [0.0, 40.0, 60.0, 100.0]
    assert usage.workloads == ("a", "b")
    assert usage.reserved.tolist() == [[0.5, 0.0, 0.0], [0.0, 0.0, 0.25]]
    assert usage.in_service.tolist() == [0.5, 0.25, 0.25]
    assert usage.service_s == pytest.approx(0.5 * 40 + 0.25 * 60)


def test_reservations_alone_do_not_open_the_log():
    record = a_record([("a", 0.0, 100.0, 0.5), (UNASSIGNED, 0.0, 100.0, 0.5)], {})
    del record["changes"]
    usage = usage_of(record, log=False)
    assert allocate("reserved", usage) == pytest.approx({"a": 0.5, UNASSIGNED: 0.5})
    assert usage.used is None
    assert usage.energy_j is None


def test_a_workload_that_holds_twice_at_once_holds_both():
    usage = usage_of(a_record([("a", 0.0, 50.0, 0.5), ("a", 25.0, 100.0, 0.25)], {}), log=False)
    assert usage.reserved.tolist() == [[0.5, 0.75, 0.25]]


def test_shares_of_whole_machines_leave_no_rounding_behind():
    """29 and 57 of 100 machines; 0.29 x 100 is less than 29 in floats, and 57 - 56.99.. is not 0."""
    usage = usage_of(
        a_record([("a", 0.0, 20.0, 0.29), ("b", 10.0, 30.0, 0.57), ("a", 40.0, 50.0, 0.29)], {}, count=100)
    )
    assert usage.in_service.tolist() == [0.29, 0.86, 0.57, 0.0, 0.29, 0.0]


def test_what_nobody_ever_held_was_not_in_service():
    usage = usage_of(a_record([], {}))
    assert usage.in_service.tolist() == [0.0]
    assert allocate("reserved", usage) == {UNASSIGNED: 1.0}


def test_machines_that_only_wait_are_not_used():
    """a holds two of four machines for 100 s; both compute for 30 s, and wait before and after: 0.5 x 30 s."""
    work, wait = serve([(20.0, 2), (50.0, 0)], held=2)
    idle = [(0.0, 2 * REST_W), (100.0, 0.0)]
    drawn = {("a", "compute", POWER): work, ("a", "wait", POWER): wait, (UNASSIGNED, "idle", POWER): idle}
    held = [("a", 0.0, 100.0, 0.5), (UNASSIGNED, 0.0, 100.0, 0.5)]
    usage = usage_of(a_record(held, drawn))
    assert used_s(usage) == pytest.approx({"a": 15.0})
    assert usage.energy_j.tolist() == pytest.approx([2 * WORK_W * 30 + 2 * REST_W * 70])
    assert usage.idle_j == pytest.approx(2 * REST_W * 100)


def test_of_a_mixture_as_many_machines_wait_as_its_watts_of_waiting_make_up():
    """One of a's two machines works all the time, by watts 400 : 50: half of what it holds, not 8/9."""
    work, wait = serve([(0.0, 1)], held=2)
    drawn = {
        ("a", "compute", POWER): work,
        ("a", "wait", POWER): wait,
        (UNASSIGNED, "idle", SPARE): [(0.0, 2 * REST_W)],
    }
    usage = usage_of(a_record([("a", 0.0, 100.0, 0.5)], drawn))
    assert used_s(usage) == pytest.approx({"a": 25.0})


def test_where_all_is_reserved_a_moment_of_waiting_alone_tells_the_watts_at_rest():
    """a's two machines wait for 10 s and then one of them works; b's two always work."""
    work, wait = serve([(10.0, 1)], held=2)
    drawn = {
        ("a", "compute", POWER): work,
        ("a", "wait", POWER): wait,
        ("b", "compute", POWER): [(0.0, 2 * WORK_W), (100.0, 0.0)],
    }
    usage = usage_of(a_record([("a", 0.0, 100.0, 0.5), ("b", 0.0, 100.0, 0.5)], drawn))
    assert used_s(usage) == pytest.approx({"a": 0.25 * 90, "b": 50.0})


def test_where_none_ever_waits_alone_use_is_at_most_what_the_least_mean_watts_say():
    """One of two works all the time, 450 W for both: waiting takes 50 of 225 W a machine; 2 x 7/9 s a s at most 2."""
    work, wait = serve([(0.0, 1)], held=2)
    drawn = {
        ("a", "compute", POWER): work,
        ("a", "wait", POWER): wait,
        ("b", "compute", POWER): [(0.0, 2 * WORK_W), (100.0, 0.0)],
    }
    usage = usage_of(a_record([("a", 0.0, 100.0, 0.5), ("b", 0.0, 100.0, 0.5)], drawn))
    assert used_s(usage) == pytest.approx({"a": 100 * (0.5 - 50 / 225 / 4), "b": 50.0})


def test_machines_without_watts_at_rest_are_used_while_something_is_drawn():
    """Nothing is drawn at rest, so that waiting leaves no trace: a draws in one of its two reservations."""
    drawn = {("a", "compute", POWER): [(50.0, 100.0), (60.0, 0.0)]}
    usage = usage_of(a_record([("a", 0.0, 40.0, 1.0), ("a", 50.0, 60.0, 1.0)], drawn))
    assert used_s(usage) == pytest.approx({"a": 10.0})


def test_checkpoints_and_waste_are_work():
    drawn = {(("a"), doing, POWER): [(at_s, 4 * REST_W), (at_s + 50.0, 0.0)] for doing, at_s in DOINGS.items()}
    assert used_s(usage_of(a_record([("a", 0.0, 100.0, 1.0)], drawn))) == pytest.approx({"a": 100.0})


DOINGS = {"checkpoint": 0.0, "waste": 50.0}


@pytest.mark.parametrize("cut", range(1, 8))
@pytest.mark.parametrize("busy", [[(10.0, 1)], [(0.0, 1), (50.0, 0), (60.0, 2)], [(0.0, 2), (20.0, 1)]])
def test_a_log_in_pieces_says_to_the_last_bit_what_it_says_whole(busy, cut):
    work, wait = serve(busy, held=2)
    drawn = {("a", "wait", POWER): wait, ("a", "compute", POWER): work}
    record = a_record([("a", 0.0, 100.0, 0.5), ("b", 0.0, 100.0, 0.5)], drawn)
    changes = record["changes"]
    source = Source(changes.num_rows, ["main"], lambda: iter([changes.slice(0, cut), changes.slice(cut)]))
    whole, pieces = usage_of(record), usage_of({**record, "changes": LongTable([source], changes.schema)})
    assert whole.energy_j.tolist() == pieces.energy_j.tolist()
    assert whole.used.tolist() == pieces.used.tolist()


def test_a_mixture_that_goes_on_into_the_next_piece_of_the_log_is_not_waiting_alone():
    """One of a's two machines works, from the 15th second on more lightly; the log is cut thereafter."""
    drawn = {
        ("a", "wait", POWER): [(0.0, REST_W), (100.0, 0.0)],
        ("a", "compute", POWER): [(0.0, WORK_W), (15.0, WORK_W / 2), (100.0, 0.0)],
    }
    record = a_record([("a", 0.0, 100.0, 0.5), ("b", 0.0, 100.0, 0.5)], drawn)
    changes = record["changes"]
    source = Source(changes.num_rows, ["main"], lambda: iter([changes.slice(0, 3), changes.slice(3)]))
    cut = {**record, "changes": LongTable([source], changes.schema)}
    assert usage_of(cut).used.tolist() == usage_of(record).used.tolist()


def test_a_link_is_used_by_the_bits_that_it_carried():
    """3 and 1 Gb; a slope makes joules of them; nobody reserves it."""
    drawn = {
        ("x", "transfer", RATE): [(10.0, 1e8), (40.0, 0.0)],
        ("y", "transfer", RATE): [(40.0, 1e8), (50.0, 0.0)],
    }
    link = {"kind": "link", "owner": "", "count": 1, "in_service_from_s": 10.0, "in_service_to_s": 50.0}
    usage = usage_of(a_record([], drawn, **link, slope_j_per_b=1e-9))
    assert usage.reserved is None
    assert usage.edges_s.tolist() == [10.0, 50.0]
    assert usage.energy_j.tolist() == pytest.approx([3.0, 1.0])
    assert allocate("used", usage) == pytest.approx({"x": 0.75, "y": 0.25, UNASSIGNED: 0.0})


def test_a_link_that_costs_nothing_a_bit_is_used_by_its_bits_all_the_same():
    drawn = {("x", "transfer", RATE): [(0.0, 1e8), (40.0, 0.0)]}
    link = {"kind": "link", "owner": "", "count": 1, "in_service_from_s": 0.0, "in_service_to_s": 40.0}
    usage = usage_of(a_record([], drawn, **link))
    assert allocate("used", usage) == {"x": 1.0, UNASSIGNED: 0.0}
    assert usage.energy_j.tolist() == [0.0]


def test_a_link_that_carried_nothing_is_nobodys():
    usage = usage_of(a_record([], {}, kind="link", owner="", count=1))
    assert usage.service_s == 0.0
    assert allocate("used", usage) == {UNASSIGNED: 1.0}


def test_equipment_of_users_uses_what_it_holds():
    """30 % of the phones work for a in the mean of 50 s, 10 % for b in all of the time."""
    held = [("a", 0.0, 50.0, 0.3), ("b", 0.0, 100.0, 0.1)]
    usage = usage_of(a_record(held, {("a", "compute", POWER): [(0.0, 3.0)]}, kind="device", owner="users", count=7))
    assert used_s(usage) == pytest.approx({"a": 15.0, "b": 10.0})
    assert allocate("reserved", usage) == pytest.approx({"a": 0.6, "b": 0.4, UNASSIGNED: 0.0})


steps = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 3), st.integers(0, 9)), max_size=40)


@given(steps, st.lists(st.integers(0, 21), max_size=6), st.lists(st.integers(0, 40), max_size=3))
def test_integrals_at_edges_are_those_of_a_log_that_ends_there(found, edges, cuts):
    at_s, channel, value = (np.array(column) for column in zip(*sorted(found), strict=True)) if found else [EMPTY] * 3
    log = Log(at_s.astype(float), channel.astype(np.int64), value.astype(float))
    bounds = [0, *sorted(min(cut, len(at_s)) for cut in cuts), len(at_s)]
    stretches = [Log(*(c[a:b] for c in log)) for a, b in pairwise(bounds) if b > a]
    edge_s = np.array(sorted(edges), float)
    ours = np.array(integrals_at(stretches, [edge_s] * 4)).reshape(4, -1)
    for place, end_s in enumerate(edge_s.tolist()):
        before = Log(*(c[log.at_s <= end_s] for c in log))
        assert ours[:, place].tolist() == pytest.approx(channel_energy_j([before], 4, end_s).tolist())


EMPTY = np.zeros(0)


def exact(result):
    return {name: result.table(name) for name in EXACT}


@settings(max_examples=25, deadline=None)
@given(scenarios())
def test_of_what_runs_record_no_share_and_no_joule_is_lost(data):
    tables = exact(run(data))
    usages = read_usages(tables, "main")
    drawn_j = sum(float(usage.energy_j.sum()) + usage.idle_j for usage in usages.values())
    power = [row["quantity"] == POWER for row in tables["channels"].to_pylist()]
    log = log_of(tables["changes"], 0)
    assert drawn_j == pytest.approx(float(channel_energy_j([log], len(power), span_s(tables, "main"))[power].sum()))
    for usage in usages.values():
        assert (usage.reserved.sum(axis=0) <= usage.in_service + 1e-12).all()
        assert (usage.in_service <= 1.0 + 1e-12).all()
        assert ((usage.used >= 0.0) & (usage.used <= usage.reserved)).all()
        for rule in RULES:
            found = allocate(rule, usage, dict.fromkeys(usage.workloads, 1.0))
            assert sum(found.values()) == pytest.approx(1.0 if RULES[rule].conserving else 0.0, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(scenarios())
def test_trainings_that_never_wait_use_all_that_they_reserve(data):
    for usage in read_usages(exact(run(data)), "main").values():
        assert usage.used.ravel().tolist() == pytest.approx(usage.reserved.ravel().tolist())


@pytest.mark.parametrize(
    "data", [a_federate_scenario(), a_transfer_scenario([{"from": "store", "to": "alps", "size": "25 GB"}])]
)
def test_equipment_and_networks_of_runs_are_shared_whole(data):
    usages = read_usages(exact(run(data)), "main")
    taken = [usage for usage in usages.values() if usage.service_s > 0.0]
    assert {usage.reserved is None for usage in taken} >= {True}
    for usage in taken:
        assert sum(allocate("used", usage).values()) == pytest.approx(1.0)


def test_a_service_that_holds_all_machines_uses_them_for_as_long_as_it_serves():
    """Two replicas, reserved all the time: the seconds of service of its requests over 2, from another table."""
    result = sim.run("small/serve")
    requests = result.table("requests")
    served_s = sum(requests.column("end_s").to_numpy() - requests.column("begin_s").to_numpy())
    usage = read_usages(exact(result), "main")["paris/gpus/accelerator"]
    assert used_s(usage) == pytest.approx({"serve": served_s / 2})
    assert (usage.reserved == 1.0).all()
