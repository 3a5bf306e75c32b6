"""What each link of a run carried: its bits, how long it was in use, what its electricity emitted.

    bits of a link = integral of its rate,    emitted = joules a bit x bits x grid of its countries

Sites and users' lines are no links, and the line of a data centre is no asset.
"""

from typing import NamedTuple

from simulator.footprint.entries import Tables, drawn
from simulator.vocabulary import RATE


class Carried(NamedTuple):
    """A link in one direction and what it carried from its first bit to its last."""

    start: str
    end: str
    cable: str
    """The cable whose kilometres count, or the row of the overland table."""
    size_b: float
    time_s: float
    emitted_kg: float
    capacity_bps: float

    @property
    def utilisation(self) -> float:
        """Its bits over what it could have carried from the first to the last of them.

        >>> Carried("paris", "lyon", "paris:lyon", 6e11, 60.0, 0.1, 1e12).utilisation
        0.01
        """
        return self.size_b / (self.capacity_bps * self.time_s) if self.time_s > 0 else 0.0


def carried(tables: Tables, paradigm: str) -> list[Carried]:
    """The links that carried something, in the order of their first channels."""
    found: dict[str, Carried] = {}
    for channel, asset, size_b, own in drawn(tables, paradigm):
        if asset["kind"] == "link" and channel["quantity"] == RATE and size_b > 0:
            start, _, end = channel["asset"].partition(">")
            time_s = asset["in_service_to_s"] - asset["in_service_from_s"]
            before = found.get(
                channel["asset"], Carried(start, end, asset["row"], 0.0, time_s, 0.0, asset["capacity_bps"])
            )
            grown_b, grown_kg = before.size_b + size_b, before.emitted_kg + own.co2e_kg
            found[channel["asset"]] = before._replace(size_b=grown_b, emitted_kg=grown_kg)
    return list(found.values())
