"""Who pays for what was drawn, and made, for nobody: a rule's shares of each asset.

    share of the asset           the rule's own (rules.py): of what the asset costs while it is in service
    share of what it drew idle   the same, but for rules that give reserved time to who reserved it:
                                 of the rest r, (share - reserved share) / (1 - reserved shares of all)

By `reserved` nothing of idle hours is anybody's; by `reserve-then-use` they are shared by use. By a rule
that does not conserve (`sunk`) nothing of the making is charged, and idle hours stay nobody's.
Users' equipment that counts only while it works, lines and cables are charged by their own seconds and bits,
whatever the rule; equipment that is owned always has idle hours, and is shared as machines are.
"""

from collections.abc import Mapping
from typing import NamedTuple

from simulator.footprint.accounting.log_book import LogBook
from simulator.footprint.entries import Tables
from simulator.footprint.sharing.rules import RULES, allocate
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import UNASSIGNED, USERS

RESERVED = "reserved"
BY_RESERVATION = (RESERVED, "reserve-then-use")


class Shares(NamedTuple):
    """The shares of an asset and of what it drew idle, by workload, `unassigned` among them.

    Each sums to 1, but `whole` by a rule that does not conserve, which charges nothing.
    """

    whole: Mapping[str, float]
    idle: Mapping[str, float]


def read_shares(
    tables: Tables, paradigm: str, rule: str, prices: Mapping[str, float], book: LogBook | None = None
) -> dict[str, Shares]:
    """The shares of every machine of a paradigm, by asset; with a book, the log is not read again."""
    usages = (book or LogBook(tables)).usages(paradigm, RULES[rule].needs_log)
    owners = {row["asset"]: row["owner"] for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
    found = {}
    for asset, usage in usages.items():
        if usage.reserved is None or not usage.service_s:
            continue
        reserved = allocate(RESERVED, usage)
        if owners[asset] == USERS and not reserved[UNASSIGNED]:
            continue
        whole = allocate(rule, usage, prices)
        found[asset] = Shares(whole, _idle(rule, whole, reserved))
    return found


def _idle(rule: str, whole: Mapping[str, float], reserved: Mapping[str, float]) -> Mapping[str, float]:
    """What of the idle hours is whose, by the shares of the whole and those of who reserved what."""
    if RULES[rule].conserving and rule not in BY_RESERVATION:
        return whole
    free = reserved[UNASSIGNED]
    if free <= 0.0 or not RULES[rule].conserving:
        return {UNASSIGNED: 1.0}
    shares = {n: max(share - reserved[n], 0.0) / free for n, share in whole.items() if n != UNASSIGNED}
    return {**shares, UNASSIGNED: whole[UNASSIGNED] / free}
