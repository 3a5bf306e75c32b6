"""Every field of a method changes an account, and one that cannot be says why."""

from functools import cache

import pytest
from pydantic import ValidationError
from strategies import a_federate_scenario, run

from simulator.footprint.accounting.lineage import Lineage
from simulator.footprint.accounting.method import BASES, EQUIPMENT, NETWORKS, Method
from simulator.footprint.sharing.rules import RULES
from simulator.vocabulary import CRITERIA, LEDGERS, UNASSIGNED

CHANGES = {
    "ledger": "consequential",
    "rule": "used",
    "basis": "active",
    "equipment": "time-share",
    "grid": "carbontracker",
    "embodied": "boavizta",
    "lives": {"phone": {"lifetime": "5 y"}},
    "weights": {"federate": 1.0, "train": 9.0},
    "development": {"ratio": 0.5, "source": "ours"},
    "network": "per-byte",
}
"""By field: another value than that of the base."""
ELSEWHERE = {"lineage"}
"""What no account of one run shows (tests/footprint/test_lineage.py)."""


@cache
def a_result():
    """Phones, and machines that stand there all the time, one of which trains."""
    data = a_federate_scenario(horizon="10 min")
    data["world"]["datacenters"]["lab"]["devices"]["gpus"]["owned"] = "always"
    train = {"at": "lab/gpus", "units": 1, "time": "2 min", "utilisation": 1.0, "start": "3 min"}
    data["workloads"].append({"train": train})
    return run(data)


def by_workload(found, criterion):
    known = found.boundaries("main", criterion)
    return found.by_workload(criterion) if known else {}


@pytest.mark.parametrize("field", CHANGES)
def test_every_field_of_a_method_changes_an_account(field):
    prices = {"rule": "economic", "weights": {"federate": 1.0, "train": 1.0}} if field == "weights" else {}
    base, changed = (a_result().account(**{**prices, **change}) for change in ({}, {field: CHANGES[field]}))
    before, after = ({criterion: by_workload(found, criterion) for criterion in CRITERIA} for found in (base, changed))
    assert before != after


def test_every_field_has_its_change():
    assert set(CHANGES) | ELSEWHERE == set(Method.model_fields)
    assert Method.model_fields["lineage"].annotation == Lineage | None


WORDS = [("ledger", LEDGERS), ("rule", RULES), ("basis", BASES), ("equipment", EQUIPMENT), ("network", NETWORKS)]


@pytest.mark.parametrize(("field", "words"), WORDS)
def test_words_are_those_of_a_table_and_no_others(field, words):
    for word in words:
        weights = {"weights": {"a": 1.0}} if word == "economic" else {}
        assert getattr(Method.model_validate({field: word, **weights}), field) == word
    with pytest.raises(ValidationError):
        Method.model_validate({field: "fair"})


def test_without_a_word_a_method_is_the_average_by_reservations_and_the_calendar():
    method = Method()
    assert (method.ledger, method.rule, method.basis, method.equipment) == (
        "attributional",
        "reserved",
        "calendar",
        "as-run",
    )


@pytest.mark.parametrize("field", ["grid", "embodied"])
def test_one_set_may_stand_alone(field):
    assert getattr(Method.model_validate({field: "boavizta"}), field) == ["boavizta"]


@pytest.mark.parametrize(
    ("said", "path", "sentence"),
    [
        ({"rule": "economic"}, ("weights",), "the rule `economic` shares by prices; give `weights: {workload: price}`"),
        (
            {"weights": {"a": 1.0}},
            ("weights",),
            "prices are for `rule: economic`, and it is `reserved`; keep one of them",
        ),
        (
            {"lives": {"phoen": {"lifetime": "5 y"}}},
            ("lives", "phoen"),
            "nothing that is made is called 'phoen'; did you mean `phone`?",
        ),
        (
            {"lives": {"xyzzy": {"lifetime": "5 y"}}},
            ("lives", "xyzzy"),
            "nothing that is made is called 'xyzzy'; give a device, a server, a class such as `phone`, or `rack`",
        ),
    ],
)
def test_what_cannot_be_says_why(said, path, sentence):
    assert list(Method.model_validate(said).faults()) == [(path, sentence)]


def test_a_method_that_can_be_has_no_fault():
    said = {
        "rule": "economic",
        "weights": {"a": 1.0},
        "lives": {"phone": {"lifetime": "5 y"}, "rack": {"lifetime": "9 y"}},
    }
    assert list(Method.model_validate(said).faults()) == []


def test_by_prices_who_pays_more_bears_more():
    found = a_result().account("economic", criterion="energy_j", weights={"federate": 1.0, "train": 3.0})
    idle = [t for t in found.terms if t.activity == "idle"]
    shares = {name: sum(t.amount for t in idle if t.workload == name) for name in ("federate", "train", UNASSIGNED)}
    assert shares["train"] == pytest.approx(3 * shares["federate"])
    assert shares[UNASSIGNED] == 0.0
