"""Figures of learning say what the tables say: what it took, who was heard, where a neuron's line lies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator as sim
from simulator.engine.rng import Streams
from simulator.errors import UsageError
from simulator.learning.spec import TaskSpec
from simulator.learning.task import build_task
from simulator.record.parameters import parameter_rows
from simulator.view import break_even, learning, neuron, participation

SCENARIO = "talk/one_neuron"


def a_look(accuracy, amount, paradigm="one", workload="train", step=0):
    """A row of a result's curves that spent the same number of everything."""
    spent = dict.fromkeys(("at_s", "samples", "energy_j", "co2e_kg", "moved_bytes"), float(amount))
    return {"paradigm": paradigm, "workload": workload, "step": step, "accuracy": accuracy, "loss_nats": 1.0, **spent}


def panels(curves, target=0.9, by=("energy_j",)):
    return learning.draw("test", curves, target, by).axes


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


@pytest.fixture(scope="module")
def result():
    return sim.run(SCENARIO)


def test_the_legend_says_what_the_first_look_at_the_target_took():
    looks = [a_look(0.5, 10), a_look(0.91, 20), a_look(0.89, 30), a_look(0.95, 40)]
    (axes,) = panels(looks)
    assert legend(axes) == ["one: 91.0% for 20 J", "target: 0.9"]


def test_a_model_that_missed_the_target_is_told_as_it_ended():
    (axes,) = panels([a_look(0.5, 10), a_look(0.7, 30)])
    assert legend(axes)[0] == "one: 70.0% for 30 J"


def test_without_a_target_there_is_no_line_across():
    (axes,) = panels([a_look(0.5, 10), a_look(0.7, 30)], target=None)
    assert legend(axes) == ["one: 70.0% for 30 J"]


@pytest.mark.parametrize(("apart", "scale"), [(9.9, "linear"), (10.0, "log")])
def test_an_axis_is_of_powers_of_ten_where_ends_lie_a_decade_apart(apart, scale):
    looks = [a_look(0.1, 0), a_look(0.9, 1, step=1), a_look(0.1, 0, "two"), a_look(0.9, apart, "two", step=1)]
    (axes,) = panels(looks)
    assert axes.get_xscale() == scale
    points = [len(line.get_xdata()) for line in axes.lines[:3:2]]
    assert points == ([2, 2] if scale == "linear" else [1, 1]), "nothing was spent before the first step"


def test_workloads_of_one_paradigm_have_a_line_each():
    rows = [a_look(0.5, 1, workload="a"), a_look(0.5, 1, workload="b"), a_look(0.5, 1, "two")]
    assert list(learning.lines_of(rows)) == ["one: a", "one: b", "two"]


def test_a_panel_for_each_amount_shares_its_accuracies():
    axes = panels([a_look(0.5, 1), a_look(0.9, 7200)], by=("time_s", "moved_bytes"))
    assert [one.get_xlabel() for one in axes] == ["time since the start (hours)", "bytes of rounds and transfers (kB)"]
    assert axes[0].lines[0].get_xdata()[-1] == pytest.approx(2.0)
    assert axes[1].lines[0].get_xdata()[-1] == pytest.approx(7.2)


def test_a_figure_by_what_nobody_measures_is_refused(result):
    with pytest.raises(UsageError, match="there is time_s, energy_j, co2e_kg, moved_bytes"):
        result.plot.learning(by="happiness")


@pytest.mark.parametrize("figure", ["learning", "neuron"])
def test_where_nothing_is_learned_there_is_nothing_to_draw(figure):
    with pytest.raises(UsageError, match=r"nothing was learned|no task of the scenario"):
        getattr(sim.run("small/one_gpu").plot, figure)()


def test_a_run_that_learns_writes_the_figure_and_one_that_does_not_writes_none(tmp_path, result):
    result.save(tmp_path / "learns", figures=True)
    sim.run("small/one_gpu", tmp_path / "draws", figures=True)
    assert (tmp_path / "learns" / "learning.png").read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "draws" / "learning.png").exists()


def test_the_figures_of_an_opened_result_are_the_same(tmp_path, result):
    result.save(tmp_path / "out")
    opened = sim.open_results(tmp_path / "out")
    assert opened.curves == result.curves
    assert opened.plot.break_even()._repr_png_() == result.plot.break_even()._repr_png_()


def tenths(users, accepted, gini=0.5):
    """The rows of `participation` of one learning."""
    names = ("paradigm", "workload", "decile", "users", "selected", "accepted", "gini")
    whole = ("one", "learn", 0, sum(users), 0, sum(accepted), gini)
    own = (("one", "learn", n, *row, None) for n, row in enumerate(zip(users, users, accepted, strict=True), 1))
    return [dict(zip(names, row, strict=True)) for row in (whole, *own)]


def test_a_tenth_with_twice_its_users_share_of_the_updates_stands_at_two():
    """Of 40 users 4 have 20 of 100 updates, 4 have none, the others 80 of 100 for 32."""
    shares = participation.shares_of(tenths([4] * 10, [0, 20, *[10] * 8]))
    assert shares.tolist() == pytest.approx([0.0, 2.0, *[1.0] * 8])


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=10, max_size=10))
def test_weighed_by_users_the_shares_come_to_one(rows):
    users, accepted = zip(*rows, strict=True)
    if sum(accepted):
        shares = participation.shares_of(tenths(users, accepted))
        assert shares @ np.array(users) / sum(users) == pytest.approx(1.0)


def test_a_tenth_without_users_has_no_bar():
    assert np.isnan(participation.shares_of(tenths([0, *[4] * 9], [0, *[4] * 9]))[0])


def test_the_legend_of_participation_says_how_unequal_it_is():
    (axes,) = participation.draw("test", tenths([4] * 10, range(10), gini=0.375)).axes
    assert legend(axes) == ["fair share", "one (Gini 0.38)"]
    assert len(axes.patches) == 10


@pytest.mark.parametrize("rows", [[], tenths([4] * 10, [0] * 10), tenths([4] * 10, [1] * 10)[:1]])
def test_where_no_device_is_faster_or_nobody_is_heard_there_is_nothing_to_draw(rows):
    with pytest.raises(UsageError, match="speed_spread"):
        participation.draw("test", rows)


def a_neuron(*weights):
    """A figure of one neuron with these parameters, step after step."""
    spec = TaskSpec.model_validate({"data": "one-neuron", "model": "neuron", "clients": 5})
    rows = [row for step, own in enumerate(weights) for row in parameter_rows("train", step, np.array(own))]
    parameters = [{"paradigm": "one", **row._asdict()} for row in rows]
    looks = [a_look(0.5, step, step=step) for step in range(len(weights))]
    return neuron.draw("test", parameters, looks, build_task(spec, Streams(1), "line").data).axes[0]


def test_a_neurons_line_is_where_it_is_undecided():
    """2 x1 + x2 - 1 = 0 goes through (0.5, 0) and (0, 1)."""
    first, truth = a_neuron([2.0, 1.0, -1.0]).lines
    for line, (w1, w2, b) in ((first, (2.0, 1.0, -1.0)), (truth, neuron.TRUTH)):
        for x1, x2 in (line.get_xy1(), line.get_xy2()):
            assert w1 * x1 + w2 * x2 + b == pytest.approx(0.0)


def test_a_neuron_that_hears_nothing_has_no_line():
    axes = a_neuron([0.0, 0.0, 0.0], [2.0, 1.0, -1.0])
    assert "after 0: 50% right, no line" in legend(axes)
    assert "after 1: 50% right" in legend(axes)


def test_a_model_of_more_inputs_is_no_such_neuron():
    with pytest.raises(UsageError, match="no workload learned with one"):
        a_neuron([1.0] * 15)


def test_a_handful_of_lines_begins_pale_and_ends_dark():
    axes = a_neuron(*([1.0, 1.0, -float(step)] for step in range(1, 60)))
    *lines, truth = axes.lines
    assert len(lines) == 6
    brightness = [sum(line.get_color()[:3]) for line in lines]
    assert brightness == sorted(brightness, reverse=True)
    assert truth.get_linestyle() == "--"


def test_a_model_of_many_parameters_or_many_models_are_not_written_down():
    assert len(list(parameter_rows("w", 0, np.zeros(16)))) == 16
    assert list(parameter_rows("w", 0, np.zeros(17))) == []
    assert list(parameter_rows("w", 0, np.zeros((2, 3)))) == []


def test_collecting_an_eighth_of_a_rounds_bytes_is_matched_by_an_eighth_of_a_round():
    assert break_even.rounds_to_break_even(1e6, selected=100, down_bytes=5e4, up_bytes=3e4) == 0.125


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30), st.integers(1, 100_000))
def test_at_the_crossing_as_much_is_moved_as_was_collected(sizes, data_bytes):
    moved = np.cumsum(sizes)
    rounds = break_even.crossing_rounds(moved, data_bytes)
    played = np.arange(len(moved) + 1)
    there = (
        np.interp(rounds, played, np.append(0.0, moved)) if rounds <= len(moved) else rounds * moved[-1] / len(moved)
    )
    assert there == pytest.approx(data_bytes, rel=1e-9)


def test_one_neuron_is_lighter_to_move_than_its_points_until_the_29th_round(result):
    """24 bytes down and up for ten phones, 480 a round; 800 points of 17 bytes."""
    (axes,) = result.plot.break_even().figure.axes
    assert break_even.rounds_to_break_even(13600, 10, 24, 24) == pytest.approx(28.33, abs=0.01)
    assert legend(axes) == [
        "federated: 480 B a round, as much as centralised in 28.3 rounds",
        "centralised: 13.6 kB collected once",
    ]


def test_a_model_that_is_sent_back_to_users_is_not_collected():
    line = "phones/paris/wifi"
    moves = [("central", line, "lab"), ("central", "lab", line), ("rounds", line, "lab")]
    rows = [{"paradigm": p, "from": a, "to": b, "size_bytes": 8.0, "done_share": 0.5} for p, a, b in moves]
    assets = [{"paradigm": p, "place": "phones/paris", "owner": "users"} for p in ("central", "rounds")]
    assert break_even.collected_bytes(rows, assets, {"rounds"}) == {"central": 4.0}


@pytest.mark.parametrize("name", ["small/federate", "small/collect"])
def test_a_break_even_needs_both_ways(name):
    with pytest.raises(UsageError, match="run a scenario with both"):
        sim.run(name).plot.break_even()


def test_the_answer_of_the_talks_neuron_is_what_it_says(result):
    """Its header: 62.5 s and 309 J in one place, after 5 epochs; 2.4 s, 3.36 kB and 256 J on phones, after 7 rounds."""
    last = {row["paradigm"]: row for row in result.curves}
    assert [(row["step"], round(row["at_s"], 1), round(row["energy_j"])) for row in last.values()] == [
        (5, 62.5, 309),
        (7, 2.4, 256),
    ]
    assert last["federated"]["moved_bytes"] == pytest.approx(3360.0)
    assert min(row["accuracy"] for row in last.values()) >= 0.95


def test_the_neuron_of_the_talk_is_watched_in_both_ways(result):
    axes = result.plot.neuron().figure.axes
    assert [one.get_title() for one in axes] == ["centralised", "federated"]
    assert "after 5: 96% right" in legend(axes[0])
    assert "after 7: 96% right" in legend(axes[1])


def test_a_training_that_is_sooner_done_than_the_others_is_scored_by_its_own_end():
    """60 s of collecting, and 5 epochs of 0.49 s; the horizon is at 2 min."""
    longer = sim.run(SCENARIO, values={"horizon": "2 min"})
    last = [row for row in longer.curves if row["paradigm"] == "centralised"][-1]
    assert (last["step"], last["at_s"]) == (5, pytest.approx(62.47, abs=0.01))
