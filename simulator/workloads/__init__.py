"""What happens in the world: a frozen spec and a generator for each kind of workload.

`KINDS` is the only list. A process takes (world, spec, name), runs on the simulated clock and
records what it did; a workload's name is its `name:`, else its kind.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulator.spec import Spec
from simulator.workloads.federate.clashes import federate_clashes
from simulator.workloads.federate.process import federate, never_federated
from simulator.workloads.federate.spec import Federate
from simulator.workloads.moving import move, never_moved
from simulator.workloads.moving_spec import Collect, Distribute, moving_clashes
from simulator.workloads.needs_internet import always, elsewhere, inside, with_users
from simulator.workloads.ping import never_pinged, ping
from simulator.workloads.ping_spec import Ping, ping_clashes
from simulator.workloads.prepare import never_prepared, prepare
from simulator.workloads.prepare_spec import Prepare
from simulator.workloads.prepare_time import preparation_clashes
from simulator.workloads.serve import never_served, serve
from simulator.workloads.serving_faults import serving_clashes
from simulator.workloads.serving_spec import Serve
from simulator.workloads.train import never_trained, train
from simulator.workloads.training_clashes import training_clashes
from simulator.workloads.training_spec import Train
from simulator.workloads.transfer import new_record, transfer
from simulator.workloads.transfer_spec import Transfer, crosses_internet, transfer_clashes


class Kind(NamedTuple):
    """A kind of workload: what the YAML says, what happens, and what the world cannot do for it.

    `never` records, as (world, spec, name), one whose turn had not come when the run ended;
    `networked` tells from the fields, as the file says them, whether it needs the internet of a year.
    """

    spec: type[Spec]
    process: Callable[..., Any]
    clashes: Callable[..., Any]
    never: Callable[..., Any]
    networked: Callable[[Mapping[str, Any]], bool] = inside


KINDS: dict[str, Kind] = {
    "collect": Kind(Collect, move, moving_clashes, never_moved, always),
    "transfer": Kind(Transfer, transfer, transfer_clashes, new_record, crosses_internet),
    "prepare": Kind(Prepare, prepare, preparation_clashes, never_prepared),
    "train": Kind(Train, train, training_clashes, never_trained, elsewhere),
    "distribute": Kind(Distribute, move, moving_clashes, never_moved, always),
    "serve": Kind(Serve, serve, serving_clashes, never_served, with_users),
    "ping": Kind(Ping, ping, ping_clashes, never_pinged, always),
    "federate": Kind(Federate, federate, federate_clashes, never_federated, always),
}
