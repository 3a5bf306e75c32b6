"""What part of an asset's making, and of its idle energy, each workload bears: one rule, one answer.

    with r reserved, u used and s in service, shares of pieces over steps of t seconds, S = sum of s x t:

    reserved          sum of r x t / S;  what was in service and reserved by nobody is unassigned
    used              sum of u x t / the same of all
    energy            joules / joules of all
    reserve-then-use  each step by r, and what of s is left by u / u of all in this step
    shapley           steps by the peak game of what was reserved (shapley.py), within a step by r
    economic          price / prices of all who used it
    sunk              nothing: it is made, whatever is done with it

Shares are of what the asset costs over its service in the window, S x its pieces; they and
`unassigned` sum to 1 but for rules that do not conserve, which no total may add. Assets are
components already (accelerators apart from their host), and whoever reserves a machine has a part
of each component alike, so that component by component is `reserved`. Limit: the choice of a
rule is not a fact; a result that turns under another rule is to say so.
"""

from collections.abc import Callable, Mapping
from math import fsum
from typing import NamedTuple

import numpy as np

from simulator.errors import MissingValueError, UsageError
from simulator.footprint.sharing.shapley import peak_rates
from simulator.footprint.sharing.usage import Usage
from simulator.record.integrate import Floats
from simulator.vocabulary import UNASSIGNED

Prices = Mapping[str, float]


class Rule(NamedTuple):
    """A way of sharing: its function, when to take it and who proposed it.

    `conserving`: shares and `unassigned` sum to 1. `needs_log`: it asks what the log says, not only what was reserved.
    """

    shares: Callable[[Usage, Prices], Floats]
    conserving: bool
    needs_log: bool
    when: str
    source: str


def allocate(rule: str, usage: Usage, prices: Prices | None = None) -> dict[str, float]:
    """The share of each workload and of `unassigned`; `prices` by workload, in any one currency, for `economic`.

    >>> usage = Usage("gpus", ("a", "b"), np.array([0.0, 10.0]), np.ones(1), np.array([[0.5], [0.25]]))
    >>> allocate("reserved", usage)
    {'a': 0.5, 'b': 0.25, 'unassigned': 0.25}
    >>> allocate("shapley", usage)
    {'a': 0.6666666666666666, 'b': 0.3333333333333333, 'unassigned': 0.0}
    """
    chosen = find_rule(rule)
    shares = chosen.shares(usage, prices or {})
    rest = 1.0 - fsum(shares.tolist()) if chosen.conserving else 0.0
    assert rest > -_DUST, (usage.asset, rule, "shares sum to more than the whole", rest)
    return {**dict(zip(usage.workloads, shares.tolist(), strict=True)), UNASSIGNED: rest if rest > _DUST else 0.0}


def find_rule(rule: str) -> Rule:
    """The rule of this name; raises UsageError where there is none."""
    if rule not in RULES:
        raise UsageError(f"allocation by {rule!r}", "there is no such rule", f"take one of {', '.join(RULES)}")
    return RULES[rule]


_DUST = 1e-9
"""A share below which nothing but rounding is left."""


def _by_reserved(usage: Usage, prices: Prices) -> Floats:
    return _parts(_reserved(usage) @ usage.length_s, usage.service_s)


def _by_used(usage: Usage, prices: Prices) -> Floats:
    used_s = _used(usage) @ usage.length_s
    return _parts(used_s, used_s.sum())


def _by_energy(usage: Usage, prices: Prices) -> Floats:
    assert usage.energy_j is not None, (usage.asset, "the log was not read")
    return _parts(usage.energy_j, usage.energy_j.sum())


def _by_reserve_then_use(usage: Usage, prices: Prices) -> Floats:
    reserved, used = _reserved(usage), _used(usage)
    free = np.maximum(usage.in_service - reserved.sum(axis=0), 0.0)
    of_all = used.sum(axis=0)
    parts = np.divide(used, of_all, out=np.zeros_like(used), where=of_all > 0.0)
    return _parts((reserved + parts * free) @ usage.length_s, usage.service_s)


def _by_peak(usage: Usage, prices: Prices) -> Floats:
    reserved = _reserved(usage)
    demand = reserved.sum(axis=0)
    moments = peak_rates(demand, usage.length_s) * usage.length_s
    within = np.divide(reserved, demand, out=np.zeros_like(reserved), where=demand > 0.0)
    layers = within @ moments
    return _parts(layers, layers.sum())


def _by_price(usage: Usage, prices: Prices) -> Floats:
    took = _used(usage) if usage.reserved is None else usage.reserved
    users = [name for name, row in zip(usage.workloads, took, strict=True) if (row * usage.length_s).any()]
    for name in users:
        if name not in prices:
            raise MissingValueError(
                f"workload {name!r}", "price", f"{usage.asset} is shared by prices: give one", "among the prices"
            )
        if not 0.0 <= prices[name] < float("inf"):
            raise UsageError(
                f"the price {prices[name]:g} of {name!r}", "it cannot be a part of a sum", "give 0 or more"
            )
    paid = np.array([prices[name] if name in users else 0.0 for name in usage.workloads])
    if users and not paid.any():
        raise UsageError(f"prices of {', '.join(users)}", "all are 0: no part can be told", "give one above 0")
    return _parts(paid, paid.sum())


def _nothing(usage: Usage, prices: Prices) -> Floats:
    return np.zeros(len(usage.workloads))


def _parts(amounts: Floats, whole: float) -> Floats:
    """Each over the whole; nothing of nothing, so that all of it is unassigned."""
    return amounts / whole if whole > 0.0 else np.zeros(len(amounts))


def _reserved(usage: Usage) -> Floats:
    if usage.reserved is None:
        raise UsageError(
            usage.asset,
            "nobody reserves such an asset, so that no share follows from reservations",
            "share it by `used` or `energy`",
        )
    return usage.reserved


def _used(usage: Usage) -> Floats:
    assert usage.used is not None, (usage.asset, "the log was not read")
    return usage.used


RULES = {
    "reserved": Rule(
        _by_reserved,
        True,
        False,
        "in a cloud: who holds machines bears them; what nobody holds stays visible",
        "ISO/IEC 21031:2024 (SCI): M = TE x (TiR / EL) x (RR / ToR)",
    ),
    "used": Rule(
        _by_used,
        True,
        True,
        "an owner wants all of it charged to those who work, by the time that pieces work",
        "normalised use: GHG Protocol Scope 3 standard, chapter 8, physical allocation",
    ),
    "energy": Rule(
        _by_energy,
        True,
        True,
        "nothing but joules is known; waiting for long counts, and heavy work weighs more than light",
        "energy as the physical factor: GHG Protocol Scope 3 standard, chapter 8",
    ),
    "reserve-then-use": Rule(
        _by_reserve_then_use,
        True,
        True,
        "in a data centre of one's own: reservations first, what is free falls on who works at that time",
        "after Schneider & Mattia 2024 (arXiv:2406.09645): reservations and hourly measured use",
    ),
    "shapley": Rule(
        _by_peak,
        True,
        False,
        "capacity was built for the peak: who asks while many ask bears more",
        "Fair-CO2 (ISCA 2025): Shapley value of periods; Littlechild & Owen 1973 for its closed form",
    ),
    "economic": Rule(
        _by_price,
        True,
        False,
        "uses cannot be compared but by what they are worth: co-products, second hand",
        "ISO 14044:2006, 4.3.4.2: allocation by economic value, where nothing physical serves",
    ),
    "sunk": Rule(
        _nothing,
        False,
        False,
        "a decision is taken on machines that stand there anyway; never for a total",
        "Bashir et al. 2024 (arXiv:2410.15087): making in the objective of a scheduler can raise the total",
    ),
}
"""Every rule, by the name that it is asked for by."""
