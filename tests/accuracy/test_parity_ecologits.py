"""EcoLogits 0.11.3 beside its formula built anew: parity, which proves plumbing and not that the formula is true."""

import json

import pytest

from simulator.footprint.making.factors import build_sets
from simulator.study.footprint_replay import answer_kg
from simulator.study.footprint_request import WH, answer, water_l

CODE = """
import json
from ecologits.electricity_mix_repository import electricity_mixes
from ecologits.impacts.llm import compute_llm_impacts_dag
mix = electricity_mixes.find_electricity_mix("FRA")
def impacts(active, parameters, tokens):
    found = compute_llm_impacts_dag(
        active, parameters, tokens, float("inf"), mix.adpe, mix.pe, mix.gwp, mix.wue, 1.2, 0.5
    )
    names = ("request_energy", "request_embodied_gwp", "request_usage_gwp", "request_usage_wcf", "generation_latency")
    return [*(found[name] for name in names), found["gpu_required_count"]]
print(json.dumps([impacts(*case) for case in CASES]))
"""
CASES = [(70, 70, 400), (8, 8, 1), (37, 671, 2000), (0.5, 1.3, 150)]
"""Billions of active parameters and of all, tokens: a dense model, a small one, a mixture, a tiny one."""


def ours(active, parameters, tokens):
    """kWh with the building, kg of making, kg of use in France, litres, seconds, GPUs."""
    grid = build_sets(["ecologits"], [])
    carbon, water = (grid.grid("fr", column).value for column in ("average_gco2e_per_kwh", "grid_water_l_per_kwh"))
    found = answer(int(active * 1e9), int(parameters * 1e9), tokens)
    use_kg = answer_kg(found, carbon) - found.made_kg
    litres = water_l(found.it_energy_j, 1.2, 0.5, water)
    return [1.2 * found.it_energy_j / 3.6e6, found.made_kg, use_kg, litres, found.time_s, found.devices]


def test_plumbing_an_answer_of_400_tokens_is_what_ecologits_prints():
    """0.26301 Wh, 0.02264 g of making, 0.03354 g with France's electricity, 1.0758 mL, 34.77 s, 4 GPUs."""
    kwh, made_kg, use_kg, litres, time_s, devices = ours(70, 70, 400)
    assert [1e3 * kwh, 1e3 * made_kg] == pytest.approx([0.26301, 0.02264], rel=1e-4)
    assert [1e3 * (made_kg + use_kg), 1e3 * litres, time_s] == pytest.approx([0.03354, 1.0758, 34.77], rel=2e-4)
    assert devices == 4


def test_an_answer_by_hand():
    """One token of a billion parameters: 1.1665e-6 e^(-0.011206 x 64) + 4.053e-5 Wh of one GPU, and its host's part."""
    found = answer(10**9, 10**9, 1)
    gpu_wh = 1.1665273170451914e-06 * 0.4881206 + 4.052928146734005e-05
    host_wh = found.time_s * 1200 / 8 / 64 / 3600
    assert found.it_energy_j / WH == pytest.approx(gpu_wh + host_wh, rel=1e-6)
    assert found.time_s == pytest.approx(0.0006785088 + 0.0003119310 * 64 + 0.0194737176, rel=1e-6)


def test_plumbing_the_installed_ecologits_prints_the_same(ask):
    told = ask("ecologits", CODE.replace("CASES", json.dumps(CASES)))
    for case, theirs in zip(CASES, told, strict=True):
        assert ours(*case) == pytest.approx(theirs, rel=1e-6), case
