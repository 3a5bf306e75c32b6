"""Profiles: what a job of a cluster's queue is, as YAML whose keys are those of dask-jobqueue.

    engine: slurm                which queue: slurm, oar or pbs        } of our own
    workers: 64                  how many worker processes in all      }
    cores: 16                    of a job; a worker a core, unless `processes` says fewer
    memory: 64 GiB               of a job
    ...                          handed to dask-jobqueue's class for that queue as it is

dask-jobqueue takes keys that it does not know in silence: here they are problems of the file.
The longest that a worker lives follows from `walltime`, so that it hands its work back before
the queue ends its job. A worker's memory is for its own limit to guard: dask's, which would
pause it or spill to disk, is off.
"""

import inspect
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from simulator.errors import Problem, ScenarioError, UsageError
from simulator.scenario.sentences import nearest, problem_at
from simulator.scenario.source import read_text, root_node
from simulator.scenario.yaml_file import Document, read_nodes
from simulator.study.sweep.extra import require

CLUSTERS = {"slurm": "SLURMCluster", "oar": "OARCluster", "pbs": "PBSCluster"}
"""The class of dask-jobqueue for each engine that submits jobs."""
OWN = ("engine", "workers")
"""The keys of a profile that are ours."""
_RENAMED = {
    "extra": "worker_extra_args",
    "job_extra": "job_extra_directives",
    "env_extra": "job_script_prologue",
    "header_skip": "job_directives_skip",
}
_NOT_FOR_PROFILES = {
    *("self", "scheduler", "name", "nanny", "config_name", "job_cls", "n_workers", "loop", "silence_logs"),
    *("asynchronous", "dashboard_address", "host", "scheduler_cls", "kwargs", "job_kwargs", "base_class_kwargs"),
}
_OF_THE_CLUSTER = ("security", "shared_temp_directory", "scheduler_options", "protocol")
_WALLTIME = re.compile(r"(?:(\d+)-)?(\d+):(\d\d):(\d\d)")


def shipped_profiles() -> dict[str, Path]:
    """The profiles that travel with the package, by name."""
    folder = Path(str(resources.files("simulator.study.sweep") / "profiles"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_profile(name_or_path: str) -> dict[str, Any]:
    """Read a profile: one that travels with the package, by its name, or a file.

    Raises UsageError if there is none, ScenarioError with every problem of the file and its line.
    """
    path = shipped_profiles().get(name_or_path, Path(name_or_path))
    if not path.is_file():
        known = ", ".join(f"`{name}`" for name in shipped_profiles())
        remedy = f"give a YAML file, or one of {known}"
        raise UsageError(f"--profile {name_or_path}", "there is no such profile", remedy)
    text = read_text(path)
    source = str(path)
    document = _read(text, source)
    problems = [*document.problems, *_problems(document)]
    if problems:
        raise ScenarioError(source, tuple(problems))
    return dict(document.data)


def _read(text: str, source: str) -> Document:
    document = read_nodes(root_node(text, source))
    if not isinstance(document.data, dict):
        raise ScenarioError(source, (Problem(f"{source}:1:1", "", "a profile is keys and values, such as `cores: 4`"),))
    return document


def _problems(document: Document) -> list[Problem]:
    profile: dict[str, Any] = document.data
    engine = profile.get("engine")
    if not isinstance(engine, str) or engine not in CLUSTERS:
        queues = " or ".join(f"`{name}`" for name in CLUSTERS)
        path = ("engine",) if "engine" in profile else ()
        return [problem_at(document, path, f"`engine` says which queue the jobs are for: {queues}")]
    known = known_keys(engine)
    wrong = [(key, _unknown(key, engine, known)) for key in profile if key not in known]
    problems = [problem_at(document, (key,), sentence, key=True) for key, sentence in wrong]
    return problems + [
        problem_at(document, (key,) if key in profile else (), sentence) for key, sentence in _misfits(profile)
    ]


def known_keys(engine: str) -> tuple[str, ...]:
    """What a profile may hold: our own keys and the parameters of dask-jobqueue's classes, less those we set."""
    cluster = getattr(require("dask_jobqueue"), CLUSTERS[engine])
    makers = [kind.__init__ for kind in (*cluster.job_cls.__mro__, *cluster.__mro__[:2]) if "__init__" in vars(kind)]
    found = {name for maker in makers for name in inspect.signature(maker).parameters}
    deprecated = {*_RENAMED, "project"} if engine != "oar" else {*_RENAMED}
    return (*OWN, *sorted(found - deprecated - _NOT_FOR_PROFILES - {"args"}))


def _unknown(key: str, engine: str, known: tuple[str, ...]) -> str:
    renamed = {**_RENAMED, "project": "account"}
    hint = f"write `{renamed[key]}`" if key in renamed else nearest(key, known)
    return f"no such key for {engine}; {hint}"


def _misfits(profile: dict[str, Any]) -> list[tuple[str, str]]:
    """The keys whose values we read ourselves and cannot use."""
    found = []
    for key in ("cores", "processes", "workers"):
        value = profile.get(key)
        if not _counts(value) and (value is not None or key == "cores"):
            found.append((key, f"`{key}` is a whole number from 1 on, found {value!r}"))
    if not found and profile["cores"] % (profile.get("processes") or profile["cores"]):
        found.append(("processes", f"`processes` must divide the {profile['cores']} cores"))
    if not isinstance(profile.get("memory"), str):
        found.append(("memory", f"`memory` is what a job asks for, such as `16 GiB`, found {profile.get('memory')!r}"))
    if not _WALLTIME.fullmatch(str(profile.get("walltime"))):
        sentence = f"`walltime` is the longest that a job takes, as HH:MM:SS, found {profile.get('walltime')!r}"
        found.append(("walltime", sentence))
    for key in ("job_extra_directives", "job_script_prologue", "worker_extra_args", "job_directives_skip"):
        if not isinstance(profile.get(key) or [], list):
            found.append((key, f"`{key}` is a list, a line each"))
    return found


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def processes(profile: Mapping[str, Any]) -> int:
    """How many workers a job of the profile holds."""
    return int(profile.get("processes") or profile["cores"])


def keywords(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The profile as dask-jobqueue's class takes it, with what a worker of ours wants."""
    given = {key: value for key, value in profile.items() if key not in OWN and value is not None}
    options = {"dashboard_address": ":0", "dashboard": False, **given.get("scheduler_options", {})}
    ours = {"processes": processes(profile), "job_name": "aiceberg", "death_timeout": 60}
    arguments = [*_worker_arguments(profile), *given.get("worker_extra_args", [])]
    return {**ours, **given, "scheduler_options": options, "worker_extra_args": arguments}


def _worker_arguments(profile: Mapping[str, Any]) -> list[str]:
    """What the worker's command line ends in: the last word on threads and memory counts.

    Of an hour of walltime it lives 50 ± 4 minutes: workers that began together do not all leave together.
    """
    matched = _WALLTIME.fullmatch(profile["walltime"])
    assert matched, profile["walltime"]
    days, hours, minutes, seconds = (int(part or 0) for part in matched.groups())
    walltime_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    lifetime = ["--lifetime", f"{walltime_s * 5 // 6}s", "--lifetime-stagger", f"{walltime_s // 15}s"]
    # a worker that cannot import us ends at once and says so in its job's log, not with its first batch
    preload = ["--preload", "simulator.study.sweep.cluster"]
    return ["--nthreads", "1", "--memory-limit", "0", "--no-dashboard", *preload, *lifetime]


def job_script(engine: str, profile: Mapping[str, Any]) -> str:
    """The script that would be submitted for each job, but for the address of the driver."""
    check_engine(engine, profile)
    job = getattr(require("dask_jobqueue"), CLUSTERS[engine]).job_cls
    given = {key: value for key, value in keywords(profile).items() if key not in _OF_THE_CLUSTER}
    return str(job("tcp://DRIVER:PORT", name="aiceberg-0", **given).job_script())


def check_engine(engine: str, profile: Mapping[str, Any]) -> None:
    """Raise UsageError where a profile is for another queue than the one that was asked for."""
    if engine not in CLUSTERS:
        raise UsageError(f"--engine {engine}", "it submits no jobs", nearest(engine, CLUSTERS))
    if profile["engine"] != engine:
        raise UsageError(f"--engine {engine}", f"the profile is for {profile['engine']}", "ask for one or the other")
