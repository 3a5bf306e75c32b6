"""Levers on a terminal: each number that it was handed, what is worse as worse, and nothing cut off."""

import io

import pytest
from rich.console import Console

from simulator.study.levers import Levers, Ranking, Saving
from simulator.view.levers import ranked

LONGER = Saving("longer", "kept five years", 168.0, 0.5, 0.25, 126.0, False, "")
SHORTER = Saving("shorter", "", -84.0, -0.25, None, None, False, "")
SLOW = Saving("slow", "", None, None, None, None, True, "it did not finish its work")
ALL = Saving("together", "longer, shorter", 100.0, 0.3, None, 58.0, True, "")


def shown(*lines, together=ALL, interaction=-16.0, notes=(), criterion="co2e_kg", width=120):
    ranking = Ranking("main", "life_cycle", 336.0, list(lines), together, interaction)
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(ranked(Levers("life", criterion, "a phone's year", [ranking], list(notes))))
    return console.export_text().splitlines()


def words(lines, start):
    return [" ".join(line.split()) for line in lines if line.split()[:1] == [start]]


def test_a_row_says_what_a_lever_saves_and_what_is_left_of_it_after_its_rebound():
    lines = shown(LONGER)
    assert lines[0] == "life: levers on CO2e, per unit: a phone's year"
    assert words(lines, "main:") == ["main: 336 kg at life_cycle without any lever"]
    assert words(lines, "longer") == ["longer 168 kg 50.0% 25% 126 kg account kept five years"]
    assert words(lines, "together") == ["together 100 kg 30.0% 58 kg simulation longer, shorter"]


def test_what_makes_it_worse_saves_less_than_nothing_and_says_so():
    assert words(shown(SHORTER), "shorter") == ["shorter -84 kg -25.0% account WORSE"]


def test_without_rebounds_there_is_no_column_of_them():
    assert not any("rebound" in line for line in shown(SHORTER))
    assert words(shown(LONGER, SHORTER), "lever") == ["lever saves of all rebound after it by what it is"]


def test_what_did_not_finish_has_no_number():
    assert words(shown(SLOW), "slow") == ["slow unfinished simulation it did not finish its work"]


@pytest.mark.parametrize(("interaction", "end"), [(-16.0, "together they save 16 kg more"), (16.0, "16 kg less")])
def test_the_interaction_is_told_in_words(interaction, end):
    (line,) = words(shown(LONGER, interaction=interaction), "interaction:")
    assert line.startswith(f"interaction: alone they add up to {100 + interaction:g} kg; ")
    assert line.endswith(end)


def test_without_a_sum_there_is_no_interaction():
    assert words(shown(SLOW, together=SLOW, interaction=None), "interaction:") == []


def test_notes_stand_below():
    assert shown(LONGER, notes=["six is left out"])[-1] == "note: six is left out"


@pytest.mark.parametrize("criterion", ["energy_j", "adpe_kgsb", "site_water_l", "cost_usd", "primary_energy_mj"])
def test_every_criterion_has_a_unit(criterion):
    assert words(shown(LONGER, criterion=criterion), "longer")


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_and_nothing_is_cut_off(width):
    wordy = LONGER._replace(name="a-name-of-some-length", says="what it is, in words that go on for quite a while " * 2)
    lines = shown(wordy, SHORTER, SLOW, width=width)
    assert max(len(line) for line in lines) <= width
    assert not any("…" in line for line in lines)
