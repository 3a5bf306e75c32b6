"""What a machine is made of, added up: silicon by its area, memory by its capacity, metal by its mass.

    kgCO2e = sum over parts of pieces x (area x kg/cm2 + capacity x kg/GB + mass x kg/kg + rest)
    area   = published, else capacity / density

Boavizta and LLMCarbon both reckon so, with factors a factor 30 apart for memory. Making alone: no transport, no end
of life. The factors are catalogue rows (`component`) that name the tool that they are of.
"""

from simulator.catalogue import Row, rows
from simulator.errors import UsageError
from simulator.study.footprint_report import FIX


def parts_of(machine: str) -> list[Row]:
    """The rows of a machine's parts; raises UsageError with the machines that there are."""
    found = [row for row in rows("component").values() if row.text("machine") == machine]
    if not found:
        known = dict.fromkeys(row.text("machine") for row in rows("component").values())
        raise UsageError(f"the parts of {machine}", "no component names this machine", f"there is {', '.join(known)}")
    return found


def made_kg(machine: str) -> float:
    """What making all parts of a machine emits, in kilograms of CO2e.

    >>> round(made_kg("boavizta-2s"), 1)
    972.0
    """
    return sum(row.number("pieces_count", FIX) * piece_kg(row) for row in parts_of(machine))


def piece_kg(row: Row) -> float:
    """What making one piece emits: what the row has of silicon, memory, metal and the rest.

    >>> round(piece_kg(rows("component")["boavizta:cpu"]), 2)  # 6.94 cm2 x 1.97 + 9.14
    22.81
    """
    area_cm2 = row.find_number("area_cm2")
    if area_cm2 is None and row.text("silicon_kgco2e_per_cm2"):
        area_cm2 = row.number("capacity_gb", FIX) / row.number("density_gb_per_cm2", FIX)
    sizes = {
        "silicon_kgco2e_per_cm2": area_cm2,
        "memory_kgco2e_per_gb": row.find_number("capacity_gb"),
        "mass_kgco2e_per_kg": row.find_number("mass_kg"),
        "base_kgco2e": 1.0,
    }
    return sum((row.find_number(factor) or 0.0) * (size or 0.0) for factor, size in sizes.items())
