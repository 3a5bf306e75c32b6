"""Published footprints whose inputs are all given: arithmetic, which tests units, rules and sums, and nothing more.

    BLOOM at work   GPU-hours x watts x grid, run through engine and ledger as every replay is (replay.py)
    BLOOM at rest   kilowatt-hours of the nodes beside that, an input, x grid
    BLOOM made      kg of a server and a GPU x hours at work / (life x share of it at work)
    an answer       EcoLogits' formula with its coefficients, for 70 billion parameters and 400 tokens in France
    a server        Boavizta's sum over parts

A GPU counts its own hours, a server those of its eight. What makes BLOOM's three parts one total is that
sum; no building is in it. That a formula built anew gives what its tool prints shows that it is built right, and
says nothing of whether the formula is true.

Sources: Luccioni, Viguier and Ligozat 2022, Table 3; EcoLogits 0.11.3; boaviztapi 2.5.0.
"""

from collections.abc import Iterator

from simulator.catalogue import find
from simulator.errors import MissingValueError
from simulator.footprint.carbon import co2e_kg
from simulator.footprint.making.amortise import active_share
from simulator.footprint.making.factors import Factor, build_sets
from simulator.scenario.run import run_scenario
from simulator.study.footprint_parts import made_kg
from simulator.study.footprint_report import ARITHMETIC, FIX, FORMULA, HOUR_S, compare, given, published
from simulator.study.footprint_request import Answer, answer, water_l
from simulator.study.replay import replay_scenario
from simulator.study.report import Comparison, Report
from simulator.units import JOULES_PER_KWH

GATE, SAME = 0.005, 0.001
"""By how much BLOOM may differ, printed to three digits; and a formula from the tool that it is of."""
SERVER, GPU = "apollo-6500-8xa100", "a100-sxm4-80gb"
PARAMETERS, TOKENS, PUE, SITE_L_PER_KWH, ZONE = 70_000_000_000, 400, 1.2, 0.5, "fr"
"""The answer that EcoLogits was asked for."""


def footprints() -> Report:
    """BLOOM, an answer, a server."""
    comparisons = [*_bloom(), *_answer(), _server()]
    summary = (
        f"{sum(one.verdict != 'MISSED' for one in comparisons)} of {len(comparisons)} within their gates, {GATE:.1%} "
        f"of BLOOM and {SAME:.1%} of other tools' formulas, built anew",
        "the same formula shows that ours is built right, not that it is true",
    )
    return Report("replayed footprints", comparisons, summary)


def bloom_kg() -> dict[str, float]:
    """BLOOM's training by what it is for, in kilograms of CO2e."""
    row = find("training", "bloom-176b")
    idle_j = given("bloom-idle", "energy_kwh") * JOULES_PER_KWH
    boundaries = run_scenario(replay_scenario(row)).summary["paradigms"]["main"]["boundaries"]
    found = {
        "dynamic": boundaries["accelerator"]["co2e_kg"],
        "idle": co2e_kg(idle_j, row.number("grid_gco2e_per_kwh", FIX)),
        "embodied": bloom_made_kg(row.number("device_time_h", FIX) * HOUR_S),
    }
    return {**found, "total": sum(found.values())}


def bloom_made_kg(device_s: float) -> float:
    """The making of servers and GPUs for so many GPU-seconds, by their time at work.

    >>> round(bloom_made_kg(1082990 * HOUR_S))
    11204
    """
    sets = build_sets([], ["bloom"])
    devices = find("server", SERVER).number("accelerators_count", FIX)

    def made(target: str, used_s: float) -> float:
        columns = ("manufacture_kgco2e", "lifetime_y", "duty_share")
        whole_kg, lifetime_y, share = (_known(sets.embodied([target], column), target, column) for column in columns)
        return whole_kg * active_share(used_s, lifetime_y, share)

    return made(GPU, device_s) + made(f"host.{SERVER}", device_s / devices)


def answer_kg(found: Answer, grid_gco2e_per_kwh: float) -> float:
    """CO2e of an answer: of its electricity, and of what was made for it."""
    return co2e_kg(PUE * found.it_energy_j, grid_gco2e_per_kwh) + found.made_kg


def _known(found: Factor | None, name: str, column: str) -> float:
    if found is None:
        raise MissingValueError(name, column, FIX)
    return found.value


def _bloom() -> Iterator[Comparison]:
    for name, kg in bloom_kg().items():
        yield compare(published(f"bloom-{name}"), "co2e_t", kg, ARITHMETIC, GATE)


def _answer() -> Iterator[Comparison]:
    found, grid = answer(PARAMETERS, PARAMETERS, TOKENS), build_sets(["ecologits"], [])
    columns = ("average_gco2e_per_kwh", "grid_water_l_per_kwh")
    carbon, water = (_known(grid.grid(ZONE, column), ZONE, column) for column in columns)
    ours = {
        "energy": ("energy_wh", PUE * found.it_energy_j),
        "co2e": ("total_kgco2e", answer_kg(found, carbon)),
        "embodied": ("total_kgco2e", found.made_kg),
        "water": ("water_l", water_l(found.it_energy_j, PUE, SITE_L_PER_KWH, water)),
        "time": ("time_s", found.time_s),
        "devices": ("devices_count", float(found.devices)),
    }
    for name, (column, value) in ours.items():
        yield compare(published(f"ecologits-{name}"), column, value, FORMULA, SAME)


def _server() -> Comparison:
    return compare(published("boavizta-server"), "total_kgco2e", made_kg("boavizta-2s"), FORMULA, SAME)
