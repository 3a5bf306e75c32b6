"""The picture of published figures against ours holds every figure that is compared, on the right side of the line."""

import pytest

from simulator.errors import UsageError
from simulator.study.report import Comparison, Report
from simulator.view import accuracy as view
from simulator.vocabulary import NUMBER


def a_comparison(published, ours, verdict="agrees", **more):
    return Comparison("thing", "energy_j", "server", published, ours, verdict, "source", "", **more)


def a_report(*points, band=0.1):
    return Report("trainings", [], parts=(Report("watts", list(points), name="watts", band=band),))


def dots(figure, axes=0):
    return [
        (line.get_xdata()[0], line.get_ydata()[0], line.get_color())
        for line in figure.axes[axes].get_lines()
        if line.get_marker() == "o"
    ]


def test_each_figure_is_a_dot_at_published_and_ours_in_the_unit_of_the_axis():
    figure = view.draw(a_report(a_comparison(3.6e9, 7.2e9), a_comparison(36e9, 36e9, "MISSED")))
    assert [dot[:2] for dot in dots(figure)] == [(1.0, 2.0), (10.0, 10.0)]
    assert figure.axes[1].get_xlabel() == "published (MWh)"
    assert dots(figure)[1][2] == view._COLOURS["missed"]


@pytest.mark.parametrize("verdict", ["circular", "carried", "not counted"])
def test_what_is_not_counted_is_grey(verdict):
    figure = view.draw(a_report(a_comparison(3.6e9, 3.6e9, verdict), a_comparison(36e9, 36e9)))
    assert [dot[2] for dot in dots(figure)] == [view._COLOURS["given"], view._COLOURS["inside"]]


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
    assert len(view.draw(Report("trainings", [], parts=parts)).axes) == 2  # the line, and its errors


def test_a_point_outside_its_band_has_another_colour_than_one_inside_and_than_one_that_misses_its_gate():
    """Of 10 MWh, with a band of a tenth: 9.1 is inside; 8.9 and 11.2 outside; so is what is beyond its range."""
    points = [
        a_comparison(36e9, 9.1 * 3.6e9),
        a_comparison(36e9, 8.9 * 3.6e9, "predicted, other software"),
        a_comparison(36e9, 11.2 * 3.6e9, "explained: rounded"),
        a_comparison(36e9, 10.5 * 3.6e9, "beyond P5-P95", low=37e9, high=39e9),
        a_comparison(36e9, 9.1 * 3.6e9, "MISSED"),
    ]
    figure = view.draw(a_report(*points))
    kinds = ["inside", "outside", "outside", "outside", "missed"]
    for axes in (0, 1):
        assert [dot[2] for dot in dots(figure, axes)] == [view._COLOURS[kind] for kind in kinds]
    assert len(set(view._COLOURS.values())) == 4


def test_a_band_of_a_factor_of_two_reaches_from_half_to_double():
    points = [a_comparison(36e9, ours) for ours in (17e9, 19e9, 71e9, 73e9)]
    figure = view.draw(a_report(*points, band=1.0))
    kinds = ["outside", "inside", "inside", "outside"]
    assert [dot[2] for dot in dots(figure)] == [view._COLOURS[kind] for kind in kinds]


def test_the_errors_below_are_per_cent_of_what_was_published():
    figure = view.draw(a_report(a_comparison(3.6e9, 3.564e9), a_comparison(3600e9, 4320e9)))
    assert [dot[:2] for dot in dots(figure, 1)] == [(1.0, pytest.approx(-1.0)), (1000.0, pytest.approx(20.0))]
    assert figure.axes[1].get_ylabel() == "error (%)"


@pytest.mark.parametrize(("worst", "scale"), [(4.0, "linear"), (6.0, "symlog")])
def test_errors_of_many_bands_do_not_hide_the_band(worst, scale):
    report = a_report(a_comparison(1e9, 1e9), a_comparison(1e9, (1 + worst / 100) * 1e9), band=0.01)
    assert view.draw(report).axes[1].get_yscale() == scale


def test_shares_are_drawn_as_numbers():
    shares = [
        Comparison("thing", NUMBER, "", 0.8, 0.9, "agrees", "source", "", what="share", low=0.88, high=0.92),
        Comparison("thing", NUMBER, "", 400, 400, "carried", "source", "", what="failures"),
    ]
    (axes,) = view.draw(a_report(*shares)).axes
    assert [text.get_text() for text in axes.texts] == [
        "share:\npublished 0.8, ours 0.9 (0.88 to 0.92, P5 to P95)",
        "failures:\npublished 400, ours 400",
    ]


def test_what_has_no_picture_is_named_in_it():
    drawn = a_report(a_comparison(1.0, 1.0), a_comparison(2.0, 2.0)).parts
    figure = view.draw(Report("trainings", [], parts=(*drawn, Report("rings", [], name="all-reduce"))))
    assert figure.legends[0].get_title().get_text().endswith("tables alone: all-reduce")


def test_a_report_of_nothing_that_can_be_drawn_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match="a figure of rings: compares no two published figures"):
        view.draw(Report("rings", []))
