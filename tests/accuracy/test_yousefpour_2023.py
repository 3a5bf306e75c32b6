"""Green Federated Learning: laws found by models that really learn, shares calibrated on one of them, int8.

Figures and gates are typed here.
"""

import re

import pytest

import simulator as sim
from simulator.catalogue import rows
from simulator.footprint.entries import accounts, read_log
from simulator.study.federated_exact import compressed_ratio, smaller_ratio
from simulator.study.federated_laws import r2
from simulator.study.federated_parts import Case, asynchronous, fitted, parts_of, phones_j, synchronous
from simulator.study.federated_shares import cases

LOW_HIGH = {"compute": (0.46, 0.50), "upload": (0.27, 0.29), "download": (0.22, 0.24), "server": (0.01, 0.02)}
DOING = ("compute", "download", "upload", "waste")


@pytest.fixture(scope="module")
def laws():
    return sim.accuracy("fl-laws")


@pytest.fixture(scope="module")
def shares():
    return sim.accuracy("fl-shares")


def column(report, place, what):
    """A column of the aside of the settings whose name begins so, without its interval."""
    found = {line[0]: float(line[place].split()[0]) for line in report.aside.lines if line[0].startswith(what)}
    return {int(label.rsplit(" ", 1)[1]): value for label, value in found.items()}


def test_the_table_restates_what_was_printed():
    for name, (low, high) in LOW_HIGH.items():
        assert rows("federated")[f"yousefpour-{name}"].find_range("value_share") == (low, high)
    assert rows("federated")["yousefpour-task"].find_range("total_kgco2e") == (5.0, 20.0)
    assert rows("federated")["yousefpour-epochs"].find_range("epochs_count") == (1.0, 3.0)
    assert rows("federated")["yousefpour-concurrency"].find_range("value_ratio") == (1.5, 2.0)


def test_every_gate_of_the_laws_is_met(laws):
    print(*laws.summary, *laws.aside.lines, sep="\n")
    assert laws.passed


def test_energy_is_linear_in_rounds_and_in_time(laws):
    for line in laws.summary[1:]:
        assert 0.99 < float(line.partition("R2 ")[2].split()[0]) <= 1.0, line


def test_few_local_epochs_are_best_and_many_cost_far_more(laws):
    joules, rounds = column(laws, 3, "local epochs"), column(laws, 1, "local epochs")
    assert list(joules) == [1, 2, 3, 5, 10, 20]
    assert min(joules, key=joules.get) <= 3
    assert joules[20] > 1.5 * min(joules.values())
    assert rounds[20] < rounds[1]


def test_ten_times_the_cohort_needs_at_most_half_fewer_rounds_and_far_more_energy(laws):
    rounds, joules = column(laws, 1, "cohort"), column(laws, 3, "cohort")
    for few, many in ((5, 50), (10, 100)):
        assert 1.0 <= rounds[few] / rounds[many] <= 2.0
        assert joules[many] > 5.0 * joules[few]


def test_every_mean_is_shown_with_its_interval(laws):
    assert all(cell.endswith("]") for line in laws.aside.lines for cell in line[1:])


def test_a_bent_line_is_not_straight():
    assert r2([(1.0, 1.0), (2.0, 4.0), (3.0, 9.0), (4.0, 16.0), (8.0, 64.0)]) < 0.97


def test_computing_is_calibrated_and_says_so(shares):
    (computing,) = [one for one in shares.comparisons if "computing" in one.what]
    assert computing.verdict == "carried"
    assert computing.ours == pytest.approx(0.48, abs=0.002)
    assert shares.aside.columns[2] == "compute (calibrated)"


def test_the_parts_are_all_there_is(shares):
    fit = fitted(Case())
    for task in (asynchronous(fit), synchronous(fit)):
        assert sum(parts_of(task, fit)) == pytest.approx(sum(task.found.place_j.values()), rel=1e-9)


def recorded_j(found):
    """Joules of the devices alone, without lines, by what the account says they did."""
    drawn = [entry for entry in accounts(read_log(found.tables, "main")).drawn if entry.boundary == "devices"]
    return {doing: sum(entry.energy_j for entry in drawn if entry.activity == doing) for doing in DOING}


def test_what_phones_do_takes_what_is_recorded_of_it_and_some_of_what_was_in_vain():
    fit = fitted(Case())
    for play in (asynchronous, synchronous):
        task = play(fit)
        recorded, compute_j = recorded_j(task.found), parts_of(task, fit).compute_j
        found = {"compute": compute_j, "download": task.receive_j, "upload": task.send_j}
        for doing, joules in found.items():
            assert recorded[doing] < joules < recorded[doing] + recorded["waste"]
        assert sum(found.values()) == pytest.approx(sum(recorded.values()), rel=1e-9)


def test_computing_is_what_is_left_where_phones_draw_for_nothing_else():
    fit = fitted(Case())
    alone = asynchronous(fit._replace(case=fit.case.alone(0)))
    assert phones_j(alone.found) == pytest.approx(parts_of(asynchronous(fit), fit).compute_j, rel=1e-9)


def test_the_rest_is_of_the_published_size_and_has_no_gate(shares):
    """Within the network's models and ends of assumed rows lie up 28 % and down 23 %, the server's 1.5 %, and 5 kg."""
    assert shares.passed
    assert all("no gate" in one.verdict for one in shares.comparisons[1:])
    for place, published in ((3, 28.0), (4, 23.0), (5, 1.5), (6, 5.0)):
        every = [float(line[place].rstrip("%")) for line in shares.aside.lines]
        assert min(every) < published < max(every), shares.aside.columns[place]


def test_each_row_says_between_what_it_lies_over_what_is_assumed(shares):
    for place, one in enumerate(shares.comparisons[1:4], start=3):
        every = [float(line[place].rstrip("%")) / 100.0 for line in shares.aside.lines]
        low, high = map(float, re.search(r"ours (\S+) to (\S+) over", one.what).groups())
        assert (low, high) == pytest.approx((min(every), max(every)), abs=1e-3)


def test_every_case_is_another(shares):
    every = [case for _, case in cases()]
    assert len(set(every)) == len(every) == len(shares.aside.lines) - 1
    assert Case() not in every


def test_eight_bits_are_1_82_times_less_by_a_run_too():
    """1 / (0.4 + 0.6 / 4) = 1.8182; latencies and the 32 bits of a scale do not shrink."""
    assert smaller_ratio(0.6, 4.0) == pytest.approx(1.8182, abs=5e-5)
    assert compressed_ratio() == pytest.approx(1.82, rel=0.01)
    assert compressed_ratio() < smaller_ratio(0.6, 4.0)


def test_the_scenario_is_as_its_header_says():
    found = sim.run("papers/green_fl")
    jobs = {job["paradigm"]: (job["end_s"] - job["begin_s"]) / 3600 for job in found.jobs.to_pylist()}
    kg = {name: one["boundaries"]["devices"]["co2e_kg"] for name, one in found.summary["paradigms"].items()}
    assert jobs == pytest.approx({"sync": 3.20, "async": 2.39}, abs=0.01)
    assert kg == pytest.approx({"sync": 2.90, "async": 2.55}, abs=0.02)
