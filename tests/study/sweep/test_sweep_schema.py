"""The JSON Schema of sweeps takes every sweep that loads, and refuses every fault of shape."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from shapes import find_data

from simulator.scenario.shipped import shipped, shipped_sweeps
from simulator.study.sweep.load import load_sweep
from simulator.study.sweep.schema import sweep_schema
from simulator.study.sweep.spec import Sweep

FOLDER = Path(__file__).parents[2] / "bad_sweeps"
SCHEMA = sweep_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

BEYOND = {
    "the base, and what a path of it leads to": {
        "base_that_is_a_folder",
        "base_that_is_a_shipped_sweep",
        "base_that_is_a_sweep",
        "base_that_is_a_text",
        "base_that_is_empty_itself",
        "base_that_is_latin_1",
        "base_that_is_no_yaml",
        "base_that_is_not_there",
        "base_that_is_this_file",
        "base_with_a_key_twice",
        "base_with_a_mistake",
        "base_with_a_nul",
        "base_with_a_mistake_and_a_value_with_one",
        "one_of_two_paths_that_leads_nowhere",
        "override_that_leads_nowhere",
        "path_below_a_value",
        "path_in_full_that_leads_nowhere",
        "path_of_a_sample_that_leads_nowhere",
        "path_of_a_zip_that_leads_nowhere",
        "path_that_leads_nowhere",
    },
    "values that no scenario can have": {
        "end_that_no_scenario_can_have",
        "first_value_that_no_scenario_can_have",
        "five_in_the_values",
        "group_that_is_not_there",
        "low_end_that_no_scenario_can_have",
        "override_that_no_scenario_can_have",
        "value_in_full_that_no_scenario_can_have",
        "value_of_a_key_that_is_not_there",
        "value_of_a_zip_that_no_scenario_can_have",
        "value_that_breaks_another_place",
        "value_that_is_not_a_number",
        "value_that_no_scenario_can_have",
        "value_within_a_mapping",
        "value_without_its_unit",
    },
    "names, and factors that meet": {
        "comparison_as_a_factor",
        "factor_called_as_a_column",
        "factor_of_a_sample_that_overlaps",
        "factor_within_another",
        "factors_that_overlap",
        "name_in_grid_and_zip",
        "name_in_zip_and_sample",
        "seed_as_a_factor",
        "seed_as_a_sample",
        "seed_as_an_override",
        "seed_as_the_path_of_a_factor",
    },
    "fields that need or exclude each other, and values that are listed twice": {
        "empty_grid",
        "levels_that_are_odd",
        "levels_without_morris",
        "nothing_varies",
        "repeats_of_nothing",
        "saltelli_of_no_power_of_two",
        "sobol_of_no_power_of_two",
        "value_twice",
        "zip_of_unequal_lengths",
    },
    "what lies between two ends": {
        "log_from_nothing",
        "log_of_whole_numbers",
        "range_of_a_unit_and_none",
        "range_of_mixed_units",
        "range_of_no_numbers",
        "range_of_one_value",
        "range_of_true_and_false",
        "range_of_words",
        "range_the_wrong_way_round",
        "range_without_end",
        "whole_numbers_with_broken_ends",
    },
    "conditions, which are a language of their own": {
        "exclude_by_mapping_that_names_no_factor",
        "exclude_of_a_drawn_factor",
        "exclude_of_a_screened_factor",
        "exclude_that_assigns",
        "exclude_that_calls_a_function",
        "exclude_that_calls_a_method",
        "exclude_that_is_no_expression",
        "exclude_that_is_only_spaces",
        "exclude_that_names_no_factor",
    },
    "numbers that a table cannot hold": {"seed_beyond_a_table"},
    "names that a plan keeps for itself": {"factor_with_the_name_of_a_share"},
}
"""Faults that no schema sees, and why."""

NO_DATA = {
    *("alias_bomb", "anchor_within_itself", "duplicate_key", "empty", "only_a_comment", "open_bracket"),
    *("tab", "tag", "two_documents"),
}
"""Files that are refused as YAML already, before there is data to check."""


DATA = {path.stem: find_data(path) for path in sorted(FOLDER.glob("*.yaml"))}
READ = {name: data for name, data in DATA.items() if name not in NO_DATA}


def test_it_is_a_json_schema_and_survives_json():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA


def test_the_command_prints_it(aiceberg):
    done = subprocess.run([aiceberg, "schema", "--sweep"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == SCHEMA


def test_every_field_has_its_description():
    specs = [SCHEMA, *(SCHEMA["$defs"][name] for name in ("Values", "Range", "Sample", "Limits"))]
    for spec in specs:
        for name, field in spec["properties"].items():
            assert field.get("description") or "$ref" in str(field), name
    assert set(SCHEMA["properties"]) == set(Sweep.model_fields)


@pytest.mark.parametrize("name", shipped_sweeps())
def test_every_shipped_sweep_passes(name):
    VALIDATOR.validate(load_sweep(name).data)


@pytest.mark.parametrize("name", ["small/one_gpu", "talk/physical_internet"])
def test_no_scenario_passes(name):
    assert not VALIDATOR.is_valid(find_data(shipped()[name]))


SHORT = {"name": "a", "base": "small/one_gpu"}
DRAWN = {"method": "sobol", "n": 4}


@pytest.mark.parametrize(
    "varied",
    [
        {"grid": {"x": [1, "2 h", None, True, {"a": 1}, [1]]}},
        {"grid": {"x": {"path": "a.b", "values": [1]}}},
        {"grid": {"x": {"path": ["a.b", "c.d"], "values": [1]}}},
        {"sample": {**DRAWN, "ranges": {"x": [1, 2]}}},
        {"sample": {**DRAWN, "ranges": {"x": {"path": "a.b", "range": ["1 h", "2 h"], "scale": "log"}}}},
        {"repeats": 1e1, "exclude": ["a > 1", {"a": [1, 2]}], "limits": {"time": "1 h", "memory": "2 GB"}},
        {"repeats": 2, "limits": {"time": None}, "sample": None, "seed": None},
    ],
)
def test_every_way_to_write_it_passes(varied):
    VALIDATOR.validate({**SHORT, **varied})
    Sweep.model_validate({**SHORT, **varied})


def test_the_files_that_are_no_data_are_those_listed():
    assert {name for name, data in DATA.items() if data is None} - {"null"} == NO_DATA


@pytest.mark.parametrize("name", READ)
def test_each_fault_of_shape_fails_it_and_no_other_does(name):
    assert VALIDATOR.is_valid(READ[name]) == any(name in names for names in BEYOND.values())


def test_each_fault_beyond_it_is_a_file_once():
    listed = [name for names in BEYOND.values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) <= READ.keys()
