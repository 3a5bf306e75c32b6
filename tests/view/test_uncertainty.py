"""Draws on a terminal and as a figure: they fit, and show what they were handed."""

import io
import json

import pytest
from rich.console import Console

import simulator as sim
from simulator.footprint.accounting.term import Term
from simulator.footprint.accounting.uncertainty import draw, tornado
from simulator.footprint.making.factors import Factor
from simulator.view.uncertainty import MOST_SWINGS, as_json, by_method, uncertain
from simulator.view.uncertainty_figure import draw_uncertainty

NAMES = ("centralised", "federated")


def a_term(base, *factors):
    named = ("main", "facility", "use", "co2e_kg", "lab", "node", "electricity", "job", "compute")
    return Term(*named, base, "J", factors)


GRID = Factor("grid/fr/intensity_gco2e_per_kwh", 50.0, 25.0, 100.0, "a study", "published")
BARE = Factor("embodied/base:card/manufacture_kgco2e", 10.0, None, None, "a study", "derived")
TERMS = {"centralised": [a_term(2.0, GRID), a_term(1.0, BARE)], "federated": [a_term(1.0, GRID)]}
DRAWS = draw(TERMS, "co2e_kg", "facility", 500, 7)
SWINGS = tornado(TERMS["centralised"])


def shown(renderable, width=120):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(renderable)
    return [" ".join(line.split()) for line in console.export_text().splitlines()]


def test_a_row_holds_value_quantiles_and_the_chance_of_being_lower():
    """2 x 50 + 10 = 110 kg; half of the grid's part alone is lower in every draw, of which Wilson leaves 0.992."""
    lines = shown(uncertain(DRAWS, SWINGS, "centralised"))
    assert lines[0] == "CO2e at facility: 500 draws of its factors, seed 7"
    assert lines[1] == "paradigm at values P5 P50 P95 P(< first)"
    assert lines[2].startswith("centralised 110 kg ")
    assert lines[3].startswith("federated 50 kg ")
    assert lines[3].endswith("1 (0.992, 1)")


def test_the_tornado_names_factors_their_ends_and_the_impact_there():
    """The grid at 25 and 100: 60 and 210 kg; the card at 10 / 1.42^1.645 = 5.62 and 17.8: 105.6 and 117.8 kg."""
    lines = shown(uncertain(DRAWS, SWINGS, "centralised"))
    (grid,) = (line for line in lines if line.startswith("grid/fr"))
    assert grid == "grid/fr/intensity_gco2e_per_kwh 25 100 60 kg 210 kg published"
    (card,) = (line for line in lines if line.startswith("embodied/base:card"))
    assert card == "embodied/base:card/manufacture_kgco2e 5.62 17.8 105.6 kg 117.8 kg derived"
    assert lines.index(grid) < lines.index(card)


def test_what_stands_in_for_ranges_is_told():
    lines = shown(uncertain(DRAWS, SWINGS, "centralised"))
    assert lines[-1] == "1 factor without a range, derived: one standard deviation is x or / 1.42 (assumed)"


def test_only_the_largest_swings_are_shown_and_the_others_counted():
    factors = [GRID._replace(name=f"f{n}") for n in range(MOST_SWINGS + 2)]
    swings = tornado([a_term(1.0 + n, factor) for n, factor in enumerate(factors)])
    lines = shown(uncertain(DRAWS, swings, "all"))
    assert sum(line.endswith("published") for line in lines) == MOST_SWINGS
    assert "and 2 factors more" in lines


def test_methods_stand_beside_each_other():
    lines = shown(by_method([("base", DRAWS), ("boavizta", DRAWS)]))
    assert lines[0] == "CO2e at facility by several methods: choices, not luck"
    assert [line.split()[0] for line in lines[2:6]] == ["base", "federated", "boavizta", "federated"]
    assert sum("without a range" in line for line in lines) == 1


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_tables_fit(width):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(uncertain(DRAWS, SWINGS, "centralised"))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text


def test_plain_data_holds_every_factor():
    found = json.loads(json.dumps(as_json(DRAWS, SWINGS)))
    assert found["paradigms"]["federated"]["lower_than_first"]["value"] == 1.0
    assert found["paradigms"]["centralised"]["lower_than_first"] is None
    assert found["paradigms"]["centralised"]["value"] == pytest.approx(110.0)
    middle = found["paradigms"]["centralised"]
    assert middle["p5"] < middle["p50"] < middle["p95"]
    assert [row["factor"]["name"] for row in found["tornado"]] == [GRID.name, BARE.name]


def test_the_figure_has_bars_from_the_value_to_both_ends():
    """In kilograms: from 110 to 60 and to 210."""
    figure = draw_uncertainty(DRAWS, SWINGS, "centralised")
    _, below = figure.axes
    widest = [patch for patch in below.patches if patch.get_y() > 0.5]
    ends = sorted(end for patch in widest for end in (patch.get_x(), patch.get_x() + patch.get_width()))
    assert ends == pytest.approx([60.0, 110.0, 110.0, 210.0])
    assert figure.axes[0].get_xlabel() == "CO2e at facility, kg"


def test_a_figure_of_nothing_uncertain_is_drawn_all_the_same():
    sure = draw({"main": [a_term(5.0)]}, "co2e_kg", "facility", 10)
    figure = draw_uncertainty(sure, tornado([a_term(5.0)]), "main")
    figure.savefig(io.BytesIO(), format="png")


def test_the_figure_of_a_result_is_drawn_of_its_account(tmp_path):
    result = sim.run("small/norway")
    first, again = io.BytesIO(), io.BytesIO()
    result.plot.uncertainty(tmp_path / "one.png", draws=100).save(first)
    result.plot.uncertainty(draws=100).save(again)
    assert (tmp_path / "one.png").read_bytes() == first.getvalue() == again.getvalue()
    with pytest.raises(sim.SimulatorError, match="no such criterion"):
        result.plot.uncertainty(criterion="joy")
