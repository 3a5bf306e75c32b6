"""What was done once fades with the number of requests, and weighs as much as they do at N*."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_scenario, run

from simulator.columns import TABLES
from simulator.errors import UsageError
from simulator.footprint.accounting.accounts import build_accounts
from simulator.footprint.accounting.break_even import Service, crossing_requests, draw_services, find_services
from simulator.footprint.accounting.term import Total
from simulator.record.tables import from_rows
from simulator.units import SECONDS_PER_YEAR
from simulator.view import service_life

TRAIN = {"name": "train", "at": "lab/nodes", "units": 1, "time": "1 h", "utilisation": 1.0}
SERVE = {"name": "use", "at": "lab/nodes", "replicas": 1, "requests": 360, "during": "1 h", "service_time": "10 s"}
SERVE |= {"service": "constant", "arrivals": "regular", "utilisation": 1.0, "after": "train"}
positive = st.floats(1e-6, 1e6)


def a_service(once_kg, each_kg, rate_per_s=None, name="main", ledger="attributional"):
    once, each = (Total(value, "co2e_kg", "facility", ledger) for value in (once_kg, each_kg))
    return Service(name, once, each, rate_per_s)


@cache
def trained_and_asked(horizon=None, **footprint):
    """A server trains for an hour and answers a request every 10 s for an hour, at full load both."""
    data = a_scenario([TRAIN], footprint=footprint)
    more = {} if horizon is None else {"horizon": horizon}
    return run({**data, **more, "workloads": [{"train": TRAIN}, {"serve": SERVE}]})


def tables_of(result):
    return {name: result.table(name) for name in TABLES}


def services(result, criterion="co2e_kg"):
    return find_services(tables_of(result), result.account(), criterion)


@pytest.mark.parametrize(("batch_g", "published_count"), [(6.0, 20.9e9), (118.9, 1.05e9)])
def test_olmo_2_7b_breaks_even_where_it_was_published(batch_g, published_count):
    """Morrison et al. 2025, table 3 (quoted): 52 t of training, grams of 2400 prompts, at once or one a second."""
    found = a_service(52e3, batch_g * 1e-3 / 2400).break_even_requests
    assert found == pytest.approx(published_count, rel=0.01)


@given(positive, positive)
def test_at_the_break_even_a_request_comes_to_twice_itself(once_kg, each_kg):
    one = a_service(once_kg, each_kg)
    assert one.per_request(np.array([one.break_even_requests]))[0] == pytest.approx(2.0 * each_kg)


@given(positive, positive, positive, positive)
def test_where_two_ways_cross_they_come_to_the_same_whoever_is_first(once_kg, each_kg, other_kg, other_each_kg):
    a, b = a_service(once_kg, each_kg), a_service(other_kg, other_each_kg)
    at = crossing_requests(a, b)
    assert at == crossing_requests(b, a)
    if at is None:
        assert (once_kg - other_kg) * (each_kg - other_each_kg) >= 0.0
    else:
        alone = np.array([at])
        assert a.per_request(alone)[0] == pytest.approx(b.per_request(alone)[0], rel=1e-6)


def test_totals_of_two_ledgers_do_not_cross():
    with pytest.raises(UsageError, match="do not add up"):
        crossing_requests(a_service(1.0, 2.0), a_service(2.0, 1.0, ledger="consequential"))


def test_years_follow_from_the_rate():
    """Two requests a second are 2 x 31 557 600 a year."""
    assert a_service(2.0 * SECONDS_PER_YEAR, 0.5, 2.0).break_even_y == pytest.approx(2.0)
    assert a_service(1.0, 0.5).break_even_y is None
    assert a_service(1.0, 0.0, 2.0).break_even_requests is None


def test_a_run_tells_what_is_done_once_from_what_each_request_takes():
    """Both hold one server at full load for an hour: 5.245 kWh, over 360 requests."""
    (found,) = services(trained_and_asked(), "energy_j")
    assert found.once.value == pytest.approx(5.245 * 3.6e6)
    assert found.each.value == pytest.approx(5.245 * 3.6e6 / 360)
    assert found.break_even_requests == pytest.approx(360)
    assert found.rate_per_s == pytest.approx(0.1)
    assert found.once.boundary == "facility"


def test_what_was_tried_is_done_once():
    (found,) = services(trained_and_asked(development="olmo"), "energy_j")
    assert found.once.value == pytest.approx(1.5 * 5.245 * 3.6e6)


def test_trainings_that_were_tried_are_done_once_too():
    """A trial that drew 1 MJ and emitted 5 kg."""
    result = trained_and_asked()
    row = ("main", 0, 7, "no", "reached", 0.1, None, 9, 60.0, "facility", 1e6, 5.0, 1e6, 5.0)
    tables = {**tables_of(result), "trials": from_rows("trials", [row])}
    accounts = build_accounts(tables, {}, {}, ["co2e_kg"])
    (before,), (after,) = services(result), find_services(tables, accounts)
    assert after.once.value == pytest.approx(before.once.value + 5.0)
    assert after.each.value == before.each.value


def test_what_is_not_done_yet_has_no_break_even():
    assert services(trained_and_asked(horizon="30 min")) == []
    besides = {**SERVE, "after": []}
    data = {
        **a_scenario([TRAIN], horizon="90 min"),
        "workloads": [{"train": {**TRAIN, "time": "2 h"}}, {"serve": besides}],
    }
    assert services(run(data)) == []
    assert services(run(a_scenario([TRAIN]))) == []
    assert draw_services(tables_of(run(a_scenario([TRAIN]))), run(a_scenario([TRAIN])).account()) == {}


def test_draws_of_both_parts_are_draws_of_their_sum():
    """One luck: once + 360 x each is the account's own total, draw by draw."""
    result = trained_and_asked()
    accounts = result.account(criterion="co2e_kg")
    drawn = draw_services(tables_of(result), accounts, count=50, seed=3)["main"]
    whole = accounts.draws("co2e_kg", count=50, seed=3).of("main")
    assert drawn.once + 360 * drawn.each == pytest.approx(whole)
    assert drawn.per_request(np.array([360.0]))[:, 0] == pytest.approx(whole / 360)
    assert len(set(drawn.once.tolist())) > 1


def legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_the_figure_marks_where_training_and_use_weigh_the_same():
    result = trained_and_asked()
    draws = draw_services(tables_of(result), result.account(criterion="co2e_kg"), count=20)
    (one,) = services(result)
    figure = service_life.draw("test", [one], draws)
    dot, line = figure.axes[0].get_lines()
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((one.break_even_requests, 2.0 * one.each.value))
    assert line.get_ydata()[0] == pytest.approx(one.per_request(np.asarray(line.get_xdata()))[0])
    assert len(figure.axes[0].collections) == 1
    assert "equal at 360 requests" in legend(figure)[0]
    assert figure.axes[0].get_ylabel() == "CO2e of a request (life_cycle)"


def test_the_figure_has_a_line_where_two_ways_cross():
    figure = service_life.draw("test", [a_service(10.0, 3.0, name="few"), a_service(90.0, 1.0, name="many")])
    assert "few and many are equal at 40 requests" in legend(figure)


def test_nothing_that_is_asked_cannot_be_drawn():
    with pytest.raises(UsageError, match="run a scenario that trains and serves"):
        service_life.draw("test", [])
