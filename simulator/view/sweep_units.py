"""How the measures of a sweep are told: their names in words, their values in units for people."""

_UNITS = {
    "_j": ((3.6e15, "TWh"), (3.6e12, "GWh"), (3.6e9, "MWh"), (3.6e6, "kWh"), (3.6e3, "Wh"), (1.0, "J")),
    "_w": ((1e9, "GW"), (1e6, "MW"), (1e3, "kW"), (1.0, "W")),
    "_kg": ((1e6, "kt"), (1e3, "t"), (1.0, "kg"), (1e-3, "g")),
    "_s": ((2 * 86400.0, "days"), (2 * 3600.0, "hours"), (120.0, "minutes"), (1.0, "s"), (1e-3, "ms")),
    "_bytes": ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "bytes")),
    "_bps": ((1e12, "Tbps"), (1e9, "Gbps"), (1e6, "Mbps"), (1e3, "kbps"), (1.0, "bps")),
    "_flop": ((1e21, "ZFLOP"), (1e18, "EFLOP"), (1e15, "PFLOP"), (1e12, "TFLOP"), (1e9, "GFLOP"), (1.0, "FLOP")),
}
"""By the end of a column's name: from which value on, and in which unit, it is shown."""
_TIMES = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0}


def unit_of(name: str, value: float) -> tuple[float, str]:
    """The size and the name of the unit in which a value of this column is shown; 1 and none where it has no unit.

    >>> unit_of("facility_energy_j", 7.2e9), unit_of("duration_s", 36000.0), unit_of("mfu", 0.4)
    ((3600000000.0, 'MWh'), (3600.0, 'hours'), (1.0, ''))
    """
    for end, units in _UNITS.items():
        if name.endswith(end):
            least, unit = next((u for u in units if abs(value) >= u[0]), units[-1] if value else (1.0, ""))
            plain = next(name for size, name in units if size == 1.0)
            return _TIMES.get(unit, least), unit or plain
    return 1.0, ""


def spoken(name: str) -> str:
    """The name of a measure in words; its unit is told beside it.

    >>> spoken("facility_energy_j"), spoken("owned_network_co2e_kg"), spoken("mfu")
    ('facility energy', 'owned network CO2e', 'mfu')
    """
    end = next((end for end in _UNITS if name.endswith(end)), "")
    return name.removesuffix(end).replace("_", " ").replace("co2e", "CO2e")


def about(value: float) -> str:
    """A number to three digits, without a power of ten where it can be read.

    >>> about(72591.0), about(2.5361), about(1.2e9)
    ('72600', '2.54', '1.2e+09')
    """
    return f"{float(f'{value:.3g}'):.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.3g}"
