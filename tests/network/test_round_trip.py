"""Published round trips as a model of latency: whose they are, what a cut adds, and what nobody measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import MADE_UP

from simulator.catalogue import rows
from simulator.errors import UsageError
from simulator.network.atlas import build_atlas
from simulator.network.importers.writing import write_tables
from simulator.network.round_trip import round_trip
from simulator.network.route import route
from simulator.network.tables import read_tables
from simulator.network.trip import cut, find_trip

ATLAS = build_atlas(2025)
pairs = st.sampled_from(list(rows("round-trip").values()))


@given(pair=pairs)
def test_a_measured_round_trip_is_the_published_one_there_and_back_on_the_way_of_policy(pair):
    a, b = pair.text("a"), pair.text("b")
    there, back = route(ATLAS, a, b, "measured"), route(ATLAS, b, a, "measured")
    assert there.rtt_ms == back.rtt_ms == pair.number("rtt_ms", "")
    assert there._replace(rtt_ms=0.0) == route(ATLAS, a, b)._replace(rtt_ms=0.0)


def test_a_region_is_measured_as_its_city():
    assert route(ATLAS, "aws:eu-west-2", "Dallas", "measured").rtt_ms == 113.0


def test_a_cut_on_the_way_adds_what_policy_says_it_is_longer_by():
    whole, less = (find_trip("dallas", "london", 2025, cables) for cables in ((), ("exa-north-south",)))
    found = find_trip("dallas", "london", 2025, ("exa-north-south",), "measured")
    assert less.rtt_ms > whole.rtt_ms
    assert found.rtt_ms == pytest.approx(113.0 + less.rtt_ms - whole.rtt_ms)
    assert found.longer_ms == pytest.approx(less.rtt_ms - whole.rtt_ms)
    assert found.hops == less.hops


@given(pair=pairs, cable=st.sampled_from(sorted({x.cable for *_, links in ATLAS.edges(data="links") for x in links})))
def test_no_cut_makes_a_measured_round_trip_shorter_and_one_elsewhere_leaves_it_alone(pair, cable):
    a, b = pair.text("a"), pair.text("b")
    found, whole = route(cut(ATLAS, [cable]), a, b, "measured"), route(ATLAS, a, b, "measured")
    assert found.rtt_ms >= whole.rtt_ms
    if cable not in whole.cables:
        assert found == whole


def test_a_pair_that_nobody_measured_is_named_with_the_nearest_ones_and_what_to_do():
    """Paris lies 343 km from London and 478 km from Frankfurt on the great circle."""
    with pytest.raises(UsageError) as caught:
        route(ATLAS, "paris", "tokyo", "measured")
    assert str(caught.value) == (
        "latency measured from paris to tokyo: nobody measured it; the nearest measured pairs are `london` to `tokyo` "
        "(343 km away) and `frankfurt` to `tokyo` (478 km away); "
        "take `latency: policy`, or add the pair to the table round_trips of an atlas of your own"
    )


def test_a_place_is_not_measured_to_itself():
    with pytest.raises(UsageError, match="latency measured from london to london: nobody measured it"):
        route(ATLAS, "london", "london", "measured")


def test_of_several_years_the_nearest_is_taken(tmp_path):
    """The pair was measured in 2006, 2020 and 2025."""
    measured = {2006: "140", 2020: "90", 2025: "77"}
    trips = [
        {"id": f"pair:{year}", "name": "Paris - New York", "a": "paris", "b": "new-york", "rtt_ms": ms}
        | {**MADE_UP, "year": str(year)}
        for year, ms in measured.items()
    ]
    write_tables(tmp_path / "mine", {"round-trip": trips})
    tables = read_tables(tmp_path / "mine")
    found = {year: round_trip("new-york", "paris", year, tables).text("rtt_ms") for year in (2000, 2019, 2030)}
    assert found == {2000: "140", 2019: "90", 2030: "77"}
