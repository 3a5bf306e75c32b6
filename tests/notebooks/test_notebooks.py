"""Every notebook runs from its first cell to its last, and is kept without outputs."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent.parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
SAYS = {
    "01_the_iceberg_of_a_training": "published 11.25 t, ours 11.25 t",
    "02_centralised_against_federated": "devices",
}
"""What an output of each must say."""


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def test_every_notebook_is_known():
    assert [path.stem for path in PATHS] == sorted(SAYS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_begins_with_a_title_and_holds_no_outputs(path):
    cells = read(path).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """A kernel of this interpreter, whatever else is installed, that keeps its files in a temporary folder."""
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "tests",
        "language": "python",
    }
    folder = tmp_path / "kernels" / "tests"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    for name, value in {"JUPYTER_PATH": tmp_path, "IPYTHONDIR": tmp_path}.items():
        monkeypatch.setenv(name, str(value))
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the notebook libraries among themselves
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # their sockets are closed by the collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(path, kernels):
    notebook = read(path)
    client = NotebookClient(notebook, timeout=180, kernel_name="tests", resources={"metadata": {"path": str(kernels)}})
    client.execute()  # raises where a cell does
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    said = "".join(output.get("text", "") + str(output.get("data", "")) for output in outputs)
    assert SAYS[path.stem] in said
    assert "image/png" in said
