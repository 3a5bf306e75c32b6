"""A result beside a year of the world: the right multiples, and nothing on an axis that it does not belong on."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator as sim
from simulator.errors import UsageError
from simulator.view import scales
from simulator.view.scales import Mark, Scale, draw, label_lines, many, marks_of, scales_of, share_lines, times_lines

TWH_J, MT_KG = 3.6e15, 1e9
WORDS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def a_summary(**paradigms):
    """Totals in joules and kilograms by paradigm and boundary, in a window of a day."""
    found = {name: {"boundaries": of, "duration_s": 86400.0} for name, of in paradigms.items()}
    return {"name": "a", "paradigms": found}


ONE = a_summary(main={"server": {"energy_j": 3.6e9, "co2e_kg": 57.0}, "life_cycle": {"co2e_kg": 300.0}})


def test_the_references_are_those_of_the_talk():
    """IEA 2022: 220 to 320 TWh (2021), 100 to 140 of cryptocurrencies; 300 Mt (2020)."""
    centres, coins = scales_of("energy_j")
    assert (centres.year, centres.low, centres.high) == ("2021", 220 * TWH_J, 320 * TWH_J)
    assert (coins.low, coins.high) == (100 * TWH_J, 140 * TWH_J)
    (emitted,) = scales_of("co2e_kg")
    assert (emitted.year, emitted.value) == ("2020", 300 * MT_KG)


def test_what_is_told_as_a_share_is_told_with_its_scope_and_year_and_is_on_no_axis():
    """3.5 % of 2019 with users' equipment, 0.6 % of 2020 without: no common whole."""
    iea, shift = share_lines()
    assert iea.startswith("0.6 % in 2020: data centres and transmission networks")
    assert shift.startswith("3.5 % in 2019: data centres, networks and equipment of users")
    assert "2019" not in {scale.year for quantity in ("energy_j", "co2e_kg") for scale in scales_of(quantity)}


def test_how_many_of_ours_make_one_of_theirs():
    """A megawatt-hour: 270 TWh is 270 million times that; 300 kg: 300 Mt is a billion times that."""
    for quantity, words in (("energy_j", "= 270 million x main (1 MWh, server)"), ("co2e_kg", "= 1 billion x main")):
        first = scales_of(quantity)[0]
        (line,) = times_lines(first, marks_of(ONE, quantity), quantity)
        assert line.startswith(words)


def test_the_widest_total_of_each_paradigm_is_compared():
    assert marks_of(ONE, "energy_j") == [Mark("main", "server", 3.6e9)]
    assert marks_of(ONE, "co2e_kg") == [Mark("main", "life_cycle", 300.0)]


def test_more_paradigms_than_fit_beside_a_line_are_counted():
    marks = [Mark(f"way{number}", "server", 1.0) for number in range(scales.MOST + 2)]
    *told, last = times_lines(Scale("a", "b", "2021", 2.0, None, None), marks, "co2e_kg")
    assert len(told) == scales.MOST
    assert last == "and 2 more paradigms"


def test_a_reference_is_named_with_its_year_its_range_and_its_scope():
    said = " ".join(label_lines(scales_of("energy_j")[0], [], "energy_j"))
    assert said == (
        "Electricity of data centres, 2021 270 TWh (220 TWh to 320 TWh): data centres without cryptocurrencies, world"
    )


@given(st.floats(1e-6, 1e18))
def test_a_count_read_aloud_is_the_count_to_three_digits(count):
    number, *word = many(count).split()
    assert float(number) * WORDS.get("".join(word), 1.0) == pytest.approx(count, rel=5.1e-3)


def lines_at(axes):
    """The heights of the lines that go all the way across."""
    return sorted(line.get_ydata()[0] for line in axes.lines if line.get_label().startswith("_"))


def test_lines_stand_where_their_references_are_and_points_where_totals_are():
    """In kilowatt-hours and kilograms."""
    energy, co2e = draw(ONE).axes
    assert lines_at(energy) == pytest.approx([120e9, 270e9])
    assert lines_at(co2e) == pytest.approx([300e9])
    assert list(energy.lines[0].get_ydata()) == pytest.approx([1000.0])
    assert list(co2e.lines[0].get_ydata()) == pytest.approx([57.0, 300.0])
    assert list(co2e.lines[0].get_xdata()) == [0, 1]


@pytest.mark.parametrize("energy_j", [1.0, 3.6e9, 1e15, 1e19])
def test_everything_is_within_the_panels(energy_j):
    """A joule, a megawatt-hour, a third of a terawatt-hour, more than the world's data centres."""
    figure = draw(a_summary(main={"server": {"energy_j": energy_j, "co2e_kg": energy_j / 1e7}}))
    figure.canvas.draw()
    for axes in figure.axes:
        inside = axes.get_window_extent()
        for text in axes.texts:
            box = text.get_window_extent()
            assert inside.y0 <= box.y0
            assert box.y1 <= inside.y1
            assert box.x1 <= inside.x1
        boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
        assert all(below.y1 <= above.y0 for below, above in pairwise(boxes))


def test_what_comes_to_nothing_has_no_panel_and_nothing_at_all_no_figure():
    assert len(draw(a_summary(main={"server": {"energy_j": 1.0, "co2e_kg": 0.0}})).axes) == 1
    with pytest.raises(UsageError, match="nothing in the result comes to anything"):
        draw(a_summary(main={}))


def test_a_result_draws_itself_twice_as_the_same_picture(tmp_path):
    result = sim.run("small/norway")
    first, again = io.BytesIO(), io.BytesIO()
    result.plot.scales(tmp_path / "s.png").save(first)
    result.plot.scales().save(again)
    assert (tmp_path / "s.png").read_bytes() == first.getvalue() == again.getvalue()
