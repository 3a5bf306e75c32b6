"""A line for each workload, in the order of the pipeline."""

import pyarrow as pa
from learnings import an_edge_scenario
from strategies import a_crowd_scenario, run

import simulator as sim
from simulator.record.learnings import learning_rows
from simulator.record.tables import schema
from simulator.view.stages import MOST_LINES, Records, stage_lines

ALONE = {"algorithm": "local-only", "model": "tiny", "clients": "phones", "rounds": 3, "sample_time": "2 s"}


def said(result):
    records = Records(result.jobs.to_pylist(), result.table("transfers").to_pylist(), result.services, result.learnings)
    return [line.plain for line in stage_lines(records)]


def test_stages_stand_in_the_order_in_which_they_were_submitted_and_many_flows_are_one_line():
    lines = said(sim.run("talk/federated_assumed", values={"paradigms.federated.0.federate.rounds": 2}))
    starts = [line.split(":")[0] for line in lines]
    assert starts == [
        *("centralised/collect", "centralised/train", "centralised/distribute"),
        *("federated/federate", "federated/federate", "federated/distribute"),
    ]
    assert lines[0].startswith("centralised/collect: finished, 10 TB phones -> paris in 9 flows  in 7 d")
    assert "2 rounds of 650 devices" in lines[4]
    assert "accepted" in lines[4]


def test_what_a_horizon_cut_off_says_how_far_it_came():
    values = {"horizon": "84 h"}
    lines = said(sim.run("talk/federated_assumed", values=values, paradigm="centralised"))
    assert lines[0].startswith("centralised/collect: unfinished, 10 TB")
    assert "50% done" in lines[0]
    assert "not submitted within the horizon" in lines[1] + lines[2]


def test_more_lines_than_fit_are_counted():
    job = sim.run("small/one_gpu").jobs.to_pylist()[0]
    lines = [line.plain for line in stage_lines(Records([job] * (MOST_LINES + 3)))]
    assert len(lines) == MOST_LINES + 1
    assert lines[-1].startswith("… and 3 more")


def test_users_who_ask_stand_below_their_service():
    lines = said(sim.run("small/serve"))
    assert [line.split(":")[0] for line in lines] == ["main/serve"] * 2
    assert "requests answered" in lines[1]


def test_one_device_is_no_plural():
    line = said(sim.run("small/one_gpu"))[0]
    assert "finished, 1 device, " in line


def test_a_learning_says_how_many_devices_its_rounds_had_in_the_mean():
    """2 and 5 of them: 3.5, which is shown as 4."""
    none = dict.fromkeys(("begin_s", "dropped", "late", "upload_bytes", "lost_bytes"), 0)
    a_round = {**none, "paradigm": "main", "workload": "federate", "end_s": 1.0, "links": "own lines"}
    rounds = pa.Table.from_pylist([{**a_round, "selected": n, "accepted": n} for n in (2, 5)])
    (row,) = learning_rows({"rounds": rounds, "events": schema("events").empty_table()})
    assert row["selected"] == 3.5
    (job,) = sim.run("small/one_gpu").jobs.to_pylist()
    (_, line) = stage_lines(Records([{**job, "workload": "federate"}], learnings=[row]))
    assert "2 rounds of 4 devices, 1 s each" in line.plain


def test_the_rounds_of_edges_stand_below_their_learning():
    """Two global rounds of three of each edge."""
    lines = said(run(an_edge_scenario()))
    assert [line.split(":")[0] for line in lines[:3]] == ["main/federate", "main/federate/south", "main/federate/north"]
    assert "6 rounds of 10 devices" in lines[1]


def test_a_learning_that_reserves_no_machines_says_nothing_of_devices():
    line = said(run(a_crowd_scenario([{"federate": ALONE}])))[0]
    assert line.startswith("main/federate: finished  (")
    assert "device" not in line
