"""Comparisons: values from pen and paper, what is refused, what is told, and an order that flips."""

import io
import json

import pytest
from hypothesis import given, settings
from rich.console import Console
from strategies import a_lesson, a_scenario, loaded, run, scenarios, two_lessons

import simulator as sim
from simulator.view import compare as view
from simulator.view.terminal import boundary_notes, learning_lines, share_lines

WIDE_OR_NARROW = {
    "accelerator": (4 * 8 * (63 + 0.3 * 337) / 1e3, 2 * 8 * 400 / 1e3),
    "server": (4 * (8 * (63 + 0.3 * 337) + 996) / 1e3, 2 * (8 * 400 + 996) / 1e3),
}
"""kWh of four dgx-a100 for 1 h at 0.3 of their load, and of one for 2 h: GPUs 63 to 400 W, hosts 996 W."""

HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}


@pytest.fixture(scope="module")
def result():
    return sim.run("small/wide_or_narrow")


def one(hours=1, name="test", unit="one trained model", **changes):
    """A result of one paradigm: one node for so many hours."""
    comparison = {"comparison": {"functional_unit": unit}} if unit else {}
    return run(a_scenario([{**HOUR, "time": f"{hours} h"}], **{"name": name, **comparison, **changes}))


def cell(found, boundary, column):
    (line,) = (line for line in found.table if (line.boundary, line.column) == (boundary, column))
    return line


def test_differences_and_ratios_are_against_the_first(result):
    found = sim.compare(result)
    assert found.columns == ["wide", "narrow"]
    assert (found.window_s, found.functional_unit, found.shows) == (7200.0, "one trained model", "reserved")
    for boundary, (wide_kwh, narrow_kwh) in WIDE_OR_NARROW.items():
        first, second = cell(found, boundary, "wide"), cell(found, boundary, "narrow")
        assert first.total["energy_j"] / 3.6e6 == pytest.approx(wide_kwh)
        assert (first.difference, first.ratio) == (None, None)
        assert second.difference["energy_j"] / 3.6e6 == pytest.approx(narrow_kwh - wide_kwh)
        assert second.ratio["energy_j"] == pytest.approx(narrow_kwh / wide_kwh)
        assert second.difference["co2e_kg"] == pytest.approx((narrow_kwh - wide_kwh) * 0.056039)


def test_an_order_that_another_boundary_or_the_other_total_turns_round_says_so(result):
    """Reserved at the facility `narrow` is lower; for the GPUs alone, and with all four owned, `wide` is."""
    found = sim.compare(result)
    assert found.flips
    assert "energy at facility (reserved): narrow is lower" in found.verdicts[0]
    assert "CO2e at life_cycle (reserved): narrow is lower" in found.verdicts[1]
    for line, beyond in zip(found.verdicts, ("", ", embodied, life_cycle"), strict=True):
        end = f"wide is lower at accelerator (reserved) and at accelerator, server, facility{beyond} (owned)"
        assert line.endswith(f"the order FLIPS: {end}")


def test_the_owned_total_is_shown_if_it_is_asked_for(result):
    found = sim.compare(result, shows="owned")
    spare_kwh = {"wide": 4 * 1 * 1.5, "narrow": 3 * 2 * 1.5}
    kwh = dict(zip(("wide", "narrow"), WIDE_OR_NARROW["server"], strict=True))
    for name, total_kwh in kwh.items():
        assert cell(found, "server", name).total["energy_j"] / 3.6e6 == pytest.approx(total_kwh + spare_kwh[name])
    assert "wide is lower" in found.verdicts[0]
    with pytest.raises(sim.SimulatorError, match="there is reserved, owned"):
        sim.compare(result, shows="all")


def test_the_scenario_says_which_total_is_shown():
    values = {"comparison.shows": "owned"}
    assert sim.compare(sim.run("small/wide_or_narrow", values=values)).shows == "owned"


def test_figures_are_per_functional_unit():
    """The same joules for 1 and for 4 units: a quarter each, and the reader is told."""
    more = {"comparison": {"functional_unit": "one trained model", "units": 4}}
    found = sim.compare(one(name="few"), one(name="many", **more))
    few, many = (cell(found, "server", name) for name in ("few", "many"))
    assert few.total == many.total
    assert many.ratio == pytest.approx({"energy_j": 0.25, "co2e_kg": 0.25})
    assert found.warnings == ["the units that are delivered differ: 1 of few, 4 of many"]


def test_a_boundary_that_one_lacks_is_not_compared():
    data = a_scenario([HOUR], name="roofless", comparison={"functional_unit": "one trained model"})
    del data["world"]["datacenters"]["lab"]["pue"]
    found = sim.compare(one(name="roofed"), run(data))
    line = cell(found, "facility", "roofless")
    assert (line.total, line.per_unit, line.difference, line.ratio) == (None, None, None, None)
    assert found.verdicts[0].startswith("energy at server (reserved): all are equal")
    assert "not computed" in text(found)


def test_where_no_energy_is_computed_for_all_nobody_is_lower_in_energy():
    """Bare GPUs are the accelerator alone; a server metered whole is none."""
    pod = {"accelerator": "v100-sxm2-32gb", "accelerators": 1, "count": 1}
    pod["node_power"] = {"kind": "constant", "power": "330 W"}
    bare, whole = a_scenario([{**HOUR, "at": "lab/gpus"}]), a_scenario([{**HOUR, "at": "lab/pod"}])
    for data in (bare, whole):
        data["world"]["datacenters"]["lab"]["servers"]["pod"] = pod
        del data["world"]["datacenters"]["lab"]["pue"]
    found = sim.compare(run(bare), run(whole))
    assert found.verdicts[0] == "energy: no boundary is computed for all of them, so none is lower"
    assert found.verdicts[1].startswith("CO2e at life_cycle (reserved): ")  # what is made has one in both


@pytest.mark.parametrize(
    ("results", "sentence"),
    [
        (lambda: [one()], "there is nothing beside it; give another result folder"),
        (lambda: [], "there is nothing beside it"),
        (lambda: [one(1, "a"), one(3, "b")], "the windows differ (60 min of a, 3 h of b); run them again with one"),
        (lambda: [one(name="a"), one(name="b", unit=None)], "(one trained model of a, none of b); give all of them"),
        (lambda: [one(1, "a"), one(3, "b", None)], "differ (60 min of a, 3 h of b), and the functional units differ"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_to_do(results, sentence):
    with pytest.raises(sim.SimulatorError) as caught:
        sim.compare(*results())
    assert sentence in str(caught.value)


def unfinished(hours=3):
    """Three ways to a model within an hour, of which one would take longer."""
    ways = {"quick": "30 min", "slow": f"{hours} h", "steady": "1 h"}
    data = a_scenario([], horizon="1 h", comparison={"functional_unit": "one trained model"})
    del data["workloads"]
    return {**data, "paradigms": {way: [{"train": {**HOUR, "time": time}}] for way, time in ways.items()}}


def test_who_did_not_finish_is_not_ranked_and_has_no_figure_per_unit():
    found = sim.compare(run(unfinished()))
    line = cell(found, "server", "slow")
    assert line.total["energy_j"] > 0
    assert (line.per_unit, line.difference, line.ratio) == (None, None, None)
    assert "quick is lower (quick 2.623 kWh, steady 5.245 kWh)" in found.verdicts[0]
    assert not any("slow" in verdict for verdict in found.verdicts)
    assert found.warnings == ["slow did not finish its work within the window, so that nothing is compared with it"]
    assert "slow" in text(found)
    assert "unfinished" in text(found)


def test_nobody_is_lower_where_only_one_has_finished():
    data = unfinished()
    del data["paradigms"]["steady"]
    result = run(data)
    found = sim.compare(result)
    assert found.verdicts[0] == "energy: none is lower, for slow did not finish (the tables say what)"
    assert not found.flips
    shown = totals_of(result)
    assert "2.623 kWh" in shown[1]
    assert [line.split()[1] for line in shown[1:5]] == ["facility", "life_cycle"] * 2
    assert [line.split()[-1] for line in shown[3:5]] == ["unfinished"] * 2


def totals_of(result):
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(view.totals(result.summary, result.manifest))
    return console.export_text().splitlines()


def test_a_way_that_sends_nothing_has_a_network_of_nothing_and_is_compared_there():
    """One moves 25 GB and trains, the other has its data already: both have the boundary, in both totals."""
    data = a_scenario([], comparison={"functional_unit": "one trained model"})
    del data["workloads"]
    data["world"]["datacenters"]["lab"] |= {"city": "paris", "uplink": "10 Gbps"}
    data["world"]["datacenters"]["store"] = {"city": "grenoble", "uplink": "10 Gbps", "grid": "FR"}
    data["world"]["year"] = 2025
    moved = {"transfer": {"from": "store", "to": "lab", "size": "25 GB"}}
    data["paradigms"] = {"moved": [moved, {"train": HOUR}], "there": [{"train": HOUR}]}
    result = run(data)
    found = sim.compare(result)
    there = result.summary["paradigms"]["there"]
    for total in ("boundaries", "owned"):
        assert there[total]["network"] == there[total]["facility"]
    assert result.manifest["boundaries"]["there"]["network"].endswith("; nothing was sent")
    assert "there is lower" in found.verdicts[0]
    assert found.verdicts[0].startswith("energy at network (reserved)")
    assert cell(found, "network", "there").difference["energy_j"] == pytest.approx(-3604.0, rel=1e-3)


def test_a_world_without_internet_or_users_knows_nothing_of_them():
    boundaries = list(one(unit=None).summary["paradigms"]["main"]["boundaries"])
    assert boundaries == ["accelerator", "server", "facility", "embodied", "life_cycle"]


def test_a_way_that_needs_no_users_has_devices_of_nothing():
    data = a_scenario([HOUR])
    places = {"places": {"paris": 1.0}, "access": {"wifi": 1.0}, "state": "charging", "account": "marginal"}
    data["world"]["populations"] = {"phones": {"device": "smartphone", "count": 10, **places}}
    result = run(data)
    ladder = result.summary["paradigms"]["main"]["boundaries"]
    assert ladder["devices"] == ladder["facility"]
    assert result.manifest["boundaries"]["main"]["devices"].endswith("; no equipment of users was in service")


def test_why_owned_ends_before_the_building_is_told():
    """A store without a PUE holds machines that nobody uses."""
    data = a_scenario([HOUR])
    del data["world"]["datacenters"]["lab"]["devices"]
    data["world"]["datacenters"]["store"] = {"grid": "FR", "servers": {"spare": {"model": "dgx-a100", "count": 1}}}
    result = run(data)
    assert list(result.summary["paradigms"]["main"]["owned"]) == ["accelerator", "server"]
    told = [line.plain for line in boundary_notes(result.manifest)]
    assert [line for line in told if "(owned)" in line] == [
        "main, server (owned): + the servers around them; no further, for machines of the world stand in a place "
        "without a PUE"
    ]


def test_shares_say_which_total_and_boundary_they_are_of():
    told = [line.plain for line in share_lines(one(unit=None).summary)]
    assert told[0].startswith("main by workload (facility, reserved): train ")


def test_one_horizon_makes_windows_equal():
    found = sim.compare(one(1, "a", horizon="4 h"), one(3, "b", horizon="4 h"))
    assert cell(found, "facility", "b").ratio["energy_j"] == pytest.approx(3)
    assert found.warnings == []


def test_other_differences_are_told():
    other = one(name="b", seed=7, start="2024-01-01")
    other.manifest["hashes"]["catalogue"] = "0123456789"
    other.manifest["versions"]["aiceberg"] = "9.9"
    told = " ".join(sim.compare(one(name="a"), other).warnings)
    for part in (
        "the seeds differ: 0 of a, 7 of b",
        "starts",
        "01234567 of b",
        "versions differ: 0.1.0 of a, 9.9 of b",
    ):
        assert part in told


def test_a_boundary_that_holds_less_than_its_name_is_told():
    data = a_scenario([HOUR, {**HOUR, "name": "bare", "at": "lab/gpus"}], name="bare")
    found = sim.compare(one(name="whole", unit=None), run(data))
    assert "bare, server: some accelerators have no server described around them" in found.warnings


def test_results_are_called_as_their_folders_or_scenarios_and_no_two_alike(tmp_path, result):
    result.save(tmp_path / "first")
    opened = sim.open_results(tmp_path / "first")
    assert sim.compare(opened, one(2, "b")).columns == ["first/wide", "first/narrow", "b"]
    assert sim.compare(one(), one(), one()).columns == ["test", "test (2)", "test (3)"]


def text(found, width=80):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(view.comparison(found))
    return console.export_text()


@pytest.mark.parametrize("width", [80, 120, 160])
def test_the_table_fits_a_terminal(result, width):
    shown = text(sim.compare(result), width).splitlines()
    assert max(len(line) for line in shown) <= width
    assert sum(line.split()[-1:] == ["x0.909"] for line in shown) == 2
    assert not any("…" in line for line in shown)


def test_what_a_program_reads_is_what_a_person_reads(result):
    found = sim.compare(result)
    data = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert data["table"][1]["ratio"]["energy_j"] == found.table[1].ratio["energy_j"]
    assert set(data) == {
        "shows",
        "functional_unit",
        "window_s",
        "columns",
        "table",
        "verdicts",
        "flips",
        "warnings",
        "matrix",
    }


@pytest.mark.unmeasured
@settings(max_examples=25, deadline=None)
@given(scenarios())
def test_a_result_beside_itself_is_equal_everywhere(data):
    again = sim.run(loaded(data))
    found = sim.compare(again, again)
    assert not found.flips
    for line in found.table:
        assert line.difference in (None, dict.fromkeys(line.total, 0.0))
    assert found == sim.compare(again, again)


def test_who_are_equally_low_are_all_named():
    data = a_scenario([], comparison={"functional_unit": "one trained model"})
    del data["workloads"]
    data["paradigms"] = {"a": [{"train": HOUR}], "b": [{"train": HOUR}], "c": [{"train": {**HOUR, "time": "2 h"}}]}
    assert "a and b are lowest (a 5.245 kWh" in sim.compare(run(data)).verdicts[0]


def test_of_three_the_one_that_turns_is_told_beside_whom(result):
    data = a_scenario([], comparison={"functional_unit": "one trained model"})
    del data["workloads"]
    wide, narrow = {"at": "lab/nodes", "time": "1 h", "utilisation": 0.3}, {**HOUR, "time": "2 h"}
    data["paradigms"] = {
        "wide": [{"train": wide}],
        "narrow": [{"train": narrow}],
        "none": [{"train": {**HOUR, "time": "1 min"}}],
    }
    assert "wide is lower than narrow at accelerator" in sim.compare(run(data)).verdicts[0]


def warned(*results):
    """What is told, but for buildings and servers that nobody described."""
    return [line for line in sim.compare(*results).warnings if not {"facility:", "embodied:"} & set(line.split())]


TUNED = {"budget": 2, "rates": [0.1, 1.0]}
GIVEN = [{"train": {"at": "lab/gpus", "time": "1 h"}}]


def test_one_rate_for_all_that_was_tuned_for_none_is_told_with_what_tunes_each(tmp_path):
    result = run(two_lessons(small=a_lesson(0.1, 10, 0.1), large=a_lesson(0.4, 50, 0.1)))
    told = "small and large learn with one rate (0.1), tuned for neither: "
    told += "`comparison: {search: {budget: 8, rates: [0.01, 1]}}` tunes each"
    assert warned(result) == [told]
    assert warned(sim.open_results(result.save(tmp_path / "out"))) == [told]
    assert [line.plain for line in learning_lines(result.manifest)] == [f"note: {told}"]


def test_rates_that_differ_were_chosen_by_somebody():
    assert warned(run(two_lessons(small=a_lesson(0.1, 10, 0.1), large=a_lesson(0.4, 50, 0.2)))) == []


def test_one_way_that_learns_has_nobody_to_share_a_rate_with():
    found = warned(run(two_lessons(small=a_lesson(0.1, 10), given=GIVEN)))
    assert found == ["how much they learn stands on different grounds: measured of small, assumed of given"]


def test_what_was_searched_is_not_warned_of_but_what_was_tried_is_told():
    result = run(two_lessons(TUNED))
    assert all("development: 2 trainings were tried" in line for line in warned(result))
    assert "energy at development (reserved)" in sim.compare(result).verdicts[0]
    assert "development" in text(sim.compare(result))
    assert "development" in totals_of(result)[1]


def test_more_trials_for_one_than_for_another_are_told():
    alike = [
        run({**two_lessons(search, small=a_lesson(0.1, 10)), "name": name, "horizon": "1 d"})
        for name, search in (("tuned", TUNED), ("not", None))
    ]
    assert "the trainings that were tried to tune them differ: 2 of tuned/small, 0 of not/small" in warned(*alike)


def test_what_was_tried_is_not_compared_where_it_adds_to_different_boundaries():
    """The one world has an internet, so that its trials hold a network, which the other's do not."""
    here, there = (two_lessons(TUNED, small=a_lesson(0.1, 10)) | {"name": n, "horizon": "1 d"} for n in ("a", "b"))
    there["world"]["year"] = 2025
    found = sim.compare(run(here), run(there))
    reason = "for it is what is added to different boundaries (facility of a/small, network of b/small)"
    assert f"development is not compared, {reason}" in found.warnings
    assert not any(line.boundary == "development" for line in found.table)
    assert found.verdicts[0].startswith("energy at facility (reserved)")
