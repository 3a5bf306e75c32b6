"""Federated learning: one algorithm a file, and what they share.

`ALGORITHMS` is the only list of our own; those of third parties come by entry points (kind.py).
"""

from simulator.workloads.federate.fedadam import FEDADAM
from simulator.workloads.federate.fedavg import FEDAVG
from simulator.workloads.federate.fedbuff import FEDBUFF
from simulator.workloads.federate.fedprox import FEDPROX
from simulator.workloads.federate.gossip import GOSSIP
from simulator.workloads.federate.hierarchical import HIERARCHICAL
from simulator.workloads.federate.kind import Algorithm
from simulator.workloads.federate.local_only import LOCAL_ONLY
from simulator.workloads.federate.ring import RING
from simulator.workloads.federate.semi_async import SEMI_ASYNC
from simulator.workloads.federate.split import SPLIT

ALGORITHMS: dict[str, Algorithm] = {
    "fedavg": FEDAVG,
    "fedprox": FEDPROX,
    "fedadam": FEDADAM,
    "fedbuff": FEDBUFF,
    "semi-async": SEMI_ASYNC,
    "hierarchical": HIERARCHICAL,
    "gossip": GOSSIP,
    "ring": RING,
    "split": SPLIT,
    "local-only": LOCAL_ONLY,
}
