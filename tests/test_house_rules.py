"""House rules that show when the program runs: its public face, its errors, its bytes, its scenarios."""

import math
import os
import pickle
import subprocess
import sys
from types import ModuleType

import pyarrow as pa
import pytest
import simpy

import simulator
from simulator import errors, vocabulary
from simulator.columns import TABLES
from simulator.errors import Problem
from simulator.scenario.shipped import header, shipped

HEAVY = {"numpy", "scipy", "networkx", "numba", "pandas", "matplotlib", "plotly", "dask", "pyarrow"}

EXAMPLES = {
    errors.SimulatorError: ("something is wrong",),
    errors.QuantityError: ("400 KW", "a power such as `400 W`", "the prefix of 1000 is a small `k`"),
    errors.UnknownNameError: ("device", "a100", "did you mean `a100-sxm4-40gb`?"),
    errors.MissingValueError: ("h100-sxm5-80gb", "idle_w", "give `idle:` watts"),
    errors.ContradictionError: ("a100-sxm4-40gb", "its idle, 400 W, is above its max, 10 W"),
    errors.ScenarioError: ("night.yaml", (Problem("night.yaml:3:1", "world", "is missing"), Problem("a:1:1", "", "b"))),
    errors.AtlasError: ("my-atlas", (Problem("cables.csv:3", "marea", "has no year"), Problem("a:1", "", "b"))),
    errors.ResultsError: ("runs/night", "exists already", "overwrite it with --force"),
    errors.StaleError: ("out", "day.csv has changed since it was planned", "start the command again"),
    errors.TooManyRowsError: (2_000_000_000, 100_000_000, 60.0),
    errors.DivergedError: ("digits", 100.0),
    errors.PluginError: ("mine", "fedmine", "cannot be imported: no module named 'mine'"),
    errors.ProbeError: ("count", "change", "KeyError: 'lab/nodes'"),
    errors.UsageError: ("--paradigm night", "there is no such paradigm", "there is `day`"),
    errors.NetworkError: ("flow 'f1'", "size_B -3", "a number from 0 to 1e+60"),
}
"""Arguments of each class of user error."""

DIMENSIONLESS_COLUMNS = {
    "pue_ratio",
    "value",
    "share",
    "amount",
    "times",
    "duty_share",
    "low",
    "high",
    "done_share",
    "exposed_share",
    "effective_share",
    "samples",
    "mfu",
    "hfu",
    "accuracy",
    "staleness",
    "gini",
    "rate",
    "server_rate",
}
"""Result columns of fractions and of values whose unit stands in the row."""

COMPARED = (
    "small/queue",
    "small/checkpoints",
    "small/transfer",
    "small/serve",
    "small/ask",
    "talk/stable_diffusion_v1",
)


def test_all_is_sorted_and_is_what_dir_shows():
    names = [name for name in dir(simulator) if not name.startswith("__")]
    visible = [name for name in names if not isinstance(getattr(simulator, name), ModuleType)]
    assert simulator.__all__ == sorted(visible)


def test_every_public_name_resolves_and_says_what_it_is():
    assert [name for name in simulator.__all__ if not getattr(simulator, name).__doc__] == []


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'swoops'"):
        _ = simulator.swoops


def error_classes(base=errors.SimulatorError):
    return [base, *(found for below in base.__subclasses__() for found in error_classes(below))]


def test_every_error_class_has_an_example_and_lives_in_errors():
    assert set(error_classes()) == set(EXAMPLES)
    assert {found.__module__ for found in error_classes()} == {"simulator.errors"}


@pytest.fixture(params=EXAMPLES, ids=lambda kind: kind.__name__)
def error(request):
    return request.param(*EXAMPLES[request.param])


def same(one, other):
    return (type(one), one.args, vars(one), str(one)) == (type(other), other.args, vars(other), str(other))


def test_an_error_is_a_sentence_with_all_that_it_was_told(error):
    assert [text for text in error.args if isinstance(text, str) and text not in str(error)] == []


def test_an_error_survives_pickle(error):
    assert same(pickle.loads(pickle.dumps(error)), error)


def test_an_error_of_a_failed_process_reaches_its_parent_whole(error):
    env = simpy.Environment()
    caught = []

    def fail():
        yield env.timeout(1.0)
        raise error

    def wait():
        try:
            yield env.process(fail())
        except errors.SimulatorError as met:
            caught.append(met)

    env.process(wait())
    env.run()
    assert [same(met, error) for met in caught] == [True]


def imported(*command):
    """The top-level modules that a command of its own process imports."""
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().split(".")[0] for line in lines}


def test_the_help_imports_nothing_heavy(aiceberg):
    found = imported(aiceberg, "--help")
    assert "typer" in found
    assert found & HEAVY == set()


def test_importing_the_package_imports_nothing_heavy():
    found = imported(sys.executable, "-c", "import simulator")
    assert "simulator" in found
    assert found & HEAVY == set()


def test_loading_a_scenario_imports_nothing_that_few_runs_need():
    found = imported(sys.executable, "-c", "import simulator; simulator.load('small/queue')")
    assert found & HEAVY == {"numpy", "pyarrow"}


@pytest.fixture(scope="module")
def folders(aiceberg, tmp_path_factory):
    """The results of one command under three hash seeds, the first of them twice; provenance left out."""
    out = tmp_path_factory.mktemp("bytes")
    started = {}
    for name, seed in {"first": "0", "again": "0", "one": "1", "two": "2"}.items():
        command = [aiceberg, "run", *COMPARED, "--no-report", "-o", str(out / name)]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        started[name] = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    assert {name: process.wait() for name, process in started.items()} == dict.fromkeys(started, 0)
    return {name: contents(out / name) for name in started}


def contents(folder):
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "provenance.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.unmeasured
@pytest.mark.parametrize("other", ["again", "one", "two"])
def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(folders, other):
    first, second = folders["first"], folders[other]
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_a_result_folder_holds_every_table_and_its_documents(folders):
    documents = {"manifest.json", "summary.json", "scenario.yaml"}
    files = {*(f"{table}.parquet" for table in TABLES), *documents}
    assert set(folders["first"]) == {
        f"{name}/{file}"
        for name in ("queue", "checkpoints", "transfer", "serve", "ask", "stable-diffusion-v1")
        for file in files
    }


def test_every_shipped_scenario_is_found():
    assert {*COMPARED, "papers/gpt3", "small/norway"} <= set(shipped())


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_has_nothing_wrong_and_opens_with_its_question_and_source(name):
    assert simulator.load(name).spec.name
    assert {"question", "source"} <= set(header(shipped()[name]))


@pytest.mark.parametrize("name", [name for name in shipped() if name.startswith("small/")])
def test_a_small_scenario_is_small_and_records_finite_numbers(name):
    result = simulator.run(name)
    assert result.table("changes").num_rows < 10_000
    numbers = [number for table in TABLES for number in floats(result.table(table))]
    assert max(numbers) > 0
    assert [number for number in numbers if not math.isfinite(number)] == []


def floats(table):
    """All the floats of a table, nulls left out."""
    columns = [table.column(f.name) for f in table.schema if pa.types.is_floating(f.type)]
    return [number for column in columns for number in column.to_pylist() if number is not None]


def test_recorded_tables_are_those_of_the_vocabulary_column_by_column():
    result = simulator.run("small/queue")
    for name, columns in TABLES.items():
        assert result.table(name).column_names == list(columns)


def test_every_word_of_the_vocabulary_has_a_meaning():
    words = {name: words for name, words in vars(vocabulary).items() if name.isupper() and isinstance(words, dict)}
    words |= {f"TABLES {name}": {c: column.meaning for c, column in t.items()} for name, t in TABLES.items()}
    assert {"ACTIVITIES", "BOUNDARIES", "TABLES jobs"} <= set(words)
    assert [(name, word) for name, meanings in words.items() for word in meanings if not meanings[word].strip()] == []


def test_columns_of_floats_end_in_their_unit_and_no_other_column_has_one():
    columns = [(table, name, c) for table, cs in TABLES.items() for name, c in cs.items()]
    assert [c[:2] for c in columns if c[2].type == "float64" and not ends_in_unit(c[1], c[2].unit)] == []
    assert [c[:2] for c in columns if c[2].type != "float64" and c[2].unit] == []


def ends_in_unit(name, unit):
    suffix = unit.lower().replace("/", "_per_")
    return f"_{name}".endswith(f"_{suffix}") if unit else name in DIMENSIONLESS_COLUMNS
