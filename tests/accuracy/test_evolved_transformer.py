"""One search, two accounts of it: Strubell et al. 2019, Table 3, and Patterson et al. 2021, Table 4."""

import pytest
from strategies import operation

import simulator as sim

ACCOUNTS = {"estimated": (656.347, 626_155 * 0.45359237 / 1e3, 1e-4), "as_done": (7.5, 3.2, 6e-3)}


@pytest.fixture(scope="module")
def ways():
    return sim.run("papers/evolved_transformer").summary["paradigms"]


@pytest.mark.parametrize("way", ACCOUNTS)
def test_both_accounts_of_the_search_are_reproduced(ways, way):
    """8 P100: 274 120 h x 1515.43 W x 1.58 x 0.954 lb/kWh; 200 TPU v2: 6.8 d x 208 W x 1.1 x 0.431 kg/kWh."""
    energy_mwh, co2e_t, within = ACCOUNTS[way]
    found = ways[way]["boundaries"]
    print(f"{way}: {found['facility']['energy_j'] / 3.6e9:.2f} MWh, {found['facility']['co2e_kg'] / 1e3:.2f} t")
    assert list(operation(found)) == ["server", "facility"]
    assert found["facility"]["energy_j"] / 3.6e9 == pytest.approx(energy_mwh, rel=within)
    assert found["facility"]["co2e_kg"] / 1e3 == pytest.approx(co2e_t, rel=within)


def test_the_estimate_is_88_times_the_account_of_those_who_did_it(ways):
    """284.0 over 3.219 t; 67 times the device-hours, 1.58 over 1.1 of the building."""
    carbon = [ways[way]["boundaries"]["facility"]["co2e_kg"] for way in ACCOUNTS]
    assert carbon[0] / carbon[1] == pytest.approx(88, abs=0.5)
    hours = [8 * 274_120, 200 * 6.8 * 24]
    assert hours[0] / hours[1] == pytest.approx(67, abs=0.5)
