"""Factor sets of people's own: files beside the scenario, read, hashed and told what is wrong with them."""

import hashlib

import pytest
from strategies import a_scenario

import simulator as sim
from simulator.errors import ScenarioError
from simulator.footprint.accounting.method import Method
from simulator.scenario.factors import Named, beside, files_in, hashes_of_sets, read_sets, sets_in, wrong_in_set
from simulator.scenario.load import dump
from simulator.study.sweep.plan import _files

HOUR = {"at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}
RACK = "target,manufacture_kgco2e,source,year,confidence\nkind.rack,{},weighed,2024,measured\n"
FRANCE = "zone,average_gco2e_per_kwh,source,year,confidence\nfr,{},read,2024,measured\n"


@pytest.fixture
def write(tmp_path):
    """Write a scenario and its files in a folder of their own; its path."""

    def write(footprint, **files):
        folder = tmp_path / "there"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        path = folder / "own.yaml"
        path.write_text(dump(a_scenario([HOUR], footprint=footprint)), encoding="utf-8")
        return path

    return write


def racks_kg(found):
    """What a rack is said to take in the account."""
    terms = [t for t in found.terms if (t.item, t.criterion, t.phase) == ("rack", "co2e_kg", "manufacture")]
    return {term.factors[-1].value for term in terms}


def test_a_set_is_found_where_it_is_named():
    data = {"footprint": {"grid": "codecarbon", "embodied": ["act", "mine.csv", 7]}}
    assert list(sets_in(data)) == [
        Named(("footprint", "grid"), "grid", "codecarbon"),
        Named(("footprint", "embodied"), "embodied", "act"),
        Named(("footprint", "embodied"), "embodied", "mine.csv"),
    ]
    assert list(files_in(data)) == ["mine.csv"]


@pytest.mark.parametrize("data", [None, [], {}, {"footprint": None}, {"footprint": []}, {"footprint": {"grid": 7}}])
def test_a_malformed_file_names_none(data):
    assert list(sets_in(data)) == []


def test_a_file_of_ones_own_is_read_beside_the_scenario_from_anywhere(write, tmp_path, monkeypatch):
    path = write({"embodied": "mine.csv"}, mine=RACK.format(7))
    monkeypatch.chdir(tmp_path)
    result = sim.run(path)
    told = {row["amount"] for row in result.table("embodied").to_pylist() if row["row"] == "mine:kind.rack"}
    assert 7.0 in told
    assert racks_kg(result.account()) == {7.0}


@pytest.mark.parametrize("change", [{"rule": "used"}, {"basis": "active"}, {"lives": {"rack": {"lifetime": "9 y"}}}])
def test_another_account_of_it_reads_the_file_where_it_lies(write, tmp_path, monkeypatch, change):
    path = write({"embodied": "mine.csv", "grid": "ours.csv"}, mine=RACK.format(7), ours=FRANCE.format(100))
    monkeypatch.chdir(tmp_path)
    sim.run(path).save(tmp_path / "out")
    found = sim.open_results(tmp_path / "out").account(**change)
    assert racks_kg(found) == {7.0}
    joules = found.total("energy_j", boundary="facility").value
    assert found.total("co2e_kg", boundary="facility").value == pytest.approx(joules / 3.6e6 * 0.1)


def test_the_manifest_lists_the_hash_of_each_file(write):
    text = RACK.format(7)
    path = write({"embodied": ["vendor", "mine.csv"]}, mine=text)
    assert sim.run(path).manifest["files"] == {"mine.csv": hashlib.sha256(text.encode()).hexdigest()}
    method = Method.model_validate({"embodied": ["vendor", "mine.csv"]})
    assert set(hashes_of_sets(method, path.parent)) == {"mine.csv"}


def test_the_same_file_gives_the_same_result_and_another_another(write):
    first, again, other = (
        sim.run(write({"embodied": "mine.csv"}, mine=RACK.format(kg))).manifest["hashes"]["results"] for kg in (7, 7, 8)
    )
    assert first == again != other


def test_a_file_is_of_a_sweeps_points_for_their_hash(write):
    path = write({"embodied": "mine.csv"}, mine=RACK.format(7))
    data = a_scenario([HOUR], footprint={"embodied": "mine.csv"})
    assert _files(data, path.parent) == {"mine.csv": hashlib.sha256(RACK.format(7).encode()).hexdigest()}


def test_a_method_names_its_sets_in_order(write):
    path = write({}, mine=RACK.format(7))
    sets = read_sets(Method.model_validate({"embodied": ["vendor", "mine.csv"]}), path.parent)
    assert sets.embodied(["kind.rack"], "manufacture_kgco2e").value == 7.0
    assert sets.embodied(["h100-sxm5-80gb"], "manufacture_kgco2e").name.startswith("embodied/vendor:")


def test_names_of_sets_stay_and_files_get_their_folder(tmp_path):
    said = {"embodied": ["vendor", "mine.csv"], "rule": "used"}
    assert beside(said, tmp_path) == {"embodied": ["vendor", str(tmp_path / "mine.csv")], "rule": "used"}


def test_a_set_that_is_there_has_nothing_wrong(tmp_path):
    assert wrong_in_set(Named((), "embodied", "vendor"), tmp_path) == []


def test_a_set_that_is_not_there_is_told_those_that_are(tmp_path):
    (sentence,) = wrong_in_set(Named((), "grid", "nobodys"), tmp_path)
    assert "there is no such grid-factor set; there are `base`, `carbontracker`" in sentence


def test_all_mistakes_of_a_file_are_told_at_once_with_their_lines(write):
    wrong = (
        "target,manufacture_kgco2e,source,year,confidence\nkind.rack,-7,weighed,2024,measured\nkind.box,x,,2024,sure\n"
    )
    with pytest.raises(ScenarioError) as caught:
        sim.load(write({"embodied": "mine.csv"}, mine=wrong))
    told = str(caught.value)
    for part in ("mine.csv:2", "-7 is below 0", "mine.csv:3", "'x' is no number", "say where the values come from"):
        assert part in told, part


def test_a_file_that_is_not_there_is_told_where_it_is_named(write):
    with pytest.raises(ScenarioError, match=r"own\.yaml:\d+:\d+: footprint\.embodied: .*nowhere\.csv"):
        sim.load(write({"embodied": "nowhere.csv"}))
