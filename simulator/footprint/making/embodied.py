"""What it took to make, bring and throw away the machines: amounts a piece, charged over their lives.

    cost of an asset in a phase = quantity x times x amount / lifetime
    quantity = seconds that its pieces count,   by the calendar
               seconds in which workloads hold them, by active hours, of a lifetime x the share of it in which it works
               bits that it carried,   of networks; without a lifetime where the amount is one a gigabyte

Amounts are those of a chain of named factor sets (factors.py), the first that knows the item; each is
recorded in the table `embodied` with its row, source and range, so that a result says what it is made of.
An amount that nobody knows is null there, and a boundary that needs it is not computed. Assets that
nobody used of networks and users are left out: they count as they were used.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import fsum
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from simulator.catalogue import rows
from simulator.catalogue.table import DOUBTFUL
from simulator.footprint.entries import in_service
from simulator.footprint.making.factors import Factor, FactorSets
from simulator.footprint.making.items import ACTIVE_S, BITS, PIECE_S, Item, items_of
from simulator.footprint.making.life import LifeSpec, Lived, lived
from simulator.record.pieces import of_paradigm
from simulator.record.tables import from_rows
from simulator.units import SECONDS_PER_YEAR
from simulator.vocabulary import PHASE_BOUNDARIES, USERS

Tables = Mapping[str, pa.Table]
Lives = Mapping[str, LifeSpec]

AMOUNTS = {
    ("manufacture", "co2e_kg"): "manufacture_kgco2e",
    ("transport", "co2e_kg"): "transport_kgco2e",
    ("end_of_life", "co2e_kg"): "end_of_life_kgco2e",
    ("manufacture", "adpe_kgsb"): "manufacture_adpe_kgsb",
    ("manufacture", "primary_energy_mj"): "manufacture_primary_mj",
    ("manufacture", "cost_usd"): "price_usd",
}
"""The column of a factor set that answers for a phase and a criterion."""
LADDER = "co2e_kg"
"""The criterion of the boundaries of a summary from `embodied` on."""


class Quantities(NamedTuple):
    """What each asset's making is charged over: seconds that its pieces count, and bits that it carried."""

    piece_s: Mapping[str, float]
    active_s: Mapping[str, float]
    bits: Mapping[str, float]

    def of(self, row: Mapping[str, Any]) -> float:
        """The quantity that a row of `embodied` is charged over."""
        by = {PIECE_S: self.piece_s, ACTIVE_S: self.active_s, BITS: self.bits}
        return by[row["over"]].get(row["asset"], 0.0)


def embodied_table(tables: Tables, sets: FactorSets, lives: Lives, basis: str) -> pa.Table:
    """What making every asset of a result took, by these sets and lives; `basis` is `calendar` or `active`."""
    roofed = {(row["paradigm"], row["place"]) for row in tables["pue_curves"].to_pylist()}
    signals = tables["signals"].to_pylist()
    roofed |= {(row["paradigm"], row["place"]) for row in signals if row["signal"] == "pue_ratio"}
    found: list[Sequence[Any]] = []
    assets = tables["assets"].to_pylist()
    filled = {(a["paradigm"], a["part_of"]) for a in assets if a["kind"] == "accelerator"}
    for asset in assets:
        if asset["owner"] in (USERS, "") and not in_service(asset):
            continue
        way, cards = asset["paradigm"], (asset["paradigm"], asset["part_of"]) in filled
        for item, lifetime_y in _lived(asset, items_of(asset, (way, asset["place"]) in roofed, cards), lives):
            own = item._replace(over=ACTIVE_S) if (basis, item.over) == ("active", PIECE_S) else item
            found += ((asset["paradigm"], asset["asset"], *row) for row in _amounts(own, lifetime_y, sets))
    return from_rows("embodied", found)


def _lived(asset: Mapping[str, Any], items: Iterable[Item], lives: Lives) -> Iterator[Lived]:
    """The items of an asset by their lives, of which the scenario may say another than the catalogue."""
    device = rows("device").get(asset["row"])
    kind = "" if device is None else device.text("class").replace("_", "-")
    for item in items:
        named = (item.name, *(one.partition(".")[2] or one for one in item.candidates))
        life = next((lives[one] for one in named if one in lives), None)
        yield from (Lived(item, None),) if life is None else lived(item, life, asset["row"], kind)


def _amounts(item: Item, lifetime_y: float | None, sets: FactorSets) -> Iterator[Sequence[Any]]:
    """The rows of an item: a phase and a criterion each that somebody knows, and those of CO2e in any case."""
    life = _life(item, lifetime_y, sets)
    duty = sets.embodied(item.lives_as, "duty_share") if item.over != BITS else None
    for (phase, criterion), column in AMOUNTS.items():
        amount = sets.embodied(item.candidates, column)
        if amount is None and criterion != "co2e_kg":
            continue
        yield (
            *(item.name, phase, criterion, None if amount is None else amount.value, item.per, item.times, item.over),
            *(None if life is None else life.value, None if duty is None else duty.value),
            *((None, None) if amount is None else (amount.low, amount.high)),
            *((None, None) if life is None else (life.low, life.high)),
            *(("", "", "") if amount is None else (row_of(amount), amount.source, amount.confidence)),
            *(("", "", "") if life is None else (row_of(life), life.source, life.confidence)),
        )


def _life(item: Item, lifetime_y: float | None, sets: FactorSets) -> Factor | None:
    """How long an item lasts: as the scenario says, else its factor set; None where it is charged by bits alone."""
    if lifetime_y is not None:
        return Factor("scenario", lifetime_y, None, None, "the scenario", "given")
    return sets.embodied(item.lives_as, "lifetime_y") if (item.over, item.per) != (BITS, "gb") else None


def row_of(factor: Factor) -> str:
    """The catalogue row (or the line of a file) that a factor was read in."""
    return factor.name.removeprefix("embodied/").rpartition("/")[0] or factor.name


def making_doubts(table: pa.Table) -> Iterator[str]:
    """The names of amounts in the ladder that are assumed or unverified, as a result lists them, each once."""
    in_ladder = (row for row in table.to_pylist() if row["criterion"] == LADDER and row["confidence"] in DOUBTFUL)
    seen = dict.fromkeys((row["row"], row["phase"], row["criterion"]) for row in in_ladder)
    for id_, phase, criterion in seen:
        known, column = rows("embodied").get(id_), AMOUNTS[phase, criterion]
        if known is not None and known.find_number(column) is not None:
            yield f"embodied/{id_}/{column}"


def embodied_rows(tables: Tables, paradigm: str, criterion: str) -> list[dict[str, Any]]:
    """The rows of `embodied` of a paradigm and a criterion."""
    own = of_paradigm(tables["embodied"], paradigm)
    return list(own.filter(pc.equal(own.column("criterion"), criterion)).to_pylist())


def is_known(row: Mapping[str, Any]) -> bool:
    """Whether a row says an amount, and over how long it is charged."""
    timeless = row["over"] == BITS and row["per"] == "gb"
    dutiful = row["over"] != ACTIVE_S or row["duty_share"] is not None
    return row["amount"] is not None and dutiful and (timeless or row["lifetime_y"] is not None)


def charged(row: Mapping[str, Any], quantity: float) -> float:
    """What of a row falls on so many piece-seconds or bits, in the unit of its criterion.

    >>> row = {"amount": 84.0, "times": 1.0, "lifetime_y": 2.5, "duty_share": 4.38 / 24, "over": "s", "per": "piece"}
    >>> round(charged(row, 3600.0) * 1e3, 2)  # grams of a phone in an hour of its life, and in one of its work
    3.83
    >>> round(charged({**row, "over": "active_s"}, 3600.0) * 1e3)
    21
    """
    whole = row["amount"] * row["times"] * quantity
    if row["lifetime_y"] is None:
        return float(whole)
    worked = row["duty_share"] if row["over"] == ACTIVE_S else 1.0
    return float(whole / (row["lifetime_y"] * SECONDS_PER_YEAR * worked))


def phases_from(boundary: str) -> list[str]:
    """The phases of making and its ends that a boundary is the first to take in; of operation alone, none.

    >>> phases_from("life_cycle")
    ['transport', 'end_of_life']
    """
    return [phase for phase, first in PHASE_BOUNDARIES.items() if first == boundary]


def making_kg(rows_: Sequence[Mapping[str, Any]], quantities: Quantities, phases: Sequence[str]) -> float:
    """CO2e of these phases that falls on the quantities."""
    return fsum(charged(row, quantities.of(row)) for row in rows_ if row["phase"] in phases)


def unknown(rows_: Sequence[Mapping[str, Any]], phases: Sequence[str], counted: set[str]) -> list[str]:
    """What nobody says of the making of these assets in these phases: `asset (item)`, each once."""
    told = [row for row in rows_ if row["asset"] in counted and row["phase"] in phases]
    missing = [f"{row['asset']} ({row['item']})" for row in told if not is_known(row)]
    return list(dict.fromkeys((*missing, *sorted(counted - {row["asset"] for row in told}))))
