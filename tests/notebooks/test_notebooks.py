"""Every notebook runs from its first cell to its last, and is kept without outputs."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

FOLDER = Path(__file__).parent.parent.parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
SAYS = {
    "01_the_iceberg_of_a_training": ["published 11.25 t, ours 11.25 t", "140.2 MWh  51.78 t", "the order FLIPS"],
    "02_centralised_against_federated": ["energy at devices (reserved): centralised is lower", "the order flips near"],
    "03_the_physical_internet": ["45 pairs: median error 5", "382 ms: 2.1 times", "283 kWh and 90 kg"],
}
"""What outputs of each must say."""
CELL_S, START_S = 60, 60
"""How long a cell may take, and a kernel until it answers: far above the seconds that they need."""


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def with_code(*sources: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])


def execute(notebook: nbformat.NotebookNode, folder: Path, cell_s: float = CELL_S) -> None:
    """Run all cells in a kernel of their own; raises where one does, or takes too long."""
    # no name is left behind, which would hide an import that a notebook forgot
    pid = nbformat.v4.new_code_cell(
        "import os\nwith open('pid', 'w') as file: file.write(str(os.getpid()))\ndel os, file"
    )
    told = nbformat.v4.new_notebook(cells=[pid, *notebook.cells])
    NotebookClient(
        told,
        timeout=cell_s,
        startup_timeout=START_S,
        kernel_name="tests",
        resources={"metadata": {"path": str(folder)}},
    ).execute()


def assert_no_kernel(folder: Path) -> None:
    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)


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
    for name in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_runs_to_its_end(path, kernels):
    notebook = read(path)
    execute(notebook, kernels)
    assert_no_kernel(kernels)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    said = "".join(output.get("text", "") + str(output.get("data", "")) for output in outputs)
    assert [words for words in SAYS[path.stem] if words not in said] == []
    assert "image/png" in said


@pytest.mark.parametrize(
    ("source", "error"), [("1 / 0", CellExecutionError), ("while True: pass", CellTimeoutError)], ids=["wrong", "slow"]
)
def test_a_cell_that_is_wrong_or_slow_ends_the_notebook_and_its_kernel(source, error, kernels):
    with pytest.raises(error):
        execute(with_code(source), kernels, cell_s=3)
    assert_no_kernel(kernels)
