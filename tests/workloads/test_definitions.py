"""Models and data sets that a scenario defines itself: looked up first, sizes in bits, used by trainings."""

import pytest
from strategies import a_scenario, loaded, run

import simulator as sim
from simulator.definitions import Definitions, find_forward_flop, find_sample_unit
from simulator.scenario.spec import definitions

GRU = {
    "parameters": 1.4e6,
    "bytes_per_parameter": "4 B",
    "forward_flop_per_sample": "2.8 MFLOP",
    "sample_unit": "token",
}
SENTENCES = {"samples": 6e8, "bytes_per_sample": "40 B", "tokens": 2.46e9}


def own(training, model=GRU, dataset=SENTENCES):
    """A training on eight bare A100 with one model and one data set of the scenario's own."""
    workload = {"at": "lab/gpus", "model": "gru", "dataset": "sentences", **training}
    return a_scenario([workload], models={"gru": model}, datasets={"sentences": dataset})


def the_job(data):
    (job,) = run(data).jobs.to_pylist()
    return job


def test_the_time_follows_from_the_work_of_an_own_model_over_the_tokens_of_an_own_data_set():
    """3 x 2.8e6 x 2.46e9 FLOP on 8 x 312e12 FLOP/s at 1 %."""
    job = the_job(own({"epochs": 1, "precision": "bf16", "mfu": 0.01}))
    assert job["work_flop"] == pytest.approx(3 * 2.8e6 * 2.46e9)
    assert job["end_s"] == pytest.approx(3 * 2.8e6 * 2.46e9 / (8 * 312e12 * 0.01))


def test_epochs_count_samples_where_the_model_does_not_take_tokens():
    job = the_job(own({"epochs": 2, "time": "1 h"}, model={**GRU, "sample_unit": "row"}))
    assert job["samples"] == 2 * 6e8


def test_an_own_model_sees_the_samples_of_a_data_set_of_the_catalogue():
    """The Pile holds 300e9 tokens."""
    job = the_job(own({"epochs": 1, "time": "1 h", "dataset": "the-pile"}))
    assert (job["samples"], job["work_flop"]) == (3e11, pytest.approx(3 * 2.8e6 * 3e11))


def test_a_model_of_the_catalogue_sees_the_tokens_of_an_own_data_set():
    """BLOOM: 3.525e11 FLOP a token."""
    job = the_job(own({"epochs": 1, "time": "1 h", "model": "bloom-176b"}))
    assert job["work_flop"] == pytest.approx(3 * 3.525e11 * 2.46e9)


def test_sizes_are_bits_inside():
    found = definitions(loaded(own({"time": "1 h"})).spec)
    assert (found.models["gru"].bytes_per_parameter, found.datasets["sentences"].bytes_per_sample) == (32.0, 320.0)


def test_a_name_that_the_scenario_does_not_define_is_the_catalogues():
    found = Definitions()
    assert (find_forward_flop("bloom-176b", found), find_sample_unit("bloom-176b", found)) == (352.5e9, "token")


def test_the_manifest_keeps_what_the_scenario_defines():
    assert sim.run("small/own_model").manifest["definitions"]["datasets"]["sentences"]["tokens"] == 2.46e9
    assert sim.run("small/one_gpu").manifest["definitions"] == {"models": {}, "datasets": {}}


def test_the_shipped_example_takes_as_long_as_its_header_says():
    """827.9 s."""
    assert sim.run("small/own_model").summary["paradigms"]["main"]["duration_s"] == pytest.approx(827.9, abs=0.05)
