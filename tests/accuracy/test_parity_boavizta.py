"""boaviztapi 2.5.0 beside its sum over parts, built anew: parity, which proves plumbing; the factors are its own."""

import pytest

from simulator.catalogue import find
from simulator.errors import UsageError
from simulator.footprint.making.factors import build_sets
from simulator.study.footprint_parts import made_kg, parts_of, piece_kg

CODE = """
import json
from fastapi.testclient import TestClient
from boaviztapi.main import app
client = TestClient(app)
server = {
    "model": {"type": "rack"},
    "configuration": {
        "cpu": {"units": 2, "name": "Xeon Gold 6134"},
        "ram": [{"units": 12, "capacity": 32, "density": 1.79}],
        "disk": [{"units": 1, "type": "ssd", "capacity": 400, "density": 50.6}],
        "power_supply": {"units": 2, "unit_weight": 2.99},
    },
}
told = client.post("/v1/server/?verbose=true&criteria=gwp", json=server).json()
parts = {
    name: part["impacts"]["gwp"]["embedded"]["value"]
    for name, part in told["verbose"].items()
    if isinstance(part, dict) and "impacts" in part
}
card = client.post("/v1/component/gpu?criteria=gwp", json={"name": "H100 SXM"}).json()
print(json.dumps([told["impacts"]["gwp"]["embedded"]["value"], parts, card["impacts"]["gwp"]["embedded"]["value"]]))
"""
PARTS = {
    "ASSEMBLY-1": "assembly",
    "CASE-1": "case",
    "CPU-1": "cpu",
    "MOTHERBOARD-1": "motherboard",
    "POWER_SUPPLY-1": "power-supply",
    "RAM-1": "ram",
    "SSD-1": "ssd",
}


def test_a_server_of_two_sockets_by_hand():
    """CPU 2 x (6.94 x 1.97 + 9.14), memory 12 x (32 / 1.79 x 2.2 + 5.22), SSD 400 / 50.6 x 2.2 + 6.34, and the rest."""
    by_hand = 2 * (6.94 * 1.97 + 9.14) + 12 * (32 / 1.79 * 2.2 + 5.22) + (400 / 50.6 * 2.2 + 6.34)
    by_hand += 2 * 2.99 * 24.3 + 150 + 66.1 + 6.68
    assert by_hand == pytest.approx(972.04, abs=0.01)
    assert made_kg("boavizta-2s") == pytest.approx(by_hand, rel=1e-12)


def test_a_machine_without_parts_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match="there is boavizta-2s, llmcarbon-xlm"):
        parts_of("mainframe")


def test_plumbing_the_installed_boaviztapi_prints_the_same(ask):
    """It prints four digits."""
    server_kg, parts, card_kg = ask("boaviztapi", CODE)
    assert server_kg == pytest.approx(made_kg("boavizta-2s"), rel=1e-3)
    for theirs, own in PARTS.items():
        row = find("component", f"boavizta:{own}")
        assert parts[theirs] == pytest.approx(row.number("pieces_count", "") * piece_kg(row), rel=1e-3), own
    assert set(parts) == set(PARTS)
    assert card_kg == 575.1


def test_plumbing_the_card_of_boaviztas_set_is_that_of_the_tool():
    """575.1 kg for an H100 SXM, transport and end of life within."""
    sets = build_sets([], ["boavizta"])
    columns = ("manufacture_kgco2e", "transport_kgco2e", "end_of_life_kgco2e")
    phases = [sets.embodied(["h100-sxm5-80gb"], column).value for column in columns]
    assert sum(phases) == pytest.approx(575.1, rel=1e-6)
