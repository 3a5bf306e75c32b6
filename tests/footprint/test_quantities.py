"""Seconds that pieces count, held and owned, by pen and paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.columns import TABLES
from simulator.footprint.quantities import in_service_s, piece_seconds
from simulator.record.tables import from_rows
from simulator.vocabulary import UNASSIGNED


def table(name, rows):
    return from_rows(name, [["main", *(row.get(column) for column in list(TABLES[name])[1:])] for row in rows])


def a_record(assets, held):
    names = ("asset", "workload", "from_s", "to_s", "share")
    return {
        "assets": table(
            "assets", [{"asset": name, "kind": "node", "owner": owner, "count": n} for name, owner, n in assets]
        ),
        "reservations": table("reservations", [dict(zip(names, row, strict=True)) for row in held]),
    }


def rows_of(record):
    return record["assets"].to_pylist()


ONE = [("a", "reserved", 4)]


def test_half_of_four_machines_for_eight_seconds_and_all_for_one_are_twenty():
    held = [("a", "x", 0.0, 8.0, 0.5), ("a", "x", 8.0, 9.0, 1.0)]
    assert piece_seconds(a_record(ONE, held), "main") == {("a", "x"): 20.0}


def test_what_stands_there_for_nobody_counts_apart():
    held = [("a", "x", 0.0, 8.0, 0.5), ("a", UNASSIGNED, 0.0, 8.0, 0.25)]
    record = a_record(ONE, held)
    assert piece_seconds(record, "main") == {("a", "x"): 16.0, ("a", UNASSIGNED): 8.0}
    assert in_service_s(rows_of(record), piece_seconds(record, "main"), 8.0, owned=False) == {"a": 24.0}


def test_of_everything_owned_each_machine_counts_for_the_whole_window():
    """Four machines for 100 s, though one worked for 10; a machine that nobody used too."""
    record = a_record([*ONE, ("b", "always", 3)], [("a", "x", 0.0, 10.0, 0.25)])
    found = in_service_s(rows_of(record), piece_seconds(record, "main"), 100.0, owned=True)
    assert found == {"a": 400.0, "b": 300.0}


def test_users_equipment_counts_as_it_was_used_in_both_totals():
    record = a_record([("phones", "users", 1000)], [("phones", "x", 0.0, 100.0, 0.02)])
    held = piece_seconds(record, "main")
    for owned in (False, True):
        assert in_service_s(rows_of(record), held, 5000.0, owned) == {"phones": pytest.approx(2000.0)}


def test_nothing_was_held():
    assert piece_seconds(a_record(ONE, []), "main") == {}


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 50), st.integers(0, 50), st.sampled_from([0.25, 0.5])))
)
def test_seconds_of_all_are_the_sum_over_who_held_them(drawn):
    held = [("a", who, float(begin), float(begin + length), share) for who, begin, length, share in drawn]
    record = a_record(ONE, held)
    seconds = piece_seconds(record, "main")
    whole = sum(4 * share * length for _, _, length, share in drawn)
    assert sum(seconds.values()) == pytest.approx(whole)
    assert in_service_s(rows_of(record), seconds, 100.0, owned=False).get("a", 0.0) == pytest.approx(whole)
