"""What several test modules share: the source as trees, and the command as people call it."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage import Coverage

ROOT = Path(__file__).parent.parent


class Module(NamedTuple):
    """One source file: its path below simulator/, its tree and its number of lines."""

    path: str
    tree: ast.Module
    lines: int


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Measure no coverage of what is marked `unmeasured`, nor of the processes that it starts.

    Its fixtures are not measured either, even of a whole module, where it is the first that asks for them.
    pytest-cov's own mark stops neither fixtures nor the coverage that every process begins with.
    """
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    config = os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    stopped = []
    try:
        while (measured := Coverage.current()) is not None:  # a worker has two, its own and that of every process
            measured.stop()
            stopped.append(measured)
        return (yield)
    finally:
        for measured in reversed(stopped):
            measured.start()
        if config is not None:
            os.environ["COVERAGE_PROCESS_CONFIG"] = config


@pytest.fixture
def unmeasured_processes(monkeypatch):
    """No coverage of the processes that a test starts, which doubles their time; it is taken in this one."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Module]:
    """Every module of the package, parsed."""
    package = ROOT / "simulator"
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}
    return [
        Module(path.relative_to(package).as_posix(), ast.parse(text), len(text.splitlines()))
        for path, text in texts.items()
    ]


@pytest.fixture(scope="session")
def aiceberg() -> str:
    """The installed command, beside the interpreter that runs the tests."""
    return str(Path(sys.executable).with_name("aiceberg"))


@pytest.fixture
def cli(aiceberg, tmp_path):
    """Run the command in an empty folder."""

    def call(*arguments, **changes):
        environment = {**os.environ, "COLUMNS": "120", **changes}
        return subprocess.run(
            [aiceberg, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call
