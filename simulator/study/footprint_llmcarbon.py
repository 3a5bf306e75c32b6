"""LLMCarbon's route from parameters to CO2e, beside what was published of five trainings.

    hours    6 x parameters x tokens / (devices x peak x efficiency);  of a mixture, the parameters of its base
    CO2e     devices x system watts x PUE x hours x grid
    made     sum of silicon and memory x days / 5 years

Parameters, tokens, devices, peak, watts, PUE and grid are inputs, and so is the efficiency, which was read off the
same training: predicted are the work by 6PD and hence the hours, so that the error is that of 6PD and of what was
rounded. Where it is beyond the gate, the published work in place of 6PD must be within. Making is of XLM alone,
the only one that was published. Water, waiting and users are left out.

Source: Faiz et al. 2023, LLMCarbon, Tables 4 and 5; Patterson et al. 2021, Table 4.
"""

from simulator.catalogue import Row, find, rows
from simulator.footprint.carbon import co2e_kg
from simulator.footprint.making.amortise import calendar_share
from simulator.study.footprint_parts import made_kg
from simulator.study.footprint_report import ARITHMETIC, FIX, PREDICTION, compare, published
from simulator.study.report import Aside, Comparison, Report
from simulator.units import SECONDS_PER_DAY

GATE = 0.04
FLOP_PER_PARAMETER_TOKEN = 6.0
"""A forward pass and a backward pass: 2 + 4 (Kaplan et al. 2020, section 2.1)."""
EXPLAINED = "explained: 6PD"
COLUMNS = ("work and days", "published ZFLOP", "6PD ZFLOP", "published d", "ours d")


def llmcarbon() -> Report:
    """CO2e of five trainings and the making of the machines of one; work and days beside them."""
    trainings = list(rows("llm-carbon").values())
    comparisons = [*(_training(row) for row in trainings), _made()]
    explained = sum(one.verdict.startswith(EXPLAINED) for one in comparisons)
    summary = (
        f"{sum(one.verdict != 'MISSED' for one in comparisons)} of {len(comparisons)} within {GATE:.0%}, "
        f"{explained} of them with the published work in place of 6 x parameters x tokens",
        "given: parameters, tokens, devices, peak, watts, PUE, grid, and the efficiency of that very training; "
        "predicted: work and hours",
    )
    aside = Aside("what the hours come from; days are not gated", COLUMNS, [_told(row) for row in trainings])
    return Report("LLMCarbon's route from parameters to CO2e", comparisons, summary, aside=aside, band=GATE)


def work_flop(row: Row) -> float:
    """FLOPs of a training by its parameters, or those of its base, and tokens."""
    parameters = row.find_number("base_parameters_count") or row.number("parameters_count", FIX)
    return FLOP_PER_PARAMETER_TOKEN * parameters * row.number("tokens_count", FIX)


def training_s(row: Row, flop: float) -> float:
    """How long the published devices take for so many FLOPs."""
    speed = (row.number(column, FIX) for column in ("devices_count", "peak_flop_per_s", "efficiency_share"))
    devices, peak_flop_per_s, share = speed
    return flop / (devices * peak_flop_per_s * share)


def training_kg(row: Row, flop: float) -> float:
    """CO2e of the electricity of so many FLOPs.

    >>> gpt3 = find("llm-carbon", "gpt3")
    >>> round(training_kg(gpt3, work_flop(gpt3)))
    553345
    """
    power_w = row.number("devices_count", FIX) * row.number("device_power_w", FIX) * row.number("pue_ratio", FIX)
    return co2e_kg(power_w * training_s(row, flop), row.number("grid_gco2e_per_kwh", FIX))


def _training(row: Row) -> Comparison:
    found = compare(row, "co2e_t", training_kg(row, work_flop(row)), PREDICTION, GATE)
    if found.verdict != "MISSED":
        return found
    allowed = compare(row, "co2e_t", training_kg(row, row.number("work_flop", FIX)), PREDICTION, GATE)
    if allowed.verdict == "MISSED":
        return found
    return found._replace(verdict=f"{EXPLAINED} is above the published work, with which it is {allowed.error:+.1%}")


def _made() -> Comparison:
    """Making of the machines of XLM, for its days of their life."""
    row = published("llmcarbon-embodied")
    time_s = find("llm-carbon", "xlm").number("wall_time_d", FIX) * SECONDS_PER_DAY
    share = calendar_share(time_s, row.number("lifetime_y", FIX))
    return compare(row, "co2e_t", made_kg("llmcarbon-xlm") * share, ARITHMETIC, GATE)


def _told(row: Row) -> tuple[str, ...]:
    flop = work_flop(row)
    figures = (
        row.number("work_flop", FIX) / 1e21,
        flop / 1e21,
        row.number("wall_time_d", FIX),
        training_s(row, flop) / SECONDS_PER_DAY,
    )
    return (row.name, *(f"{figure:.4g}" for figure in figures))
