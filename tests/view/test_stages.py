"""A line for each workload, in the order of the pipeline."""

import simulator as sim
from simulator.view.stages import MOST_LINES, Records, stage_lines


def said(result):
    records = Records(result.jobs.to_pylist(), result.transfers.to_pylist(), result.services, result.learnings)
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
