"""What one account is made from, read once: what was drawn, who held what, shares, factors; and what is missing."""

from collections.abc import Iterator, Mapping
from math import fsum
from typing import Any, NamedTuple

from simulator.footprint.accounting.electricity import Electricity
from simulator.footprint.accounting.log_book import LogBook
from simulator.footprint.accounting.method import Method
from simulator.footprint.accounting.network_idle import AS_RUN, LINE, LINE_EQUIPMENT, PEAK, Rest, peak_rests
from simulator.footprint.accounting.term import Term
from simulator.footprint.boundary import owned_reach, reach
from simulator.footprint.entries import Tables, in_service, span_s
from simulator.footprint.making.factors import FactorSets
from simulator.footprint.quantities import piece_seconds
from simulator.footprint.sharing.shares import read_shares
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import RATE, SPARE, UNASSIGNED, USERS

CONSEQUENTIAL = "consequential"


class Missing(NamedTuple):
    """Why a criterion is not computed from a boundary on: what nobody says."""

    criterion: str
    boundary: str
    what: str


Found = Iterator[Term | Missing]
"""Terms, and what is missing where there are none."""


class Books:
    """What one account is made from, read once."""

    def __init__(
        self, tables: Tables, paradigm: str, method: Method, sets: FactorSets, owned: bool, book: LogBook
    ) -> None:
        self.paradigm, self.method, self.owned = paradigm, method, owned
        self.assets = {row["asset"]: row for row in of_paradigm(tables["assets"], paradigm).to_pylist()}
        log = book.readings(paradigm)
        self.readings = [one for one in log if owned or one.drawn.channel["quantity"] != SPARE]
        self.held_s = _by_asset(piece_seconds(tables, paradigm))
        self.reach = (owned_reach if owned else reach)(tables, paradigm)
        self.electricity = Electricity(tables, paradigm, sets, own=not method.grid)
        self.network = AS_RUN if owned or method.ledger == CONSEQUENTIAL else method.network
        # whoever asks what a decision changes is answered by what one more bit costs
        self.bits_by = PEAK if method.ledger == CONSEQUENTIAL else self.network
        self.apart = {one.drawn.asset["asset"] for one in log if one.drawn.channel["quantity"] == SPARE}
        self.rests: list[Rest] = []
        if self.network == PEAK:  # whatever the sets and the rule
            self.rests = book.once((PEAK, paradigm), lambda: list(peak_rests(tables, paradigm, self.assets)))
        shared = method.ledger != CONSEQUENTIAL and not owned
        self.shares = read_shares(tables, paradigm, method.rule, method.weights, book) if shared else {}
        if owned:
            self._hold_all(span_s(tables, paradigm))

    def _hold_all(self, window_s: float) -> None:
        """Have every machine count for the whole window: what nobody held is for nobody."""
        for name, asset in self.assets.items():
            if asset["owner"] not in (USERS, ""):
                held = {w: piece_s for w, piece_s in self.held_s.get(name, {}).items() if w != UNASSIGNED}
                self.held_s[name] = {**held, UNASSIGNED: asset["count"] * window_s - fsum(held.values())}

    def equipment(self, asset: Mapping[str, Any]) -> str:
        """What of an asset's rest is charged, as an option of users' equipment."""
        own: str = self.method.equipment
        return LINE_EQUIPMENT.get(self.network, own) if asset["kind"] == LINE else own

    def counts(self, asset: Mapping[str, Any]) -> bool:
        """Whether an asset is counted at all."""
        return in_service(asset) or (self.owned and asset["owner"] not in (USERS, ""))

    def bits(self) -> dict[str, dict[str, float]]:
        """Bits by asset and workload."""
        found: dict[str, dict[str, float]] = {}
        for drawn, _ in self.readings:
            if drawn.channel["quantity"] == RATE and drawn.asset["slope_j_per_b"] is not None:
                of = found.setdefault(drawn.asset["asset"], {})
                of[drawn.channel["workload"]] = of.get(drawn.channel["workload"], 0.0) + drawn.value
        return found


def _by_asset(held: Mapping[tuple[str, str], float]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for (asset, workload), piece_s in held.items():
        found.setdefault(asset, {})[workload] = piece_s
    return found
