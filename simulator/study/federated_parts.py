"""What a task's energy is made of by what it is for: computing, uploads, downloads, the server.

    download = phones that receive + network x bits down / (bits down + up),   upload likewise
    computing = phones - phones that receive - phones that send
    network  = links, sites and the users' lines, which are no part of the phones

What was in vain counts with what it was. A run records it whole, so phones that receive (or send) are told by a run
in which they draw nothing beyond rest but for that: what happens, and when, depends on no watt.

One scalar is fitted, on the published share of computing: the bytes of the model, hence its seconds of computing a
megabyte. A second input is the published length of an asynchronous task, for the seconds of a sample. As what
carries bits is open by orders of magnitude, both are found for each model of the network; with the computing given,
what is predicted is how the rest divides into up and down, and the server.
Source: Yousefpour et al. 2023, Green Federated Learning, sections 1 and 5.1.
"""

from functools import cache
from typing import NamedTuple

from simulator.catalogue import find
from simulator.study.federated_runs import (
    FIX,
    HOUR_S,
    LAB,
    SAMPLES,
    Json,
    Outcome,
    play,
    rounds_of,
    scenario,
    versions_of,
)

VERSIONS = 20
"""Versions (or rounds) that are played of the published 100; that all begin at once is worth half a point of shares."""
TURNS, NEAR = 12, 4e-3
"""Of the iteration for both scalars at most, and when it ends; but for time-outs one turn would do."""
OWN = "power_model"
"""The model of the network whose joules a run is charged with."""
RECEIVE, SEND = 1, 2
"""Their places among the watts of a phone."""

Watts = tuple[float, float, float, float]
"""Of a phone that computes, receives, sends and rests."""


class Parts(NamedTuple):
    """Joules by what they are for."""

    compute_j: float
    upload_j: float
    download_j: float
    server_j: float

    @property
    def total_j(self) -> float:
        """All of them."""
        return sum(self)

    def share(self, part_j: float) -> float:
        """A part over all."""
        return part_j / self.total_j


class Case(NamedTuple):
    """What is taken for what is assumed: the model of the network and its low end, value or high end (0, 1, 2), ...

    ... watts of a phone, spreads and drop-outs, where they are not the catalogue's.
    """

    network: str = OWN
    end: int = 1
    power_w: Watts | None = None
    speed_spread: float | None = None
    rate_spread: float | None = None
    dropout_share: float | None = None

    def phones(self) -> Json:
        """The fields of the population."""
        doing = ("compute", "receive", "send", "idle")
        watts = None if self.power_w is None else {k: f"{w!r} W" for k, w in zip(doing, self.power_w, strict=True)}
        said = {"power": watts, "speed_spread": self.speed_spread, "rate_spread": self.rate_spread}
        return {field: value for field, value in said.items() if value is not None}

    def alone(self, place: int) -> "Case":
        """The same with phones that draw what they draw at rest, but while they do one thing.

        >>> Case(power_w=(3.0, 1.0, 1.5, 0.1)).alone(SEND).power_w
        (0.1, 0.1, 1.5, 0.1)
        """
        watts = self.power_w or catalogue_w()
        compute_w, receive_w, send_w, idle_w = (w if n == place else watts[-1] for n, w in enumerate(watts))
        return self._replace(power_w=(compute_w, receive_w, send_w, idle_w))


def catalogue_w() -> Watts:
    """What the catalogue has a phone draw."""
    phone = find("client-power", "phone")
    compute_w, receive_w, send_w = (phone.number(f"{doing}_w", FIX) for doing in ("compute", "receive", "send"))
    return compute_w, receive_w, send_w, find("device", "smartphone").number("idle_w", FIX)


class Fit(NamedTuple):
    """What was fitted: bytes of the model and seconds of a sample on the median phone."""

    case: Case
    bytes_count: float
    sample_s: float

    @property
    def s_per_mb(self) -> float:
        """Seconds that the median phone computes on the mean user's samples, a megabyte of the model."""
        return SAMPLES * self.sample_s / (self.bytes_count / 1e6)


class Task(NamedTuple):
    """A learning that was played, and of its phones' joules those of receiving and of sending, in vain or not."""

    found: Outcome
    receive_j: float
    send_j: float


def phones_j(found: Outcome) -> float:
    """Joules of the phones alone, without their lines."""
    return found.used_j - found.network_j[OWN][1]


def parts_of(task: Task, fit: Fit) -> Parts:
    """What a learning's energy is made of."""
    found = task.found
    rounds = found.tables["rounds"].to_pylist()
    moved = {way: sum(row[f"{way}_bytes"] for row in rounds) for way in ("download", "upload")}
    network_j = found.network_j[fit.case.network][fit.case.end]
    carried_j = {way: network_j * moved[way] / sum(moved.values()) for way in moved}
    return Parts(
        phones_j(found) - task.receive_j - task.send_j,
        task.send_j + carried_j["upload"],
        task.receive_j + carried_j["download"],
        found.place_j[LAB],
    )


def asynchronous(fit: Fit) -> Task:
    """The published asynchronous task, a few of its versions."""
    clients = clients_count()
    return _played(fit, versions_of(clients, clients))


def synchronous(fit: Fit) -> Task:
    """The same in rounds, with the published over-selection."""
    over = find("federated", "bonawitz-over-selection").number("value_ratio", FIX)
    return _played(fit, rounds_of(clients_count(), over))


def _played(fit: Fit, fields: Json) -> Task:
    dropout = {} if fit.case.dropout_share is None else {"dropout": fit.case.dropout_share}
    more = {**fields, **dropout, "rounds": VERSIONS}
    cases = (fit.case, fit.case.alone(RECEIVE), fit.case.alone(SEND))
    found, *alone = (play(scenario(1, fit.bytes_count, fit.sample_s, more, case.phones())) for case in cases)
    return Task(found, *map(phones_j, alone))


def clients_count() -> int:
    """Clients at once, and updates a version, of the published task."""
    return int(find("federated", "yousefpour-async").number("clients_count", FIX))


@cache
def fitted(case: Case) -> Fit:
    """Bytes of the model by the published share of computing, seconds of a sample by the published length."""
    row = find("federated", "yousefpour-async")
    share = find("federated", "yousefpour-compute").number("value_share", FIX)
    version_s = row.number("time_h", FIX) * HOUR_S / row.number("rounds_count", FIX)
    fit = Fit(case, 60e6, 1.0)
    for _ in range(TURNS):
        task = asynchronous(fit)
        parts = parts_of(task, fit)
        slower = version_s / (task.found.time_s / task.found.rounds)
        wanted_j = parts.compute_j * (1.0 / share - 1.0) - parts.server_j
        larger = slower * wanted_j / (parts.upload_j + parts.download_j)
        if abs(slower - 1.0) < NEAR and abs(larger - 1.0) < NEAR:
            return fit
        fit = Fit(case, fit.bytes_count * larger, fit.sample_s * slower)
    raise AssertionError(f"{case}: not settled after {TURNS} turns, {slower - 1.0:g} and {larger - 1.0:g} off")
