"""What the terminal says of a result: each assumption with its value, range and unit."""

import subprocess

from strategies import a_transfer_scenario, run

from simulator.scenario.manifest import assumption
from simulator.view.terminal import assumption_lines, published_lines


def lines(*names):
    return [text.plain for text in assumption_lines({"assumptions": [assumption(name) for name in names]})]


def test_an_assumption_of_any_table_has_its_value_its_range_and_its_unit():
    (rate,) = lines("access/wifi/down_mbps")
    assert rate.startswith("  access/wifi/down_mbps = 50 [17, 150] Mbps: a household's fixed line")
    (link,) = lines("network-power/overland/energy_pj_per_b_per_km")
    assert " = 20 [6.7, 60] pJ/b/km: " in link


def test_an_assumption_of_the_two_tables_of_assumptions_goes_by_its_id_alone():
    capacity, grid, share = lines("overland-capacity:europe", "grid-elsewhere", "host-at-load")
    assert capacity.startswith("  overland-capacity:europe = 200 [20, 2000] Tbps: ")
    assert grid.startswith("  grid-elsewhere = 480 [50, 900] gCO2e/kWh: ")
    assert share.startswith("  host-at-load = 0 [0, 1]: ")


def test_what_has_no_value_is_a_sentence():
    assert lines("no-uplink/alps") == [
        "  no-uplink/alps: alps has no `uplink`: nothing but the cables limits what it moves"
    ]


def test_every_assumption_of_a_transfer_can_be_told():
    sending = {"from": "store", "to": "far", "size": "1 GB"}
    told = list(assumption_lines(run(a_transfer_scenario([sending])).manifest))
    assert [text.plain.split(" ")[2] for text in told] == [
        "overland-capacity:backhaul",
        "overland-length",
        "network-power/exchange/energy_nj_per_b",
        "network-power/backhaul/energy_pj_per_b_per_km",
        "network-power/landing-station/energy_nj_per_b",
        "embodied/base:kind.site/manufacture_kgco2e",
        "and",  # so many more amounts of making
    ]


def test_a_run_in_which_nothing_draws_power_says_so_in_place_of_an_empty_ladder(aiceberg, tmp_path):
    command = [aiceberg, "run", "papers/red_sea_2024", "--no-report", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "nothing in it draws power, so that no boundary is computed\n" in done.stdout
    assert "not computed  " not in done.stdout


def test_a_published_figure_of_making_has_no_energy_beside_it_and_its_carbon():
    """Making draws no electricity here: of the two quantities one is computed."""
    figure = {"paradigm": "main", "boundary": "embodied", "energy": 3.6e6, "co2e": 2.0, "source": "a paper"}
    summary = {"paradigms": {"main": {"boundaries": {"embodied": {"co2e_kg": 2.2}}}}}
    energy, carbon = (text.plain for text in published_lines(summary, {"published": [figure]}))
    assert "ours is not computed for main" in energy
    assert "ours 2.2 kg (main), +10.00%" in carbon
