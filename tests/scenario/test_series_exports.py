"""Grid intensities as others publish them: which column, which zone, whose clocks, and what is missing."""

import pytest
from strategies import a_scenario

import simulator as sim
from simulator.errors import UsageError
from simulator.hardware.grid import GridSeries
from simulator.scenario.load import dump
from simulator.scenario.series import read_series

MAPS = (
    "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO\N{SUBSCRIPT TWO}eq/kWh (direct),"
    "Carbon intensity gCO\N{SUBSCRIPT TWO}eq/kWh (Life cycle),Carbon-free energy percentage (CFE%),"
    "Renewable energy percentage (RE%),Data source,Data estimated,Data estimation method\n"
)
"""The first line of an hourly file of Electricity Maps, as of 2025."""
OLD_MAPS = (
    "Datetime (UTC),Country,Zone Name,Zone Id,Carbon Intensity gCO\N{SUBSCRIPT TWO}eq/kWh (direct),"
    "Carbon Intensity gCO\N{SUBSCRIPT TWO}eq/kWh (LCA),Low Carbon Percentage,Renewable Percentage,Data Source,"
    "Data Estimated,Data Estimation Method\n"
)
"""As of 2023."""
NESO = "Datetime (UTC),Actual Carbon Intensity (gCO2/kWh),Forecast Carbon Intensity (gCO2/kWh),Index\n"
"""What carbonintensity.org.uk saves."""
ENTSOE = '"MTU (CET/CEST)","Area","Intensity (gCO2e/kWh)"\n'
"""The times and areas of the Transparency Platform, beside an intensity that somebody computed."""
GPUS = {"at": "lab/gpus", "time": "3 h", "utilisation": 1.0}


def maps_row(hour, direct, life_cycle, zone="FR", estimated="false"):
    return f"2025-01-01 {hour:02}:00:00,France,France,{zone},{direct},{life_cycle},95.1,25.3,rte.fr,{estimated},\n"


def maps(hours=range(6), zone="FR", head=MAPS):
    return head + "".join(maps_row(hour, 20 + hour, 50 + hour, zone) for hour in hours)


@pytest.fixture
def read(tmp_path):
    """Read a file by what is said of it."""

    def write(text, **said):
        (tmp_path / "grid.csv").write_text(text, encoding="utf-8")
        return read_series(tmp_path / "grid.csv", GridSeries.model_validate({"file": "grid.csv", **said}))

    return write


@pytest.fixture
def run(tmp_path):
    """Run three hours of eight cards in a place with a series; the start and what is said of the file."""

    def of(text, said, start="2025-01-01", training=GPUS):
        data = a_scenario([training], start=start)
        lab = data["world"]["datacenters"]["lab"]
        del lab["grid"]
        lab["grid_series"] = {"file": "grid.csv", **said}
        (tmp_path / "grid.csv").write_text(text, encoding="utf-8")
        (tmp_path / "s.yaml").write_text(dump(data))
        return sim.run(tmp_path / "s.yaml")

    return of


def co2e_kg(result):
    return result.summary["paradigms"]["main"]["boundaries"]["facility"]["co2e_kg"]


def source(result):
    (found,) = {r["source"] for r in result.table("signals").to_pylist() if r["signal"] == "grid_gco2e_per_kwh"}
    return found


def test_of_electricity_maps_the_life_cycle_is_read_unless_direct_emissions_are_asked_for(read):
    assert read(maps()).values == (50, 51, 52, 53, 54, 55)
    assert read(maps(), column="life_cycle").source.endswith(
        "(Life cycle)`: average over the life cycle; 0 of 6 values estimated by its publisher"
    )
    direct = read(maps(), column="direct")
    assert direct.values == (20, 21, 22, 23, 24, 25)
    assert "(direct)`: direct emissions of power stations alone, not of their life cycle" in direct.source


def test_headers_of_electricity_maps_of_before_2025_are_read_too(read):
    assert read(maps(head=OLD_MAPS)).values == (50, 51, 52, 53, 54, 55)
    assert "average over the life cycle" in read(maps(head=OLD_MAPS)).source
    assert read(maps(head=OLD_MAPS), column="direct").values[0] == 20


def test_a_column_named_as_the_file_does_says_as_much_as_its_word(read):
    named = read(maps(), column="Carbon intensity gCO\N{SUBSCRIPT TWO}eq/kWh (direct)")
    assert named == read(maps(), column="direct")


def test_a_byte_order_mark_is_no_part_of_the_header(read):
    assert read("\N{ZERO WIDTH NO-BREAK SPACE}" + maps()).values[0] == 50


def test_values_that_the_publisher_estimated_are_counted(read):
    text = MAPS + maps_row(0, 20, 50) + maps_row(1, 20, 51, estimated="true") + maps_row(2, 20, 52)
    assert "; 1 of 3 values estimated by its publisher" in read(text).source


def test_of_several_zones_one_is_asked_for(read):
    both = maps() + maps(zone="DE").removeprefix(MAPS)
    assert read(both, zone="fr").values == (50, 51, 52, 53, 54, 55)
    with pytest.raises(UsageError, match="holds several zones, `FR`, `DE`; say which is meant as `zone:`"):
        read(both)
    with pytest.raises(UsageError, match="holds no zone `ES`; there is `FR`, `DE`"):
        read(both, zone="ES")


def test_the_co2e_is_the_energy_of_each_hour_by_its_value(run):
    """8 x 400 W x 1.25 = 4 kW; hours of 50, 51 and 52 g, and 20, 21 and 22 g that the stations themselves emit."""
    assert co2e_kg(run(maps(), {})) == pytest.approx(4 * (50 + 51 + 52) / 1000)
    result = run(maps(), {"column": "direct"})
    assert co2e_kg(result) == pytest.approx(4 * (20 + 21 + 22) / 1000)
    assert "direct emissions of power stations alone" in source(result)
    assert list(result.manifest["files"]) == ["grid.csv"]


def neso(*rows):
    return NESO + "".join(f"{time},{actual},{forecast},low\n" for time, actual, forecast in rows)


HALVES = neso(*((f"2025-01-01T0{n // 2}:{30 * (n % 2):02}Z", 100 + n, 200 + n) for n in range(8)))


def test_half_hours_of_great_britain_are_read_where_their_column_is_said(read, run):
    assert read(HALVES, column="actual").values == tuple(range(100, 108))
    assert "`Actual Carbon Intensity (gCO2/kWh)`: direct emissions" in read(HALVES, column="actual").source
    assert ": forecast; direct emissions" in read(HALVES, column="forecast").source
    assert co2e_kg(run(HALVES, {"column": "forecast"})) == pytest.approx(2 * sum(range(200, 206)) / 1000)
    state = "holds `actual` and `forecast` of NESO, direct emissions of power stations alone, not of their life cycle"
    with pytest.raises(UsageError, match=f"{state}; say which is meant as `column:`"):
        read(HALVES)


def test_the_fields_of_the_british_interface_are_read_by_their_names(read):
    text = "from,to,intensity.forecast,intensity.actual,intensity.index\n"
    text += "2025-01-01T00:00Z,2025-01-01T00:30Z,146,140,low\n2025-01-01T00:30Z,2025-01-01T01:00Z,148,141,low\n"
    assert read(text, column="actual").values == (140, 141)


def test_half_hours_that_have_no_value_yet_end_the_series(read):
    """Three half-hours are known, from midnight to half past one."""
    text = neso(*((f"2025-01-01T00:{minute:02}Z", 100, 90) for minute in (0, 30)))
    text += "2025-01-01T01:00Z,102,90,low\n2025-01-01T01:30Z,,90,low\n2025-01-01T02:00Z,null,90,low\n"
    found = read(text, column="actual")
    assert (len(found.values), found.end.isoformat()) == (3, "2025-01-01T01:30:00+00:00")


def entsoe(*rows, head=ENTSOE):
    return head + "".join(f'"{time}","BZN|FR","{value}"\n' for time, value in rows)


BACK = [f"27.10.2024 {a:02}:00 - 27.10.2024 {a + 1:02}:00" for a in (0, 1, 2, 2, 3)]
FORWARD = [f"31.03.2024 {a:02}:00 - 31.03.2024 {b:02}:00" for a, b in ((0, 1), (1, 3), (3, 4), (4, 5))]
INTENSITY = {"column": "Intensity (gCO2e/kWh)"}


def test_both_hours_from_2_to_3_weigh_where_clocks_go_back(run):
    """From midnight of Paris, 26 October 22:00 UTC, four hours of 4 kW: 10, 20, 30 (summer) and 40 g (winter)."""
    text = entsoe(*zip(BACK, (10, 20, 30, 40, 1000), strict=True))
    result = run(text, INTENSITY, "2024-10-27T00:00+02:00", {**GPUS, "time": "4 h"})
    assert co2e_kg(result) == pytest.approx(4 * (10 + 20 + 30 + 40) / 1000)
    assert "taken as gCO2e/kWh; the file does not say whether of the life cycle" in source(result)


def test_no_hour_is_missing_where_clocks_go_forward(run):
    """From midnight of Paris, 30 March 23:00 UTC, three hours: 0 to 1, 1 to 3 (one hour) and 3 to 4."""
    text = entsoe(*zip(FORWARD, (10, 20, 30, 1000), strict=True))
    result = run(text, INTENSITY, "2024-03-31T00:00+01:00")
    assert co2e_kg(result) == pytest.approx(4 * (10 + 20 + 30) / 1000)


def test_an_hour_that_clocks_left_out_may_stand_in_the_file_without_a_value_alone(read):
    """Exports of before 2022 write it so."""
    times = [*FORWARD[:2], "31.03.2024 02:00 - 31.03.2024 03:00", *FORWARD[2:]]
    assert read(entsoe(*zip(times, (10, 20, "n/e", 30, 40), strict=True)), **INTENSITY).values == (10, 20, 30, 40)
    with pytest.raises(UsageError, match=r"grid\.csv:4: has a value at 31\.03\.2024 02:00 .* Europe/Brussels left out"):
        read(entsoe(*zip(times, (10, 20, 25, 30, 40), strict=True)), **INTENSITY)


def test_one_row_for_the_double_hour_is_summer_time_and_leaves_a_gap_of_an_hour(read):
    once = [BACK[0], BACK[1], BACK[2], BACK[4]]
    with pytest.raises(UsageError, match=r"grid\.csv:4: is followed by 1 h without a value"):
        read(entsoe(*zip(once, (10, 20, 30, 40), strict=True)), **INTENSITY)


def test_a_third_row_of_the_double_hour_is_refused(read):
    times = [*BACK[:4], BACK[3]]
    with pytest.raises(UsageError, match=r"grid\.csv:6: is not later than the row before"):
        read(entsoe(*zip(times, range(5), strict=True)), **INTENSITY)


GAPPED = maps(hours=(0, 1, 2, 5, 6)) + maps_row(7, 20, "") + maps_row(8, 20, 58)
"""Nothing from 3 to 5 h, and no value at 7 h."""


def test_a_gap_is_refused_with_its_line_its_length_and_what_to_do(read):
    with pytest.raises(UsageError) as caught:
        read(GAPPED)
    assert str(caught.value).split("grid.csv")[1] == (
        ":4: is followed by 2 h without a value (steps are of 1:00:00); 2 gaps of 3 h in all, after lines 4, 6; "
        "fill them in the file, or say `gaps: hold` for the value before each to hold"
    )


def test_a_gap_that_is_held_is_counted_and_listed(run):
    """From 2 h on: 52 g for three hours, of which the file has the first."""
    result = run(GAPPED, {"gaps": "hold"}, "2025-01-01T02:00Z")
    assert co2e_kg(result) == pytest.approx(4 * 3 * 52 / 1000)
    assert "; the value before held over 2 gaps, 3 h in all" in source(result)
    (told,) = (row for row in result.manifest["assumptions"] if not row["id"].startswith("embodied/"))
    assert told["statement"] == "where the file has no value, the one before holds: grid.csv, 3 h in all"
    assert (told["source"], told["confidence"]) == ("the scenario", "assumed")


CHANGES = "at,gco2e_per_kwh\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2\n2025-01-01T03:00Z,3\n2025-01-01T08:00Z,4\n"
OWN = "at,gco2e_per_kwh\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,2\n2025-01-01T02:00Z,3\n2025-01-01T04:00Z,4\n"


def test_steps_of_the_own_form_may_differ_unless_the_scenario_says_what_to_do_with_gaps(read):
    """Where most are equal a longer one is listed; where none is the rule there is no gap."""
    assert read(OWN).held_s == 3600.0
    assert "; the value before held over 1 gap, 1 h in all" in read(OWN).source
    assert read(CHANGES).held_s == 0.0
    assert read(OWN, gaps="hold").held_s == 3600.0
    with pytest.raises(UsageError, match=r"grid\.csv:4: is followed by 1 h without a value"):
        read(OWN, gaps="refuse")


def test_the_own_form_has_a_value_in_every_row(read):
    with pytest.raises(UsageError, match=r"grid\.csv:3: is no date and number"):
        read("at,gco2e_per_kwh\n2025-01-01T00:00Z,1\n2025-01-01T01:00Z,\n2025-01-01T02:00Z,3\n")


LOCAL = "time,load,avg_ci\n" + "".join(f"2025-07-01 {hour:02}:00,1,{hour}\n" for hour in range(3))


def test_clocks_that_the_file_does_not_name_are_named_by_the_scenario(read):
    """Midnight of Paris in July is 22:00 UTC of the day before."""
    found = read(LOCAL, column="avg_ci", timezone="Europe/Paris")
    assert found.dates[0].isoformat() == "2025-06-30T22:00:00+00:00"
    with pytest.raises(UsageError, match=r"grid\.csv:2: has no offset from UTC; .*or say whose clocks as `timezone:`"):
        read(LOCAL, column="avg_ci")
    with pytest.raises(UsageError, match=r"has the times of UTC, as its header says; leave `timezone: Europe/Paris`"):
        read(maps(), timezone="Europe/Paris")


@pytest.mark.parametrize(
    ("text", "said", "sentence"),
    [
        (maps(), {"column": "actual"}, r"grid\.csv:1: has no column `actual`; there is `Datetime \(UTC\)`, `Country`"),
        (maps(), {"column": "Renewable energy percentage (RE%)"}, "holds no intensity in `Renewable"),
        (LOCAL, {}, r"has other columns; the first line is `at,gco2e_per_kwh`, or name one of its own as `column:`"),
        (LOCAL, {"column": "ci", "timezone": "UTC"}, "has no column `ci`; there is `time`, `load`, `avg_ci`"),
        (LOCAL, {"column": "avg_ci", "zone": "FR", "timezone": "UTC"}, "has no column of zones; leave `zone:` out"),
        (LOCAL.replace("avg_ci", "CI (lbs/MWh)"), {"column": "CI (lbs/MWh)"}, "convert it to gCO2e/kWh"),
        (LOCAL.replace("avg_ci", "Nuclear (MW)"), {"column": "Nuclear (MW)"}, r"no intensity in `Nuclear \(MW\)`"),
        (OWN, {"column": "direct"}, "has no column `direct`; there is `at`, `gco2e_per_kwh`"),
        ("", {}, r"grid\.csv:1: has other columns"),
        (maps() + "2025-01-01 06:00:00,France\n", {}, r"grid\.csv:8: has 2 cells; the header has 11"),
    ],
)
def test_a_file_that_does_not_fit_what_is_said_of_it_says_why(read, text, said, sentence):
    with pytest.raises(UsageError, match=sentence):
        read(text, **said)


@pytest.mark.parametrize("column", ["kgCO2e/MWh", "avg_ci", "g/kWh"])
def test_units_that_come_to_grams_a_kilowatt_hour_are_taken(read, column):
    assert read(LOCAL.replace("avg_ci", column), column=column, timezone="UTC").values == (0, 1, 2)


def test_a_time_zone_of_nowhere_is_told_beside_the_other_mistakes(tmp_path):
    data = a_scenario([{**GPUS, "time": "3 W"}])
    lab = data["world"]["datacenters"]["lab"]
    del lab["grid"]
    lab["grid_series"] = {"file": "none.csv", "timezone": "Europe/Pari"}
    (tmp_path / "s.yaml").write_text(dump(data))
    with pytest.raises(sim.SimulatorError) as caught:
        sim.load(tmp_path / "s.yaml")
    assert "2 problems" in str(caught.value)
    assert "'Europe/Pari' is no time zone of IANA; write such as `Europe/Paris`" in str(caught.value)


def test_two_columns_of_one_file_are_two_series_of_one_hash(tmp_path):
    data = a_scenario([{**GPUS, "name": "one"}, {**GPUS, "name": "two", "at": "far/gpus"}], start="2025-01-01")
    lab = data["world"]["datacenters"]["lab"]
    del lab["grid"]
    data["world"]["datacenters"]["far"] = {**lab, "grid_series": {"file": "grid.csv", "column": "direct"}}
    lab["grid_series"] = "grid.csv"
    (tmp_path / "grid.csv").write_text(maps(), encoding="utf-8")
    (tmp_path / "s.yaml").write_text(dump(data))
    result = sim.run(tmp_path / "s.yaml")
    assert list(result.manifest["files"]) == ["grid.csv"]
    assert co2e_kg(result) == pytest.approx(4 * (50 + 51 + 52 + 20 + 21 + 22) / 1000)
