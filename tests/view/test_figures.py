"""What is drawn is true to scale."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator as sim
from simulator.view import power, terminal
from simulator.view.iceberg import layers_of, polygon_area, slices

LAYERS = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=6)


@given(LAYERS)
def test_every_slice_has_the_area_of_its_layer(values):
    layers = {f"layer{n}": value for n, value in enumerate(values)}
    for part in slices(layers):
        assert polygon_area(part.outline) == pytest.approx(layers[part.boundary], rel=1e-6, abs=1e-9 * sum(values))


@given(LAYERS)
def test_the_first_layer_stands_on_the_waterline_and_the_rest_hang_below(values):
    first, *rest = slices({f"layer{n}": value for n, value in enumerate(values)})
    assert first.outline[:, 1].min() == pytest.approx(0.0, abs=1e-9)
    assert all(part.outline[:, 1].max() <= 1e-9 for part in rest)


def test_layers_are_what_each_boundary_adds():
    nested = {"facility": {"energy_j": 9.0}, "accelerator": {"energy_j": 4.0}, "server": {"energy_j": 7.0}}
    assert layers_of(nested, "energy_j") == {"accelerator": 4.0, "server": 3.0, "facility": 2.0}


@pytest.mark.parametrize("name", ["talk/stable_diffusion_v1", "small/queue", "small/checkpoints", "small/norway"])
def test_both_figures_are_drawn(name, tmp_path):
    result = sim.run(name)
    power, iceberg = tmp_path / "p.png", tmp_path / "i.png"
    shown = {power: result.plot.power(power), iceberg: result.plot.iceberg(iceberg, quantity="energy_j")}
    for path, picture in shown.items():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert picture._repr_png_().startswith(b"\x89PNG")


def test_the_same_result_gives_the_same_picture(tmp_path):
    result = sim.run("small/queue")
    result.plot.iceberg(tmp_path / "a.png")
    result.plot.iceberg(tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_stack_of_the_power_figure_is_the_whole_power():
    result = sim.run("small/queue")
    ticks = result.ticks("10 min", by=("workload", "activity"))
    stacked = sum(power._lines(ticks).values())
    whole = result.ticks("10 min", by=()).column("power_w").to_numpy()
    assert stacked == pytest.approx(whole)


def test_more_lines_than_a_legend_holds_are_drawn_together():
    result = sim.run("small/queue")
    ticks = result.ticks("10 min", by=("workload", "activity"))
    whole = sum(power._lines(ticks).values())
    try:
        power._MOST_LINES = 2
        lines = power._lines(ticks)
    finally:
        power._MOST_LINES = 8
    assert list(lines) == ["first: compute", "second: compute", "other workloads", "idle", "overhead"]
    assert sum(lines.values()) == pytest.approx(whole)


def test_nothing_that_ran_can_still_be_drawn(tmp_path):
    values = {"workloads.train.start": "9 h", "horizon": "1 h"}
    result = sim.run("small/one_gpu", values=values)
    result.plot.iceberg(tmp_path / "i.png")
    result.plot.power(tmp_path / "p.png")


def test_paradigms_that_do_not_fit_side_by_side_stand_one_below_the_other():
    summary = sim.run("small/norway").summary
    assert len(list(terminal.ladders(summary, 100))) == 1
    assert len(list(terminal.ladders(summary, 60))) == 2


@pytest.mark.parametrize(
    ("share", "width", "text"), [(1.0, 4, "████"), (0.5, 4, "██  "), (0.0, 4, "    "), (0.40625, 4, "█▋  ")]
)
def test_a_bar_is_as_long_as_its_share(share, width, text):
    assert terminal._bar(share, width) == text


def test_no_activity_has_a_colour_that_is_near_a_workloads_or_anothers():
    """Of 442 between black and white, 50 are told apart in a stack."""
    own = [*power._COLOURS.values(), *power._SHADES]
    for number, colour in enumerate(own):
        for other in own[number + 1 :]:
            apart = sum((a - b) ** 2 for a, b in zip(rgb(colour), rgb(other), strict=True)) ** 0.5
            assert apart >= 50, (colour, other)
    assert len(power._SHADES) == power._MOST_LINES + 1, "the last is that of all other workloads"


def rgb(colour):
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
