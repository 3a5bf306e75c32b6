"""Every notebook runs from its first cell to its last, and is kept without outputs."""

import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

pytestmark = pytest.mark.unmeasured  # long, and what it runs is measured elsewhere

FOLDER = Path(__file__).parent.parent.parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
SAYS = {
    "01_the_iceberg_of_a_training": ["published 11.25 t, ours 11.25 t", "140.2 MWh  51.78 t", "the order FLIPS"],
    "02_centralised_against_federated": [
        *("energy at devices (reserved): centralised is lower", "the order flips near"),
        *("centralised: 6 steps at 0.02, 1 at 0.36", "rounds: 37 steps at 0.02, 9 at 0.36"),
    ],
    "03_the_physical_internet": ["45 pairs: median error 5", "382 ms: 2.1 times", "283 kWh and 90 kg"],
    "04_a_service_and_its_break_even": [
        *("drawn 33.58 t, to the end of life 36.54 t", "equal after 297 million images, 24.4 years at this rate"),
        *("by energy (to devices) equal after 16.3 years", "making of the phone: 7.14 mg an image, 3.57 if it lives"),
        *(
            "train: 8% is made, brought and thrown away",
            "use: 77% is made",
            "embodied/base:kind.rack/manufacture_kgco2e",
        ),
    ],
    "05_a_sweep_and_its_sensitivity": [
        *("small: 40 of 40 points run; now 40 ok", "up to 0.1 failures a node-day, often from 0.3 on", "apart: 0.15"),
        *("small: 0 of 40 points run", "wider: 10 of 50 points run", "rare-or-often: 0 of 10 points run"),
        *("service: 330 of 441 points run", "replicas lies apart from 4 of 4", "utilisation lies apart from 4 of 4"),
        *("S1 of x  0.314", "ST of x  0.558", "ST of z  0.244", "n 1024: 6 of 6 intervals", "the same table: True"),
    ],
}
"""What outputs of each must say."""
CELL_S, START_S = 60, 60
"""How long a cell may take, and a kernel until it answers: far above the seconds that they need."""


def numbers_of(pattern: str, said: str) -> list[tuple[float, ...]]:
    """The numbers that sentences of this shape tell, `#` for each."""
    found = re.findall(re.escape(pattern).replace(r"\#", r"(-?\d+\.?\d*)"), said)
    return [tuple(map(float, [numbers] if isinstance(numbers, str) else numbers)) for numbers in found]


def check_a_sweep_and_its_sensitivity(said: str) -> None:
    """What its prose says of indices is what its outputs say."""
    ((in_time,), (in_energy,)) = numbers_of("the order flips near # failures", said)
    ((by_hand,),) = numbers_of("in time: # failures", said)
    assert in_energy < in_time == pytest.approx(by_hand, abs=0.025)
    ((few, pairs), (more, _)) = numbers_of(": # of # pairs of factors can be ranked", said)
    assert few < more < pairs
    ((_, early, late, _),) = numbers_of("ST of service_time: # to # by n 16, # to # by n 64", said)
    assert early < late
    wide, narrow = numbers_of("ST of replicas # to #, of service_time # to #", said)
    assert wide[0] > wide[3]
    assert narrow[2] > narrow[1]
    errors = [
        error for *_, error in numbers_of("n #: # of 6 intervals hold the exact value, the largest error is #", said)
    ]
    assert errors[-1] < 0.03 < 0.5 < errors[0]
    shares = dict(numbers_of("n #: #% of 600 intervals", said))
    assert shares[16] < shares[32] < 95 <= shares[64]


def check_a_service_and_its_break_even(said: str) -> None:
    """N* is what was done once over an image, whoever counts; its band holds it, and rules and sets move it."""
    ((once_t, image_g),) = numbers_of("once # t, an image # g", said)
    ((images_m, years),) = numbers_of("equal after # million images, # years at this rate", said)
    assert once_t / image_g == pytest.approx(images_m, rel=0.005)
    assert years == pytest.approx(10 * images_m * 3 / 365.25, rel=0.01)  # a tenth of a million in 3 days
    assert numbers_of("an image there comes to # times itself", said) == [(2.0,)]
    ((low, middle, high),) = numbers_of("N*: P5 #, P50 #, P95 # million images", said)
    assert low < min(middle, images_m) <= max(middle, images_m) < high
    by = {name: numbers_of(f"{name}: an image # g, equal after # million", said)[0] for name in METHODS}
    assert by["base"] == by["reserved"] == (round(image_g, 2), images_m)
    assert by["ecologits"][1] < by["bloom"][1] < by["base"][1]
    assert by["used"][1] < by["reserved"][1] < by["sunk"][1]


METHODS = ("base", "bloom", "ecologits", "reserved", "used", "sunk")
CHECKS = {
    "04_a_service_and_its_break_even": check_a_service_and_its_break_even,
    "05_a_sweep_and_its_sensitivity": check_a_sweep_and_its_sensitivity,
}
"""What the numbers in the outputs of some must come to."""


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
    CHECKS.get(path.stem, str)(said)


@pytest.mark.parametrize(
    ("source", "error"), [("1 / 0", CellExecutionError), ("while True: pass", CellTimeoutError)], ids=["wrong", "slow"]
)
def test_a_cell_that_is_wrong_or_slow_ends_the_notebook_and_its_kernel(source, error, kernels):
    with pytest.raises(error):
        execute(with_code(source), kernels, cell_s=3)
    assert_no_kernel(kernels)
