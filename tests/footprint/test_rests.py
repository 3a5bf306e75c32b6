"""Networks by what one more bit costs, their rest apart: by pen and paper, in `owned` alone, all of it conserved."""

import json

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_crowd_scenario, a_transfer_scenario, loaded, run

import simulator as sim
from simulator.catalogue import rows
from simulator.footprint.boundary import summarise
from simulator.footprint.carried import carried
from simulator.network.rest import PER_UNIT, average_over_marginal
from simulator.record.tables import EXACT
from simulator.vocabulary import SPARE

FR = 56.039
MORE_NJ = 656 * 2 / 1000 + 2 * 0.1 + 2 * 0.1 + 3 * 0.03
"""One more bit from Paris to Grenoble: links, metro routers, exchanges, core routers, 1.802 nJ."""
METRO_W, CORE_W, LANDING_W = 0.9 * 10e3 / 6.67, 0.27 * 100e3 / 3.03, 4.5 * 96e3 / 3.03
"""nJ/b x Gbps over the overcapacity: a metro router or an exchange 1349 W, a core router 8911 W, a landing 142.6 kW."""
WAY_W = 656 * 2.7 / 2 + 4 * METRO_W + 3 * CORE_W
"""What stands between Paris and Grenoble draws at rest: half the amplifiers of the links, for they have two ways."""


def send(**fields):
    return {"from": "store", "to": "alps", "size": "25 GB", **fields}


def with_energy(data, energy):
    return {**data, "world": {**data["world"], "network": {"energy": energy}}}


def sent(transfers, energy="marginal", **changes):
    return run(with_energy(a_transfer_scenario(transfers, **changes), energy))


def main(result):
    return result.summary["paradigms"]["main"]


def network_j(result, total="boundaries"):
    return main(result)[total].get("network", {"energy_j": 0.0})["energy_j"]


def rests_w(result):
    channels = result.table("channels").to_pylist()
    levels = {row["channel"]: row["value"] for row in result.table("changes").to_pylist()}
    return {c["asset"]: levels[c["channel"]] for c in channels if c["quantity"] == SPARE}


def test_one_more_bit_by_hand_and_its_rest_in_owned_alone():
    """2e11 b x 1.802 nJ = 360.4 J; 33 kW at rest for all the 20 s of the window, in France."""
    result = sent([send()])
    assert network_j(result) == pytest.approx(200 * MORE_NJ)
    rest_j = WAY_W * main(result)["duration_s"]
    assert network_j(result, "owned") == pytest.approx(200 * MORE_NJ + rest_j)
    owned_kg = main(result)["owned"]["network"]["co2e_kg"]
    assert owned_kg == pytest.approx((200 * MORE_NJ + rest_j) / 3.6e6 * FR / 1000)
    assert main(result)["by_workload"] == {"transfer": main(result)["boundaries"]["network"]}


def test_averages_hold_their_rest_and_nothing_is_added_to_them():
    result = sent([send()], "average")
    assert network_j(result) == network_j(result, "owned") == pytest.approx(3604.0)
    assert rests_w(result) == {}
    assert result.manifest["hashes"]["results"] == run(a_transfer_scenario([send()])).manifest["hashes"]["results"]


def test_under_the_atlantic_the_rest_is_that_of_the_wet_plant_and_the_landings():
    """Dunant: 6400 km x 2.7 W/km, half of it for this direction."""
    found = rests_w(sent([send(to="far")]))
    assert found["st-hilaire>virginia-beach"] == pytest.approx(8640.0)
    assert found["st-hilaire/landing"] == found["virginia-beach/landing"] == pytest.approx(LANDING_W)


def test_both_directions_of_a_link_have_its_rest_once_and_a_site_has_its_own_once():
    back = send(**{"from": "alps", "to": "store", "name": "back"})
    found = rests_w(sent([send(), back]))
    assert sum(w for name, w in found.items() if ">" in name) == pytest.approx(656 * 2.7)
    assert sum(w for name, w in found.items() if "/" in name) == pytest.approx(4 * METRO_W + 3 * CORE_W)


def test_what_carried_nothing_has_no_rest():
    """Its way is known as it is submitted, but the horizon meets it in its latency."""
    result = sent([send()], horizon="1 ms")
    assert rests_w(result) == {}
    slopes = {row["asset"]: row["slope_j_per_b"] for row in result.table("assets").to_pylist()}
    assert slopes["paris/router"] == pytest.approx(0.03e-9)


def test_the_sentences_say_which_reading_it_is_and_where_the_rest_counts():
    manifest = sent([send()]).manifest
    reserved, owned = (manifest[total]["main"]["network"] for total in ("boundaries", "owned_boundaries"))
    assert "one more bit costs, without what they draw while nothing flows" in reserved
    assert "one more bit costs, and all that those in use draw while nothing flows" in owned
    assert "averages" not in reserved + owned
    assert (reserved + owned).count("links and sites") == 2
    told = {row["id"] for row in manifest["assumptions"]}
    assert {"network-power/core-router/capacity_tbps", "network-power/overland/idle_w_per_km"} <= told
    assert "network-power/core-router/capacity_tbps" not in {
        row["id"] for row in sent([send()], "average").manifest["assumptions"]
    }


def test_the_averages_per_bit_are_the_same_whichever_reading_is_charged():
    """3604 J; what is charged ranges from the low to the high end of what one more bit costs."""
    found = main(sent([send()]))["network_models"]
    average = main(sent([send()], "average"))["network_models"]
    assert found["per_bit"]["energy_j"] == pytest.approx(average["per_bit"]["energy_j"], rel=1e-12)
    assert found["router_time"] == average["router_time"]
    low_nj, high_nj = 656 * 0.2 / 1000 + 0.2 + 0.02 + 0.09, 656 * 20 / 1000 + 0.2 + 2 + 0.09
    told = [found["power_model"][key] for key in ("low_j", "energy_j", "high_j")]
    assert told == pytest.approx([200 * low_nj, 200 * MORE_NJ, 200 * high_nj])


def test_every_row_has_what_both_readings_need():
    for row in rows("network-power").values():
        kind = "link" if row.find_number("energy_nj_per_b") is None else "site"
        assert average_over_marginal(row, kind) == pytest.approx(10, rel=1e-3), row.id
        needed = {"idle_w_per_km"} if kind == "link" else {"capacity_tbps", "overcapacity_ratio"}
        assert {*needed, f"marginal_{PER_UNIT[kind]}"} <= set(row.columns)


def test_every_number_comes_back_from_the_exact_tables(tmp_path):
    sim.run(loaded(with_energy(a_crowd_scenario([COLLECT]), "marginal")), tmp_path / "out")
    kept = {name: pq.read_table(tmp_path / "out" / f"{name}.parquet") for name in EXACT}
    assert summarise(kept) == json.loads((tmp_path / "out" / "summary.json").read_text())


COLLECT = {"collect": {"from": ["phones", "store"], "to": "lab", "size": "1 GB", "during": "1 h"}}
SENDINGS = st.lists(
    st.tuples(st.permutations(("store", "alps", "far")), st.integers(1, 5000), st.sampled_from([0, 7, 300])),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(SENDINGS, st.sampled_from([None, 60, 900]))
def test_places_workloads_and_elements_sum_to_the_whole_and_rests_to_what_is_owned_beyond_it(drawn, horizon):
    sendings = [
        {"name": f"t{n}", "from": ends[0], "to": ends[1], "size": f"{size} GB", "start": f"{start} s"}
        for n, (ends, size, start) in enumerate(drawn)
    ]
    changes = {} if horizon is None else {"horizon": f"{horizon} s"}
    more, average = (sent(sendings, energy, **changes) for energy in ("marginal", "average"))
    whole_j = network_j(more)
    for key in ("by_place", "by_workload", "by_activity"):
        assert sum(part["energy_j"] for part in main(more)[key].values()) == pytest.approx(whole_j, rel=1e-9)
    by_element_j = more.ticks("100 s", by=("asset",))["energy_j"].to_pylist()
    assert sum(by_element_j) == pytest.approx(whole_j, rel=1e-9)
    beyond_j = sum(rests_w(more).values()) * main(more)["duration_s"]
    assert network_j(more, "owned") - whole_j == pytest.approx(beyond_j, rel=1e-9, abs=1e-6)
    assert whole_j == pytest.approx(network_j(average) / 10, rel=1e-3)
    used = {row["asset"] for row in more.table("assets").to_pylist() if row["in_service_from_s"] is not None}
    assert set(rests_w(more)) == used


def test_one_more_gigabyte_costs_what_its_header_says():
    found = main(sim.run("small/one_more_gigabyte"))
    charged_j, owned_j = (found[total]["network"]["energy_j"] for total in ("boundaries", "owned"))
    assert charged_j == pytest.approx(58.4, abs=0.05)
    assert found["network_models"]["per_bit"]["energy_j"] == pytest.approx(583.6, abs=0.05)
    assert owned_j / 3.6e6 == pytest.approx(336.1, abs=0.05)


def test_a_map_counts_bits_and_what_they_cost_not_the_rest_beside_them():
    """One terabyte: 8e12 b on each link, and one tenth of the grams of the average."""
    one = {"size": "1 TB"}
    more, average = ([*carried(sent([send(**one)], energy)._tables, "main")] for energy in ("marginal", "average"))
    assert [link.size_b for link in more] == pytest.approx([8e12] * 2)
    for few, many in zip(more, average, strict=True):
        assert few.emitted_kg == pytest.approx(many.emitted_kg / 10)


def test_what_carried_no_bit_is_not_in_service_and_rests_for_nobody():
    """Others take all of Lyon to Grenoble: the transfer waits, and nothing on its way counts."""
    data = with_energy(a_transfer_scenario([send()], horizon="1 h"), "marginal")
    demand = {"from": "lyon", "to": "grenoble", "rate": "1000 Tbps"}
    data["world"]["network"] |= {"demands": [demand]}
    result = run(data)
    assert main(result)["owned"].get("network", {"energy_j": 0.0})["energy_j"] == 0.0
    causes = {event["event"]: event["cause"] for event in result.table("events").to_pylist()}
    assert causes["held"] == "store to alps: others take all of lyon>grenoble"
