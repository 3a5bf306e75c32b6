"""Who pays for what networks draw while nothing flows: each answer by pen and paper, on small runs."""

import json
from functools import cache
from math import fsum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import LATENCY_S, a_crowd_scenario, a_federate_scenario, a_transfer_scenario, run
from typer.testing import CliRunner

from simulator.catalogue import find
from simulator.cli import app
from simulator.errors import UsageError
from simulator.footprint.accounting.account import build_account
from simulator.footprint.accounting.accounts import Accounts, build_accounts
from simulator.footprint.accounting.method import NETWORKS, Method
from simulator.footprint.accounting.network_idle import bit_factors, highest
from simulator.footprint.making.factors import build_sets
from simulator.network.element import Element
from simulator.network.rest import find_rest
from simulator.record.integrate import Log
from simulator.record.tables import EXACT, from_rows
from simulator.vocabulary import GRID

OTHERS = [name for name in NETWORKS if name != "as-run"]
KWH = 3.6e6
WAY = {
    **{"paris>lyon": "link", "lyon>grenoble": "link", "lyon/router": "site"},
    **{f"{city}/{part}": "site" for city in ("paris", "grenoble") for part in ("edge", "exchange", "router")},
}
"""What a bit from Paris to Grenoble passes."""
SENT_S = 20.0 + 656 * 4.9e-6
"""25 GB at 10 Gbps, and the light's way: the window of `sending`."""


@cache
def sending(energy="average"):
    """2e11 bits from Paris to Grenoble at 10 Gbps, 18.02 nJ/b on the average, a tenth of that for one more."""
    transfer = {"from": "store", "to": "alps", "size": "25 GB", "latency": "lower_bound"}
    data = a_transfer_scenario([transfer])
    return run({**data, "world": {**data["world"], "network": {"energy": energy}}})


@cache
def collecting(account="marginal", access="wifi", **phones):
    """1 GB from a thousand phones in 100 s: 80 Mbps, which keep 4 lines of 20 Mbps busy at once, 400 s together."""
    collect = {"from": "phones", "to": "lab", "size": "1 GB", "during": "100 s", "latency": "lower_bound"}
    return run(a_crowd_scenario([{"collect": collect}], {"account": account, "access": {access: 1.0}, **phones}))


def by_asset(result, network, criterion="energy_j", **method):
    found = {}
    for term in result.account(network=network, criterion=criterion, **method).terms:
        if term.boundary == "network":
            found.setdefault(term.asset, []).append(term.amount)
    return {asset: fsum(amounts) for asset, amounts in found.items()}


def line_j(result, network, line="phones/paris/wifi"):
    return by_asset(result, network)[line]


def test_wired_takes_less_than_mobile_and_how_much_less_depends_on_what_is_asked():
    """7.1 times by all that operators draw over their bytes, 31 by one more bit; 1.13 with the box at home within."""
    intensities = [find("network-intensity", f"ademe-{kind}").number("intensity_kwh_per_gb", "") for kind in KINDS]
    assert intensities[0] / intensities[1] == pytest.approx(7.1, rel=5e-3)
    mobile, box = (find("access", line).number("marginal_w_per_mbps", "") for line in ("4g", "wifi"))
    fixed = find("footprint-input", "line-fixed").number("marginal_w_per_mbps", "")
    assert (mobile + fixed - box) / fixed == pytest.approx(31, rel=0.02)
    mobile_j, wired_j = (line_j(collecting(access=line), "per-byte", f"phones/paris/{line}") for line in ("4g", "wifi"))
    assert mobile_j / wired_j == pytest.approx(0.104 / 0.092)


KINDS = ("mobile", "fixed")


def test_links_and_sites_by_averages_and_by_one_more_bit_are_a_tenth_of_each_other():
    """2e11 b x 18.02 nJ, whatever was recorded; `as-run` and `per-subscriber` leave what was."""
    for energy, recorded_j in (("average", 3604.0), ("marginal", 360.4)):
        for network, wanted_j in (("as-run", recorded_j), ("per-subscriber", recorded_j), ("per-byte", 3604.0)):
            found = by_asset(sending(energy), network)
            assert set(found) == set(WAY)
            assert fsum(found.values()) == pytest.approx(wanted_j, rel=1e-9)


@pytest.mark.parametrize("energy", ["average", "marginal"])
def test_by_its_peak_a_sending_bears_that_part_of_the_rest_all_the_time(energy):
    """10 Gbps of what each can carry, for the window: of 100 Tbps in the core, built for 3.03 times as much."""
    found = by_asset(sending(energy), "peak")
    core_j = 2e11 * 0.03e-9 + SENT_S * 0.27e-9 * 1e10 / 3.03
    edge_j = 2e11 * 0.1e-9 + SENT_S * 0.9e-9 * 1e10 / 6.67
    cable_j = {km: 2e11 * km * 2e-12 + SENT_S * 2.7 * km / 2 * 1e10 / 200e12 for km in (530, 126)}
    sites = {"router": core_j, "edge": edge_j, "exchange": edge_j}
    by_hand = {name: sites[name.partition("/")[2]] for name, kind in WAY.items() if kind == "site"}
    by_hand |= {"paris>lyon": cable_j[530], "lyon>grenoble": cable_j[126]}
    assert found == pytest.approx(by_hand, rel=1e-6)


def test_the_rest_of_a_site_by_its_peak_is_its_watts_times_the_peak_over_its_capacity():
    """The capacity, which cancels, is that of network/rest.py; so is the rest."""
    row = find("network-power", "core-router")
    rest_w = find_rest(Element("site", ("fr",), "core-router", 0.3e-9, "core-router")).idle_w
    (rest,) = (t for t in sending().account(network="peak", criterion="energy_j").terms if is_rest(t, "lyon/router"))
    capacity_bps = row.number("capacity_tbps", "") * 1e12
    assert rest.amount == pytest.approx(SENT_S * rest_w * 1e10 / capacity_bps, rel=1e-6)
    assert (rest.workload, rest.phase, rest.activity, rest.boundary) == ("transfer", "use", "idle", "network")


def is_rest(term, asset):
    return (term.item, term.asset) == ("rest", asset)


@pytest.mark.parametrize("account", ["marginal", "whole"])
@pytest.mark.parametrize(
    ("network", "by_hand_j"),
    [
        ("per-subscriber", 8e9 * 0.02e-6 + 16.5 * 400.0),
        ("per-byte", 0.092 * KWH),
        ("peak", 8e9 * 0.02e-6 + 16.5 * 4 * (100.0 + LATENCY_S)),
    ],
)
def test_a_gigabyte_of_a_thousand_lines_by_hand_however_it_was_recorded(account, network, by_hand_j):
    assert line_j(collecting(account), network) == pytest.approx(by_hand_j, rel=1e-9)


def test_as_run_a_line_is_what_its_population_says():
    assert line_j(collecting("marginal"), "as-run") == pytest.approx(160.0)
    assert line_j(collecting("whole"), "as-run") == pytest.approx(160.0 + 16.5 * 400.0)


@pytest.mark.parametrize("result", [sending, lambda: sending("marginal"), collecting, lambda: collecting("whole")])
def test_as_run_the_account_is_the_summary(result):
    summary = result().summary["paradigms"]["main"]["boundaries"]
    found = result().account(network="as-run", criterion=["energy_j", "co2e_kg"])
    for criterion in ("energy_j", "co2e_kg"):
        told = {b: total.value for b, total in found.boundaries("main", criterion).items()}
        whole = {b: figures[criterion] for b, figures in summary.items() if criterion in figures}
        assert told == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize("network", OTHERS)
def test_machines_and_phones_cost_what_they_cost_whatever_networks_do(network):
    def others(found):
        return fsum(t.amount for t in found.terms if t.boundary != "network")

    result = run(a_federate_scenario())
    as_run, other = (result.account(network=name, criterion="co2e_kg") for name in ("as-run", network))
    assert others(other) == pytest.approx(others(as_run), rel=1e-12)
    assert other.total().value > as_run.total().value


@pytest.mark.parametrize("network", OTHERS)
def test_grams_are_the_same_joules_at_the_grid_of_the_place(network):
    """All of it is in France: 56.039 g."""
    joules, mass_kg = (by_asset(collecting(), network, criterion) for criterion in ("energy_j", "co2e_kg"))
    assert mass_kg == pytest.approx({asset: j / KWH * 0.056039 for asset, j in joules.items()}, rel=1e-9)


def test_what_rests_all_the_time_is_weighed_by_the_mean_of_a_grid_that_changes():
    """100 g for a quarter of the window and 300 for the rest of it: 250 g."""
    tables = {name: sending().table(name) for name in EXACT}
    (window_s,) = (row["at_s"] for row in tables["events"].to_pylist() if row["event"] == "end")
    others = [tuple(row.values()) for row in tables["signals"].to_pylist() if row["signal"] != GRID]
    steps_g = [("main", GRID, "internet/FR", at_s, g, "fr", "") for at_s, g in ((0.0, 100.0), (window_s / 4, 300.0))]
    changed = {**tables, "signals": from_rows("signals", [*others, *steps_g])}
    found = build_accounts(changed, {}, {"network": "peak"}, ["energy_j", "co2e_kg"])
    rests = [term for term in found.terms if term.item == "rest"]
    joules, mass_kg = (fsum(t.amount for t in rests if t.criterion == c) for c in ("energy_j", "co2e_kg"))
    assert mass_kg == pytest.approx(joules / KWH * 0.250, rel=1e-9)


def test_lines_go_by_network_where_a_method_says_so_and_else_with_the_devices():
    equipment = {"equipment": "whole-device"}
    found = by_asset(collecting(), "as-run", **equipment)["phones/paris/wifi"]
    assert found == pytest.approx(160.0 + 16.5 * 400.0)
    found = by_asset(collecting(), "per-byte", **equipment)["phones/paris/wifi"]
    assert found == pytest.approx(0.092 * KWH)


@pytest.mark.parametrize("network", OTHERS)
def test_the_other_ledger_charges_bits_as_they_were_recorded(network):
    asked = {"ledger": "consequential", "criterion": "energy_j"}
    as_run, other = (collecting("whole").account(network=name, **asked) for name in ("as-run", network))
    assert other.total("energy_j").value == as_run.total("energy_j").value


@pytest.mark.parametrize("network", OTHERS)
def test_everything_that_is_owned_is_what_it_is_whoever_pays(network):
    tables = {name: sending("marginal").table(name) for name in EXACT}
    account = build_account(tables, "main", Method(network=network), build_sets([], []), ["energy_j"], owned=True)
    whole = sending("marginal").summary["paradigms"]["main"]["owned"]["network"]["energy_j"]
    assert Accounts([account]).total("energy_j", boundary="network").value == pytest.approx(whole)


def without(result, asset, column):
    """The tables of a result in which nobody knows something of an asset."""
    tables = {name: result.table(name) for name in EXACT}
    assets = tables["assets"]
    at = assets.column_names.index(column)
    nobody = pa.nulls(assets.num_rows, assets.schema.field(column).type)
    here = pc.equal(assets.column("asset"), asset)
    changed = pc.if_else(here, nobody, assets.column(column))
    return {**tables, "assets": assets.set_column(at, assets.schema.field(column), changed)}


@pytest.mark.parametrize(
    ("column", "what"),
    [("capacity_bps", "what paris>lyon can carry"), ("length_km", "what paris>lyon draws at rest")],
)
def test_what_nobody_knows_of_a_cable_is_missing_by_its_peak_and_not_nothing(column, what):
    tables = without(sending(), "paris>lyon", column)
    found = build_accounts(tables, {}, {"network": "peak"}, ["energy_j"])
    assert what in [one.what for one in found.missing("energy_j")]
    assert "network" not in found.boundaries("main", "energy_j")
    assert "network" in build_accounts(tables, {}, {"network": "per-byte"}, ["energy_j"]).boundaries("main", "energy_j")


def test_one_more_bit_over_a_satellite_is_a_tenth_of_the_average():
    """140 pJ/b/km on the average, 14 for one more."""
    hop = {"kind": "link", "power_row": "satellite", "row": "geostationary", "slope_j_per_b": 35786 * 140e-12}
    assert [factor.value for factor in bit_factors("peak", hop, apart=False)] == pytest.approx([0.1])
    assert [factor.value for factor in bit_factors("per-byte", hop, apart=True)] == pytest.approx([10.0])


@pytest.mark.parametrize("network", OTHERS)
def test_the_boundary_says_which_answer_it_holds(network):
    found = collecting("whole").account(network=network, criterion="energy_j").of["main"].reach.boundaries["network"]
    assert found.endswith(NETWORKS[network])
    assert "averages per bit, which hold what they draw" not in found
    assert "users' access lines by their bits" not in found


def test_a_boundary_in_which_nothing_was_sent_says_nothing_of_bits():
    found = run({**a_transfer_scenario([]), "workloads": [{"train": TRAINING}], "world": WORLD})
    sentence = found.account(network="peak", criterion="energy_j").of["main"].reach.boundaries["network"]
    assert sentence.endswith("nothing was sent")


TRAINING = {"at": "lab/gpus", "units": 1, "time": "1 h", "utilisation": 1.0}
WORLD = {
    "year": 2025,
    "datacenters": {
        "lab": {"city": "grenoble", "pue": 1.1, "devices": {"gpus": {"model": "a100-sxm4-40gb", "count": 1}}}
    },
}

MONTH_S = 30 * 86400.0


@pytest.mark.parametrize(("gigabytes", "wired_is_less"), [(100, False), (130, True)])
def test_a_line_that_is_installed_for_few_gigabytes_costs_more_than_a_mobile_one(gigabytes, wired_is_less):
    """A month of 16.5 W is 4G for 114 GB, 0.104 kWh each. The French display turns at 83: 4.1 kg / 49.4 g."""
    crossing_gb = 16.5 * MONTH_S / (0.104 * KWH - 160.0)
    assert crossing_gb == pytest.approx(114, rel=5e-3)
    assert pytest.approx(83, rel=1e-3) == 4100 / 49.4
    assert (gigabytes > crossing_gb) == wired_is_less
    wired_j = line_j(a_month(gigabytes, "wifi", 20), "peak")
    mobile_j = line_j(a_month(gigabytes, "4g", 5), "per-byte", "phones/paris/4g")
    assert wired_j == pytest.approx(16.5 * MONTH_S + gigabytes * 160.0, rel=1e-6)
    assert mobile_j == pytest.approx(gigabytes * 0.104 * KWH, rel=1e-9)
    assert (wired_j < mobile_j) == wired_is_less


def a_month(gigabytes, access, mbps):
    """So many gigabytes that one user sends at the full rate of the line, in a month."""
    during = f"{gigabytes * 8e3 / mbps} s"
    collect = {"from": "phones", "to": "lab", "size": f"{gigabytes} GB", "during": during, "latency": "lower_bound"}
    return run(a_crowd_scenario([{"collect": collect}], {"count": 1, "access": {access: 1.0}}, horizon="30 d"))


def test_waste_of_which_no_direction_is_known_keeps_lines_busy_at_the_slower_rate():
    """Half of all drop out: what they moved, either way, counts at 20 Mbps; a peak is never less than without."""
    result = run(a_federate_scenario({"dropout": 0.5, "rounds": 2}))
    channels = {(row["asset"], row["activity"]) for row in result.table("channels").to_pylist()}
    assert ("phones/paris/wifi", "waste") in channels
    (rest,) = (t for t in result.account(network="peak", criterion="energy_j").terms if is_rest(t, "phones/paris/wifi"))
    (window_s,) = (row["at_s"] for row in result.table("events").to_pylist() if row["event"] == "end")
    at_s, rates = steps(result, "phones/paris/wifi", {"download": 50e6, "upload": 20e6, "waste": 20e6})
    assert rest.base == pytest.approx(window_s * max(rates), rel=1e-9)
    assert len(at_s) > 2


def steps(result, asset, full_bps):
    """Moments at which the bits of an asset change, and how many lines are busy from each on."""
    doing = {
        row["channel"]: row["activity"]
        for row in result.table("channels").to_pylist()
        if (row["asset"], row["quantity"]) == (asset, "rate_bps")
    }
    now, found = {}, {}
    for row in result.table("changes").to_pylist():
        if row["channel"] in doing:
            now[row["channel"]] = row["value"] / full_bps[doing[row["channel"]]]
            found[row["at_s"]] = fsum(now.values())
    return list(found), list(found.values())


@st.composite
def logs(draw):
    """Changes of four channels in two groups and none, in order of time, few moments so that many meet."""
    rows = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 5)), max_size=30))
    rows.sort(key=lambda row: row[0])
    return rows


@given(logs(), st.integers(0, 30), st.integers(1, 7))
@example([(3, 0, 5), (3, 0, 0)], 1, 7)  # cut within an instant
def test_the_highest_sum_is_that_of_every_moment_and_does_not_depend_on_where_the_log_is_cut(rows, at, end_s):
    group, weight = np.array([0, 0, 1, -1]), np.array([1.0, 2.0, 3.0, 9.0])
    pieces = [as_log(rows[:at]), as_log(rows[at:])]
    found = highest(pieces, group, weight, float(end_s))
    level, by_hand = [0.0] * 4, [0.0, 0.0]
    for moment in range(end_s):
        for at_s, channel, value in rows:
            if at_s == moment:
                level[channel] = value * weight[channel]
        by_hand = [max(by_hand[n], sum(level[c] for c in range(4) if group[c] == n)) for n in (0, 1)]
    assert found.tolist() == pytest.approx(by_hand)


def as_log(rows):
    columns = np.array(rows, float).reshape(-1, 3)
    return Log(columns[:, 0], columns[:, 1].astype(np.int64), columns[:, 2])


def test_an_answer_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(UsageError, match=r"network 'fair'.*as-run, per-subscriber, per-byte, peak"):
        collecting().account(network="fair")


def test_a_scenarios_own_answer_is_that_of_its_account():
    data = a_federate_scenario(footprint={"network": "per-byte"})
    found = run(data).account(criterion="energy_j")
    assert found.method.network == "per-byte"
    lines = fsum(t.amount for t in found.terms if t.asset == "phones/paris/wifi")
    assert lines == pytest.approx(0.75 * 0.092 * KWH, rel=1e-9)  # 3 rounds of 10 phones, 12.5 MB each way


def test_the_command_line_asks_for_it_by_its_name(tmp_path):
    collecting().save(tmp_path / "out")
    asked = ["account", str(tmp_path / "out"), "--network", "per-byte", "--criterion", "energy_j", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["method"]["network"] == "per-byte"
    wanted = collecting().account(network="per-byte").boundaries("main", "energy_j")
    assert told["paradigms"]["main"]["boundaries"]["energy_j"] == {b: total.value for b, total in wanted.items()}
