"""Figures of a sweep show the numbers of its table, say what they leave out, and refuse what cannot be drawn."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from matplotlib.text import Text
from rich.console import Console

from simulator.errors import UsageError
from simulator.study.sweep.sample import unit_design
from simulator.study.sweep.sensitivity import sensitivity
from simulator.view import sensitivity as answer
from simulator.view.figures import Picture
from simulator.view.sweep import KINDS, draw
from simulator.view.sweep_bands import band_of
from simulator.view.sweep_data import MOST_VALUES, find_runs, is_spaced_by_ratios, stretches
from simulator.view.sweep_tornado import swings

FACTORS = ("clients", "rate", "country")
MWH = 3.6e9


def rows(number, values, repeat=0, status="ok", ways=None):
    """The rows of one point: central takes 10 MWh, federated a tenth of a MWh a client, at 1 Gbps twice that."""
    head = {"point": f"p{number:04d}", "row": None, "replicate": repeat, "seed": repeat, "status": status, **values}
    if status != "ok":
        return [{**head, "paradigm": None, "energy_j": None, "duration_s": None}]
    slow = 2.0 if values["rate"] == "1 Gbps" else 1.0
    energy = ways or {"central": 10 * MWH, "federated": 0.1 * slow * values["clients"] * MWH}
    return [{**head, "paradigm": way, "energy_j": e, "duration_s": 3600.0} for way, e in energy.items()]


def a_grid(clients=(10, 100, 1000), rates=("1 Gbps", "10 Gbps"), countries=("FR", "PL"), repeats=1, lost=()):
    points = [(c, r, k, n) for c in clients for r in rates for k in countries for n in range(repeats)]
    found = []
    for number, (c, r, k, n) in enumerate(points):
        values = {"clients": c, "rate": r, "country": k}
        found += rows(number, values, n, "failed" if number in lost else "ok")
    return pa.Table.from_pylist(found)


def a_sample(count=256):
    """`u` even, `v` by ratios from 1 to 100; the energy is u + 1 MWh of one paradigm."""
    unit = unit_design("sobol", ["u", "v"], count, 1)
    base = {"point": [f"p{k:04d}" for k in range(count)], "row": list(range(count)), "replicate": [0] * count}
    base |= {"seed": [0] * count, "status": ["ok"] * count, "paradigm": ["only"] * count}
    return pa.table({**base, "u": unit[:, 0], "v": 100 ** unit[:, 1], "energy_j": (unit[:, 0] + 1) * MWH})


def words(figure):
    """All that a figure says."""
    return " | ".join(text.get_text() for text in figure.findobj(Text))


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines() if not line.get_label().startswith("_")}


def test_a_line_is_the_median_of_a_paradigm_in_the_unit_of_the_axis():
    """Of federated at 10, 100, 1000 clients half the runs are at 1 Gbps: 1 and 2, 10 and 20, 100 and 200 MWh."""
    (axes,) = draw(a_grid(), FACTORS, "bands", "energy_j", x="clients").axes
    found = lines(axes)
    assert list(found["federated"].get_xdata()) == [10, 100, 1000]
    assert list(found["federated"].get_ydata()) == pytest.approx([1.5, 15.0, 150.0])
    assert list(found["central"].get_ydata()) == pytest.approx([10.0, 10.0, 10.0])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("clients", "energy (MWh)")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_few_runs_are_dots_and_many_a_band_from_p5_to_p95():
    few = draw(a_grid(), FACTORS, "bands", "energy_j", x="clients")
    many = draw(a_grid(repeats=5), FACTORS, "bands", "energy_j", x="clients")
    assert ("dots: the runs" in words(few), "P5 to P95" in words(few)) == (True, False)
    assert ("dots: the runs" in words(many), "P5 to P95" in words(many)) == (False, True)
    assert len(many.axes[0].collections) == 2


def test_a_band_is_the_percentiles_of_the_runs_at_a_place():
    """0 to 100 in steps of one: P5 is 5, P95 is 95."""
    band = band_of(np.repeat([1.0, 2.0], 101), np.tile(np.arange(101.0), 2), np.array([0.5, 1.5, 2.5]))
    assert [list(v) for v in band[:4]] == [[1, 2], [50, 50], [5, 5], [95, 95]]
    assert band.fewest == 101


def test_words_on_x_have_marks_beside_each_other_and_no_line_between():
    (axes,) = draw(a_grid(repeats=5), FACTORS, "bands", "energy_j", x="country").axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["FR", "PL"]
    assert {
        label: handle.lines[0].get_linewidth() for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    } == {
        "central": 0,
        "federated": 0,
    }


def test_quantities_are_numbers_in_the_unit_of_the_first():
    runs = find_runs(a_grid(rates=("500 Mbps", "1 Gbps", "10 Gbps")), FACTORS, "energy_j", None, {})
    axis = runs.factor("rate")
    assert (axis.unit, axis.words, list(axis.values)) == ("Mbps", (), [500.0, 1000.0, 10000.0])
    assert axis.label == "rate (Mbps)"


@pytest.mark.parametrize("texts", [("fast", "slow"), ("1 Gbps", "1 GB"), ("1 Gbps", "slow"), ("a100", "h100")])
def test_all_other_texts_are_words_in_the_order_in_which_they_come(texts):
    axis = find_runs(a_grid(rates=texts), FACTORS, "energy_j", None, {}).factor("rate")
    assert axis.words == texts
    assert set(axis.at) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("values", "log"),
    [((1, 10, 100), True), ((1, 2, 4, 8), True), ((1, 2, 3, 4, 5), False), ((0, 1, 10), False), ((1, 1000), False)],
)
def test_an_axis_goes_by_powers_where_its_values_do(values, log):
    assert is_spaced_by_ratios(np.array(values, dtype=float)) == log


def test_a_drawn_factor_is_spaced_as_it_was_drawn():
    runs = find_runs(a_sample(), ("u", "v"), "energy_j", None, {"v": "Gbps"})
    assert [runs.factor(name).log for name in ("u", "v")] == [False, True]
    assert runs.factor("v").label == "v (Gbps)"


def test_a_listed_factor_has_a_cell_a_value_and_a_drawn_one_even_stretches():
    runs = find_runs(a_sample(), ("u", "v"), "energy_j", None, {})
    middles, edges = stretches(runs.factor("v"), 4)
    assert np.diff(np.log(edges)) == pytest.approx([np.log(edges[-1] / edges[0]) / 4] * 4)
    assert len(middles) == 4
    middles, edges = stretches(find_runs(a_grid(), FACTORS, "energy_j", None, {}).factor("clients"), 4)
    assert list(middles) == pytest.approx([10, 100, 1000])
    assert list(edges) == pytest.approx([10 ** (k + 0.5) for k in range(4)])


def mesh(figure):
    (found,) = [c for c in figure.axes[0].collections if type(c).__name__ == "QuadMesh"]
    return np.asarray(found.get_array()).reshape(found.get_array().shape)


def test_a_heat_map_shows_the_mean_of_each_cell():
    figure = draw(a_grid(), FACTORS, "heat", "energy_j", x="clients", y="rate", paradigm="federated")
    assert mesh(figure) == pytest.approx(np.array([[2, 20, 200], [1, 10, 100]]))
    assert figure.axes[1].get_ylabel() == "energy (MWh), mean of federated"
    assert "2 runs a cell" in words(figure)


def test_a_ratio_is_that_of_the_means_and_its_line_runs_where_the_winner_flips():
    """10 MWh over 2, 20, 200 at 1 Gbps and over 1, 10, 100 at 10 Gbps: federated is lower at 10 clients alone."""
    grid = a_grid(clients=(10, 150, 1000))
    figure = draw(grid, FACTORS, "heat", "energy_j", x="clients", y="rate", paradigm="central/federated")
    assert mesh(figure) == pytest.approx(np.array([[5, 1 / 3, 0.05], [10, 2 / 3, 0.1]]))
    (flip,) = figure.axes[0].get_lines()
    assert np.unique(flip.get_xdata()[~np.isnan(flip.get_xdata())]) == pytest.approx([np.sqrt(1500)])
    assert "central and federated equal: the winner flips" in words(figure)
    turned = draw(grid, FACTORS, "heat", "energy_j", x="clients", y="rate", paradigm=["federated", "central"])
    assert mesh(turned) == pytest.approx(1 / mesh(figure))


def test_between_many_cells_the_line_is_interpolated():
    """Federated is 0.1 MWh a client: equal to 10 MWh at 100."""
    clients = [round(10 ** (k / 4 + 0.1)) for k in range(4, 13)]
    table = a_grid(clients=clients, rates=[f"{k} Gbps" for k in range(2, 10)])
    figure = draw(table, FACTORS, "heat", "energy_j", x="clients", y="rate")
    (line,) = figure.axes[0].get_lines()
    assert line.get_xdata() == pytest.approx(100.0, rel=1e-3)
    assert (line.get_ydata().min(), line.get_ydata().max()) == (2, 9)
    assert "interpolated" in words(figure)


def test_where_one_is_lower_everywhere_there_is_no_line():
    figure = draw(a_grid(clients=(10, 20)), FACTORS, "heat", "energy_j", x="clients", y="rate")
    assert len(figure.axes[0].get_lines()) == 0
    assert "federated is lower everywhere" in words(figure)


def test_a_ratio_takes_the_points_that_both_have():
    table = a_grid()
    table = table.filter(pc.invert(pc.and_(pc.equal(table["point"], "p0000"), pc.equal(table["paradigm"], "central"))))
    figure = draw(table, FACTORS, "heat", "energy_j", x="clients", y="rate")
    assert "1 run without the other paradigm's left out" in words(figure)


def test_parallel_coordinates_have_a_line_a_run_across_the_factors_that_vary_and_the_measure():
    figure = draw(a_grid(countries=("FR",)), FACTORS, "parallel", "energy_j", paradigm="federated")
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["clients", "rate (Gbps)", "energy (MWh)"]
    (bundle,) = axes.collections
    ends = np.array([segment[:, 1] for segment in bundle.get_segments()])
    assert len(ends) == 6
    assert ends[-1] == pytest.approx([1.0, 0.0, 1.0])  # the highest, on top: 1000 clients at 1 Gbps
    assert ends[0] == pytest.approx([0.0, 1.0, 0.0])


def test_a_bundle_of_too_many_lines_is_thinned_and_says_so():
    assert "2000 of 2048 runs drawn" in words(draw(a_sample(2048), ("u", "v"), "parallel", "energy_j"))


def test_a_measure_within_one_power_of_ten_has_an_even_axis_from_0():
    (axes,) = draw(a_grid(clients=(10, 20)), FACTORS, "bands", "energy_j", x="clients", paradigm="federated").axes
    assert (axes.get_yscale(), axes.get_ylim()[0]) == ("linear", 0.0)


def test_where_both_are_0_there_is_no_ratio():
    found = [rows(n, {"clients": n % 2, "rate": f"{1 + n // 2} Gbps"}, ways={"a": 0.0, "b": 0.0}) for n in range(4)]
    table = pa.Table.from_pylist([row for point in found for row in point])
    with pytest.raises(UsageError, match="the ratio of a and b: energy_j is 0 everywhere; choose another measure"):
        draw(table, ("clients", "rate"), "heat", "energy_j")


def test_paradigms_that_share_no_point_have_no_ratio():
    ways = ({"a": 1.0}, {"b": 1.0})
    found = [rows(n, {"clients": n % 2, "rate": f"{1 + n // 2} Gbps"}, ways=ways[n % 2]) for n in range(4)]
    table = pa.Table.from_pylist([row for point in found for row in point])
    with pytest.raises(UsageError, match="the ratio of a and b: no point has both; draw one of them"):
        draw(table, ("clients", "rate"), "heat", "energy_j")


def test_a_tornado_has_the_widest_swing_on_top_and_the_mean_as_its_base():
    """Means of federated by clients 1.5, 15, 150 MWh; by rate 74 and 37; by country 55.5 both."""
    figure = draw(a_grid(), FACTORS, "tornado", "energy_j", paradigm="federated")
    (axes,) = figure.axes
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["country", "rate (Gbps)", "clients"]
    ends = [patch.get_x() + patch.get_width() for patch in axes.patches]
    assert ends == pytest.approx([55.5, 55.5, 37, 74, 1.5, 150])
    assert [text.get_text() for text in axes.texts][2:] == ["10", "1", "10", "1000"]
    assert "main effects" in words(figure)
    assert "federated: mean 55.5 MWh" in words(figure)


def test_a_drawn_factor_swings_between_its_lowest_and_its_highest_fifth():
    """y = x on 1 to 100: the lowest fifth has the mean 10.5, the highest 90.5."""
    runs = find_runs(a_sample(), ("u", "v"), "energy_j", None, {})
    at = np.arange(1.0, 101.0)
    (swing,) = swings(runs.factor("u")._replace(at=at), at)
    assert swing.means == pytest.approx((10.5, 90.5))
    assert len(np.unique(at)) > MOST_VALUES


@pytest.mark.parametrize("kind", KINDS)
def test_points_that_did_not_end_well_are_counted_in_the_figure(kind):
    axes = {"bands": {"x": "clients"}, "heat": {"x": "clients", "y": "rate"}}.get(kind, {})
    assert "left out: 2 of 12 points (2 failed)" in words(draw(a_grid(lost=(0, 5)), FACTORS, kind, "energy_j", **axes))


def test_a_paradigm_without_the_measure_is_told():
    table = a_grid()
    pairs = zip(*(table[c].to_pylist() for c in ("paradigm", "energy_j")), strict=True)
    energy = [None if w == "central" else e for w, e in pairs]
    table = table.set_column(table.column_names.index("energy_j"), "energy_j", pa.array(energy, pa.float64()))
    figure = draw(table, FACTORS, "tornado", "energy_j")
    assert "central has no such value in 12 of 12 runs" in words(figure)
    with pytest.raises(UsageError, match="has no value in any run of central"):
        draw(table, FACTORS, "tornado", "energy_j", paradigm="central")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_table_gives_the_same_bytes(kind):
    axes = {"bands": {"x": "clients"}, "heat": {"x": "clients", "y": "rate"}}.get(kind, {})
    pictures = [Picture(draw(a_grid(), FACTORS, kind, "energy_j", **axes))._repr_png_() for _ in range(2)]
    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"\x89PNG")


def test_the_only_factors_that_vary_need_not_be_named():
    table = a_grid(countries=("FR",))
    axes = draw(table, FACTORS, "heat", "energy_j", title="Who is lower?").axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("clients", "rate (Gbps)")
    assert axes.figure.get_suptitle() == "Who is lower?"


BANDS = "a figure of kind bands"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"kind": "heatmap"}, "a figure of kind 'heatmap': there is none; did you mean `heat`?"),
        ({"of": "enrgy_j"}, "there is no such measure; did you mean `energy_j`?"),
        ({"of": "clients"}, "there is no such measure"),
        ({"x": "client"}, f"{BANDS} by 'client': there is no such factor; did you mean `clients`?"),
        ({}, f"{BANDS}: needs a factor on x; those that vary are `clients`, `rate`, `country`"),
        ({"x": "clients", "y": "rate"}, f"{BANDS}: cannot have clients and rate as axes; has one factor, x"),
        ({"kind": "heat", "x": "clients"}, "needs a factor on x and another on y"),
        ({"kind": "heat", "x": "rate", "y": "rate"}, "cannot have rate and rate as axes; give two factors"),
        ({"kind": "tornado", "x": "rate"}, "cannot have rate as axes; draws all factors: leave x and y out"),
        ({"x": "rate", "paradigm": "federatd"}, "paradigm 'federatd': there is no such paradigm; did you mean `fed"),
        ({"table": a_grid(countries=("FR",)), "x": "country"}, f"{BANDS} by country: has one value only"),
        ({"table": a_grid((1,), ("1 Gbps",), ("FR",)), "x": "rate"}, "no factor varies in the runs that ended well"),
        ({"table": a_grid(lost=range(12)), "x": "rate"}, "no point ended well; look at `aiceberg sweep status`"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_to_do(asked, sentence):
    with pytest.raises(UsageError) as caught:
        draw(**{"table": a_grid(), "factors": FACTORS, "kind": "bands", "of": "energy_j", **asked})
    assert sentence in str(caught.value)


def test_a_heat_map_of_three_paradigms_asks_which():
    ways = {"a": 1.0, "b": 2.0, "c": 3.0}
    found = [rows(n, {"clients": n % 2, "rate": f"{1 + n // 2} Gbps"}, ways=ways) for n in range(4)]
    table = pa.Table.from_pylist([row for point in found for row in point])
    with pytest.raises(UsageError, match=r"one paradigm, or the ratio of two \(`a/b`\); there is `a`, `b`, `c`"):
        draw(table, ("clients", "rate"), "heat", "energy_j")
    assert mesh(draw(table, ("clients", "rate"), "heat", "energy_j", paradigm="c/a")) == pytest.approx(3.0)


@pytest.fixture(params=["saltelli", "morris"])
def found(request):
    """Of y = 3x + z, in MWh, in France; of nothing in Poland."""
    unit = unit_design(request.param, ("x", "z"), 64, 1)
    y = (3 * unit[:, 0] + unit[:, 1]) * MWH
    base = {"row": list(range(len(y))), "replicate": [0] * len(y), "status": ["ok"] * len(y), "x": y, "z": y}
    tables = [
        pa.table({**base, "paradigm": ["one"] * len(y), "country": [c] * len(y), "energy_j": v})
        for c, v in (("FR", y), ("PL", 0 * y + MWH))
    ]
    return sensitivity(
        pa.concat_tables(tables), request.param, ("x", "z"), unit, "energy_j", by=("paradigm", "country")
    )


def test_a_sensitivity_is_told_by_group_the_strongest_factor_first(found):
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(answer.indices(found))
    text = console.export_text()
    assert text.index("\nx ") < text.index("\nz ")
    assert "one, country FR" in text
    assert "hangs on none of the factors" in text
    if found.method == "morris":
        assert "in MWh" in text
        assert text.split("\nx ")[1].split()[0] == "3"


def test_a_sensitivity_is_drawn_with_its_intervals(found):
    figure = answer.draw(found)
    (axes,) = figure.axes
    if found.method == "saltelli":
        assert [tick.get_text() for tick in axes.get_yticklabels()] == ["z", "x"]
        assert sorted(patch.get_width() for patch in axes.patches) == pytest.approx([0.1, 0.1, 0.9, 0.9], abs=0.05)
    else:
        dots = [line.get_xydata()[0] for line in axes.get_lines() if line.get_marker() == "o"]
        assert dots == [pytest.approx((3.0, 0.0), abs=1e-9), pytest.approx((1.0, 0.0), abs=1e-9)]
    assert "it does not vary for one, country PL" in words(figure)
    assert Picture(figure)._repr_png_() == Picture(answer.draw(found))._repr_png_()


def test_where_nothing_varies_there_is_no_figure(found):
    with pytest.raises(UsageError, match="hangs on none of the factors"):
        answer.draw(found._replace(groups=found.groups[1:]))
