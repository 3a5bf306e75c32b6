"""What can be asked of `aiceberg accuracy`: published figures beside ours, a subject a report."""

from collections.abc import Callable

from simulator.network.tables import AtlasTables
from simulator.study.internet import internet
from simulator.study.node_power import node_power
from simulator.study.replay import replay
from simulator.study.report import Report

SUBJECTS: dict[str, Callable[[AtlasTables], Report]] = {
    "replay": replay,
    "internet": internet,
    "node-power": lambda _: node_power(),
}
