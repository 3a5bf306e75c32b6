"""The next word of Gboard: how long 3000 rounds take and what they emit, as `papers/gboard` has them. No gate.

    kg = kg of the rounds that are played x 3000 / their number,   each round like the other

Seconds of a sentence are set so that the rounds take the published 5 days: that is an input, and it has phones compute
for as long as a round lasts, so that the kilograms are rather too many. Beside them the same with each assumed
value at either end of its range, and with 30 s a phone.
Source: Hard et al. 2018, arXiv:1811.03604; Bonawitz et al. 2019, section 8.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.catalogue import find
from simulator.footprint.boundary import widest_of
from simulator.scenario.load import as_texts, load
from simulator.scenario.run import run_scenario
from simulator.study.federated_runs import FIX, HOUR_S
from simulator.study.report import Aside, Comparison, Report
from simulator.units import JOULES_PER_KWH
from simulator.vocabulary import MAIN, NUMBER

SCENARIO, ROUNDS = "papers/gboard", 60
PHONES, FEDERATE = "world.populations.phones", "workloads.0.federate"
COLUMNS = ("what is taken", "days", "kWh", "kg CO2e", "kg, least to most by the network's rows")

Values = dict[str, object]


class Task(NamedTuple):
    """What all rounds come to; the last two with what carries bits at the low and high ends of its rows."""

    time_s: float
    energy_kwh: float
    co2e_kg: float
    low_kg: float
    high_kg: float


def gboard() -> Report:
    """The task as the scenario has it, and with what may be assumed."""
    row = find("federated", "gboard")
    found = {label: task(values) for label, values in cases()}
    ours = next(iter(found.values()))
    days = row.number("time_h", FIX) / 24.0
    least, most = min(one.co2e_kg for one in found.values()), max(one.co2e_kg for one in found.values())
    source, note = row.source("time_h").source, row.text("note")
    own = Comparison(row.name, NUMBER, "", days, ours.time_s / HOUR_S / 24.0, "carried", source, note, what="days")
    high = find("federated", "wu-production")
    summary = (
        f"{ours.co2e_kg:.0f} kg CO2e, {least:.0f} to {most:.0f} over what is assumed, for which nothing is published; "
        f"production tasks take up to {high.number('total_kgco2e', FIX):g} kg as quoted of Wu et al. 2022; no gate",
    )
    return Report(
        "Gboard's next word, its days given",
        [own],
        summary,
        aside=Aside("kilograms by what is assumed, one by one", COLUMNS, [_told(*item) for item in found.items()]),
    )


def cases() -> Iterator[tuple[str, Values]]:
    """The scenario itself first; then what else may be taken."""
    yield "as the scenario has it", {}
    yield "30 s a phone", {f"{FEDERATE}.sample_time": "75 ms"}
    phone, idle_w = find("client-power", "phone"), find("device", "smartphone").number("idle_w", FIX)
    value = {doing: phone.number(f"{doing}_w", FIX) for doing in ("compute", "receive", "send")} | {"idle": idle_w}
    for end in phone.find_range("compute_w") or ():
        watts = {doing: f"{watts_w!r} W" for doing, watts_w in {**value, "compute": end}.items()}
        yield f"phone compute_w {end:g}", {f"{PHONES}.power": watts}
    for end in find("assumption", "client-speed-spread").find_range("spread_ratio") or ():
        yield f"client-speed-spread {end:g}", {f"{PHONES}.speed_spread": end}
    for end in find("assumption", "client-dropout").find_range("value_share") or ():
        yield f"client-dropout {end:g}", {f"{FEDERATE}.dropout": end}


def task(values: Values) -> Task:
    """All rounds, from the first few of them."""
    said = {**values, f"{FEDERATE}.rounds": ROUNDS}
    done = run_scenario(load(SCENARIO, as_texts(said)))
    found, (job,) = done.summary["paradigms"][MAIN], done.tables["jobs"].to_pylist()
    whole = found["boundaries"][widest_of(found["boundaries"])]
    more = find("federated", "gboard").number("rounds_count", FIX) / ROUNDS
    power = found["network_models"]["power_model"]
    kg_per_j = whole["co2e_kg"] / whole["energy_j"]
    low_kg, high_kg = (
        more * (whole["co2e_kg"] + (power[f"{end}_j"] - power["energy_j"]) * kg_per_j) for end in ("low", "high")
    )
    energy_kwh = more * whole["energy_j"] / JOULES_PER_KWH
    return Task(more * (job["end_s"] - job["begin_s"]), energy_kwh, more * whole["co2e_kg"], low_kg, high_kg)


def _told(label: str, one: Task) -> tuple[str, ...]:
    days = one.time_s / HOUR_S / 24.0
    return (
        label,
        f"{days:.2f}",
        f"{one.energy_kwh:.0f}",
        f"{one.co2e_kg:.1f}",
        f"{one.low_kg:.1f} to {one.high_kg:.1f}",
    )
