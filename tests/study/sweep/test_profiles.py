"""Profiles of clusters: those that travel with the package, and all that a file of one's own can have wrong."""

import sys
from pathlib import Path

import pytest

from simulator.errors import ScenarioError, UsageError
from simulator.study.sweep.jobs import jobs_for
from simulator.study.sweep.profile import job_script, keywords, known_keys, load_profile, shipped_profiles

GOLDEN = Path(__file__).parent / "golden"
RIGHT = {"engine": "slurm", "cores": 4, "memory": "8 GiB", "walltime": "01:00:00"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """`log_directory` is made where one is."""
    monkeypatch.chdir(tmp_path)


def test_four_profiles_travel_with_the_package():
    assert list(shipped_profiles()) == ["oar-gricad", "oar-grid5000", "pbs", "slurm"]


@pytest.mark.parametrize("name", shipped_profiles())
def test_the_job_of_a_shipped_profile_is_the_golden_one(name):
    profile = load_profile(name)
    script = job_script(profile["engine"], profile).replace(sys.executable, "PYTHON")
    assert script.rstrip() + "\n" == (GOLDEN / f"{name}.sh").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_shipped_profile_opens_with_what_to_change(name):
    text = shipped_profiles()[name].read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert "Change:" in text.split("\nengine:")[0]


def written(profile):
    path = Path("mine.yaml")
    lines = [profile] if isinstance(profile, str) else [f"{key}: {value}" for key, value in profile.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_a_file_of_ones_own_is_read_as_it_stands():
    assert load_profile(written({**RIGHT, "workers": 8, "queue": "fat"})) == {**RIGHT, "workers": 8, "queue": "fat"}


def test_a_profile_that_is_not_there_names_those_that_are():
    with pytest.raises(UsageError, match="--profile slrum: there is no such profile; give a YAML file, or one of"):
        load_profile("slrum")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"memmory": "1 GB"}, "mine.yaml:5:1: memmory: no such key for slurm; did you mean `memory`?"),
        ({"project": "x"}, "mine.yaml:5:1: project: no such key for slurm; write `account`"),
        ({"env_extra": "[]"}, "mine.yaml:5:1: env_extra: no such key for slurm; write `job_script_prologue`"),
        ({"n_workers": 3}, "mine.yaml:5:1: n_workers: no such key for slurm; did you mean `workers`?"),
        ({"resource_spec": "x"}, "no such key for slurm; "),
        ({"cores": "four"}, "mine.yaml:2:8: cores: `cores` is a whole number from 1 on, found 'four'"),
        ({"cores": "true"}, "`cores` is a whole number from 1 on, found True"),
        ({"processes": 3}, "mine.yaml:5:12: processes: `processes` must divide the 4 cores"),
        ({"workers": 0}, "`workers` is a whole number from 1 on, found 0"),
        ({"memory": 8}, "`memory` is what a job asks for, such as `16 GiB`, found 8"),
        (
            {"walltime": "1h"},
            "mine.yaml:4:11: walltime: `walltime` is the longest that a job takes, as HH:MM:SS, found",
        ),
        ({"job_script_prologue": "module load python"}, "`job_script_prologue` is a list, a line each"),
        ({"engine": "sge"}, "mine.yaml:1:9: engine: `engine` says which queue the jobs are for: `slurm` or `oar`"),
    ],
    ids=str,
)
def test_what_is_wrong_in_a_profile_is_said_where_it_stands(changes, sentence):
    with pytest.raises(ScenarioError) as caught:
        load_profile(written({**RIGHT, **changes}))
    assert sentence in str(caught.value)
    assert len(caught.value.problems) == 1


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(ScenarioError) as caught:
        load_profile(written({"engine": "pbs", "cors": 4, "memory": "1 GB"}))
    assert [problem.path for problem in caught.value.problems] == ["cors", "", ""]  # and no cores, no walltime


@pytest.mark.parametrize(
    ("text", "where"),
    [("cores: [1", "mine.yaml:2:1"), ("cores: 1\ncores: 2\nengine: oar", "mine.yaml:2:1"), ("- a", "mine.yaml:1:1")],
)
def test_what_is_no_mapping_of_yaml_is_said_where_it_stands(text, where):
    with pytest.raises(ScenarioError) as caught:
        load_profile(written(text))
    assert caught.value.problems[0].where == where


def test_a_profile_is_for_one_queue():
    with pytest.raises(UsageError, match="--engine pbs: the profile is for slurm; ask for one or the other"):
        job_script("pbs", RIGHT)


def test_processes_of_this_machine_have_no_script():
    with pytest.raises(UsageError, match="--engine dask: it submits no jobs"):
        job_script("dask", RIGHT)


def test_a_script_can_be_had_where_the_queue_is_not(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert "#SBATCH --cpus-per-task=4" in job_script("slurm", RIGHT)


def test_keys_that_we_set_are_not_for_profiles():
    assert {"self", "scheduler", "nanny", "silence_logs", "job_kwargs", "asynchronous"}.isdisjoint(known_keys("oar"))
    assert {"project", "resource_spec", "memory_per_core_property_name"} <= set(known_keys("oar"))


def test_what_a_profile_says_goes_before_what_we_would():
    found = keywords({**RIGHT, "job_name": "mine", "processes": 2, "worker_extra_args": ["--lifetime", "9m"]})
    assert (found["job_name"], found["processes"]) == ("mine", 2)
    assert found["worker_extra_args"][-2:] == ["--lifetime", "9m"]
    assert {"engine", "workers"}.isdisjoint(found)


def test_there_is_no_dashboard_unless_the_profile_wants_one():
    assert keywords({**RIGHT, "scheduler_options": {"host": "h"}})["scheduler_options"]["dashboard"] is False
    assert keywords({**RIGHT, "scheduler_options": {"dashboard": True}})["scheduler_options"]["dashboard"] is True


@pytest.mark.parametrize(
    ("walltime", "lifetime", "stagger"),
    [("01:00:00", "3000s", "240s"), ("00:30:00", "1500s", "120s"), ("2-00:00:00", "144000s", "11520s")],
)
def test_a_worker_leaves_before_the_queue_ends_its_job(walltime, lifetime, stagger):
    """5/6 of the walltime, give or take 1/15: an hour is 50 ± 4 minutes."""
    arguments = keywords({**RIGHT, "walltime": walltime})["worker_extra_args"]
    assert arguments[-4:] == ["--lifetime", lifetime, "--lifetime-stagger", stagger]


@pytest.mark.parametrize(("workers", "per_job", "jobs"), [(1, 4, 1), (4, 4, 1), (5, 4, 2), (16, 4, 4)])
def test_workers_come_in_whole_jobs(workers, per_job, jobs):
    assert jobs_for(workers, per_job) == jobs
