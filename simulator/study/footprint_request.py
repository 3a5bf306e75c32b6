"""The footprint of one answer of a language model as EcoLogits reckons it, built anew from its published formula.

    GPU       Wh a token = slope x e^(-exponent x batch) x billions of active parameters + base
    time      s a token  = slope x billions of active parameters + slope x batch + base
    GPUs      the next power of two that holds 1.2 x parameters x 2 bytes
    IT        time x host W x GPUs / GPUs of a host / batch  +  GPUs x GPU energy
    energy    PUE x IT;   water = IT x (WUE + PUE x water of the grid)
    made      time / (life x batch) x (GPUs / GPUs of a host x host + GPUs x GPU)

That two programs with one formula agree shows that ours is built right, not that the formula is true. It leaves
out idle time, network, storage, users' devices and training, and divides by a nominal batch: of a host that is
busy less or has fewer requests at once, the rest is nobody's. Coefficients are a row of the catalogue
(`request-law`), fitted by their authors to the ML.ENERGY leaderboard on H100.

Source: EcoLogits 0.11.3, methodology of LLM inference.
"""

from math import ceil, exp, log2
from typing import NamedTuple

from simulator.catalogue import Row, find
from simulator.footprint.making.amortise import calendar_share
from simulator.study.footprint_report import FIX, WH
from simulator.units import BITS_PER_BYTE, JOULES_PER_KWH, SECONDS_PER_DAY, SECONDS_PER_YEAR

BILLION = 1e9


class Answer(NamedTuple):
    """What one answer takes: seconds, GPUs that hold the model, joules of machines, and kilograms of their making."""

    time_s: float
    devices: int
    it_energy_j: float
    made_kg: float


def answer(active: int, parameters: int, tokens: int, law: str = "ecologits") -> Answer:
    """What an answer of so many tokens takes, of a model with so many active parameters and parameters in all.

    >>> found = answer(70_000_000_000, 70_000_000_000, 400)
    >>> found.devices, round(found.time_s, 2), round(1.2 * found.it_energy_j / WH, 5)
    (4, 34.77, 0.26301)
    """
    row = find("request-law", law)
    billions, batch = active / BILLION, _number(row, "batch_count")
    time_s = tokens * (
        _number(row, "latency_slope_s") * billions
        + _number(row, "latency_batch_s") * batch
        + _number(row, "latency_base_s")
    )
    devices = devices_of(row, parameters)
    hosts = devices / _number(row, "host_gpus_count")
    host_j = time_s * _number(row, "host_power_w") * hosts / batch
    return Answer(
        time_s, devices, host_j + devices * tokens * _token_j(row, billions, batch), _made_kg(row, hosts, time_s)
    )


def devices_of(row: Row, parameters: int) -> int:
    """GPUs that hold a model, a power of two."""
    bytes_count = _number(row, "memory_ratio") * parameters * _number(row, "weight_bits_count") / BITS_PER_BYTE
    return int(2 ** ceil(log2(ceil(bytes_count / _number(row, "gpu_memory_bytes")))))


def water_l(it_energy_j: float, pue: float, site_l_per_kwh: float, grid_l_per_kwh: float) -> float:
    """Litres for so many joules of machines: of the site's cooling, and of what feeds machines and building.

    >>> water_l(3.6e6, pue=1.2, site_l_per_kwh=0.5, grid_l_per_kwh=2.0)
    2.9
    """
    return it_energy_j / JOULES_PER_KWH * (site_l_per_kwh + pue * grid_l_per_kwh)


def _token_j(row: Row, billions: float, batch: float) -> float:
    """What one GPU draws for a token."""
    slope_wh = _number(row, "gpu_slope_wh") * exp(-_number(row, "gpu_batch_exponent") * batch)
    return (slope_wh * billions + _number(row, "gpu_base_wh")) * WH


def _made_kg(row: Row, hosts: float, time_s: float) -> float:
    """What was made for the seconds, hosts being as many as the GPUs fill."""
    gpus = hosts * _number(row, "host_gpus_count")
    whole_kg = hosts * _number(row, "host_embodied_kgco2e") + gpus * _number(row, "gpu_embodied_kgco2e")
    lifetime_y = _number(row, "lifetime_d") * SECONDS_PER_DAY / SECONDS_PER_YEAR
    return whole_kg * calendar_share(time_s, lifetime_y) / _number(row, "batch_count")


def _number(row: Row, column: str) -> float:
    return row.number(column, FIX)
