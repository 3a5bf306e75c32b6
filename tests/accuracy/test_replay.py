"""Arithmetic replay of published trainings: the gate, what is not counted, which causes hold, what may be predicted.

The figures of each source stand in a file of its own beside this one.
"""

import pytest
from strategies import operation

import simulator as sim
from simulator.catalogue import rows
from simulator.study.replay import CAUSES, FIGURES, GATE, KINDS, can_replay, replay_scenario
from simulator.units import show

TRAININGS = rows("training")


def test_every_published_figure_is_replayed_within_one_per_cent_or_for_a_cause_that_holds(replay_report):
    for c in replay_report.comparisons:
        print(
            f"{c.name:48}{show(c.published, c.quantity):>12}{show(c.ours, c.quantity):>12}{c.error:+8.2%}  {c.verdict}"
        )
    print(*replay_report.summary, sep="\n")
    assert GATE == 0.01
    assert replay_report.passed
    for c in replay_report.comparisons:
        assert abs(c.error) <= 0.01 or c.verdict.startswith("explained: "), c


def test_as_many_figures_are_counted_as_were_published_with_all_they_come_from(replay_report):
    """49 of 61 trainings; 18 energies and 22 carbons could have come out otherwise, 35 of 40 within 1 %."""
    assert len(TRAININGS) == 61
    assert sum(map(can_replay, TRAININGS.values())) == 49
    assert replay_report.summary == (
        "energy: 16 of 18 within 1%, 5 of them unverified; 2 explained, 0 missed; not counted: 0 circular, 19 carried",
        "CO2e: 19 of 22 within 1%, 6 of them unverified; 3 explained, 0 missed; not counted: 12 circular, 0 carried",
        "12 trainings of the table give nothing to replay",
    )


def test_a_figure_whose_input_came_from_its_output_is_circular(replayed):
    """And no other: the inputs that were solved for are there, and named with the output that they came from."""
    circular = {key for key, c in replayed.items() if c.verdict == "circular"}
    solved = {id_: row for id_, row in TRAININGS.items() if row.text("back_solved")}
    assert circular == {(id_, row.text("solved_from")) for id_, row in solved.items()}
    assert len(circular) == 12
    for row in solved.values():
        assert all(row.text(column) for column in row.text("back_solved").split(";")), row.id


def test_energy_is_carried_where_watts_or_hours_are_missing_and_nowhere_else(replayed):
    carried = {id_ for (id_, column), c in replayed.items() if c.verdict == "carried" and column == "energy_mwh"}
    assert carried == {id_ for id_ in carried if not TRAININGS[id_].text("device_power_w")} | {"glam-600b-tokens"}
    assert all(c.verdict != "carried" for (_, column), c in replayed.items() if column == "co2e_t")


def test_a_cause_stands_only_where_a_figure_needs_it(replayed):
    told = {
        (id_, column): TRAININGS[id_].text(f"{column.split('_')[0]}_cause") for id_ in TRAININGS for column in FIGURES
    }
    needed = {key for key, c in replayed.items() if abs(c.error) > GATE}
    carried = {key for key, c in replayed.items() if c.verdict == "carried"}
    assert {key for key, cause in told.items() if cause} - carried == needed
    assert {cause for cause in told.values() if cause} == set(CAUSES)
    before = {id_ for (id_, _), cause in told.items() if cause == "published before PUE"}
    assert [id_ for id_ in before if not TRAININGS[id_].text("pue_ratio")] == []


def change(monkeypatch, id_, **cells):
    """The verdicts on a row after such a change of its cells."""
    row = TRAININGS[id_]
    for column, text in cells.items():
        monkeypatch.setitem(row._cells, column, text)
    report = sim.accuracy("replay")
    return report.passed, [c.verdict for c in report.comparisons if c.name == row.name]


@pytest.mark.parametrize(
    ("id_", "cells", "verdicts"),
    [
        ("bloom-176b", {"energy_mwh": "442"}, ["MISSED", "agrees"]),
        ("bloom-176b", {"energy_mwh": "442", "energy_cause": "rounded"}, ["MISSED", "agrees"]),
        ("bloom-176b-whole", {"embodied_t": "9"}, ["carried", "MISSED"]),
        ("gopher-280b", {"energy_cause": ""}, ["MISSED", "agrees, unverified"]),
        ("gopher-280b", {"energy_mwh": "1100"}, ["MISSED", "agrees, unverified"]),
        ("gshard-600b", {"co2e_t": "4.38"}, ["agrees", "MISSED"]),
        (
            "transformer-base",
            {"co2e_half_digit_t": "0.0000001"},
            ["agrees, unverified", "MISSED"],
        ),
        ("transformer-base", {"co2e_t": "0.0125"}, ["agrees, unverified", "MISSED"]),
        ("olmo-7b", {"co2e_t": "71"}, ["carried", "MISSED"]),
    ],
)
def test_a_wrong_cell_and_a_cause_that_does_not_hold_are_missed(monkeypatch, id_, cells, verdicts):
    passed, found = change(monkeypatch, id_, **cells)
    assert found == verdicts
    assert passed == ("MISSED" not in verdicts)


def test_a_replay_is_a_scenario_that_runs_through_the_engine():
    result = sim.run(replay_scenario(TRAININGS["gpt-3-175b"]))
    assert list(operation(result.summary["paradigms"]["main"]["boundaries"])) == ["server", "facility"]
    assert result.table("changes").num_rows > 0


def test_what_an_energy_is_stands_in_every_row_with_a_figure(replay_report):
    kinds = {row.text("energy_kind") for row in TRAININGS.values() if can_replay(row)}
    assert kinds == set(KINDS)
    assert {c.kind for c in replay_report.comparisons} == set(KINDS.values())


def test_parameters_are_those_of_the_catalogues_model():
    """Papers round; Stable Diffusion's 890 million hold its encoders."""
    for row in TRAININGS.values():
        model, told = rows("model").get(row.text("model")), row.find_number("parameters_count")
        if model is not None and told is not None:
            assert told == pytest.approx(model.number("parameters_count", ""), rel=0.04), row.id
            seen, samples = model.find_number("training_samples_count"), row.find_number("samples_count")
            assert None in (seen, samples) or samples == pytest.approx(seen, rel=1e-3), row.id


def test_a_mixture_of_experts_says_how_many_parameters_are_active():
    active = {row.id: row.find_number("active_parameters_count") for row in TRAININGS.values()}
    assert {id_: count for id_, count in active.items() if count} == {
        "gshard-600b": 0.0025 * 619e9,
        "glam-280b-tokens": 96.6e9,
        "glam-600b-tokens": 96.6e9,
        "deepseek-v3": 37e9,
        "llama-4-scout": 17e9,
    }


def test_what_another_row_restates_and_what_cannot_be_predicted_says_so():
    """The rest have parameters, samples and hours, each training once."""
    left = [row for row in TRAININGS.values() if not row.text("restates") and not row.text("excluded")]
    for row in left:
        timed = row.text("device_time_h") or (row.text("devices_count") and row.text("wall_time_d"))
        assert row.text("device"), row.id
        assert row.text("parameters_count"), row.id
        assert row.text("samples_count"), row.id
        assert timed, row.id
    assert len(left) == 26
    assert {row.id: row.text("restates") for row in TRAININGS.values() if row.text("restates")} == {
        "bloom-176b-meta": "bloom-176b",
        "bloom-176b-whole": "bloom-176b",
        "evolved-transformer-strubell": "evolved-transformer-search",
        "opt-175b-meta": "opt-175b",
        "transformer-big-p100": "transformer-big",
    }
