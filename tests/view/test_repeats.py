"""A comparison over repeats on a terminal: it fits, and shows what it was handed."""

import io

import pytest
from rich.console import Console

from simulator.study.repeats import Repeat, compare_repeats
from simulator.view.repeats import repeated

UNIT = {"functional_unit": "one trained model", "units": 1.0, "shows": "reserved"}


def a_way(kwh, done_s=60.0, duration_s=3600.0, boundaries=("accelerator", "server", "facility", "embodied")):
    ladder = {name: {"energy_j": kwh * 3.6e6, "co2e_kg": kwh * 0.05} for name in boundaries}
    return {"duration_s": duration_s, "done_s": done_s, "boundaries": ladder, "owned": ladder}


def shown(pairs, width=120, **changes):
    """The lines of pairs of kWh: centralised 10, 12 and 14, federated 6, 7 and 8."""
    repeats = [
        Repeat(seed, {"centralised": a_way(one), "federated": a_way(other, **changes)})
        for seed, (one, other) in enumerate(pairs)
    ]
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(repeated(compare_repeats("keyboard", repeats, UNIT)))
    return console.export_text().splitlines()


THREE = ((10.0, 6.0), (12.0, 7.0), (14.0, 8.0))


def words(lines, start):
    return [" ".join(line.split()) for line in lines if line.split()[: len(start)] == start]


def test_a_row_holds_mean_ends_difference_ratio_and_chance():
    """Means 12 and 7, 4.303 / sqrt 3 times 2 and 1 about them; the ratio's ends are Fieller's, P's Wilson's."""
    lines = shown(THREE)
    assert lines[0] == "keyboard, 3 repeats, window 60 min, per unit: one trained model"
    assert words(lines, ["boundary"])[0] == "boundary paradigm n energy, kWh min, max to first ratio P(< first)"
    assert words(lines, ["accelerator"])[0] == "accelerator centralised 3 12 ± 4.97 10, 14"
    assert words(lines, ["federated"])[0] == "federated 3 7 ± 2.48 6, 8 -5 ± 2.48 x0.583 (0.559, 0.642) 1 (0.44, 1)"
    assert any(line.startswith("energy at embodied (reserved): federated is lower than") for line in lines)


def test_differences_upwards_have_a_plus():
    assert "+5 ± 2.48" in words(shown([pair[::-1] for pair in THREE]), ["federated"])[0]


@pytest.mark.parametrize("width", [100, 120, 160])
@pytest.mark.parametrize("count", [3, 25])
def test_the_tables_fit_and_nothing_is_cut_off(width, count):
    lines = shown([(12.3456 + 0.01234 * n, 11.2345 + 0.1234 * n) for n in range(count)], width)
    assert max(len(line) for line in lines) <= width
    assert not any("…" in line for line in lines)
    if width >= 120:
        rows = [line for line in lines if line.lstrip().startswith("federated") and " ± " in line]
        assert len(rows) == 8


def test_twenty_and_more_show_quantiles():
    assert "P5, P50, P95" in words(shown([(10.0 + n, 6.0) for n in range(21)]), ["boundary"])[0]


def test_what_did_not_finish_or_was_not_computed_says_so():
    lines = shown(THREE, done_s=None)
    assert words(lines, ["federated"])[0] == "federated 0 unfinished"
    assert any("energy: none is lower, for federated finished in no repeat" in line for line in lines)
    assert any(line.startswith("note: federated did not finish in 3 of 3 repeats") for line in lines)
    lines = shown(THREE, boundaries=("accelerator",))
    assert "federated 3 not computed" in words(lines, ["federated"])


def test_one_pair_shows_no_interval():
    repeats = [
        Repeat(seed, {"a": a_way(2.0 + seed, duration_s=900.0 * (1 + seed)), "b": a_way(1.0, done, 900.0 * (1 + seed))})
        for seed, done in enumerate((None, 1.0))
    ]
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(repeated(compare_repeats("short", repeats, None)))
    lines = console.export_text().splitlines()
    assert lines[0] == "short, 2 repeats, window 15 min to 30 min"
    assert words(lines, ["b"])[0] == "b 1 1 1, 1 -2 x0.333 1 (0.21, 1)"
