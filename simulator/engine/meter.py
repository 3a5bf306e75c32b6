"""The tap through which something draws power: moving it moves the whole draw.

A meter is always in one state: so many watts for whom, doing what. A new state replaces the
old one in a single call, so nothing can be counted twice or left running. Only the engine
knows channels; everybody else names assets, workloads and activities.
"""

from collections.abc import Mapping

from simulator.engine.ledger import Ledger


class Meter:
    """What one asset, or one workload's part of a shared asset, draws."""

    __slots__ = ("_asset", "_channel", "_key", "_ledger", "_shares")

    def __init__(self, ledger: Ledger, asset: str) -> None:
        self._ledger, self._asset = ledger, asset
        self._key: tuple[str, str] | None = None
        self._channel = -1
        self._shares: dict[str, int] = {}

    def draw(self, power_w: float, workload: str, activity: str) -> None:
        """From now on the whole draw is this many watts, for this workload, doing this."""
        ledger = self._ledger
        if self._key != (workload, activity):
            self.off()
            self._key = (workload, activity)
            self._channel = ledger.channel(self._asset, workload, activity)
        ledger.set(self._channel, power_w)

    def share(self, powers_w: Mapping[str, float], activity: str) -> None:
        """From now on the draw is split over these workloads, in watts each, all doing this."""
        channel = self._ledger.channel
        shares = {workload: channel(self._asset, workload, activity) for workload in powers_w}
        kept = set(shares.values())
        for old in (self._channel, *self._shares.values()):
            if old >= 0 and old not in kept:
                self._ledger.set(old, 0.0)
        self._key, self._channel, self._shares = None, -1, shares
        for workload, power_w in powers_w.items():
            self._ledger.set(shares[workload], power_w)

    def off(self) -> None:
        """From now on nothing is drawn."""
        if self._shares:
            self.share({}, "")
        elif self._key is not None:
            self._ledger.set(self._channel, 0.0)
            self._key = None
