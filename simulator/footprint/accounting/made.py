"""Terms of what was made: amounts a piece, over lifetimes, for those who held the pieces or sent the bits.

    by the calendar    seconds that the asset's pieces count x the rule's share x times x amount / lifetime
    by active hours    seconds that the workload held x times x amount / (lifetime x share of it in which it works)
    networks           bits that the workload sent x times x amount / lifetime, or without it by gigabytes

Users' equipment is charged by the seconds that it worked for the workload, whatever the rule.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from simulator.footprint.accounting.term import GIVEN, YEARS_PER_S, Term, exact
from simulator.footprint.making.embodied import AMOUNTS
from simulator.footprint.making.factors import Factor
from simulator.footprint.making.items import ACTIVE_S, BITS
from simulator.footprint.making.life import WRITTEN_OFF
from simulator.footprint.sharing.shares import Shares
from simulator.vocabulary import PHASE_BOUNDARIES, UNASSIGNED

Held = Mapping[str, float]
"""Seconds or bits by workload."""


class Over(NamedTuple):
    """What the making of one asset is charged over, by workload: piece-seconds that count and bits; a rule's shares."""

    held_s: Held
    bits: Held
    shares: Shares | None


def making_terms(row: Mapping[str, Any], asset: Mapping[str, Any], over: Over) -> Iterator[Term]:
    """The terms of a row of `embodied` that says an amount, one a workload."""
    factors, inverse = _factors(row)
    for workload, base, share in _charged(row, over):
        shares = () if share is None else (exact(f"share of {workload}", share),)
        yield Term(
            row["paradigm"],
            PHASE_BOUNDARIES[row["phase"]],
            row["phase"],
            row["criterion"],
            asset["place"],
            row["asset"],
            row["item"],
            workload,
            row["phase"],
            base,
            "b" if row["over"] == BITS else "s",
            (*shares, *factors),
            inverse,
            f"{'changes' if row['over'] == BITS else 'reservations'}: {row['asset']}",
        )


def _charged(row: Mapping[str, Any], over: Over) -> Iterator[tuple[str, float, float | None]]:
    """Who is charged over what, and by which share of it; what was written off is nobody's of the run."""
    if row["item"] == WRITTEN_OFF:
        counted = over.bits if row["over"] == BITS else over.held_s
        yield UNASSIGNED, sum(b for w, b in counted.items() if row["over"] != ACTIVE_S or w != UNASSIGNED), None
        return
    if row["over"] == BITS:
        yield from ((workload, bits, None) for workload, bits in over.bits.items() if bits)
    elif row["over"] == ACTIVE_S or over.shares is None:
        own = ((w, seconds) for w, seconds in over.held_s.items() if seconds)
        yield from ((w, seconds, None) for w, seconds in own if row["over"] != ACTIVE_S or w != UNASSIGNED)
    else:
        whole_s = sum(over.held_s.values())
        yield from ((w, whole_s, share) for w, share in over.shares.whole.items() if share)


def _factors(row: Mapping[str, Any]) -> tuple[tuple[Factor, ...], tuple[Factor, ...]]:
    """What a row multiplies by, and what it divides by."""
    named = row["row"] or row["item"]
    per = (
        "pieces" if row["over"] != BITS else f"{row['per']} a bit a second" if row["per"] != "gb" else "gigabytes a bit"
    )
    times = () if row["times"] == 1.0 else (exact(f"{row['per']} of {row['item']}: {per}", row["times"]),)
    column = f"embodied/{named}/{AMOUNTS[row['phase'], row['criterion']]}"
    amount = Factor(column, row["amount"], row["low"], row["high"], row["source"], row["confidence"])
    if row["lifetime_y"] is None:
        return (*times, amount), ()
    lasts = f"embodied/{row['life_row']}/lifetime_y" if row["life_confidence"] != GIVEN else f"lifetime of {named}"
    said = (row["low_y"], row["high_y"], row["life_source"], row["life_confidence"])
    life = Factor(lasts, row["lifetime_y"], *said)
    duty = (exact(f"share of its life in which {named} works", row["duty_share"]),) if row["over"] == ACTIVE_S else ()
    return (*times, YEARS_PER_S, amount), (life, *duty)
