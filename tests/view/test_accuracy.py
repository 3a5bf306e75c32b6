"""The picture of published figures against ours holds every figure that is compared, on the right side of the line."""

import pytest

from simulator.study.report import Comparison, Report
from simulator.view import accuracy as view


def a_comparison(published, ours, verdict="agrees", **more):
    return Comparison("thing", "energy_j", "server", published, ours, verdict, "source", "", **more)


def a_report(*points, band=0.1):
    return Report("trainings", [], parts=(Report("watts", list(points), name="watts", band=band),))


def dots(figure):
    return [
        (line.get_xdata()[0], line.get_ydata()[0], line.get_color())
        for line in figure.axes[0].get_lines()
        if line.get_marker() == "o"
    ]


def test_each_figure_is_a_dot_at_published_and_ours_in_the_unit_of_the_axis():
    figure = view.draw(a_report(a_comparison(3.6e9, 7.2e9), a_comparison(36e9, 36e9, "MISSED")))
    assert [dot[:2] for dot in dots(figure)] == [(1.0, 2.0), (10.0, 10.0)]
    assert figure.axes[0].get_xlabel() == "published (MWh)"
    assert dots(figure)[1][2] == view._COLOURS["missed"]


@pytest.mark.parametrize("verdict", ["circular", "carried", "not counted"])
def test_what_is_not_counted_is_grey(verdict):
    figure = view.draw(a_report(a_comparison(3.6e9, 3.6e9, verdict), a_comparison(36e9, 36e9)))
    assert [dot[2] for dot in dots(figure)] == [view._COLOURS["given"], view._COLOURS["counted"]]


def test_what_is_predicted_with_a_range_shows_it():
    point = a_comparison(3.6e9, 3.6e9, low=1.8e9, high=7.2e9)
    lines = view.draw(a_report(point, a_comparison(36e9, 36e9))).axes[0].get_lines()
    assert next(list(line.get_ydata()) for line in lines if len(line.get_ydata()) == 2) == [0.5, 2.0]


def test_figures_that_are_close_together_are_drawn_on_even_scales():
    near, far = ([a_comparison(p, p) for p in (3.6e9, factor * 3.6e9)] for factor in (2, 20))
    scales = [view.draw(a_report(*points)).axes[0].get_xscale() for points in (near, far)]
    assert scales == ["linear", "log"]


def test_a_single_figure_makes_no_panel():
    parts = (*a_report(a_comparison(1.0, 1.0), a_comparison(2.0, 2.0)).parts, *a_report(a_comparison(1.0, 1.0)).parts)
    assert len(view.draw(Report("trainings", [], parts=parts)).axes) == 1
