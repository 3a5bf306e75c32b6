"""The JSON Schema takes every scenario that loads, and refuses every fault of shape."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from shapes import find_data
from strategies import scenarios

from simulator.errors import QuantityError
from simulator.scenario.load import load
from simulator.scenario.schema import json_schema
from simulator.scenario.shipped import shipped
from simulator.scenario.spec import Scenario
from simulator.units import ATOMS, DIMENSIONS, parse, pattern

FOLDER = Path(__file__).parent.parent / "bad_scenarios"
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

BEYOND = {
    "the name of something that is not there": {
        "loss_by_an_unknown_law",
        "failures_of_an_unknown_study",
        "closure_of_an_unknown_choke_point",
        "cut_of_an_unknown_cable",
        "cut_of_an_unknown_segment",
        "demand_from_an_unknown_city",
        "outage_at_an_unknown_landing",
        "ping_an_unknown_city",
        "rate_of_an_unknown_cable",
        "network_class_that_is_no_overland",
        "rate_of_an_unknown_class",
        "satellite_of_an_unknown_city",
        "users_in_an_unknown_city",
        "users_with_an_unknown_access",
        "users_with_an_unknown_device",
        "federate_an_unknown_population",
        "federate_what_no_task_is",
        "edges_at_an_unknown_group",
        "federate_at_an_unknown_server",
        "collect_from_an_unknown_site",
        "collect_at_a_population",
        "alias_of_a_device",
        "alias_of_a_model",
        "misspelt_own_dataset",
        "misspelt_own_model",
        "name_of_a_grid",
        "no_places",
        "lever_of_an_unknown_line",
        "unknown_city",
        "unknown_dataset",
        "unknown_device",
        "footprint_of_a_file_that_is_not_there",
        "footprint_of_a_file_with_mistakes",
        "footprint_of_no_grid_set",
        "footprint_of_no_set",
        "footprint_with_a_price_of_nobody",
        "life_of_nothing",
        "grid_shape_of_nowhere",
        "grid_series_of_no_timezone",
        "unknown_grid",
        "unknown_group",
        "unknown_group_of_several",
        "unknown_model",
        "unknown_paradigm",
        "unknown_region",
        "unknown_server",
        "unknown_workload_in_after",
        "transfer_from_an_unknown_city",
        "transfer_from_an_unknown_region",
        "transfer_of_an_unknown_model",
        "transfer_to_an_unknown_place",
        "transfer_to_an_unknown_group",
        "unknown_fabric",
        "cpu_curve_of_nobody",
        "prepare_an_unknown_data_set",
        "prepare_at_an_unknown_group",
        "serve_an_unknown_model",
        "asked_by_an_unknown_population",
        "asked_from_an_unknown_city",
        "asked_in_an_unknown_city",
        "asked_in_an_unknown_region",
        "federate_at_a_server_in_an_unknown_region",
    },
    "a name that is given twice": {
        "satellite_twice",
        "users_and_a_place_of_one_name",
        "users_in_a_city_twice",
        "collect_from_a_site_twice",
        "own_dataset_that_the_catalogue_has",
        "workload_called_unassigned",
        "own_model_that_the_catalogue_has",
        "two_groups_of_one_name",
        "two_workloads_of_one_name",
        "two_workloads_without_name",
    },
    "what waits for itself": {"cycle", "cycle_that_others_wait_for", "waits_for_itself"},
    "fields that need or exclude each other": {
        "loss_of_stretches",
        "lever_that_does_nothing",
        "lever_of_something_beside_set",
        "sequence_parallel_of_one",
        "interleave_of_one_stage",
        "layout_without_micro_batch",
        "layout_without_precision",
        "layout_without_batch",
        "waiting_for_nobody",
        "communication_beside_a_layout",
        "input_without_dataset",
        "stragglers_within_a_time",
        "step_time_said_twice",
        "step_time_without_steps",
        "young_daly_without_failures",
        "failures_without_checkpoint",
        "failures_without_repair",
        "cut_of_nothing",
        "demand_to_itself",
        "network_without_year",
        "ping_itself",
        "ping_without_year",
        "satellite_over_its_own_station",
        "serve_users_while_cables_are_cut",
        "users_whose_places_do_not_add_up",
        "users_whose_access_does_not_add_up",
        "users_in_no_place",
        "federate_without_year",
        "asked_without_year",
        "users_without_bytes",
        "bytes_without_users",
        "latency_without_users",
        "distribute_without_year",
        "collect_from_itself",
        "collect_without_during",
        "distribute_without_during",
        "collect_of_a_size_said_twice",
        "collect_of_nothing",
        "federate_users_without_samples",
        "federate_without_cohort",
        "train_that_learns_without_an_mfu",
        "target_of_two_kinds",
        "target_of_no_kind",
        "target_of_accuracy_on_a_basis",
        "federate_with_compression_of_nothing",
        "federate_with_bits_and_a_share",
        "federate_with_an_update_and_compression",
        "federate_nobody",
        "federate_by_a_curve_and_rounds",
        "fedbuff_with_a_cohort",
        "excess_of_none",
        "excess_beyond_the_epochs",
        "excess_where_nobody_is",
        "excess_of_one_city_twice",
        "privacy_of_clients_that_do_not_wait",
        "privacy_where_nothing_learns",
        "windows_that_wait_for_a_cohort",
        "batch_without_steps",
        "epochs_without_dataset",
        "figure_beside_no_paradigm",
        "mfu_without_precision",
        "mfu_without_samples",
        "mfu_without_work",
        "own_model_with_flops_of_nothing",
        "place_without_grid",
        "published_without_figure",
        "region_and_city",
        "transfer_to_its_own_place",
        "curve_that_ends_early",
        "curve_whose_loads_fall",
        "curve_whose_watts_fall",
        "curve_without_points",
        "pue_by_load_that_begins_late",
        "pue_by_load_whose_loads_repeat",
        "fabric_without_ports",
        "ports_without_a_fabric",
        "ports_of_a_rate",
        "samples_said_twice",
        "tick_too_short_for_the_horizon",
        "time_not_said",
        "footprint_with_prices_for_nothing",
        "footprint_without_a_price_of_one",
        "footprint_without_prices",
        "second_hand_that_leaves_nothing",
        "second_hand_without_a_life",
        "second_hand_without_a_price",
        "grid_shape_without_mean",
        "grid_shape_beside_a_grid",
        "time_said_twice",
        "prepare_nothing",
        "prepare_said_twice",
        "prepare_samples_without_size",
        "prepare_size_without_samples",
        "prepare_with_more_cores_than_there_are",
        "transfer_of_nothing",
        "transfer_said_twice",
        "transfer_to_itself",
        "transfer_without_year",
    },
    "what machines, catalogue or definitions cannot give": {
        "silos_of_one_task_for_three",
        "silos_that_wait_for_a_cohort",
        "gossip_of_pairs_alone",
        "gossip_with_a_server",
        "ring_with_a_server",
        "split_without_a_server",
        "silos_whose_sample_takes_nobody_knows_how_long",
        "silos_whose_sample_time_is_said_twice",
        "silos_without_data",
        "silos_named_twice",
        "silos_whose_server_learns_too",
        "silos_of_bare_devices_in_one_place",
        "silos_nowhere",
        "silos_that_nothing_limits",
        "silos_that_send_more_than_can_be_recorded",
        "gossip_with_more_neighbours_than_there_are",
        "gossip_of_one",
        "ring_of_one",
        "split_of_one",
        "split_whose_server_learns_too",
        "split_in_batches_of_two_sizes",
        "split_with_a_server_longer_than_can_be_simulated",
        "ring_longer_than_can_be_simulated",
        "edges_too_few",
        "edges_of_which_one_is_the_server",
        "edges_of_one_population",
        "edges_that_play_more_rounds_than_can_be_recorded",
        "fedavg_of_two_populations",
        "gossip_of_phones",
        "ring_of_phones",
        "alone_at_night",
        "layout_of_machines_that_nothing_joins",
        "batch_that_does_not_divide",
        "more_parts_than_layers",
        "layout_without_sequence",
        "layout_of_experts",
        "layout_of_images",
        "layout_of_layers_beside_mfu",
        "layout_without_all_reduce",
        "layout_that_does_not_divide",
        "layers_shared_by_three",
        "loss_of_nobody_knows_what",
        "loss_of_a_model_of_images",
        "input_of_a_dataset_without_samples",
        "search_between_rates_that_fall",
        "search_for_a_server_that_is_not_there",
        "search_to_a_number_of_rounds",
        "search_where_nothing_learns",
        "search_without_a_target",
        "steps_beyond_counting",
        "steps_of_nobody_knows_how_many",
        "spares_alone",
        "failures_beyond_a_million",
        "failures_that_leave_too_few",
        "failures_that_let_nothing_through",
        "cut_of_a_cable_before_its_time",
        "cut_of_a_segment_before_its_time",
        "demand_that_no_cable_joins",
        "outage_where_no_cable_lands",
        "ping_where_no_cable_goes",
        "rate_of_a_cable_before_its_time",
        "users_whose_device_has_no_watts",
        "users_whose_device_draws_more_at_rest",
        "users_in_a_city_without_grid",
        "federate_with_more_than_there_are",
        "federate_at_a_server_nowhere",
        "asked_nowhere",
        "asked_for_more_than_a_link_carries",
        "asked_by_devices_without_watts_in_use",
        "asked_with_less_than_at_rest",
        "federate_on_more_servers_than_there_are",
        "federate_a_model_without_flops",
        "federate_a_model_without_size",
        "distribute_from_nowhere",
        "distribute_a_model_without_size",
        "federate_more_than_can_be_held",
        "federate_more_rounds_than_can_be_recorded",
        "federate_longer_than_can_be_simulated",
        "fedbuff_beside_events",
        "silos_of_a_task_of_one_client",
        "silo_alone_of_a_task_for_three",
        "federate_without_rounds",
        "federate_with_too_many_passes",
        "federate_with_one_bit",
        "federate_with_half_a_pass",
        "federate_with_a_layer_too_wide",
        "federate_users_who_are_never_there",
        "federate_by_a_curve_without_target",
        "federate_by_a_curve_without_end",
        "federate_by_a_curve_that_never_arrives",
        "federate_by_a_curve_that_falls_back",
        "fedbuff_of_more_than_there_are",
        "fedbuff_at_night_of_too_few",
        "fedadam_with_moments_that_never_move",
        "fedbuff_of_too_many_updates",
        "fedbuff_on_a_narrow_uplink",
        "fedbuff_on_a_trace",
        "windows_longer_than_can_be_simulated",
        "windows_of_too_many_clients",
        "collect_longer_than_can_be_simulated",
        "collect_on_a_line_longer_than_can_be_simulated",
        "distribute_longer_than_can_be_simulated",
        "accelerator_for_a_cpu",
        "accelerators_beyond_their_node",
        "cap_below_rest",
        "cap_that_nobody_measured",
        "cpu_curve_below_nothing",
        "metered_server_with_phases",
        "phases_above_the_most",
        "phases_that_nobody_fitted",
        "city_without_grid",
        "cpu_without_idle_watts",
        "idle_above_max",
        "longer_than_can_be_simulated",
        "phone_for_an_accelerator",
        "phone_metered_as_a_server",
        "server_whose_device_has_no_idle_watts",
        "too_many_checkpoints",
        "work_beyond_the_peak",
        "cpu_server_precision",
        "cpu_server_with_mfu",
        "device_without_idle_watts",
        "device_without_idle_watts_asked_linear",
        "epochs_of_a_data_set_without_tokens",
        "metered_server_with_a_word",
        "mfu_of_a_model_without_flops",
        "more_units_than_there_are",
        "own_dataset_without_tokens",
        "own_model_without_flops",
        "precision_without_peak",
        "prepare_a_data_set_without_size",
        "prepare_an_own_data_set_without_size",
        "prepare_longer_than_can_be_simulated",
        "prepare_on_accelerators",
        "prepare_read_longer_than_can_be_simulated",
        "prepare_with_more_machines_than_there_are",
        "server_without_idle_watts",
        "transfer_from_nowhere",
        "transfer_longer_than_can_be_simulated",
        "transfer_of_a_latency_that_nobody_measured",
        "transfer_of_a_data_set_without_size",
        "transfer_of_an_own_data_set_without_size",
        "transfer_of_an_own_model_without_size",
        "transfer_that_no_cable_carries",
        "transfer_that_nothing_limits",
        "transfer_between_bare_devices",
        "transfer_without_a_known_fabric",
        "serve_longer_than_can_be_simulated",
        "serve_on_more_replicas_than_machines",
    },
    "a list of a way of doing it that is empty": {"distribute_to_nobody", "paradigm_without_workload"},
    "numbers that JSON does not know, or too large or small for a world": {
        "mfu_of_nearly_nothing",
        "time_beyond_all_measure",
        "more_watts_than_there_are",
        "nan",
        "overflowing_quantity",
        "serve_more_requests_than_memory_holds",
    },
}
"""Faults of reference and of contradiction, which no schema sees, and why."""

NO_DATA = {
    "alias_bomb",
    "anchor_within_itself",
    "colon_in_a_text",
    "control_character",
    "duplicate_key",
    "empty",
    "key_left_empty",
    "key_that_is_a_list",
    "latin_1",
    "only_a_comment",
    "open_bracket",
    "quotation_left_open",
    "tab",
    "tag",
    "two_documents",
    "unknown_anchor",
}
"""Files that are refused as YAML already, before there is data to check."""


DATA = {path.stem: find_data(path) for path in sorted(FOLDER.glob("*.yaml"))}
READ = {name: data for name, data in DATA.items() if name not in NO_DATA}


def test_it_is_a_json_schema_and_survives_json():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA


def test_the_command_prints_it(aiceberg):
    done = subprocess.run([aiceberg, "schema"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == SCHEMA


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_passes(name):
    VALIDATOR.validate(load(name).data)


@given(scenarios())
@settings(max_examples=50)
def test_every_scenario_that_loads_passes(data):
    VALIDATOR.validate(data)


def test_the_files_that_are_no_data_are_those_listed():
    assert {name for name, data in DATA.items() if data is None} - {"null"} == NO_DATA


@pytest.mark.parametrize("name", READ)
def test_every_fault_of_shape_fails_and_only_those_listed_are_beyond(name):
    beyond = [reason for reason, names in BEYOND.items() if name in names]
    assert VALIDATOR.is_valid(READ[name]) == bool(beyond)
    assert len(beyond) <= 1


def test_what_is_listed_as_beyond_is_there():
    assert {name for names in BEYOND.values() for name in names} <= set(READ)


def test_every_field_of_every_spec_is_described():
    shapes = {"Scenario": SCHEMA, **SCHEMA["$defs"]}
    fields = [
        (name, key, field)
        for name, shape in shapes.items()
        for key, field in shape["properties"].items()
        if key != "kind"
    ]
    assert len(fields) > 60
    assert [(name, key) for name, key, field in fields if not field.get("description")] == []
    assert set(SCHEMA["properties"]) == set(Scenario.model_fields)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_pattern_takes_what_the_parser_takes_and_refuses_what_it_refuses(dimension):
    """Every unit with every prefix and quotients of two, in one dimension after the other."""
    check = jsonschema.Draft202012Validator({"type": "string", "pattern": pattern(dimension)}).is_valid
    units = [prefix + atom for atom in ATOMS for prefix in ("", "k", "M", "Ki", "m", "u", "K")]
    units += [f"{one}/{two}" for one in ("J", "kWh", "GB", "FLOP", "gCO2e", "s") for two in ("s", "h", "kWh", "W", "b")]
    texts = [f"{number}{unit}" for unit in units for number in ("1 ", "1.5e3", ".5 ", "12 345 ", "1,5 ", "x", "")]
    assert any(reads(text, dimension) for text in texts)
    assert [text for text in texts if check(text) != reads(text, dimension)] == []


def reads(text, dimension):
    try:
        return parse(text, dimension) >= 0
    except QuantityError:
        return False


@pytest.mark.parametrize(("text", "right"), [("0 h", False), ("0.0e5 h", False), ("0.01 h", True), ("0.e1 h", False)])
def test_a_quantity_that_must_be_positive_is_not_0(text, right):
    shape = {"type": "string", "pattern": pattern("time", positive=True)}
    assert jsonschema.Draft202012Validator(shape).is_valid(text) == right
