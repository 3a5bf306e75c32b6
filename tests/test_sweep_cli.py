"""The commands about sweeps as people use them: messages, exit codes, and what is left behind."""

import json
import os
import random
import signal
import sys
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest
import sweep_work
from test_house_rules import HEAVY, imported

from simulator import cli as command_line
from simulator import sweeps
from simulator.command import Stop
from simulator.study.sweep.records import OK

pytestmark = [
    pytest.mark.alone,  # starts processes of its own, whose times it tells
    pytest.mark.usefixtures("unmeasured_processes"),  # they are many
]

SALTELLI = """
name: drawn
base: small/serve
overrides: {workloads.serve.requests: 60}
sample:
  method: saltelli
  n: 8
  ranges:
    utilisation: {path: workloads.serve.utilisation, range: [0.5, 1]}
    pue: {path: world.datacenters.paris.pue, range: [1.05, 1.6]}
"""
PAIRS = """
name: pairs
base: small/norway
grid:
  pue: {path: world.datacenters.oslo.pue, values: [1.1, 1.2, 1.3]}
  hours: {path: paradigms.norway.train.time, values: [1 h, 2 h]}
"""
MANY = """
name: many
base: small/norway
grid: {world.datacenters.oslo.pue: [1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08, 1.09, 1.1, 1.11, 1.12, 1.13]}
repeats: 2
"""
LUCK = """
name: luck
base: small/rare_or_often
overrides: {paradigms.often.train.steps: 7200, paradigms.rare.train.steps: 7200}
grid: {failures: {path: paradigms.often.train.failures.rate, values: [0.1, 0.3]}}
repeats: 3
"""
FILES = {"drawn": SALTELLI, "pairs": PAIRS, "many": MANY, "luck": LUCK}


class Told(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch, capsys, tmp_path):
    """The command in this process, which is faster by a second, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(Stop, "heeded", False)
    monkeypatch.setattr(Stop, "left", "")
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["aiceberg", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            command_line.main()
        told = capsys.readouterr()
        return Told(end.value.code or 0, told.out, told.err)

    yield call
    for number, heed in before.items():
        signal.signal(number, heed)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Sweeps that have run, by name: their folders."""
    folder = tmp_path_factory.mktemp("done")
    for name, text in FILES.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        assert sweeps.sweep(folder / f"{name}.yaml", folder / name, workers=1).status.is_done
    return folder


@pytest.fixture
def lab(tmp_path_factory):
    """Points that do as they are ordered."""
    return sweep_work.Lab(tmp_path_factory.mktemp("told") / "lab")


@pytest.fixture
def broken(lab):
    """A sweep of three points of which one failed."""
    lab.order({2: ["slip"]})
    out = lab.folder / "out"
    sweeps.sweep(lab.sweep(3), out, workers=1, compute=sweep_work.OBEY)
    return out


def test_run_without_a_sweep_lists_them_with_their_questions(command):
    told = command("sweep", "run")
    assert (told.code, told.err) == (0, "")
    assert "studies/small " in told.out
    assert "run one with: aiceberg sweep run NAME" in told.out
    found = json.loads(command("sweep", "run", "--json").out)
    assert "lighter to write checkpoints often" in found["studies/small"]


def test_a_sweep_runs_into_sweeps_and_a_second_time_says_what_is_done(cli, tmp_path):
    (tmp_path / "pairs.yaml").write_text(PAIRS, encoding="utf-8")
    told = cli("sweep", "run", "pairs.yaml", "-j", "2")
    assert (told.returncode, told.stdout, told.stderr) == (0, "pairs: 6 points: 6 ok\nresults   sweeps/pairs\n", "")
    told = cli("sweep", "run", "pairs.yaml", "--json")
    assert (told.returncode, told.stderr) == (0, "pairs: 6 of 6 points are done\n")
    found = json.loads(told.stdout)
    assert (found["name"], found["points"], found["counts"], found["failures"]) == ("pairs", 6, {"ok": 6}, [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs.yaml", "sweeps"]


def test_a_dry_run_counts_and_tells_the_time_and_writes_nothing(command, done, tmp_path):
    told = command("sweep", "run", done / "drawn.yaml", "--dry-run", "-j", "2")
    assert (told.code, told.err, list(tmp_path.iterdir())) == (0, "", [])
    assert told.out.startswith("32 points: ")
    assert told.out.endswith(" on 2 workers\n")
    told = command("sweep", "run", done / "drawn.yaml", "-o", done / "drawn", "--dry-run")
    assert told.out == "32 points, 32 of them done: nothing is left to run\n"


def test_status_and_retry_tell_what_failed_and_exit_1(command, broken, lab):
    told = command("sweep", "status", broken)
    assert (told.code, told.err) == (0, "")
    head, factor, failure, remedy, where = told.out.splitlines()
    assert (head, factor) == ("lab: 3 points: 2 ok, 1 failed", "  pue: 1.001, 1.002, 1.003")
    assert failure.startswith("  failed ")
    assert failure.endswith(" (pue 1.002, seed 0): KeyError: 'no such thing'")
    assert (remedy, where) == (f"run them again with: aiceberg sweep retry {broken}", f"results   {broken}")
    failures = json.loads(command("sweep", "status", broken, "--json").out)["failures"]
    assert [(one["factors"], one["status"]) for one in failures] == [({"pue": 1.002}, "failed")]
    lab.order()
    (lab.folder / "lab.yaml").unlink()
    told = command("sweep", "retry", broken, "-j", "1")
    assert (told.code, told.err) == (0, "lab: 2 of 3 points are done\n")
    assert told.out == f"lab: 3 points: 3 ok\nresults   {broken}\n"


def test_a_run_with_points_that_fail_exits_1(command, lab):
    told = command("sweep", "run", lab.sweep(2, more="limits: {time: 1 us}\n"), "-o", "out", "-j", "1")
    assert (told.code, told.err) == (1, "")
    assert told.out.startswith("lab: 2 points: 2 timeout\n")
    assert "took longer than its limit" in told.out


def test_collect_writes_the_table(command, done):
    told = command("sweep", "collect", done / "pairs")
    path = done / "pairs" / "results.parquet"
    rows = pq.read_table(path)
    assert (told.code, told.out, told.err) == (0, f"{path}: 12 rows, {rows.num_columns} columns\n", "")
    assert {"pue", "hours", "paradigm", "facility_energy_j"} <= set(rows.column_names)


def test_sensitivity_is_told_to_people_to_programs_and_drawn(command, done, tmp_path):
    told = command("sweep", "sensitivity", done / "drawn", "--figure", "s.png")
    assert (told.code, told.err) == (0, "")
    assert "facility_energy_j: saltelli, 32 rows" in told.out
    assert told.out.endswith("figure    s.png\n")
    assert (tmp_path / "s.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads(command("sweep", "sensitivity", done / "drawn", "--json").out)
    assert {index["factor"] for index in found["groups"][0]["indices"]} == {"pue", "utilisation"}


def test_sensitivity_refuses_what_it_cannot_tell(command, done, tmp_path):
    folder = tmp_path / "half"
    sweeps.sweep(done / "drawn.yaml", folder, workers=1)
    (record,) = (folder / "records").glob("*.jsonl")
    record.write_text("".join(record.read_text(encoding="utf-8").splitlines(keepends=True)[:-3]), encoding="utf-8")
    for arguments, sentence in (
        ((folder,), "3 of 32 rows of the design are missing or did not end well"),
        ((done / "pairs",), "nothing is drawn in this sweep; give it a `sample` of method saltelli or morris"),
        ((done / "drawn", "--of", "facility_enrgy_j"), "did you mean `facility_energy_j`"),
        ((done / "drawn", "--figure", done / "drawn.yaml"), "figures are written as PNG"),
    ):
        told = command("sweep", "sensitivity", *arguments)
        assert (told.code, told.out) == (2, "")
        assert sentence in told.err


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("luck", ("--kind", "bands")),
        ("pairs", ("--kind", "heat")),
        ("pairs", ("--kind", "heat", "--x", "hours", "--y", "pue", "--paradigm", "norway/poland")),
        ("drawn", ("--kind", "parallel")),
        ("pairs", ("--kind", "tornado", "--paradigm", "norway")),
    ],
)
def test_every_kind_of_picture_is_drawn(command, done, tmp_path, name, arguments):
    told = command("sweep", "plot", done / name, *arguments)
    assert (told.code, told.out, told.err) == (0, "figure    sweep.png\n", "")
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")
    again = command("sweep", "plot", done / name, *arguments)
    assert (again.code, "overwrite it with --force" in again.err) == (2, True)
    assert command("sweep", "plot", done / name, *arguments, "--force").code == 0


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("luck", ("--kind", "hart"), "did you mean `heat`"),
        ("luck", ("--kind", "heat"), "needs a factor on x and another on y; those that vary are `failures`"),
        ("pairs", ("--kind", "bands"), "needs a factor on x; those that vary are `pue`, `hours`"),
        ("pairs", ("--x", "puu"), "there is no such factor; did you mean `pue`"),
        ("luck", ("--y", "failures", "--x", "failures"), "cannot have failures and failures as axes"),
        ("luck", ("--of", "facility_energy"), "did you mean `facility_energy_j`"),
        ("luck", ("--paradigm", "oftn"), "did you mean `often`"),
    ],
)
def test_a_picture_that_cannot_be_is_refused(command, done, tmp_path, name, arguments, sentence):
    told = command("sweep", "plot", done / name, *arguments)
    assert (told.code, told.out, list(tmp_path.iterdir())) == (2, "", [])
    assert sentence in told.err


def test_a_sweep_with_repeats_is_compared_for_each_combination(command, done):
    told = command("compare", done / "luck")
    assert (told.code, told.err) == (0, "")
    assert [f"luck (failures {rate}), 3 repeats" in told.out for rate in ("0.1", "0.3")] == [True, True]
    (one,) = json.loads(command("compare", done / "luck", "--where", "failures=0.3", "--json").out)
    assert (one["name"], one["columns"], len(one["seeds"])) == ("luck (failures 0.3)", ["often", "rare"], 3)


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("luck", ("--where", "failures=7"), "no point has these values"),
        ("luck", ("--where", "failure=0.1"), "did you mean `failures`"),
        ("luck", ("--where", "failures"), "is no NAME=VALUE; write such as --where pue=1.2"),
        ("luck", ("--repeats", "3"), "a sweep has its own; say `repeats:` in its file"),
        ("luck", ("--shows", "all"), "there is reserved, owned"),
        ("many", (), "has 13 combinations of world.datacenters.oslo.pue; choose some, such as `--where 'NAME=VALUE'`"),
        ("pairs", ("--where", "pue=1.1"), "there is 1 repeat, too few for an interval"),
        ("drawn", ("--where", "pue=1.1"), "no point has these values"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused(command, done, name, arguments, sentence):
    told = command("compare", done / name, *arguments)
    assert (told.code, told.out) == (2, "")
    assert sentence in told.err


def test_a_scenario_is_compared_over_repeats_that_are_run_for_it_once(command, tmp_path):
    told = command("compare", "small/rare_or_often", "--repeats", "2", "-o", "out", "-j", "1")
    assert (told.code, told.err) == (0, "")
    assert "rare-or-often, 2 repeats" in told.out
    again = command("compare", "small/rare_or_often", "--repeats", "3", "-o", "out", "-j", "1", "--json")
    assert (again.code, again.err) == (0, "rare-or-often: 2 of 3 points are done\n")
    assert len(json.loads(again.out)[0]["seeds"]) == 3
    told = command("compare", "small/one_gpu")
    assert (told.code, "one run has no interval; give `--repeats 20`" in told.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_result_folders_are_compared_as_before_and_have_no_repeats(command):
    assert command("run", "small/norway", "-o", "one", "--no-report").code == 0
    told = command("compare", "one")
    assert (told.code, told.err) == (0, "")
    assert "poland" in told.out
    for option in (("--repeats", "2"), ("--where", "a=b"), ("-o", "x"), ("-j", "2")):
        told = command("compare", "one", *option)
        assert (told.code, "result folders are there already" in told.err) == (2, True)


def test_validate_tells_what_is_wrong_with_sweeps_and_scenarios(command, done, tmp_path):
    (tmp_path / "bad.yaml").write_text(PAIRS.replace("2 h", "two").replace("oslo", "osla"), encoding="utf-8")
    told = command("validate", "studies/small", done / "pairs.yaml", "bad.yaml", "small/norway")
    assert told.code == 2
    assert [line.endswith(": nothing wrong") for line in told.out.splitlines()] == [True] * 3
    assert "bad.yaml: 1 problem" in told.err
    assert "there is no `osla`; there is `oslo`, `warsaw`" in told.err


def test_schema_is_that_of_sweeps_or_of_scenarios(command):
    asked = json.loads(command("schema", "--sweep").out)
    assert {"base", "grid", "sample", "repeats"} <= set(asked["properties"])
    assert "world" in json.loads(command("schema").out)["properties"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "studies/small"), "is a sweep, no scenario; `aiceberg sweep run studies/small` runs it"),
        (("run", "s.yaml"), "s.yaml"),
        (("sweep", "run", "nowhere.yaml"), "there is no such file; `aiceberg sweep run` lists the"),
        (("sweep", "run", "."), "is a folder"),
        (("sweep", "run", "scenario.yaml"), "this is a scenario, no sweep: `aiceberg run` runs it"),
        (("sweep", "run", "empty.yaml"), "the file is empty"),
        (("sweep", "run", "s.yaml", "-o", "scenario.yaml"), "scenario.yaml: is a file; choose another `-o`"),
        (
            ("sweep", "run", "s.yaml", "-o", "foreign"),
            "holds other things than a sweep (mine.txt); choose another `-o`",
        ),
        (("sweep", "run", "s.yaml", "--engine", "nope"), "there is no such engine"),
        (("sweep", "run", "s.yaml", "--engine", "lcoal"), "did you mean `local`"),
        (
            ("sweep", "run", "s.yaml", "--engine", "slurm"),
            "there is no `sbatch` here; run this on the cluster's front end",
        ),
        (("sweep", "run", "s.yaml", "--engine", "slurm", "--profile", "oar-gricad"), "the profile is for oar"),
        (("sweep", "run", "s.yaml", "--engine", "slurm", "--profile", "nope"), "there is no such profile"),
        (("sweep", "run", "s.yaml", "--profile", "slurm"), "it submits no jobs, so it has no profile"),
        (("sweep", "run", "s.yaml", "-j", "0"), "Invalid value for '-j'"),
        (("sweep", "run", "s.yaml", "--reuse", "foreign"), "foreign: has no sweep.json"),
        (("sweep", "status", "foreign"), "foreign: has no sweep.json: no folder of a sweep; give what `sweep run -o`"),
        (("sweep", "retry", "nowhere"), "nowhere: has no sweep.json"),
        (("sweep", "collect", "scenario.yaml"), "scenario.yaml: has no sweep.json"),
        (("sweep", "sensitivity", "foreign"), "foreign: has no sweep.json"),
        (("sweep", "plot", "foreign"), "foreign: has no sweep.json"),
        (("sweep", "status"), "Missing argument 'DIR'"),
        (("sweep", "rnu"), "Did you mean 'run'?"),
        (("compare", "nowhere"), "nowhere: is no folder and no scenario"),
        (("compare", "s.yaml"), "s.yaml"),
        (("validate", "studies/smal"), "there is no such file"),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_code_2(command, tmp_path, monkeypatch, arguments, sentence):
    (tmp_path / "s.yaml").write_text(PAIRS, encoding="utf-8")
    (tmp_path / "empty.yaml").touch()
    (tmp_path / "scenario.yaml").write_text(sweep_work.BASE, encoding="utf-8")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "mine.txt").touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    told = command(*arguments)
    assert (told.code, told.out) == (2, ""), told
    assert sentence in told.err
    assert "Traceback" not in told.err
    assert [path.name for path in (tmp_path / "foreign").iterdir()] == ["mine.txt"]


def test_an_engine_that_is_not_there_is_told_of_although_nothing_is_left_to_run(command, done):
    told = command("sweep", "run", done / "pairs.yaml", "-o", done / "pairs", "--engine", "nope")
    assert (told.code, "there is no such engine" in told.err) == (2, True)


WORDS = (
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "nan",
    "a=b",
    "=",
    "failures=0.1",
    "failures=",
    "1e999",
    "é",
    "a/b",
    "often/rare",
    ".",
    "..",
)
OPTIONS = (
    "--of",
    "--x",
    "--y",
    "--paradigm",
    "--kind",
    "--where",
    "--shows",
    "--repeats",
    "--figure",
    "--json",
    "-j",
    "--engine",
)


def test_whatever_is_asked_of_a_sweep_is_answered_or_refused_in_a_sentence(command, done, tmp_path):
    """Options and words at random, as a hand that slips writes them."""
    draw = random.Random(1)
    for turn in range(300):
        name = draw.choice(("sweep status", "sweep collect", "sweep sensitivity", "sweep plot", "compare", "validate"))
        folder = draw.choice((done / "luck", done / "drawn", done / "luck.yaml", tmp_path / "nowhere", done))
        more = [word for _ in range(draw.randrange(3)) for word in (draw.choice(OPTIONS), draw.choice(WORDS))]
        told = command(*name.split(), folder, *more)
        for picture in tmp_path.glob("*.png"):
            picture.unlink()
        assert told.code in (0, 2), (turn, name, more, told)
        assert "Traceback" not in told.err + told.out, (turn, name, more, told)
        assert bool(told.err.strip()) == (told.code == 2), (turn, name, more, told)


def test_the_help_of_sweep_imports_nothing_heavy(aiceberg):
    found = imported(aiceberg, "sweep", "--help")
    assert "typer" in found
    assert found & (HEAVY | {"SALib", "distributed", "dask_jobqueue", "simpleeval"}) == set()


def test_a_records_line_that_cannot_be_read_is_told_of_and_its_point_counts_as_missing(command, done, tmp_path):
    out = tmp_path / "out"
    found = sweeps.sweep(done / "pairs.yaml", out, workers=1)
    assert found.status.counts == {OK: 6}
    (file,) = (out / "records").glob("*.jsonl")
    whole = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*whole[:-2], b"\x00" * 40 + b"\n", whole[-1][:50]]))
    told = command("sweep", "status", out).out
    assert "pairs: 6 points: 4 ok, 2 missing" in told
    assert "1 record cut short by a worker that died: not counted" in told
    assert "1 lines of the records cannot be read: their points count as missing" in told
    assert os.listdir(out / "records") == [file.name]
