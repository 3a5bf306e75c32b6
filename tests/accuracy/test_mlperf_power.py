"""MLPerf Training power logs: AC energy of whole nodes, integrated between start and stop, the mean of three runs."""

import pytest

from simulator.catalogue import rows

LOGS = {
    # nodes, mean W of a node, minutes, kWh
    "mlperf-v4.0-bert-1x8-h100": (1, 6711, 4.94, 0.562),
    "mlperf-v4.0-dlrm-dcnv2-1x8-h100": (1, 7038, 3.94, 0.469),
    "mlperf-v4.0-llama2-70b-lora-1x8-h100": (1, 7151, 28.15, 3.364),
    "mlperf-v4.0-resnet-1x8-h100": (1, 7006, 13.36, 1.557),
    "mlperf-v4.0-unet3d-1x8-h100": (1, 7223, 13.46, 1.621),
    "mlperf-v4.0-gpt3-64x8-h100": (64, 6849, 56.87, 415.2),
    "mlperf-v4.0-llama2-70b-lora-64x8-h100": (64, 5087, 1.95, 10.42),
    "mlperf-v4.0-llama2-70b-lora-8x8-h100": (8, 5803, 5.31, 4.093),
    "mlperf-v4.0-ssd-8x8-h100": (8, 6066, 6.31, 5.025),
    "mlperf-v4.1-llama2-70b-lora-8x8-h100": (8, 7191, 5.04, 4.859),
    "mlperf-v5.0-bert-1x8-b200": (1, 9676, 3.46, 0.562),
    "mlperf-v5.0-llama2-70b-lora-1x8-b200": (1, 9573, 10.93, 1.748),
}


@pytest.mark.parametrize("id_", LOGS)
def test_measured_energy_is_carried_as_it_is(replayed, id_):
    nodes, watts, minutes, energy_kwh = LOGS[id_]
    row, found = rows("training")[id_], replayed[id_, "energy_mwh"]
    assert row.find_number("devices_count") == 8 * nodes
    assert row.find_number("mean_reading_w") * 8 == pytest.approx(watts, abs=1)
    assert row.find_number("device_time_h") == pytest.approx(8 * nodes * minutes / 60, rel=3e-3)
    assert row.find_number("wall_time_d") == pytest.approx(minutes / 1440, rel=3e-3)
    assert found.published / 3.6e6 == pytest.approx(energy_kwh, rel=1e-3)
    assert found.ours == pytest.approx(found.published, rel=1e-9)
    assert (found.verdict, found.boundary) == ("carried", "server")


def test_there_is_a_row_a_log():
    assert {id_ for id_ in rows("training") if id_.startswith("mlperf-")} == set(LOGS)


def test_the_mean_of_the_readings_times_the_hours_is_within_two_per_cent_of_the_integral():
    """What the notes of the rows say. Why four are not closer than 1 % is not known, so that no row is held to it."""
    ratios = {}
    for id_ in LOGS:
        row = rows("training")[id_]
        hours, watts, energy_mwh = (row.number(c, "") for c in ("device_time_h", "mean_reading_w", "energy_mwh"))
        ratios[id_] = hours * watts / 1e6 / energy_mwh
    print({id_: round(ratio, 4) for id_, ratio in ratios.items()})
    assert all(abs(ratio - 1) < 0.018 for ratio in ratios.values())
    assert sum(abs(ratio - 1) <= 0.01 for ratio in ratios.values()) == 8
