"""The parser of quantities against pint, its refusals word by word, and what it shows against what it reads."""

import math
import re
from functools import cache

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import QuantityError
from simulator.units import parse, show

LARGE = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")
BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi")
POWER = ("m", *LARGE)
DATA = (*LARGE, *BINARY)
UNITS = [
    *(("time", f"{p}s") for p in ("", "n", "u", "\u00b5", "\u03bc", "m")),
    *(("time", unit) for unit in ("min", "h", "d", "y")),
    *(("power", f"{p}W") for p in POWER),
    *(("power", unit) for unit in ("J/s", "kWh/h", "MJ / d")),
    *(("energy", f"{p}{atom}") for p in POWER for atom in ("J", "Wh")),
    *(("data", f"{p}{atom}") for p in DATA for atom in ("b", "bit", "B")),
    *(("rate", f"{p}{atom}") for p in DATA for atom in ("bps", "b/s", "B/s", "bit/s")),
    *(("work", f"{p}FLOP") for p in LARGE),
    *(("speed", f"{p}FLOP/s") for p in LARGE),
    *(("mass", unit) for unit in ("gCO2e", "kgCO2e", "tCO2e", "ktCO2e", "MtCO2e", "GtCO2e")),
    *(("intensity", unit) for unit in ("gCO2e/kWh", "kgCO2e/kWh", "tCO2e/MWh", "gCO2e/MJ", "kgCO2e/J")),
]
SI = {
    "time": "s",
    "power": "W",
    "energy": "J",
    "data": "bit",
    "rate": "bit/s",
    "work": "FLOP",
    "speed": "FLOP/s",
    "mass": "kgCO2e",
    "intensity": "kgCO2e/J",
}
"""What `parse` answers in, by dimension."""

NUMBERS = {
    "7": 7.0,
    "+5": 5.0,
    "-5": -5.0,
    ".5": 0.5,
    "5.": 5.0,
    "0.25": 0.25,
    "007": 7.0,
    "1e3": 1e3,
    "1E3": 1e3,
    "1.5e-3": 1.5e-3,
    "2e+2": 2e2,
    "150 000": 150000.0,
    "1 234 567.5": 1234567.5,
    "12\u00a0345": 12345.0,
    "12\u202f345\u2009678": 12345678.0,
}
"""Forms of a number, and what each means."""


@cache
def oracle() -> pint.UnitRegistry:
    """Pint with the units that it lacks; its own bits, bytes, binary prefixes and Julian year."""
    ureg = pint.UnitRegistry()
    ureg.define("FLOP = [work]")
    ureg.define("gCO2e = [greenhouse_gas]")
    ureg.define("tCO2e = 1e6 gCO2e")
    return ureg


def pint_value(number: float, dimension: str, unit: str) -> float:
    """What pint makes of it; its own names for `Gb` (to pint a gilbert), `bps` and the Julian year."""
    unit = re.sub(r"b(ps)?(?=/|$)", lambda match: "bit/s" if match[1] else "bit", unit)
    unit = "julian_year" if unit == "y" else unit
    return (number * oracle().parse_units(unit)).to(SI[dimension]).magnitude


def quantities() -> st.SearchStrategy:
    """A unit, and a number of it as people write them."""
    written = st.sampled_from(sorted(NUMBERS.items())) | st.floats(1e-6, 1e6).map(lambda x: (repr(x), x))
    return st.tuples(st.sampled_from(UNITS), written, st.sampled_from(["", " ", "  ", "\t"]))


@pytest.mark.parametrize(("dimension", "unit"), UNITS)
def test_every_unit_is_what_pint_says(dimension, unit):
    assert parse(f"3 {unit}", dimension) == pytest.approx(pint_value(3.0, dimension, unit), rel=1e-14)


@given(quantities())
def test_every_form_of_number_is_what_pint_says(written):
    """With space, without, or with a tab between number and unit."""
    (dimension, unit), (digits, number), space = written
    found = parse(f" {digits}{space}{unit} ", dimension)
    assert found == pytest.approx(pint_value(number, dimension, unit), rel=1e-13)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("150 000 h", "time", 150000 * 3600.0),
        ("1 y", "time", 365.25 * 24 * 3600.0),
        ("4.1 MWh", "energy", 4.1 * 3.6e9),
        ("5 GB", "data", 40e9),
        ("5 Gb", "data", 5e9),
        ("1 kB", "data", 8000.0),
        ("1 KiB", "data", 8192.0),
        ("1 kb", "data", 1000.0),
        ("1 Kib", "data", 1024.0),
        ("1 MiB", "data", 8 * 1024.0**2),
        ("10 Gbps", "rate", 1e10),
        ("125 MB/s", "rate", 1e9),
        ("314 ZFLOP", "work", 3.14e23),
        ("312 TFLOP/s", "speed", 3.12e14),
        ("11.25 tCO2e", "mass", 11250.0),
        ("36 gCO2e/kWh", "intensity", 0.036 / 3.6e6),
        ("1 MW", "power", 1e6),
        ("1 mW", "power", 1e-3),
        ("1 EW", "power", 1e18),
        ("-2 W", "power", -2.0),
    ],
)
def test_what_pen_and_paper_say(text, dimension, value):
    assert parse(text, dimension) == pytest.approx(value, rel=1e-14)


DURATION = "expected a duration such as `90 s`, `5 h` or `60 d`, found "
SIZE = "expected a size such as `5 GB`, `1.5 MiB` or `800 Mb`, found "
WATTS = "expected a power such as `400 W` or `1.2 MW`, found "
RATE = "expected a data rate such as `10 Gbps` or `125 MB/s`, found "
NO_NUMBER = "it must begin with a number"
MONTHS = "months differ in length; write days, such as `30 d`"
THOUSANDS = "write decimals with a point, and thousands in threes with spaces, or not at all: `150 000 h`"


@pytest.mark.parametrize(
    ("text", "dimension", "sentence"),
    [
        ("400 Wh", "power", WATTS + "'400 Wh'; `Wh` is an energy"),
        ("400 W", "time", DURATION + "'400 W'; `W` is a power"),
        ("5 s", "power", WATTS + "'5 s'; `s` is a duration"),
        ("5 GB/s", "data", SIZE + "'5 GB/s'; `GB/s` is a data rate"),
        ("5 GB", "rate", RATE + "'5 GB'; `GB` is a size"),
        ("5 FLOP/s", "power", WATTS + "'5 FLOP/s'; `FLOP/s` is a computing speed"),
        ("5 W/s", "power", WATTS + "'5 W/s'; `W/s` is of another kind"),
        ("5", "power", WATTS + "'5'; the unit is missing"),
        ("5 W/", "power", WATTS + "'5 W/'; a unit is missing beside `/`"),
        ("", "power", WATTS + "''; " + NO_NUMBER),
        ("W", "power", WATTS + "'W'; " + NO_NUMBER),
        (". W", "power", WATTS + "'. W'; " + NO_NUMBER),
        ("+ W", "power", WATTS + "'+ W'; " + NO_NUMBER),
        ("e3 W", "power", WATTS + "'e3 W'; " + NO_NUMBER),
        ("inf W", "power", WATTS + "'inf W'; " + NO_NUMBER),
        ("nan W", "power", WATTS + "'nan W'; " + NO_NUMBER),
        ("\u0663 W", "power", WATTS + "'\u0663 W'; " + NO_NUMBER),
        ("1e400 W", "power", WATTS + "'1e400 W'; it must be a finite number"),
        ("150,000 h", "time", DURATION + "'150,000 h'; " + THOUSANDS),
        ("1,5 h", "time", DURATION + "'1,5 h'; " + THOUSANDS),
        ("1_000 h", "time", DURATION + "'1_000 h'; " + THOUSANDS),
        ("15 00 h", "time", DURATION + "'15 00 h'; " + THOUSANDS),
        ("1500 000 h", "time", DURATION + "'1500 000 h'; " + THOUSANDS),
        ("5 KB", "data", SIZE + "'5 KB'; write `kB` for 1000 bytes or `KiB` for 1024"),
        ("5 Kb", "data", SIZE + "'5 Kb'; write `kb` for 1000 bits or `Kib` for 1024"),
        ("5 gb", "data", SIZE + "'5 gb'; `gb` is no unit known here; did you mean `Gb` or `GB`?"),
        ("5 kib", "data", SIZE + "'5 kib'; `kib` is no unit known here; did you mean `Kib` or `KiB`?"),
        ("5 KW", "power", WATTS + "'5 KW'; `KW` is no unit known here; did you mean `kW`?"),
        ("5 mw", "power", WATTS + "'5 mw'; `mw` is no unit known here; did you mean `mW` or `MW`?"),
        ("5 MBps", "rate", RATE + "'5 MBps'; write `B/s` for bytes or `bps` for bits a second"),
        ("5 Mbits", "rate", RATE + "'5 Mbits'; `Mbits` is no unit known here"),
        ("2 month", "time", DURATION + "'2 month'; " + MONTHS),
        ("2 months", "time", DURATION + "'2 months'; " + MONTHS),
        ("2 Months", "time", DURATION + "'2 Months'; " + MONTHS),
        ("2 mo", "time", DURATION + "'2 mo'; " + MONTHS),
        ("2 weeks", "time", DURATION + "'2 weeks'; write days, such as `7 d`"),
        ("2 hours", "time", DURATION + "'2 hours'; hours are written `h`"),
        ("2 ks", "time", DURATION + "'2 ks'; `ks` is no unit known here"),
        ("2 kh", "time", DURATION + "'2 kh'; `kh` is no unit known here"),
        ("2 ps", "time", DURATION + "'2 ps'; `ps` is no unit known here"),
        ("2 KiW", "power", WATTS + "'2 KiW'; `KiW` is no unit known here"),
        (
            "5 TFLOPS",
            "speed",
            "expected a computing speed such as `312 TFLOP/s`, found '5 TFLOPS'; "
            "write `FLOP` for an amount of work or `FLOP/s` for a speed",
        ),
        (
            "5 gCO2/kWh",
            "intensity",
            "expected a carbon intensity such as `57 gCO2e/kWh`, found '5 gCO2/kWh'; "
            "greenhouse gases are written in CO2 equivalents: `gCO2e`",
        ),
        (
            "5 MgCO2e",
            "mass",
            "expected an amount of greenhouse gas such as `11.25 tCO2e`, found '5 MgCO2e'; "
            "`MgCO2e` is no unit known here",
        ),
        (400, "power", WATTS + "'400'; a bare number has no unit"),
        (0.5, "power", WATTS + "'0.5'; a bare number has no unit"),
        (True, "power", WATTS + "'True'; write a number and a unit"),
        (None, "power", WATTS + "'None'; write a number and a unit"),
    ],
)
def test_a_refusal_says_what_was_expected_what_was_found_and_what_to_write(text, dimension, sentence):
    with pytest.raises(QuantityError) as caught:
        parse(text, dimension)
    assert str(caught.value) == sentence


@given(st.text(max_size=12), st.sampled_from(sorted(SI)))
def test_any_text_is_a_quantity_or_a_refusal(text, dimension):
    try:
        found = parse(text, dimension)
    except QuantityError:
        return
    assert math.isfinite(found)
    assert re.match(r"\s*[-+.0-9]", text)


@pytest.mark.parametrize(
    ("value", "quantity", "text"),
    [
        (0.0, "power_w", "0 W"),
        (0.5, "power_w", "0.5 W"),
        (999.4, "power_w", "999.4 W"),
        (999.94, "power_w", "999.9 W"),
        (999.97, "power_w", "1 kW"),
        (3670.2, "power_w", "3.67 kW"),
        (-2500.0, "power_w", "-2.5 kW"),
        (3.6e6, "energy_j", "1 kWh"),
        (1.35e11, "energy_j", "37.5 MWh"),
        (11250.0, "co2e_kg", "11.25 t"),
        (0.0004, "co2e_kg", "400 mg"),
        (90.0, "time_s", "90 s"),
        (119.0, "time_s", "119 s"),
        (120.0, "time_s", "2 min"),
        (7200.0, "time_s", "2 h"),
        (172800.0, "time_s", "2 d"),
        (2109375.0, "time_s", "24.41 d"),
        (730 * 86400.0, "time_s", "1.999 y"),
        (3.14e23, "work_flop", "314 ZFLOP"),
    ],
)
def test_a_value_is_shown_in_the_unit_that_a_person_would_choose(value, quantity, text):
    assert show(value, quantity) == text


@given(
    st.sampled_from(["power_w", "energy_j", "co2e_kg", "time_s", "work_flop"]),
    st.floats(1e-3, 1e20),
    st.booleans(),
    st.integers(2, 6),
)
def test_what_is_shown_reads_back_to_the_value_within_its_rounding(quantity, size, negative, digits):
    value = -size if negative else size
    dimension = {"power_w": "power", "energy_j": "energy", "co2e_kg": "mass", "time_s": "time", "work_flop": "work"}
    text = show(value, quantity, digits)
    if quantity == "co2e_kg":  # shown as plain mass; milligrams are not a unit of the files
        number, unit = text.split()
        text = f"{float(number) / 1000} gCO2e" if unit == "mg" else f"{text}CO2e"
    assert parse(text, dimension[quantity]) == pytest.approx(value, rel=0.501 * 10.0 ** (1 - digits))


@given(st.sampled_from(["power_w", "energy_j", "co2e_kg"]), st.floats(1.0, 1e11))
def test_what_is_shown_has_at_most_three_digits_before_the_point(quantity, value):
    """Joules aside, which give way to watt-hours at 3600; gigatonnes are beyond the last unit."""
    number, unit = show(value, quantity).split()
    assert 1.0 <= float(number) < (3600.0 if unit in ("J", "kJ") else 1000.0)
