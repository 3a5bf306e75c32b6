"""The hash of a result is of its values, however they are kept."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from strategies import a_scenario, run, scenarios

import simulator as sim
from simulator.record.digest import results_digest, table_digest


def test_chunks_masks_and_the_order_of_dictionaries_make_no_difference():
    plain = pa.table({"a": pa.array([1, 2, 3]), "b": pa.array(["x", "y", "x"]), "c": pa.array([0.5, None, 1.5])})
    labels = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], pa.int32()), pa.array(["y", "x"]))
    kept = pa.table({"a": pa.chunked_array([[1], [2, 3]]), "b": labels, "c": pa.array([0.5, None, 1.5])})
    masked = pa.Array.from_buffers(pa.int64(), 3, [pa.py_buffer(b"\x07"), plain.column("a").chunk(0).buffers()[1]])
    assert table_digest(plain) == table_digest(kept) == table_digest(kept.set_column(0, "a", masked))


def test_a_text_that_is_null_is_not_one_that_is_empty():
    tables = [pa.table({"a": pa.array(values, pa.string())}) for values in (["x", None], ["x", ""], ["x", "None"])]
    assert len({table_digest(table) for table in tables}) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"a": [1, 2, 4], "b": ["x", "y", "x"], "c": [0.5, None, 1.5]},
        {"a": [1, 2, 3], "b": ["x", "x", "y"], "c": [0.5, None, 1.5]},
        {"a": [1, 2, 3], "b": ["x", "y", "x"], "c": [0.5, 0.0, 1.5]},
        {"z": [1, 2, 3], "b": ["x", "y", "x"], "c": [0.5, None, 1.5]},
        {"a": [1, 2], "b": ["x", "y"], "c": [0.5, None]},
    ],
)
def test_any_other_value_name_or_length_does(other):
    assert table_digest(pa.table(other)) != table_digest(
        pa.table({"a": [1, 2, 3], "b": ["x", "y", "x"], "c": [0.5, None, 1.5]})
    )


@settings(max_examples=25, deadline=None)
@given(scenarios())
def test_every_result_opens_from_its_folder_with_the_hash_it_was_written_with(tmp_path_factory, data):
    result = run(data)
    folder = result.save(tmp_path_factory.mktemp("results") / "out")
    again = sim.open_results(folder)
    assert results_digest(again._tables, again.summary) == result.manifest["hashes"]["results"]


def test_a_result_opens_where_one_of_its_paradigms_records_nothing(tmp_path):
    data = a_scenario([], horizon="1 h")
    del data["workloads"]
    training = {"at": "lab/gpus", "time": "1 h", "utilisation": 1.0}
    data["paradigms"] = {"now": [{"train": training}], "never": [{"train": {**training, "start": "2 h"}}]}
    result = run(data)
    assert sim.open_results(result.save(tmp_path / "out")).summary == result.summary
