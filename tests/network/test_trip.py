"""Ways as a person asks for them, and cables that are cut."""

import json

import pytest

import simulator as sim
from simulator.network.atlas import build_atlas
from simulator.network.element import way_elements
from simulator.network.trip import cable_name, cut, find_trip, latest_year


def test_a_trip_is_its_hops_one_after_the_other():
    found = sim.route("paris", "tokyo", year=2025)
    assert (found.hops[0].start, found.hops[-1].end) == ("paris", "tokyo")
    assert all(before.end == after.start for before, after in zip(found.hops, found.hops[1:], strict=False))
    assert sum(hop.km for hop in found.hops) == pytest.approx(found.km)
    assert found.cables == tuple(hop.cable for hop in found.hops)
    assert found.rtt_ms > found.lower_bound_ms > 2 * 9_700 * 4.9e-3


def test_a_gigabyte_costs_what_its_elements_do():
    """Paris to Grenoble: 18.02 nJ/b, 8e9 bits, 3.6e6 J in a kWh."""
    found = sim.route("paris", "grenoble", year=2025)
    assert found.energy_kwh_per_gb == pytest.approx(18.02e-9 * 8e9 / 3.6e6)
    elements = way_elements(build_atlas(2025), ("paris", "lyon", "grenoble")).elements
    assert found.energy_kwh_per_gb * 3.6e6 / 8e9 == pytest.approx(sum(e.slope_j_per_b for e in elements.values()))


def test_there_and_back_is_the_same_way():
    there, back = (sim.route(*ends, year=2025) for ends in (("lisbon", "mumbai"), ("mumbai", "lisbon")))
    assert (there.rtt_ms, there.km, there.cables) == (pytest.approx(back.rtt_ms), back.km, back.cables[::-1])


def test_an_edge_loses_a_cable_and_goes_with_its_last_one():
    whole = build_atlas(2025)
    shared = next((a, b, links) for a, b, links in whole.edges(data="links") if len({x.cable for x in links}) == 2)
    a, b, links = shared
    first, last = (link.cable for link in links)
    left = cut(whole, [first])
    assert left.edges[a, b]["cables"] == (last,)
    known = [link.capacity_bps for link in links if link.cable == last]
    assert left.edges[a, b]["capacity_bps"] == known[0]
    assert not cut(whole, [first, last]).has_edge(a, b)
    assert whole.edges[a, b]["cables"] == (first, last)


def test_every_cable_that_is_used_can_be_cut_and_the_way_is_no_cheaper():
    whole = sim.route("london", "mumbai", year=2025)
    for cable in dict.fromkeys(hop.cable for hop in whole.hops if hop.kind == "submarine"):
        left = sim.route("london", "mumbai", year=2025, without=[cable])
        assert cable not in left.cables
        assert left.lower_bound_ms >= whole.lower_bound_ms


def test_tonga_is_an_island_of_one_cable():
    with pytest.raises(sim.SimulatorError, match="what is cut leaves no cable between them"):
        sim.route("nukualofa", "los-angeles", year=2025, without=["tonga"])


def test_in_2008_all_cables_from_europe_to_egypt_but_one_are_cut():
    """FLAG Europe-Asia and SeaMeWe-4 on 30 January 2008: SeaMeWe-3 alone is left from Europe to Egypt."""
    found = sim.route("marseille", "alexandria", year=2007, without=["sea-me-we-4", "fea"])
    assert [hop.cable for hop in found.hops if hop.kind == "submarine" and "alexandria" in (hop.start, hop.end)] == [
        "sea-me-we-3"
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"without": ["sea-me-we-55"]}, "did you mean `sea-me-we-"),
        ({"without": ["2africa"], "year": 2010}, "2africa.*is not in service in 2010"),
        ({"latency": "fast"}, "there is `policy`, `lower_bound`, `measured`"),
        ({"year": 1900}, "no cable joins them in 1900|no cable reaches"),
    ],
)
def test_what_cannot_be_is_told_with_what_there_is(arguments, sentence):
    with pytest.raises(sim.SimulatorError, match=sentence):
        sim.route("paris", "tokyo", **{"year": 2025, **arguments})


def test_the_year_is_that_of_the_newest_cable_where_nobody_says():
    assert sim.route("paris", "tokyo").year == latest_year() >= 2025
    assert find_trip("aws:us-east-1", "gcp:europe-west9", 2025).hops[0].start == "ashburn"
    assert cable_name("sea-me-we-5") == "SeaMeWe-5"


def test_the_command_shows_it_for_people_and_for_programs(aiceberg):
    import subprocess

    def call(*arguments):
        return subprocess.run([aiceberg, "route", *arguments], capture_output=True, text=True, check=False, timeout=60)

    shown = call("paris", "grenoble", "--year", "2025")
    assert shown.returncode == 0
    assert "2025: 656 km in 2 hops, round trip 11.6 ms (policy), light on the shortest way 6.4 ms" in shown.stdout
    assert "energy 0.04 Wh/GB" in shown.stdout
    data = json.loads(call("paris", "tokyo", "--year", "2025", "--without", "exa-express", "--json").stdout)
    assert "exa-express" not in [hop["cable"] for hop in data["hops"]]
    measured = call("london", "dallas", "--year", "2025", "--latency", "measured")
    assert "round trip 113.0 ms (measured), light" in measured.stdout
    wrong = call("pariss", "tokyo")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
    assert "did you mean `paris`" in wrong.stderr
