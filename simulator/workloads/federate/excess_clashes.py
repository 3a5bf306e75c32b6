"""What a learning that takes those whom excess power carries asks of its crowd and of itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.population.selection_excess import ByExcess
from simulator.population.spec import Population
from simulator.spec import Fault

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate


def excess_faults(spec: "Federate", users: Population) -> Iterator[Fault]:
    """No excess to be carried by, or more epochs to be carried through than there are."""
    rule = spec.selection
    if not isinstance(rule, ByExcess):
        return
    if not any((users.excess or {}).values()):
        sentence = f"{spec.clients[0]} has no excess power; give it `excess: {{{next(iter(users.places))}: 800 W}}`"
        yield Fault(("selection",), sentence)
    if rule.least_epochs > spec.epochs:
        sentence = f"{rule.least_epochs:g} of {spec.epochs:g} epochs; ask for no more than `epochs`"
        yield Fault(("selection", "least_epochs"), sentence)
