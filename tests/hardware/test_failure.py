"""Failure rates, the interval that wastes least, and how much of the time gets on, beside what was published."""

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import rows
from simulator.errors import UnknownNameError
from simulator.hardware.failure import (
    AWAY,
    Failures,
    component_rates,
    enough_share,
    expected_effective_share,
    young_daly_s,
)

DAY_S = 86_400.0


def test_the_failures_of_llama_3_come_every_three_hours():
    """419 in 54 days on 2048 servers: one every 3.093 h; 148 of them are GPUs."""
    rates = component_rates("llama-3.1-405b")
    assert 1 / (2048 * sum(rates.values())) / 3600 == pytest.approx(54 * 24 / 419)
    assert rates["gpu"] / sum(rates.values()) == pytest.approx(148 / 419)
    assert "other" not in rates


@pytest.mark.parametrize(("gpus", "hours"), [(16_384, 1.8), (131_072, 0.23)])
def test_the_failures_of_rsc_1_come_as_often_as_its_authors_project(gpus, hours):
    """Kokolis et al. 2025: 6.50 failures in 1000 node-days of 8 GPUs."""
    assert 1 / (gpus / 8 * sum(component_rates("rsc-1").values())) / 3600 == pytest.approx(hours, rel=0.03)


def test_a_rate_alone_is_failures_of_one_machine_in_a_day():
    assert component_rates(0.5) == {"failure": 0.5 / DAY_S}


def test_every_component_of_the_catalogue_is_known_to_take_its_machine_away_or_not():
    columns = {column for row in rows("failure-rate").values() for column in row.columns if column.endswith("_count")}
    assert {column.removesuffix("_count") for column in columns} - {"node_days", "devices_per_node"} <= set(AWAY)
    assert all(component_rates(study) for study in rows("failure-rate"))


def test_an_unknown_study_is_an_error():
    with pytest.raises(UnknownNameError, match="failure-rate"):
        component_rates("nobodys")


@given(checkpoint_s=st.floats(1.0, 100.0), between_s=st.floats(1e5, 1e7), factor=st.floats(0.3, 3.0))
def test_no_other_interval_wastes_less_than_that_of_young(checkpoint_s, between_s, factor):
    """What is wasted of a unit of time, to first order: checkpoint / interval + interval / 2 / between."""

    def waste(every_s):
        return checkpoint_s / every_s + every_s / 2 / between_s

    best_s = young_daly_s(checkpoint_s, between_s)
    assert waste(best_s) <= waste(best_s * factor) * (1 + 1e-12)


@pytest.mark.parametrize(("restart_min", "every_min", "share"), [(10, 5, 0.93), (15, 30, 0.84)])
def test_the_closed_form_gives_what_its_authors_do(restart_min, every_min, share):
    """2048 servers, 3.79 failures in 1000 node-days, checkpoints that cost nothing."""
    rate_per_s = 2048 * 3.79e-3 / DAY_S
    found = expected_effective_share(rate_per_s, restart_min * 60.0, every_min * 60.0, 0.0)
    assert found == pytest.approx(share, abs=0.005)


def failures(**fields):
    return Failures(**{"rate": 0.1, "restart": "1 min", "repair": "1 d", **fields})


@pytest.mark.parametrize(("spares", "share"), [(0, exp(-1)), (1, 2 * exp(-1)), (2, 2.5 * exp(-1))])
def test_machines_away_are_poisson_and_spares_stand_in(spares, share):
    """10 machines, 0.1 a day, away for a day: one is away on average."""
    assert enough_share(failures(spares=spares), 10) == pytest.approx(share)


def test_there_are_always_enough_where_nothing_takes_a_machine_away(monkeypatch):
    monkeypatch.setitem(AWAY, "failure", False)
    assert enough_share(failures(), 1000) == 1.0


def test_thousands_of_spares_fit_a_float():
    """20 000 away on average: 20 000 spares are enough half of the time; none never."""
    many = failures(rate=1.0, spares=20_000)
    assert enough_share(many, 20_000) == pytest.approx(0.5, abs=0.005)
    assert enough_share(failures(rate=1.0), 20_000) == 1e-300
