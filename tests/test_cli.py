"""The command line as people use it: messages, exit codes, and what is left behind."""

import json

import pytest

import simulator as sim
from simulator.network.flows.engine import is_compiled, make_ready
from simulator.study.accuracy import SUBJECTS
from simulator.view import progress

TRAINING = """
name: training
world: {datacenters: {lab: {grid: FR, devices: {gpu: {model: a100-sxm4-40gb, count: 1}}}}}
workloads:
  - train: {at: lab/gpu, time: 8 h, utilisation: 1.0}
"""


def test_run_writes_a_folder_and_prints_the_ladder_beside_what_was_published(cli, tmp_path):
    done = cli("run", "talk/stable_diffusion_v1", "-o", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "published 11.25 t (accelerator): ours 11.25 t (model_card), +0.00%" in done.stdout
    assert "not computed" in done.stdout
    for name in ("out/power.png", "out/iceberg.png"):
        assert name in done.stdout
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_run_without_a_scenario_lists_them_with_their_questions(cli):
    done = cli("run")
    assert done.returncode == 0
    assert "talk/stable_diffusion_v1" in done.stdout
    assert "how much of it does a model card see?" in done.stdout


def test_without_an_output_folder_the_result_goes_to_runs(cli, tmp_path):
    assert cli("run", "small/one_gpu", "--no-report").returncode == 0
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("one-gpu-")
    assert not (folder / "power.png").exists()
    again = cli("run", "small/one_gpu", "--no-report")
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert cli("run", "small/one_gpu", "--no-report", "--force").returncode == 0


def test_one_paradigm_alone_goes_to_a_folder_of_its_own(cli, tmp_path):
    assert cli("run", "small/norway", "--no-report").returncode == 0
    assert cli("run", "small/norway", "--no-report", "--paradigm", "poland").returncode == 0
    assert len(list((tmp_path / "runs").iterdir())) == 2


def test_json_is_the_summary_and_nothing_else(cli, tmp_path):
    done = cli("run", "small/norway", "-o", "out", "--json", "--no-report")
    assert json.loads(done.stdout) == json.loads((tmp_path / "out" / "summary.json").read_text())


def test_json_of_several_scenarios_is_one_document(cli):
    done = cli("run", "small/one_gpu", "small/queue", "-o", "all", "--json", "--no-report")
    assert list(json.loads(done.stdout)) == ["one-gpu", "queue"]
    assert "small/queue" in json.loads(cli("run", "--json").stdout)


def test_an_output_that_cannot_be_written_or_knows_no_blocks_is_no_traceback(cli):
    done = cli("run", "small/one_gpu", "-o", "out", "--no-report", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3.2 kWh" in done.stdout


def test_set_seed_and_paradigm_reach_the_run(cli, tmp_path):
    arguments = ("--set", "world.datacenters.oslo.grid=SE", "--seed", "9", "--paradigm", "norway", "--no-report")
    assert cli("run", "small/norway", "-o", "out", *arguments).returncode == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["seed"] == 9
    assert list(manifest["boundaries"]) == ["norway"]
    assert "grid: SE" in (tmp_path / "out" / "scenario.yaml").read_text()


def test_several_scenarios_go_into_one_folder(cli, tmp_path):
    assert cli("run", "small/one_gpu", "small/queue", "-o", "all", "--no-report").returncode == 0
    assert sorted(p.name for p in (tmp_path / "all").iterdir()) == ["one-gpu", "queue"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "no_such_file.yaml"), "there is no such file"),
        (("run", "."), "is a folder"),
        (("run", "small/one_gpu", "--set", "tick"), "is no PATH=VALUE"),
        (("run", "small/one_gpu", "--set", "wrold.x=1"), "there is no `wrold`"),
        (("run", "small/one_gpu", "--paradigm", "mian"), "did you mean `main`?"),
        (("run", "small/one_gpu", "--set", "tick=soon"), "--set tick"),
        (("run", "small/one_gpu", "--seed", "-1"), "Invalid value for '--seed'"),
        (("run", "small/one_gpu", "--seed", "3", "--set", "seed=4"), "`seed` is set already"),
        (("rnu",), "Did you mean 'run'?"),
        (("catalogue", "list", "devices"), "there is device, server"),
        (("catalogue", "show", "H100"), "did you mean `h100-sxm5-80gb`"),
        (("catalogue", "show", "zzzz"), "nothing in the catalogue has this id"),
        (("accuracy", "everything"), "there is training, replay"),
        (("validate",), "Missing argument"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_code_2(cli, tmp_path, arguments, sentence):
    done = cli(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == []


def test_validate_reports_every_file(cli, tmp_path):
    (tmp_path / "bad.yaml").write_text(TRAINING.replace("count: 1", "cuont: 1"))
    (tmp_path / "good.yaml").write_text(TRAINING)
    done = cli("validate", "bad.yaml", "good.yaml", "nowhere.yaml")
    assert done.returncode == 2
    assert done.stdout == "good.yaml: nothing wrong\n"
    assert "did you mean `count`?" in done.stderr
    assert "nowhere.yaml: there is no such file" in done.stderr


def test_catalogue_show_gives_the_source_of_each_value(cli):
    done = cli("catalogue", "show", "a100-sxm4-40gb", "--json")
    row = next(row for row in json.loads(done.stdout) if row["kind"] == "device")
    assert row["values"]["idle_w"]["value"] == "63 [50, 63]"
    assert all(value["source"] and value["confidence"] for value in row["values"].values())
    assert "confidence" in cli("catalogue", "show", "a100-sxm4-40gb").stdout


def test_catalogue_list_counts_the_kinds(cli):
    counts = json.loads(cli("catalogue", "list", "--json").stdout)
    assert counts["grid"] >= 190
    assert "dgx-h100" in cli("catalogue", "list", "server").stdout


def test_accuracy_replay_prints_the_table_and_never_counts_what_is_circular(cli):
    done = cli("accuracy", "replay")
    assert done.returncode == 0
    line = next(line for line in done.stdout.splitlines() if line.startswith("Stable Diffusion v1"))
    assert "circular" in line
    assert "agrees" not in line


@pytest.mark.parametrize(("subject", "code"), [("all-reduce", 2), ("per-flop", 2), ("effective", 0)])
def test_a_part_is_drawn_or_refused_in_a_sentence_without_a_file(cli, tmp_path, subject, code):
    done = cli("accuracy", subject, "--figure", "x.png")
    assert (done.returncode, (tmp_path / "x.png").exists()) == (code, code == 0)
    assert done.stderr.endswith("ask for its table alone, without a figure\n" if code else "")
    assert "Traceback" not in done.stderr


def test_compare_prints_for_people_and_for_programs_and_refuses_in_a_sentence(cli):
    assert cli("run", "small/wide_or_narrow", "-o", "both", "--no-report").returncode == 0
    assert cli("run", "small/wide_or_narrow", "-o", "one", "--no-report", "--paradigm", "wide").returncode == 0
    done = cli("compare", "both")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the order FLIPS" in done.stdout
    assert json.loads(cli("compare", "both", "--json", "--shows", "owned").stdout)["shows"] == "owned"
    for arguments, sentence in (
        (("one",), "compare wide: there is nothing beside it"),
        (("both", "one"), "the windows differ (2 h of both, 60 min of one); run them again with one `horizon`"),
        (("both", "--shows", "all"), "there is reserved, owned"),
        (("nowhere",), "nowhere: is no folder"),
    ):
        done = cli("compare", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert sentence in done.stderr


def test_a_paradigm_alone_says_that_its_window_is_its_own(cli):
    shown = cli("run", "small/wide_or_narrow", "-o", "one", "--no-report", "--paradigm", "wide").stdout
    assert "window: 60 min, of this paradigm alone" in shown
    assert "functional unit: one trained model" in shown
    assert "shown: reserved, machines from their first reservation" in shown


def test_the_help_of_accuracy_names_every_subject(cli):
    told = cli("accuracy", "--help").stdout
    for subject in SUBJECTS:
        assert subject in told, subject


def test_a_run_elsewhere_than_on_a_terminal_tells_how_far_it_is(aiceberg, tmp_path, monkeypatch):
    from simulator.scenario.run import Progress

    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    lines = []
    monkeypatch.setattr("builtins.print", lambda text, **_: lines.append(text))
    with progress.reporter("demo") as report:
        report(Progress("main", 3600.0, 7200.0))
    assert len(lines) == 1
    assert lines[0].startswith("demo: main: 60 min of 2 h simulated, ")


@pytest.mark.parametrize("compiled", [False, True])
def test_the_one_compilation_of_the_flow_engine_is_announced(monkeypatch, capsys, compiled):
    monkeypatch.setattr("simulator.network.flows.engine.is_compiled", lambda: compiled)
    with progress.reporter("demo") as report:
        sim.run("small/transfer", report=report)
    assert ("demo: main: compiling the flow engine, once" in capsys.readouterr().err) == (not compiled)


def test_what_was_compiled_is_found_on_disk():
    make_ready()
    assert is_compiled()


def test_map_writes_a_picture_and_says_what_it_cannot_draw(cli, tmp_path):
    done = cli("map", "-o", "m.png", "--year", "2010", "--lang", "fr")
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["figure", "m.png"], "")
    assert (tmp_path / "m.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "empty").mkdir()
    for arguments, sentence in (
        (("-o", "m.png"), "overwrite it with --force"),
        (("--results", "empty"), "no result folder"),
    ):
        failed = cli("map", *arguments)
        assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1), failed.stderr
        assert sentence in failed.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "m.png"]
