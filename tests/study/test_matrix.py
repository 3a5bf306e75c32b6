"""Whether an answer holds under other rules and factor sets: cells by pen and paper, flips marked."""

import io

import pytest
from rich.console import Console
from strategies import a_scenario, run

import simulator as sim
from simulator.study.matrix import CHOICES, SETS
from simulator.view.matrix import FLIP, matrix

HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}


@pytest.fixture(scope="module")
def idle_or_not():
    """Four nodes owned all the time: `alone` uses one for an hour, `long` two for an hour and a half."""
    data = a_scenario([])
    data["world"]["datacenters"]["lab"]["servers"]["nodes"]["owned"] = "always"
    ways = {
        "alone": [{"train": HOUR}],
        "long": [{"train": {**HOUR, "units": 2, "time": "90 min"}}],
    }
    del data["workloads"]
    return run({**data, "paradigms": ways, "comparison": {"functional_unit": "one model"}})


def cell(found, choice, factors="as run"):
    (one,) = (one for one in found.cells if (one.choice, one.factors) == (choice, factors))
    return one


def test_there_is_a_cell_for_every_rule_and_factor_set(idle_or_not):
    found = sim.compare(idle_or_not).matrix
    rules = ["reserved", "used", "energy", "reserve-then-use", "shapley"]
    assert found.choices == [*rules, "active hours", "consequential"]
    assert len(found.cells) == len(found.choices) * len(SETS)
    assert all(one.boundary == "life_cycle" for one in found.cells if one.choice != "consequential")


def test_users_and_networks_have_rows_where_there_are_some():
    sent = sim.run("small/one_more_gigabyte")
    found = sim.compare(sent, sent).matrix
    networks = {"lines while used", "networks by byte", "networks by peak"}
    assert networks <= {choice for choice, _ in CHOICES}
    assert networks <= set(found.choices)


def test_by_reserved_idle_machines_are_nobodys_and_by_used_all_of_it_is_the_workloads(idle_or_not):
    """By `used` both are charged with all four nodes for the window of 90 min: the whole of the summary."""
    found = sim.compare(idle_or_not).matrix
    reserved, used = cell(found, "reserved"), cell(found, "used")
    whole = {way: one["boundaries"]["life_cycle"]["co2e_kg"] for way, one in idle_or_not.summary["paradigms"].items()}
    assert used.figures == pytest.approx(whole)
    assert reserved.figures["alone"] < used.figures["alone"]
    made_kg = {way: whole[way] - one["boundaries"]["facility"]["co2e_kg"] for way, one in _ways(idle_or_not)}
    drawn_kg = {way: shares["train"]["co2e_kg"] for way, shares in _shares(idle_or_not)}
    # of four nodes for 1.5 h, one for 1 h is a sixth, two for 1.5 h the half
    assert reserved.figures == pytest.approx(
        {"alone": drawn_kg["alone"] + made_kg["alone"] / 6, "long": drawn_kg["long"] + made_kg["long"] / 2}
    )


def _ways(result):
    return result.summary["paradigms"].items()


def _shares(result):
    return ((way, one["by_workload"]) for way, one in _ways(result))


def test_a_figure_is_of_one_functional_unit(idle_or_not):
    found = sim.compare(idle_or_not).matrix
    twice = {**idle_or_not.manifest, "comparison": {**idle_or_not.manifest["comparison"], "units": 2.0}}
    other = sim.compare(sim.api.Results(idle_or_not._tables, twice, idle_or_not._documents)).matrix
    assert cell(other, "used").figures["long"] == pytest.approx(cell(found, "used").figures["long"] / 2)


def test_the_consequential_ledger_counts_marginal_operation_alone(idle_or_not):
    one = cell(sim.compare(idle_or_not).matrix, "consequential")
    assert one.boundary == "facility"
    assert one.lowest == "alone"


@pytest.fixture(scope="module")
def busy_or_waiting():
    """Of four nodes that are owned, `busy` has one at full load for an hour, `waiting` all at rest for 90 minutes.

    A node draws 1500 W at rest and 4196 W at full load: busy 4.2 kWh, waiting 9 kWh. With what the others draw idle
    meanwhile busy comes to 4.2 + 5 x 1.5 = 11.7 kWh, and waiting stays at 9.
    """
    data = a_scenario([])
    data["world"]["datacenters"]["lab"]["servers"]["nodes"]["owned"] = "always"
    del data["workloads"]
    ways = {
        "busy": [{"train": HOUR}],
        "waiting": [{"train": {**HOUR, "units": 4, "time": "90 min", "utilisation": 0.0}}],
    }
    return run({**data, "paradigms": ways})


def test_a_cell_where_another_is_lowest_is_marked(busy_or_waiting):
    found = sim.compare(busy_or_waiting).matrix
    lowest = {rule: cell(found, rule).lowest for rule in ("reserved", "used", "energy", "reserve-then-use", "shapley")}
    assert lowest["reserved"] == "busy"
    # by reserve-then-use the last half hour, in which nobody works, stays nobody's
    assert [rule for rule, way in lowest.items() if way == "waiting"] == ["used", "energy", "shapley"]
    assert [one.flips for one in found.cells] == [one.lowest == "waiting" for one in found.cells]
    screen = Console(file=io.StringIO(), width=200)
    for part in matrix(found):
        screen.print(part)
    text = screen.file.getvalue()
    assert f"the answer FLIPS: {FLIP.strip()} marks {found.flips} of {len(found.cells)} cells" in text
    assert text.count(FLIP.strip()) == found.flips + 1


def test_a_headline_that_holds_everywhere_says_so():
    found = sim.compare(sim.run("small/wide_or_narrow")).matrix
    assert found.flips == 0
    screen = Console(file=io.StringIO(), width=200)
    for part in matrix(found):
        screen.print(part)
    assert (
        f"narrow is lowest in all {len(found.cells)} cells: no rule, no factor set turns that" in screen.file.getvalue()
    )


def test_nothing_is_turned_where_fewer_than_two_finished():
    hour = {**HOUR, "units": 1}
    data = {**a_scenario([]), "horizon": "2 h"}
    del data["workloads"]
    ways = {"short": [{"train": hour}], "endless": [{"train": {**hour, "time": "9 h"}}]}
    assert sim.compare(run({**data, "paradigms": ways})).matrix is None


def test_whether_a_power_cap_is_lighter_hangs_on_what_machines_took_to_make():
    found = sim.compare(sim.run("small/cap_or_not")).matrix
    assert (cell(found, "reserved").lowest, cell(found, "consequential").lowest) == ("capped", "capped")
    assert cell(found, "reserved", "boavizta").flips
    assert cell(found, "active hours").flips
