"""`aiceberg account` and `aiceberg explain`: what they print, and what of bad input."""

import json

import pytest
from strategies import a_scenario, run
from typer.testing import CliRunner

from simulator.cli import app, main
from simulator.vocabulary import CRITERIA

HOUR = {"at": "lab/nodes", "units": 2, "time": "1 h", "utilisation": 1.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("account") / "out"
    run(a_scenario([HOUR])).save(path)
    return path


def printed(*arguments):
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def refused(capsys, monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["aiceberg", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    return capsys.readouterr().err


def test_account_shows_every_criterion_by_boundary_and_who_pays(folder):
    text = printed("account", str(folder))
    assert "attributional: rule reserved" in text
    assert all(head in text for head in ("energy", "CO2e", "marginal CO2e", "grid water", "primary energy", "ADPe"))
    assert "CO2e by workload (life_cycle): train" in text
    assert "site water ends before facility: nobody says the cooling of lab: give it a `wue`" in text


def test_a_rule_that_charges_nothing_of_the_making_says_so_and_dust_is_nobodys(folder):
    text = printed("account", str(folder), "--rule", "sunk")
    assert "counts for nothing" in text
    assert "a part of the making" not in text
    assert "-0.0%" not in text


def test_a_run_says_by_what_other_method_its_account_is(tmp_path):
    data = a_scenario([HOUR]) | {"footprint": {"rule": "used", "ledger": "consequential"}}
    scenario = tmp_path / "other.yaml"
    scenario.write_text(json.dumps(data))
    told = "`aiceberg account` is by ledger consequential, rule used"
    assert told in " ".join(printed("run", str(scenario), "-o", str(tmp_path / "out"), "--no-report").split())


def test_draws_stand_beside_those_by_other_factor_sets_which_are_choices(folder):
    text = printed("account", str(folder), "--draws", "100", "--criterion", "co2e_kg")
    assert "by several methods: choices, not luck" in text
    assert "P(< first)" not in text
    asked = ("account", str(folder), "--draws", "100", "--criterion", "co2e_kg", "--json")
    found = json.loads(printed(*asked))["draws"]["co2e_kg"]
    assert found["by_factors"]["as run"]["paradigms"] == found["paradigms"]
    assert found["by_factors"]["boavizta"]["paradigms"]["main"]["p50"] != found["paradigms"]["main"]["p50"]
    named = json.loads(printed(*asked, "--factors", "boavizta"))["draws"]["co2e_kg"]
    assert "by_factors" not in named
    assert named["paradigms"] == found["by_factors"]["boavizta"]["paradigms"]


def test_account_as_json_holds_the_totals_and_the_method(folder):
    found = json.loads(printed("account", str(folder), "--rule", "used", "--factors", "boavizta", "--json"))
    assert (found["method"]["rule"], found["method"]["embodied"]) == ("used", ["boavizta"])
    ladder = found["paradigms"]["main"]["boundaries"]["co2e_kg"]
    assert list(ladder) == ["accelerator", "server", "facility", "embodied", "life_cycle"]
    assert list(ladder.values()) == sorted(ladder.values())


def test_one_criterion_alone(folder):
    found = json.loads(printed("account", str(folder), "--criterion", "co2e_kg", "--json"))
    assert list(found["paradigms"]["main"]["boundaries"]) == ["co2e_kg"]


def test_factors_of_ones_own(folder, tmp_path):
    """Nodes that cost 50 000 kg and last a year, instead of the catalogue's."""
    own = tmp_path / "mine.csv"
    own.write_text(
        "target,covers,manufacture_kgco2e,lifetime_y,source,year,confidence\n"
        "host.dgx-a100,life_cycle,50000,1,my own study,2026,derived\n"
    )
    found = json.loads(printed("account", str(folder), "--factors", str(own), "--criterion", "co2e_kg", "--json"))
    base = json.loads(printed("account", str(folder), "--criterion", "co2e_kg", "--json"))
    more = [one["paradigms"]["main"]["boundaries"]["co2e_kg"]["embodied"] for one in (base, found)]
    hours_y = 2 / 8766
    assert more[1] - more[0] == pytest.approx(hours_y * (50000 - 3058 / 6), rel=1e-6)


def test_explain_prints_rows_equation_and_sources(folder):
    text = printed("explain", str(folder), "main.boundaries.facility.co2e_kg")
    assert "main.boundaries.facility.co2e_kg = " in text
    assert "value = sum over rows of base x product(times) / product(over)" in text
    assert "grid/fr/intensity_gco2e_per_kwh = 56.039" in text
    assert "CodeCarbon" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rule", "fair"), "rule 'fair': no such rule; there is reserved, used"),
        (("--ledger", "both"), "ledger 'both': no such ledger; there is attributional, consequential"),
        (("--basis", "flop"), "basis 'flop': no such basis; there is calendar, active"),
        (("--factors", "ecoinvent"), "--factors ecoinvent: no such factor set; there is grid: "),
        (("--factors", "nowhere.csv"), "nowhere.csv"),
        (("--criterion", "noise"), f"criterion 'noise': no such criterion; there is {', '.join(CRITERIA)}"),
        (("--rule", "economic"), "the rule `economic` shares by prices"),
        (("--weights", "train"), "--weights train: is no WORKLOAD=PRICE"),
        (("--weights", "train=much"), "is no WORKLOAD=PRICE"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_2(folder, capsys, monkeypatch, arguments, said):
    text = refused(capsys, monkeypatch, "account", str(folder), *arguments)
    assert said in text
    assert "Traceback" not in text


def test_a_folder_that_is_none_is_refused(tmp_path, capsys, monkeypatch):
    assert "is no folder" in refused(capsys, monkeypatch, "account", str(tmp_path / "nothing"))
    assert "is no folder" in refused(capsys, monkeypatch, "explain", str(tmp_path / "nothing"), "main.duration_s")


def test_a_path_that_is_none_says_what_there_is(folder, capsys, monkeypatch):
    text = refused(capsys, monkeypatch, "explain", str(folder), "main.boundaries.moon")
    assert "main.boundaries has no 'moon'; there is accelerator, server, facility, embodied, life_cycle" in text
