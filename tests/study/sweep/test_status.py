"""How a sweep stands, counted by hand from records written by hand."""

import json
import os
import socket
import time

import pytest
from strategies import a_sweep

from simulator.study.sweep.folder import DRIVERS, RECORDS, open_folder, read_plan, write_plan
from simulator.study.sweep.others import Presence, drivers
from simulator.study.sweep.plan import build_plan
from simulator.study.sweep.records import FAILED, KILLED, OK, TIMEOUT, Records, Writer, record_line
from simulator.study.sweep.status import status

TIME, COUNT = "workloads.first.time", "world.datacenters.lab.devices.gpus.count"


@pytest.fixture
def ids(tmp_path):
    """Eight points, planned in a folder."""
    open_folder(tmp_path)
    plan = build_plan(a_sweep({"grid": {TIME: ["1 h", "2 h", "3 h", "4 h"], COUNT: [8, 9]}}))
    write_plan(tmp_path, plan)
    return [point.id for point in plan.points]


def record(folder, **told):
    """Records of (status, error) by point, `p0` and so on; returns nothing."""
    writer = Writer(folder, {})
    for point, (ended, error) in told.items():
        writer.add(point[1:], ended, 1, {"results": {}} if error is None else {"error": error})
    writer.close()


def stands(folder, most=5):
    return status(folder, read_plan(folder), Records(folder), most)


def test_points_are_counted_by_status(ids, tmp_path):
    told = zip(ids, [OK, OK, FAILED, TIMEOUT, KILLED, OK], strict=False)
    record(tmp_path, **{f"p{point}": (ended, None if ended == OK else "no") for point, ended in told})
    found = stands(tmp_path)
    assert found.counts == {OK: 3, FAILED: 1, TIMEOUT: 1, KILLED: 1, "missing": 2}
    assert (found.name, found.plan) == ("swept", read_plan(tmp_path).id)
    assert (found.points, found.is_done, found.torn, found.damaged, found.drivers) == (8, False, 0, 0, [])


def test_before_the_first_record_all_are_missing(ids, tmp_path):
    found = stands(tmp_path)
    assert (found.counts, found.failures, found.is_done) == ({"missing": len(ids)}, [], False)


def test_it_is_done_when_all_ended_well(ids, tmp_path):
    record(tmp_path, **{f"p{point}": (OK, None) for point in ids})
    assert (stands(tmp_path).counts, stands(tmp_path).is_done) == ({OK: 8}, True)


def test_a_failure_says_what_it_set_and_what_went_wrong(ids, tmp_path):
    record(tmp_path, **{f"p{ids[3]}": (FAILED, "lab: no such thing")})
    (failure,) = stands(tmp_path).failures
    assert failure == (ids[3], {TIME: 2.0, COUNT: 9}, 7, FAILED, "lab: no such thing")


def test_the_first_failures_of_the_plan_are_told(ids, tmp_path):
    record(tmp_path, **{f"p{point}": (FAILED, f"n{n}") for n, point in reversed(list(enumerate(ids)))})
    assert [failure.error for failure in stands(tmp_path).failures] == ["n0", "n1", "n2", "n3", "n4"]
    assert [failure.error for failure in stands(tmp_path, most=2).failures] == ["n0", "n1"]


def test_what_is_odd_about_the_records_is_told(ids, tmp_path):
    line = record_line(ids[0], OK, 1, {"results": {}})
    (tmp_path / RECORDS / "a.jsonl").write_bytes(b"garbage\nmore of it\n" + line + line[:30])
    found = stands(tmp_path)
    assert (found.damaged, found.torn, found.counts[OK]) == (2, 1, 1)


def test_rows_of_a_design_that_are_one_point_are_counted_once(tmp_path):
    """Eight draws of two whole numbers."""
    open_folder(tmp_path)
    ranges = {"x": {"path": COUNT, "range": [8, 9], "whole": True}}
    plan = build_plan(a_sweep({"sample": {"method": "sobol", "n": 8, "ranges": ranges}}))
    write_plan(tmp_path, plan)
    assert stands(tmp_path).counts == {"missing": 2}
    record(tmp_path, **{f"p{plan.points[0].id}": (FAILED, "no")})
    assert (stands(tmp_path).counts, len(stands(tmp_path).failures)) == ({FAILED: 1, "missing": 1}, 1)


def test_it_is_plain_data_for_who_asks(ids, tmp_path):
    record(tmp_path, **{f"p{ids[0]}": (FAILED, "no")})
    told = stands(tmp_path).as_json()
    assert json.loads(json.dumps(told)) == told
    assert (told["points"], told["failures"][0]["point"]) == (8, ids[0])


def a_driver(folder, name, plan, ago_s=0.0, text=None):
    path = folder / DRIVERS / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"plan": plan}) if text is None else text)
    os.utime(path, (time.time() - ago_s,) * 2)


def test_drivers_are_those_that_were_alive_in_the_last_seconds_and_work_on_this_plan(ids, tmp_path):
    plan = read_plan(tmp_path).id
    a_driver(tmp_path, "n2-7", plan)
    a_driver(tmp_path, "n1-7", plan, ago_s=5)
    a_driver(tmp_path, "dead-1", plan, ago_s=60)
    a_driver(tmp_path, "other-1", "another")
    a_driver(tmp_path, "broken-1", plan, text="{")
    a_driver(tmp_path, f"{socket.gethostname()}-{2**22 + 1}", plan)  # of this machine, where no process is called so
    assert stands(tmp_path).drivers == ["n1-7", "n2-7"]
    assert drivers(tmp_path, "another") == ["other-1"]


def test_a_driver_is_seen_while_it_is_there_and_by_others_only(tmp_path):
    with Presence(tmp_path, "plan") as presence:
        (own,) = drivers(tmp_path, "plan")
        assert presence.others() == []
        a_driver(tmp_path, "n1-7", "plan")
        assert presence.others() == ["n1-7"]
        assert not presence.is_time(60.0)
        assert presence.is_time(0.0)
    assert own.endswith(f"-{os.getpid()}")
    assert drivers(tmp_path, "plan") == ["n1-7"]
