"""What can be asked of `aiceberg accuracy`: published figures beside ours, a subject a report."""

from collections.abc import Callable

from simulator.network.tables import AtlasTables
from simulator.study.federated import PARTS as FEDERATED_PARTS
from simulator.study.federated import federated
from simulator.study.footprint import PARTS as FOOTPRINT_PARTS
from simulator.study.footprint import footprint
from simulator.study.internet import internet
from simulator.study.report import Report
from simulator.study.training import PARTS, training

SUBJECTS: dict[str, Callable[[AtlasTables], Report]] = {
    "training": training,
    **{name: part.report for name, part in PARTS.items()},
    "federated": federated,
    **FEDERATED_PARTS,
    "footprint": footprint,
    **{name: part.report for name, part in FOOTPRINT_PARTS.items()},
    "internet": internet,
}
