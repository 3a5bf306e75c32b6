"""The networks by other models: each by pen and paper, ranges that hold them, and nothing of them in any sum."""

import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from strategies import a_crowd_scenario, a_scenario, a_transfer_scenario, run

import simulator as sim
from simulator.catalogue import find
from simulator.footprint.boundary import summarise
from simulator.footprint.entries import Carrier
from simulator.footprint.networks import model_rows
from simulator.network.access import build_access
from simulator.network.atlas import build_atlas, cheapest
from simulator.network.element import way_elements
from simulator.record.tables import EXACT
from simulator.view.networks import network_tables

WAY_NJ = 656 * 20 / 1000 + 2 * 1.0 + 2 * 1.0 + 3 * 0.3
"""Paris to Grenoble: links, metro routers, exchanges, core routers, 18.02 nJ a bit."""
GB_B, KWH_J = 8e9, 3.6e6


def models(result, paradigm="main"):
    return result.summary["paradigms"][paradigm]["network_models"]


def send(**fields):
    return {"from": "store", "to": "alps", "size": "25 GB", **fields}


def collected(access, **phones):
    """1 GB of a thousand phones on lines of one technology, from Paris to Grenoble."""
    field = {"from": "phones", "to": "lab", "size": "1 GB", "during": "1 h"}
    return run(a_crowd_scenario([{"collect": field}], {"access": {access: 1.0}, **phones}))


def test_between_data_centres_by_hand_and_what_does_not_apply_says_so():
    """2e11 b at 18.02 nJ; at the low ends 6.7 pJ/b/km, 0.1, 0.33 and 0.03 nJ, at the high ends 60, 5, 3 and 5."""
    found = models(run(a_transfer_scenario([send()])))
    low_nj, high_nj = (
        656 * km / 1000 + 2 * metro + 2 * ixp + 3 * core
        for km, metro, ixp, core in ((6.7, 0.1, 0.33, 0.03), (60, 5, 3, 5))
    )
    for name in ("power_model", "per_bit"):
        spans = [found[name][key] for key in ("low_j", "energy_j", "high_j")]
        assert spans == pytest.approx([200 * low_nj, 200 * WAY_NJ, 200 * high_nj])
        assert found[name]["year"] == "2020-2026"
    assert found["intensity"]["energy_j"] is None
    assert found["intensity"]["holds"] == "does not apply: no users' lines carried anything"


@pytest.mark.parametrize(("access", "kwh", "low", "high"), [("wifi", 0.0165, 0.0065, 0.03), ("4g", 0.117, 0.1, 0.14)])
def test_a_gigabyte_by_intensity_is_that_of_its_kind_of_network(access, kwh, low, high):
    told = models(collected(access))["intensity"]
    assert [told[key] / KWH_J for key in ("low_j", "energy_j", "high_j")] == pytest.approx([low, kwh, high])
    assert told["year"] == "2023"


def test_mobile_over_fixed_is_7_by_intensity_and_31_by_one_more_bit():
    """0.117 / 0.0165 kWh/GB; 1.5 and 0.02 W/Mbps of access, each with the 0.03 that Malmodin 2020 gives the core."""
    mobile_j, fixed_j = (models(collected(access))["intensity"]["energy_j"] for access in ("5g", "fibre"))
    assert mobile_j / fixed_j == pytest.approx(7.1, abs=0.05)
    mobile, fixed = (build_access(line).slope_j_per_b + 0.03e-6 for line in ("4g", "wifi"))
    assert mobile / fixed == pytest.approx(31, abs=0.5)
    assert (fixed * GB_B / 3600, mobile * GB_B / 3600) == pytest.approx((0.11, 3.4), abs=0.005)


def test_a_gigabyte_per_bit_is_the_averages_of_its_line_and_its_way():
    """16.5 W x 24 h over the 4.3 GB of a day, 0.092 kWh/GB; then 18.02 nJ/b; 4G 0.104 kWh/GB."""
    for access, kwh in (("wifi", 16.5 * 24 / 4.3 / 1000), ("4g", 0.104)):
        told = models(collected(access))["per_bit"]
        assert told["energy_j"] == pytest.approx(kwh * KWH_J + GB_B * WAY_NJ * 1e-9, rel=2e-3)


def test_the_time_of_routers_by_hand():
    """Four metro routers and exchanges, 7.87 W/Gbps x 6.67, and three core routers, 5.39 x 3.03; both x 2 x 1.99."""
    told = models(run(a_transfer_scenario([send()])))["router_time"]
    by_hand_nj = [
        (4 * metro * spare + 3 * core * more) * 2 * 1.99
        for metro, spare, core, more in ((1, 3.03, 0.3, 2), (7.87, 6.67, 5.39, 3.03), (39, 10, 26.7, 6.67))
    ]
    assert [told[key] for key in ("low_j", "energy_j", "high_j")] == pytest.approx([200 * nj for nj in by_hand_nj])
    assert told["year"] == "2015-2026"


def test_the_factors_of_router_time_give_the_internet_of_its_source():
    """Mytton, Staffell and Jansen for 2019: edge 0.0009, metro 0.0020, core 0.0052, in all 0.0080 kWh/GB.

    One edge router of 64 J/Gb with its switch of 8; of 8.41 routers a sixth in the metro and four sixths in the
    core; transmission of 230 and 1593 J/Gb; all 79.82 % less.
    """
    routers = find("network-assumption", "router-redundancy").number("redundancy_ratio", "")
    pue = find("network-assumption", "telecom-pue").number("pue_ratio", "")
    metro, core = (find("network-power", row) for row in ("metro-router", "core-router"))
    (metro_nj, metro_spare), (core_nj, core_spare) = (
        (row.number("max_nj_per_b", ""), row.number("overcapacity_ratio", "")) for row in (metro, core)
    )
    left, each = 1 - 0.7982, 8.412 / 6
    by_part_nj = {
        "edge": routers * (8 + 64) * left * metro_spare * pue,
        "metro": (routers * each * metro_nj + 230 * left) * metro_spare * pue,
        "core": (routers * 4 * each * core_nj + 1593 * left) * core_spare * pue,
    }
    kwh_per_gb = {part: nj * 8 / KWH_J for part, nj in by_part_nj.items()}
    assert kwh_per_gb == pytest.approx({"edge": 0.000857, "metro": 0.00202, "core": 0.005117}, rel=1e-3)
    assert sum(kwh_per_gb.values()) == pytest.approx(0.0080, rel=0.01)


def test_where_no_router_carried_anything_its_time_does_not_apply():
    lines = Carrier("phones/paris/wifi", "access", "wifi", 0.02e-6, GB_B, 0.0, apart=False, power="")
    told = model_rows([lines])["router_time"]
    assert (told["energy_j"], told["holds"]) == (None, "does not apply: no router carried anything")


def test_lines_that_are_charged_whole_are_so_in_what_is_charged():
    """8e9 b at 20 Mbps are 400 s of lines at 16.5 W [8, 40]; 0.02 W/Mbps [0, 0.02]."""
    told = models(collected("wifi", account="whole"))["power_model"]
    bits_j = GB_B * (WAY_NJ * 1e-9 + 0.02e-6)
    assert told["energy_j"] == pytest.approx(400 * 16.5 + bits_j)
    assert told["low_j"] == pytest.approx(400 * 8 + GB_B * (656 * 6.7 / 1000 + 0.2 + 0.66 + 0.09) * 1e-9)
    marginal = models(collected("wifi"))["power_model"]
    assert marginal["energy_j"] == pytest.approx(bits_j)


def test_where_nothing_is_sent_no_model_says_anything():
    trained = a_scenario([{"at": "lab/nodes", "time": "1 h", "utilisation": 1.0}])
    assert models(run(trained)) == {}
    trained["world"]["year"] = 2025
    assert models(run(trained)) == {}
    assert list(network_tables(run(trained).summary)) == []


SENDINGS = st.lists(st.tuples(st.permutations(("store", "alps", "far")), st.integers(1, 900)), min_size=1, max_size=3)


@settings(max_examples=15, deadline=None)
@given(
    SENDINGS, st.sampled_from(["wifi", "fibre", "copper", "cable", "4g", "5g"]), st.sampled_from(["marginal", "whole"])
)
def test_what_is_charged_is_the_boundary_and_every_range_holds_its_value(drawn, access, account):
    data = a_transfer_scenario(
        [
            {"name": f"t{n}", "from": ends[0], "to": ends[1], "size": f"{size} GB"}
            for n, (ends, size) in enumerate(drawn)
        ]
    )
    crowd = a_crowd_scenario([], {"access": {access: 1.0}, "account": account})
    data["world"]["populations"] = crowd["world"]["populations"]
    data["workloads"].append({"collect": {"from": "phones", "to": "alps", "size": "1 GB", "during": "1 h"}})
    result = run(data)
    network_j = result.summary["paradigms"]["main"]["boundaries"]["network"]["energy_j"]
    assert models(result)["power_model"]["energy_j"] == pytest.approx(network_j, rel=1e-9)
    for told in models(result).values():
        assert 0 <= told["low_j"] <= told["energy_j"] <= told["high_j"]


def test_every_model_comes_back_from_the_exact_tables_alone(tmp_path):
    sim.run("small/federate", tmp_path / "out")
    kept = {name: pq.read_table(tmp_path / "out" / f"{name}.parquet") for name in EXACT}
    written = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert list(written["paradigms"]["main"]["network_models"]) == [
        "power_model",
        "per_bit",
        "router_time",
        "intensity",
    ]
    assert summarise(kept) == written


def test_a_link_finds_the_row_of_its_kind_wherever_it_is():
    atlas = build_atlas(2025)
    for a, b, edge in atlas.edges(data=True):
        taken = cheapest(edge["links"])
        there, back = (way_elements(atlas, ends).elements[">".join(ends)] for ends in ((a, b), (b, a)))
        assert there.power == back.power == taken.kind


def printed(result):
    console = Console(width=160)
    with console.capture() as caught:
        console.print(*network_tables(result.summary))
    return caught.get()


def test_the_terminal_says_that_they_are_not_added_and_which_does_not_apply():
    text = printed(run(a_transfer_scenario([send()])))
    title, _, *rows = text.splitlines()
    assert title.strip() == "the network by other models (not added)"
    by_model = {row.split()[0]: " ".join(row.split()[1:]) for row in rows}
    kwh = 200 * WAY_NJ / KWH_J
    assert by_model["power_model"].startswith(f"{kwh:.3g} ")
    assert by_model["intensity"] == "ADEME does not apply: no users' lines carried anything"


def test_with_several_paradigms_each_row_names_its_own():
    data = a_transfer_scenario([])
    del data["workloads"]
    text = printed(run({**data, "paradigms": {way: [{"transfer": send()}] for way in ("one", "two")}}))
    assert [line.split()[0] for line in text.splitlines()[2:]] == ["one"] * 4 + ["two"] * 4
    assert "paradigm" not in printed(run(a_transfer_scenario([send()])))
