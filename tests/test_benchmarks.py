"""Every benchmark can be started; what it measures is no test."""

import importlib.util
import sys

import pytest
from conftest import ROOT

FILES = sorted((ROOT / "benchmarks").glob("*.py"))


def test_the_benchmarks_are_found():
    found = {path.name for path in FILES}
    assert {"floor.py", "leaf.py", "probe.py", "serve.py", "spill.py", "ticks.py", "world.py"} <= found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_benchmark_imports_without_running_says_how_to_run_it_and_has_a_main(path, monkeypatch):
    monkeypatch.syspath_prepend(path.parent)
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    assert callable(module.main)
    assert f"python benchmarks/{path.name}" in module.__doc__
