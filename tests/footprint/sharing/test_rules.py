"""Every rule: pen and paper on one day and night, and what must hold of all of them."""

from math import fsum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import MissingValueError, UsageError
from simulator.footprint.sharing.rules import RULES, allocate
from simulator.footprint.sharing.usage import Usage
from simulator.vocabulary import UNASSIGNED

HALF_DAY = 43_200.0
CONSERVING = [name for name, rule in RULES.items() if rule.conserving]
every_rule = pytest.mark.parametrize("rule", RULES)


def day_and_night(workloads=("day", "night")):
    """20 machines, all in service: 12 by day of which 8 work, 5 by night that all work; 6 kWh, 4 kWh, and 2 idle."""
    reserved, used = np.array([[0.6, 0.0], [0.0, 0.25]]), np.array([[0.4, 0.0], [0.0, 0.25]])
    edges_s = np.array([0.0, HALF_DAY, 2 * HALF_DAY])
    return Usage("gpus", workloads, edges_s, np.ones(2), reserved, used, np.array([6.0, 4.0]) * 3.6e6, 2.0 * 3.6e6)


@pytest.mark.parametrize(
    ("rule", "day", "night", "unassigned"),
    [
        ("reserved", 0.3, 0.125, 0.575),  # 0.6 x 12 h and 0.25 x 12 h of 24 h
        ("used", 8 / 13, 5 / 13, 0.0),
        ("energy", 0.6, 0.4, 0.0),
        ("reserve-then-use", 0.5, 0.5, 0.0),  # each has half a day to itself, and so all that is left in it
        ("shapley", 0.475 / 0.6, 0.125 / 0.6, 0.0),  # 0.125 for each half day, and 0.35 for the higher one: 0.79
        ("economic", 0.75, 0.25, 0.0),
        ("sunk", 0.0, 0.0, 0.0),
    ],
)
def test_a_day_and_a_night_by_pen_and_paper(rule, day, night, unassigned):
    found = allocate(rule, day_and_night(), {"day": 3.0, "night": 1.0})
    assert found == pytest.approx({"day": day, "night": night, UNASSIGNED: unassigned})


def test_day_and_night_have_all_their_rules():
    assert set(RULES) == {"reserved", "used", "energy", "reserve-then-use", "shapley", "economic", "sunk"}


def test_reserved_time_alone_is_the_software_carbon_intensity():
    """M = TE x (TiR / EL) x (RR / ToR): 84 kg a machine, 12 of 20 for half a day, 4 years: 0.6 x 0.5 d of 1461 d."""
    share = allocate("reserved", day_and_night())["day"]
    whole_kg = 20 * 84.0 * 2 * HALF_DAY / (1461 * 86400.0)
    assert share * whole_kg == pytest.approx(20 * 84.0 * (0.5 / 1461) * (12 / 20))


def test_machines_that_leave_service_are_borne_by_those_who_stayed():
    """In service for 10 s, half of them for 10 s more: 15 piece-seconds, 10 of a's half."""
    edges_s, in_service = np.array([0.0, 10.0, 20.0]), np.array([1.0, 0.5])
    usage = Usage("gpus", ("a",), edges_s, in_service, np.array([[0.5, 0.5]]))
    assert allocate("reserved", usage) == pytest.approx({"a": 2 / 3, UNASSIGNED: 1 / 3})


@st.composite
def usages(draw):
    """Machines of which up to four workloads reserve and use some, step by step, all of it in whole pieces."""
    count, steps, workloads = 24, draw(st.integers(1, 5)), draw(st.integers(1, 4))
    lengths = draw(st.lists(st.integers(1, 100), min_size=steps, max_size=steps))
    reserved, used = np.zeros((workloads, steps)), np.zeros((workloads, steps))
    free = np.full(steps, count)
    for workload in range(workloads):
        for step in range(steps):
            held = draw(st.integers(0, int(free[step]) // 2)) * 2
            free[step] -= held
            reserved[workload, step] = held / count
            used[workload, step] = draw(st.integers(0, held)) / count
    spare = np.array([draw(st.integers(0, int(left))) for left in free])
    in_service = (count - free + spare) / count
    joules = draw(st.lists(st.integers(0, 1000), min_size=workloads, max_size=workloads))
    edges_s = np.concatenate(([0.0], np.cumsum(lengths)))
    idle_j = float(draw(st.integers(0, 1000)))
    return Usage(
        "gpus", tuple("abcd"[:workloads]), edges_s, in_service, reserved, used, np.array(joules, float), idle_j
    )


def with_workload(usage, name, reserved, used, energy_j):
    return usage._replace(
        workloads=(*usage.workloads, name),
        reserved=np.vstack([usage.reserved, reserved]),
        used=np.vstack([usage.used, used]),
        energy_j=np.append(usage.energy_j, energy_j),
    )


def halved(usage):
    """The last workload cut into two of half its machines, use and joules."""
    last = usage.workloads[-1]
    halves = usage._replace(
        workloads=(*usage.workloads[:-1], f"{last}1"),
        **{name: np.concatenate((getattr(usage, name)[:-1], getattr(usage, name)[-1:] / 2)) for name in ARRAYS},
    )
    return with_workload(halves, f"{last}2", *(getattr(halves, name)[-1:] for name in ARRAYS))


ARRAYS = ("reserved", "used", "energy_j")
PRICES = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "none": 9.0}


def shares(rule, usage, prices=None):
    return allocate(rule, usage, prices or PRICES)


@every_rule
@given(usages())
def test_shares_are_not_negative_and_sum_to_one_with_what_is_unassigned(rule, usage):
    found = shares(rule, usage)
    assert list(found) == [*usage.workloads, UNASSIGNED]
    assert min(found.values()) >= 0.0
    assert fsum(found.values()) == pytest.approx(1.0 if RULES[rule].conserving else 0.0, abs=1e-9)


@every_rule
@given(usages())
def test_workloads_that_do_the_same_bear_the_same(rule, usage):
    twins = halved(usage)
    first, second = twins.workloads[-2:]
    found = shares(rule, twins, PRICES | {first: 5.0, second: 5.0})
    assert found[first] == pytest.approx(found[second], abs=1e-12)


@every_rule
@given(usages())
def test_who_takes_no_part_bears_nothing_and_changes_nothing(rule, usage):
    steps = np.zeros((1, len(usage.in_service)))
    found = shares(rule, with_workload(usage, "none", steps, steps, 0.0))
    assert found == pytest.approx({**shares(rule, usage), "none": 0.0}, abs=1e-12)


@every_rule
@given(usages())
def test_a_job_cut_in_two_bears_together_what_it_bore_and_so_do_the_others(rule, usage):
    last = usage.workloads[-1]
    half = {f"{last}1": PRICES[last] / 2, f"{last}2": PRICES[last] / 2}
    whole, cut = shares(rule, usage), shares(rule, halved(usage), PRICES | half)
    assert cut.pop(f"{last}1") + cut.pop(f"{last}2") == pytest.approx(whole.pop(last), abs=1e-12)
    assert cut == pytest.approx(whole, abs=1e-12)


@every_rule
@given(usages())
def test_other_names_change_nothing(rule, usage):
    names = dict(zip(usage.workloads, ("w", "x", "y", "z"), strict=False))
    renamed = usage._replace(workloads=tuple(names.values()))
    found = shares(rule, renamed, {names[name]: PRICES[name] for name in names})
    assert found == {names.get(name, name): share for name, share in shares(rule, usage).items()}


@every_rule
@given(usages(), st.randoms(use_true_random=False))
def test_the_order_of_the_workloads_changes_nothing(rule, usage, luck):
    order = list(range(len(usage.workloads)))
    luck.shuffle(order)
    arrays = {name: getattr(usage, name)[order] for name in ARRAYS}
    mixed = usage._replace(workloads=tuple(usage.workloads[n] for n in order), **arrays)
    assert shares(rule, mixed) == pytest.approx(shares(rule, usage), abs=1e-12)


@every_rule
@given(usages(), st.floats(0.1, 0.9))
def test_cutting_a_step_in_two_changes_nothing(rule, usage, part):
    begin_s, end_s = usage.edges_s[:2]
    edges_s = np.insert(usage.edges_s, 1, begin_s + part * (end_s - begin_s))
    twice = {name: np.concatenate((getattr(usage, name)[:, :1], getattr(usage, name)), axis=1) for name in ARRAYS[:2]}
    cut = usage._replace(edges_s=edges_s, in_service=np.insert(usage.in_service, 0, usage.in_service[0]), **twice)
    assert shares(rule, cut) == pytest.approx(shares(rule, usage), abs=1e-9)


@pytest.mark.parametrize("rule", CONSERVING)
def test_what_was_never_in_service_is_unassigned(rule):
    usage = Usage("gpus", (), np.zeros(1), np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0), 0.0)
    assert allocate(rule, usage) == {UNASSIGNED: 1.0}


def a_link():
    """A cable that carried 3 and 1 bits of two workloads, which nobody reserves."""
    used = np.array([[0.75], [0.25]])
    return Usage("a>b", ("x", "y"), np.array([0.0, 5.0]), np.ones(1), None, used, np.array([3.0, 1.0]), 0.0)


@pytest.mark.parametrize("rule", ["used", "energy"])
def test_a_link_is_shared_by_what_it_carried(rule):
    assert allocate(rule, a_link()) == pytest.approx({"x": 0.75, "y": 0.25, UNASSIGNED: 0.0})


@pytest.mark.parametrize("rule", ["reserved", "reserve-then-use", "shapley"])
def test_a_link_that_nobody_reserves_has_no_share_by_reservations(rule):
    with pytest.raises(UsageError, match=r"a>b: nobody reserves such an asset.*share it by `used` or `energy`"):
        allocate(rule, a_link())


def test_a_link_can_be_shared_by_prices():
    assert allocate("economic", a_link(), {"x": 1.0, "y": 4.0}) == pytest.approx({"x": 0.2, "y": 0.8, UNASSIGNED: 0.0})


def test_a_workload_without_a_price_is_asked_for_one():
    with pytest.raises(MissingValueError, match=r"workload 'night' has no price.*give one"):
        allocate("economic", day_and_night(), {"day": 1.0})


def test_prices_that_are_all_zero_tell_no_part():
    with pytest.raises(UsageError, match="all are 0: no part can be told; give one above 0"):
        allocate("economic", day_and_night(), {"day": 0.0, "night": 0.0})


@pytest.mark.parametrize("price", [-1.0, float("inf"), float("nan")])
def test_a_price_is_a_part_of_a_sum(price):
    with pytest.raises(UsageError, match="it cannot be a part of a sum; give 0 or more"):
        allocate("economic", day_and_night(), {"day": price, "night": 1.0})


def test_a_rule_that_is_none_is_told_those_that_are():
    with pytest.raises(UsageError, match="there is no such rule; take one of reserved, used, energy"):
        allocate("fair", day_and_night())


def test_every_rule_says_when_to_take_it_and_who_proposed_it():
    assert [name for name, rule in RULES.items() if not (rule.when and rule.source)] == []


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if not rule.needs_log])
def test_rules_that_need_no_log_are_content_without_it(rule):
    usage = day_and_night()._replace(used=None, energy_j=None, idle_j=None)
    assert shares(rule, usage, {"day": 1.0, "night": 1.0})


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.needs_log])
def test_the_others_do_not_guess(rule):
    with pytest.raises(AssertionError, match="the log was not read"):
        allocate(rule, day_and_night()._replace(used=None, energy_j=None, idle_j=None))
