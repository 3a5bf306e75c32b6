"""What of the rest of users' equipment is charged to the work that it does.

    as-run         what the population says: marginal (nothing of its rest) or whole (its rest while it works)
    whole-device   rest x seconds at work
    marginal       nothing
    time-share     rest x seconds at work / share of its life in which it works: a day's uses bear a day's rest

A device and its line are charged alike, but by `time-share`: for how much of a day a line serves its user is known
of boxes alone, which do all day, so that lines bear their rest while they work, as by `whole-device`. Lines go by
`network` where a method says so (network_idle.py). What the record holds already is taken off. Devices of a
population that is `owned: always` rest for nobody (`unassigned`) while they do not work, and that is recorded: by
`marginal` it is left out, by `time-share` too, for a day's uses bear it.
Source of a device's hours of use: the column `duty_share` of the set `base`.
"""

from collections.abc import Mapping
from typing import Any

from simulator.footprint.accounting.term import exact
from simulator.footprint.making.factors import Factor, build_sets
from simulator.footprint.making.items import items_of

RECORDED = {"marginal": 0.0, "whole": 1.0}


def idle_factors(equipment: str) -> tuple[Factor, ...]:
    """What the recorded joules of owned devices that rest for nobody are multiplied by, to add to them; () for nothing.

    >>> [factor.value for factor in idle_factors("time-share")], idle_factors("as-run")
    ([-1.0], ())
    """
    left_out = equipment in ("marginal", "time-share")
    return (exact("of its rest for nobody, which is left out", -1.0),) if left_out else ()


def rest_factors(asset: Mapping[str, Any], equipment: str) -> tuple[Factor, ...] | None:
    """What the joules at rest of working equipment are multiplied by, to add to what is recorded; () for nothing.

    None where its hours of use are needed and nobody says them.
    """
    recorded = RECORDED[asset["charged"]]
    if equipment == "time-share" and asset["kind"] == "access":
        equipment = "whole-device"
    if equipment in ("as-run", "whole-device", "marginal"):
        wanted = {"as-run": recorded, "whole-device": 1.0, "marginal": 0.0}[equipment]
        more = wanted - recorded
        return (exact("of its rest, beside what is recorded", more),) if more else ()
    duty = _duty(asset)
    if duty is None:
        return None
    more = 1.0 / duty.value - recorded
    return (exact(f"of its rest, beside what is recorded: 1 / {duty.name} - {recorded:g}", more),)


def _duty(asset: Mapping[str, Any]) -> Factor | None:
    sets = build_sets((), ())
    (item, *_) = items_of(asset, roofed=False)
    return sets.embodied(item.candidates, "duty_share")
