"""OLMo 2, arXiv:2501.00656, Table 19: measured GPU energy before PUE, x PUE x grid; and the scenario of it."""

import pytest
from strategies import operation

import simulator as sim

TABLE_19 = {
    # MWh of the GPUs, PUE, kg/kWh, t
    "olmo-7b": (104, 1.1, 0.610, 70),
    "olmo-2-7b": (131, 1.2, 0.332, 52),
    "olmo-2-13b": (257, 1.12, 0.351, 101),
}


@pytest.mark.parametrize("id_", TABLE_19)
def test_measured_energy_is_carried_and_its_carbon_is_replayed(replayed, id_):
    energy_mwh, pue, grid_kg, co2e_t = TABLE_19[id_]
    energy, carbon = replayed[id_, "energy_mwh"], replayed[id_, "co2e_t"]
    assert (energy.published, energy.verdict) == (pytest.approx(energy_mwh * 3.6e9), "carried")
    assert energy.ours == pytest.approx(energy_mwh * 3.6e9, rel=1e-9)
    assert energy.boundary == "accelerator"
    assert (carbon.published, carbon.verdict) == (co2e_t * 1e3, "agrees")
    assert carbon.ours == pytest.approx(energy_mwh * pue * grid_kg * 1e3, rel=1e-9)
    assert abs(carbon.error) <= 0.01
    assert carbon.boundary == "accelerator x PUE"


@pytest.mark.parametrize(("paradigm", "id_"), [("olmo_7b_a100", "olmo-7b"), ("olmo_2_7b_h100", "olmo-2-7b")])
def test_the_scenario_prints_the_table(paradigm, id_):
    energy_mwh, pue, _, co2e_t = TABLE_19[id_]
    found = sim.run("papers/olmo_7b").summary["paradigms"][paradigm]["boundaries"]
    assert list(operation(found)) == ["accelerator", "facility"]
    assert found["accelerator"]["energy_j"] / 3.6e9 == pytest.approx(energy_mwh, rel=1e-8)
    assert found["facility"]["energy_j"] / 3.6e9 == pytest.approx(energy_mwh * pue, rel=1e-8)
    assert found["facility"]["co2e_kg"] / 1e3 == pytest.approx(co2e_t, rel=5e-3)
