"""Quantities as people write them, to and from SI floats: at the border only.

    "400 W" -> 400.0   "10 Gbps" -> 1e10   "4.1 MWh" -> 1.476e10   "5 GB" -> 4e10 bits

A unit is one atom, or atoms over atoms ("gCO2e/kWh"), each with a prefix that it accepts.
Bits and bytes differ by 8 and `b` by `B`; `k` is 1000 and `Ki` is 1024; a prefix is read
as written (MW is not mW). The year is the Julian year of 365.25 days; months have no fixed
length and are refused. Internally data is in bits, mass in kg (of CO2e), all else in SI.
"""

import math
import re
from functools import lru_cache
from typing import NamedTuple

from simulator.errors import QuantityError

SECONDS_PER_DAY = 86400.0
SECONDS_PER_YEAR = 365.25 * SECONDS_PER_DAY
JOULES_PER_KWH = 3.6e6
BITS_PER_BYTE = 8.0
BITS_PER_GIGABYTE = 1e9 * BITS_PER_BYTE
BITS_PER_GIGABIT, BITS_PER_TERABIT = 1e9, 1e12
MS_PER_S = 1e3


class Atom(NamedTuple):
    """A unit without prefix: its factor to SI, its dimension (powers of s, J, b, FLOP, g) and its prefixes."""

    factor: float
    dimension: tuple[int, ...]
    prefixes: str


_LARGE = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24}
_BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50}
_PREFIXES = {
    "none": {},
    "small": {"n": 1e-9, "u": 1e-6, "\N{MICRO SIGN}": 1e-6, "\N{GREEK SMALL LETTER MU}": 1e-6, "m": 1e-3},
    "power": {"m": 1e-3, **_LARGE},
    "large": _LARGE,
    "data": {**_LARGE, **_BINARY},
    "mass": {"k": 1e3},
}

_TIME, _ENERGY, _DATA, _WORK, _MASS = (
    (1, 0, 0, 0, 0),
    (0, 1, 0, 0, 0),
    (0, 0, 1, 0, 0),
    (0, 0, 0, 1, 0),
    (0, 0, 0, 0, 1),
)
_POWER, _RATE = (-1, 1, 0, 0, 0), (-1, 0, 1, 0, 0)

ATOMS = {
    "s": Atom(1.0, _TIME, "small"),
    "min": Atom(60.0, _TIME, "none"),
    "h": Atom(3600.0, _TIME, "none"),
    "d": Atom(86400.0, _TIME, "none"),
    "y": Atom(SECONDS_PER_YEAR, _TIME, "none"),
    "W": Atom(1.0, _POWER, "power"),
    "J": Atom(1.0, _ENERGY, "power"),
    "Wh": Atom(3600.0, _ENERGY, "power"),
    "b": Atom(1.0, _DATA, "data"),
    "bit": Atom(1.0, _DATA, "data"),
    "B": Atom(BITS_PER_BYTE, _DATA, "data"),
    "bps": Atom(1.0, _RATE, "data"),
    "FLOP": Atom(1.0, _WORK, "large"),
    "gCO2e": Atom(1e-3, _MASS, "mass"),
    "tCO2e": Atom(1e3, _MASS, "large"),
}

DIMENSIONS = {
    "power": (_POWER, "a power such as `400 W` or `1.2 MW`"),
    "energy": (_ENERGY, "an energy such as `1.2 kWh` or `5 MJ`"),
    "time": (_TIME, "a duration such as `90 s`, `5 h` or `60 d`"),
    "data": (_DATA, "a size such as `5 GB`, `1.5 MiB` or `800 Mb`"),
    "rate": (_RATE, "a data rate such as `10 Gbps` or `125 MB/s`"),
    "work": (_WORK, "an amount of computing such as `314 ZFLOP`"),
    "speed": ((-1, 0, 0, 1, 0), "a computing speed such as `312 TFLOP/s`"),
    "mass": (_MASS, "an amount of greenhouse gas such as `11.25 tCO2e`"),
    "intensity": ((0, -1, 0, 0, 1), "a carbon intensity such as `57 gCO2e/kWh`"),
}

_NUMBER = re.compile(
    r"([-+]?(?:[0-9]{1,3}(?:[ \u00a0\u2009\u202f][0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)\s*(.*)",
    re.DOTALL,
)
_HINTS = {
    "m": "minutes are written `min`",
    "%": "write a share: 85% is 0.85",
    "g": "greenhouse gases are written in CO2 equivalents: `gCO2e`",
    "kg": "greenhouse gases are written in CO2 equivalents: `kgCO2e`",
    "KB": "write `kB` for 1000 bytes or `KiB` for 1024",
    "Kb": "write `kb` for 1000 bits or `Kib` for 1024",
    "mo": "months differ in length; write days, such as `30 d`",
    "flops": "write `FLOP` for an amount of work or `FLOP/s` for a speed",
    "co2": "greenhouse gases are written in CO2 equivalents: `gCO2e`",
    "co2eq": "greenhouse gases are written in CO2 equivalents: `gCO2e`",
    **dict.fromkeys(("month", "months"), "months differ in length; write days, such as `30 d`"),
    **dict.fromkeys(("week", "weeks"), "write days, such as `7 d`"),
    **dict.fromkeys(("second", "seconds", "sec"), "seconds are written `s`"),
    **dict.fromkeys(("minute", "minutes", "mn"), "minutes are written `min`"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "hours are written `h`"),
    **dict.fromkeys(("day", "days"), "days are written `d`"),
    **dict.fromkeys(("year", "years", "yr"), "years are written `y`"),
}
_SEVERAL = "write one number and one unit: 2 h 30 min is `2.5 h`"
_THOUSANDS = "write decimals with a point, and thousands in threes with spaces, or not at all: `150 000 h`"


def parse(text: object, dimension: str) -> float:
    """The SI value of a quantity; raises QuantityError if it is none of that dimension.

    Sizes come back in bits, carbon intensities in kg CO2e per joule.

    >>> parse("150 000 h", "time")
    540000000.0
    >>> parse("5 GB", "data"), round(parse("57 gCO2e/kWh", "intensity") * JOULES_PER_KWH, 9)
    (40000000000.0, 0.057)
    """
    if not isinstance(text, str):
        expected = DIMENSIONS[dimension][1]
        bare = isinstance(text, int | float) and not isinstance(text, bool)
        raise QuantityError(str(text), expected, "a bare number has no unit" if bare else "write a number and a unit")
    return _parse_text(text, dimension)


@lru_cache(maxsize=4096)  # a file says the same few quantities over and over: benchmarks/world.py
def _parse_text(text: str, dimension: str) -> float:
    wanted, expected = DIMENSIONS[dimension]
    match = _NUMBER.fullmatch(text.strip())
    digits = re.sub(r"\s", "", match[1]) if match else ""
    if match is None or not re.search(r"\d", digits.split("e")[0].split("E")[0]):
        raise QuantityError(text, expected, "it must begin with a number")
    unit = match[2].strip()
    if not unit:
        raise QuantityError(text, expected, "the unit is missing")
    if re.search(r"\w\s+\d", unit):
        raise QuantityError(text, expected, _SEVERAL)
    if re.match("[,_0-9]", unit):
        raise QuantityError(text, expected, _THOUSANDS)
    factor, found = _unit(unit, text, expected)
    if found != wanted:
        raise QuantityError(text, expected, f"`{unit}` is {_describe(found)}")
    value = float(digits) * factor
    if not math.isfinite(value):
        raise QuantityError(text, expected, "it must be a finite number")
    return value


def pattern(dimension: str, positive: bool = False) -> str:
    """A regular expression (of JSON Schema's dialect) of what `parse` reads as that dimension, 0 or more.

    It knows units and quotients of two units; of the chains of three and more, which `parse` reads too, none.

    >>> [bool(re.fullmatch(pattern("time"), text)) for text in ("150 000 h", "2 kWh", "1 Wh/W", "1 Wh/h")]
    [True, False, True, False]
    """
    wanted = DIMENSIONS[dimension][0]
    kinds: dict[tuple[int, ...], list[str]] = {}
    for name, atom in ATOMS.items():
        kinds.setdefault(atom.dimension, []).append(_spellings(name))
    units = list(kinds.get(wanted, []))
    for above, numerators in kinds.items():
        below = kinds.get(tuple(a - b for a, b in zip(above, wanted, strict=True)), [])
        if below:
            units.append(rf"(?:{'|'.join(numerators)})\s*/\s*(?:{'|'.join(below)})")
    above_zero = "(?=[^1-9eE]*[1-9])" if positive else ""
    digits = r"(?:\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+|\d+)(?:\.\d*)?|\.\d+".replace(r"\d", "[0-9]")
    return rf"^\s*{above_zero}\+?(?:{digits})(?:[eE][-+]?[0-9]+)?\s*(?:{'|'.join(units)})\s*$"


def _spellings(name: str) -> str:
    prefixes = _PREFIXES[ATOMS[name].prefixes]
    short, long = "".join(p for p in prefixes if len(p) == 1), "|".join(p for p in prefixes if len(p) == 2)
    before = f"(?:[{short}]|{long})?" if long else f"[{short}]?" if short else ""
    return before + name


def _unit(unit: str, text: str, expected: str) -> tuple[float, tuple[int, ...]]:
    names = [name.strip() for name in unit.split("/")]
    factor, dimension = _atom(names[0], text, expected)
    for name in names[1:]:
        below, powers = _atom(name, text, expected)
        factor /= below
        dimension = tuple(a - b for a, b in zip(dimension, powers, strict=True))
    return factor, dimension


def _atom(name: str, text: str, expected: str) -> tuple[float, tuple[int, ...]]:
    if name in ATOMS:
        return ATOMS[name].factor, ATOMS[name].dimension
    for width in (1, 2):
        atom = ATOMS.get(name[width:])
        if atom is not None and name[:width] in _PREFIXES[atom.prefixes]:
            return _PREFIXES[atom.prefixes][name[:width]] * atom.factor, atom.dimension
    raise QuantityError(text, expected, _hint(name))


def _hint(name: str) -> str:
    """What somebody who wrote this for a unit may have meant."""
    if not name:
        return "a unit is missing beside `/`"
    if name.endswith("Bps"):  # before the near ones: `kbps` would be an eighth of it
        return "write `B/s` for bytes or `bps` for bits a second"
    units = [prefix + atom for atom in ATOMS for prefix in ("", *_PREFIXES[ATOMS[atom].prefixes])]
    near = [f"`{unit}`" for unit in units if unit.lower() == name.lower()]
    if near and name not in _HINTS:
        return f"`{name}` is no unit known here; did you mean {' or '.join(near)}?"
    spellings = (name, name.lower(), name.lower().lstrip("kmgtpezy"))
    return next((_HINTS[s] for s in spellings if s in _HINTS), f"`{name}` is no unit known here")


def _describe(dimension: tuple[int, ...]) -> str:
    for known, expected in DIMENSIONS.values():
        if known == dimension:
            return expected.split(" such as ")[0]
    return "of another kind"


_SCALES = {
    "power_w": (("W", 1.0), ("kW", 1e3), ("MW", 1e6), ("GW", 1e9)),
    "energy_j": (
        ("J", 1.0),
        ("kJ", 1e3),
        ("Wh", 3.6e3),
        ("kWh", 3.6e6),
        ("MWh", 3.6e9),
        ("GWh", 3.6e12),
        ("TWh", 3.6e15),
    ),
    "co2e_kg": (("mg", 1e-6), ("g", 1e-3), ("kg", 1.0), ("t", 1e3), ("kt", 1e6), ("Mt", 1e9)),
    "marginal_co2e_kg": (("mg", 1e-6), ("g", 1e-3), ("kg", 1.0), ("t", 1e3), ("kt", 1e6), ("Mt", 1e9)),
    "site_water_l": (("mL", 1e-3), ("L", 1.0), ("m3", 1e3), ("thousand m3", 1e6), ("million m3", 1e9)),
    "grid_water_l": (("mL", 1e-3), ("L", 1.0), ("m3", 1e3), ("thousand m3", 1e6), ("million m3", 1e9)),
    "primary_energy_mj": (("kJ", 1e-3), ("MJ", 1.0), ("GJ", 1e3), ("TJ", 1e6), ("PJ", 1e9)),
    "adpe_kgsb": (("ngSb", 1e-12), ("ugSb", 1e-9), ("mgSb", 1e-6), ("gSb", 1e-3), ("kgSb", 1.0), ("tSb", 1e3)),
    "cost_usd": (("USD", 1.0), ("thousand USD", 1e3), ("million USD", 1e6), ("billion USD", 1e9)),
    "size_bytes": (("B", 1.0), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15), ("EB", 1e18)),
    "rate_bps": (("bps", 1.0), ("kbps", 1e3), ("Mbps", 1e6), ("Gbps", 1e9), ("Tbps", 1e12)),
    "time_s": (("ms", 1e-3), ("s", 1.0), ("min", 60.0), ("h", 3600.0), ("d", 86400.0), ("y", SECONDS_PER_YEAR)),
    "device_s": (("h", 3.6e3), ("thousand h", 3.6e6), ("million h", 3.6e9)),
    "work_flop": (
        ("FLOP", 1.0),
        ("GFLOP", 1e9),
        ("TFLOP", 1e12),
        ("PFLOP", 1e15),
        ("EFLOP", 1e18),
        ("ZFLOP", 1e21),
        ("YFLOP", 1e24),
    ),
}
_KEEP_UNTIL = {"time_s": {"s": 120.0, "min": 120.0, "h": 48.0, "d": 730.0}}


def show(value: float, quantity: str, digits: int = 4) -> str:
    """A value in the unit that a person would choose, to so many significant digits.

    >>> show(1.35e11, "energy_j"), show(11250.0, "co2e_kg"), show(2109375.0, "time_s")
    ('37.5 MWh', '11.25 t', '24.41 d')
    """
    scales = _SCALES[quantity]
    name, size = scales[0] if value else next(scale for scale in scales if scale[1] == 1.0)
    for next_name, next_size in scales:
        stay = _KEEP_UNTIL.get(quantity, {}).get(name, 0.0)
        if abs(value) >= next_size * (1 - 0.5 * 10.0**-digits) and abs(value) / size >= stay:
            name, size = next_name, next_size
    number = value / size
    text = f"{number:.{digits}g}" if abs(number) < 10**digits else f"{number:.0f}"
    return f"{text} {name}"


def show_count(number: int, thing: str) -> str:
    """So many of a thing, in words whose plural is an s.

    >>> show_count(1, "link"), show_count(0, "link")
    ('1 link', '0 links')
    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
