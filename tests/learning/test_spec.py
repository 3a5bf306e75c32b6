"""What the YAML may say of a task: shorthands, and what cannot be."""

import pytest
from pydantic import ValidationError

from simulator.engine.rng import Streams
from simulator.errors import ContradictionError, MissingValueError
from simulator.learning.data import DATA
from simulator.learning.spec import Csv, LearnSpec, Packaged, TaskSpec
from simulator.learning.task import build_learner, build_task, mean_samples


def spec(**changes):
    said = {"data": "digits", "model": "softmax", "clients": 10, **changes}
    return TaskSpec.model_validate({key: value for key, value in said.items() if value is not None})


def faults(**changes):
    return [f"{'.'.join(map(str, fault.path))}: {fault.sentence}" for fault in spec(**changes).faults()]


def presence(**said):
    return [fault.sentence for fault in TaskSpec.presence_faults(said)]


def test_the_names_of_data_are_those_of_the_table():
    assert list(Packaged.__args__) == sorted(DATA)


def test_a_kind_whose_name_says_it_all_stands_alone():
    assert spec() == spec(model={"kind": "softmax"}, partition={"kind": "iid"}, sizes={"kind": "equal"})
    assert spec(model="neuron", data="one-neuron").model.kind == "neuron"


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "mlp"},
        {"model": "forest"},
        {"model": {"kind": "mlp", "hidden": 0}},
        {"model": {"kind": "estimator", "name": "forest"}},
        {"partition": "dirichlet"},
        {"partition": {"kind": "dirichlet", "alpha": 0}},
        {"sizes": {"kind": "log-normal", "spread": 0.5}},
        {"data": "numbers"},
        {"data": {"csv": "a.csv"}},
        {"test_share": 0},
        {"clients": 0},
    ],
)
def test_what_is_no_task_is_refused(changes):
    with pytest.raises(ValidationError):
        spec(**changes)


def test_digits_on_a_hundred_clients_is_a_task():
    assert faults(clients=100) == presence(data="digits", model="softmax", clients=100) == []


def test_one_neuron_tells_two_classes_apart():
    assert faults(model="neuron") == [
        "model: one neuron tells two classes apart and digits has 10; take `softmax`",
    ]
    assert faults(model="neuron", data="breast-cancer") == []


def test_more_clients_than_samples_are_a_fault():
    """0.8 x 150 are 120."""
    assert faults(data="iris", clients=120) == []
    assert faults(data="iris", clients=121) == ["clients: more than iris has samples to train on, of 150 in all"]


def test_testing_with_all_is_a_fault():
    assert faults(test_share=1, clients=None, partition={"kind": "natural", "by": "label"}) == [
        "test_share: leaves nothing to train on; keep it below 1"
    ]


def test_packaged_data_do_not_say_whose_a_sample_is():
    natural = {"kind": "natural", "by": "client"}
    assert faults(partition=natural, clients=None) == [
        "partition: the data do not say whose a sample is; name a CSV file's `client` column"
    ]
    named = {"csv": "a.csv", "label": "kind", "client": "who"}
    assert faults(data=named, partition=natural, clients=None) == []


def test_either_the_number_of_clients_is_said_or_the_data_say_it():
    assert presence(data="digits", model="softmax") == [
        "say how many `clients` share the data, or `partition: {kind: natural, by: label}`"
    ]
    natural = {"kind": "natural", "by": "label"}
    assert presence(partition=natural) == []
    assert (
        presence(partition=natural, clients=3, sizes="equal")
        == ["the data say it where the partition is natural; leave it out"] * 2
    )


def test_momentum_dies_away():
    learn = {"task": "numbers", "rate": 0.1, "batch": 10}
    assert list(LearnSpec.model_validate(learn).faults()) == []
    assert [f.path for f in LearnSpec.model_validate({**learn, "momentum": 1}).faults()] == [("momentum",)]


def test_a_neuron_before_three_classes_is_refused_whatever_the_data():
    with pytest.raises(ContradictionError, match="tells two classes apart, not 3"):
        build_learner(spec(model="neuron").model, 4, 3)


@pytest.mark.parametrize(
    ("model", "parameters"),
    [("softmax", 31 * 2), ({"kind": "mlp", "hidden": 5}, 31 * 5 + 6 * 2), ("neuron", 31)],
)
def test_a_model_has_the_parameters_of_its_data(model, parameters):
    """Breast cancer: 30 features, 2 classes."""
    task = build_task(spec(data="breast-cancer", model=model), Streams(1), "a")
    assert task.learner.parameters == parameters


def test_natural_shards_by_label_are_one_a_class():
    by_label = spec(data="wine", clients=None, partition={"kind": "natural", "by": "label"})
    task = build_task(by_label, Streams(1), "a")
    assert [set(task.data.y[shard].tolist()) for shard in task.shards] == [{0}, {1}, {2}]
    assert mean_samples(by_label) == pytest.approx(task.sizes.mean(), abs=1)


def test_nobody_knows_a_files_samples_before_it_is_read():
    with pytest.raises(MissingValueError, match="give the population `samples`"):
        mean_samples(spec(data={"csv": "a.csv", "label": "kind"}))


def test_a_column_is_the_label_or_the_client():
    table = Csv.model_validate({"csv": "a.csv", "label": "kind", "client": "kind"})
    assert [fault.path for fault in table.faults()] == [("client",)]
    assert not list(table.model_copy(update={"client": "who"}).faults())
