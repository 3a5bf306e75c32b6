"""A world whose cables stand in a folder beside the scenario."""

import hashlib

import pytest
from strategies import STRAIT

import simulator as sim
from simulator.errors import ScenarioError
from simulator.network.importers.writing import write_tables
from simulator.scenario.load import dump


@pytest.fixture
def a_file(tmp_path):
    """Write a scenario and its atlas; the scenario's path."""

    def write(transfer=None, network=None, **world):
        write_tables(tmp_path / "mine", STRAIT)
        places = {"dar": {"city": "casablanca", "uplink": "10 Gbps"}, "lis": {"city": "lisbon"}}
        world = {"year": 2025, "atlas": "mine", "datacenters": places, **world}
        if network is not None:
            world["network"] = network
        moved = {"transfer": {"size": "10 GB", "from": "dar", "to": "lis", **(transfer or {})}}
        (tmp_path / "s.yaml").write_text(dump({"name": "own", "world": world, "workloads": [moved]}))
        return tmp_path / "s.yaml"

    return write


def transfer(result):
    (row,) = result.table("transfers").to_pylist()
    return row


def wrong(path):
    with pytest.raises(ScenarioError) as error:
        sim.load(path)
    return [str(problem) for problem in error.value.problems]


def test_what_moves_takes_the_cables_of_the_atlas(a_file):
    assert transfer(sim.run(a_file()))["cables"] == "south:casablanca | strait | north:lisbon"


def test_the_manifest_lists_its_tables_with_their_digests(a_file, tmp_path):
    files = sim.run(a_file()).manifest["files"]
    assert set(files) == {
        f"mine/{name}" for name in ("cables.csv", "cable_segments.csv", "landing_points.csv", "round_trips.csv")
    }
    assert files["mine/cables.csv"] == hashlib.sha256((tmp_path / "mine" / "cables.csv").read_bytes()).hexdigest()


def test_what_of_its_rows_is_doubtful_is_among_the_assumptions_with_its_value(a_file):
    told = {one["id"]: one for one in sim.run(a_file()).manifest["assumptions"]}
    assert (told["cable/strait/length_km"]["value"], told["cable/strait/length_km"]["source"]) == (700.0, "made up")
    assert told["segment/strait:south:north/length_km"]["value"] == 700.0
    assert {"submarine-capacity:2020s", "overland-length"} <= set(told)


def test_its_round_trips_are_those_that_were_measured(a_file):
    """Half of 20 ms."""
    result = sim.run(a_file({"latency": "measured"}))
    assert transfer(result)["latency_s"] == pytest.approx(0.010)
    told = {one["id"]: one["value"] for one in result.manifest["assumptions"]}
    assert told["round-trip/casablanca:lisbon/rtt_ms"] == 20.0


def test_the_scenario_says_what_its_cables_carry_and_what_befalls_them(a_file):
    """10 GB, 80 Gb, at 1 Gbps are 80 s; with a minute in the middle in which the cable is cut, 140 s."""
    cables = {"cables": {"strait": "1 Gbps"}}
    whole = transfer(sim.run(a_file(network=cables)))
    assert whole["end_s"] - whole["begin_s"] == pytest.approx(80.0)
    for event in ({"cut": {"segments": ["strait:south:north"]}}, {"outage": {"landing": "north"}}):
        ((kind, said),) = event.items()
        broken = {**cables, "events": [{kind: {**said, "at": "40 s", "repair": "60 s"}}]}
        assert transfer(sim.run(a_file(network=broken)))["end_s"] == pytest.approx(140.0, abs=0.1)


def test_cables_and_landings_of_the_catalogue_are_not_there(a_file):
    said = {"cables": {"marea": "1 Tbps"}, "events": [{"outage": {"at": "1 s", "landing": "bude"}}]}
    sentences = "\n".join(wrong(a_file(network=said)))
    assert "no cable is called 'marea'" in sentences
    assert "no landing is called 'bude'" in sentences


def test_the_same_scenario_with_another_atlas_is_another_run(a_file, tmp_path):
    path = a_file()
    before = sim.run(path)
    segments = tmp_path / "mine" / "cable_segments.csv"
    segments.write_text(segments.read_text().replace(",700,", ",900,"))
    after = sim.run(path)
    assert transfer(after)["km"] == transfer(before)["km"] + 200.0
    assert after.manifest["files"] != before.manifest["files"]


def test_a_malformed_atlas_is_told_where_it_is_named_and_what_it_lacks_is_not_said_again(a_file, tmp_path):
    """5 degrees of latitude are 556 km, 1.6 of longitude at 36 degrees north 144 km: together 574 km."""
    path = a_file(network={"cables": {"strait": "1 Gbps"}})
    segments = tmp_path / "mine" / "cable_segments.csv"
    segments.write_text(segments.read_text().replace(",700,", ",7,"))
    landings = tmp_path / "mine" / "landing_points.csv"
    landings.write_text(landings.read_text().replace("casablanca", "atlantis"))
    first, second = sorted(wrong(path))
    assert "world.atlas: " in first
    assert first.endswith("less than the great circle between its ends, 574 km")
    assert second.endswith("landing_points.csv:3: south, metro: there is no city 'atlantis'")


def test_an_atlas_that_is_not_there_or_of_no_year_is_a_sentence(a_file):
    (sentence,) = wrong(a_file(atlas="yours"))
    assert sentence.endswith(
        "there is no such folder; give the folder of an atlas, as `aiceberg import` writes it; "
        "paths are relative to the scenario"
    )
    assert any("of which year? Cables come and go" in one for one in wrong(a_file(year=None)))
