"""What a federated learning asks of the world around it and that cannot be."""

from collections.abc import Iterator

from simulator.spec import Fault
from simulator.workloads.federate import ALGORITHMS
from simulator.workloads.federate.crowd_clashes import crowd_faults
from simulator.workloads.federate.kind import Play, find_algorithm
from simulator.workloads.federate.spec import MOST_ROUNDS, Federate
from simulator.workloads.federate.target import find_basis
from simulator.workloads.given import Given, no_memory_faults


def federate_clashes(spec: Federate, given: Given) -> Iterator[Fault]:
    """What the clients, the server or the cables cannot do for this learning."""
    stock = None if spec.server is None else given.stocks.get(spec.server)
    if stock is not None and spec.units is not None and spec.units > stock.units:
        yield Fault(("units",), f"{spec.server} has {stock.units} machines; ask for no more")
    if spec.server is not None:
        yield from no_memory_faults("server", spec.server, given)
    yield from _rounds_faults(spec, given)
    wrong = list(_client_faults(spec))
    yield from wrong
    play = _find_play(spec)
    if wrong or play is None:
        return
    users = given.populations.get(spec.clients[0])
    if play.clashes is not None:
        yield from play.clashes(spec, given)
    elif users is not None:
        yield from crowd_faults(spec, given, users)


def _rounds_faults(spec: Federate, given: Given) -> Iterator[Fault]:
    """Nothing that says how many rounds there are, or a curve that leads nowhere."""
    target = given.own.target
    if spec.curve is not None:
        if target is None or target.accuracy is None:
            sentence = "a curve is read at an accuracy; give `comparison: {target: {accuracy: 0.9}}`"
            yield Fault(("curve",), sentence)
        elif find_basis(spec, given.own) is None:
            best = max(accuracy for _, accuracy in spec.curve)
            yield Fault(("curve",), f"never reaches the target, {target.accuracy:g}: at most {best:g}")
    basis = find_basis(spec, given.own)
    if basis is not None and basis.rounds > MOST_ROUNDS and spec.rounds is None:
        yield Fault((), f"it takes {basis.rounds:,} rounds; at most {MOST_ROUNDS:,} can be recorded")
    if spec.curve is None and basis is None:
        sentence = (
            "nothing says how many rounds there are; give `rounds`, or at most so many where `learn` measures them"
        )
        yield Fault((), sentence)


def _client_faults(spec: Federate) -> Iterator[Fault]:
    """Clients of both kinds, too many crowds, or a kind that the algorithm does not take."""
    kind = spec.algorithm.kind  # type: ignore[attr-defined]  # every algorithm's spec has a kind
    silos, play = ["/" in name for name in spec.clients], _find_play(spec)
    most = 1 if play is None else play.crowds
    several = most is not None and len(silos) > most
    if not silos or any(silos) != all(silos) or (several and not any(silos)):
        yield Fault(("clients",), "name one population, or a list of groups of machines alone (place/group)")
    elif play is None and find_algorithm(kind, ALGORITHMS) is not None:
        is_for = (
            "the devices of users; name a population" if silos[0] else "machines; list groups of them (place/group)"
        )
        yield Fault(("clients",), f"`{kind}` is for {is_for}")


def _find_play(spec: Federate) -> Play | None:
    """What happens with its clients; None where its algorithm is not for them."""
    algorithm = find_algorithm(spec.algorithm.kind, ALGORITHMS)  # type: ignore[attr-defined]  # every algorithm's has one
    return None if algorithm is None or not spec.clients else algorithm.find_play(spec.clients)
