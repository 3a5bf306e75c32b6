"""How many rounds a learning takes, and on what that stands.

measured   a model really learns until it reaches the target's accuracy, at most `rounds`
curve      the curve that the scenario gives reaches it after so many
assumed    the scenario says how many: `rounds`, or those of the target
"""

from typing import TYPE_CHECKING, NamedTuple

from simulator.definitions import Definitions
from simulator.workloads.federate.curve import find_rounds

if TYPE_CHECKING:
    from simulator.workloads.federate.spec import Federate

ROUNDS_GIVEN, ROUNDS_MEASURED, ROUNDS_BY_CURVE = "rounds given", "rounds measured", "rounds by curve"


class Basis(NamedTuple):
    """How many rounds, at most where they are measured; one of the time modes; the accuracy at which it stops."""

    rounds: int
    mode: str
    accuracy: float | None = None


def find_basis(spec: "Federate", own: Definitions) -> Basis | None:
    """How many rounds it takes, and why; None where nothing says."""
    accuracy = None if own.target is None else own.target.accuracy
    if spec.curve is not None:
        rounds = None if accuracy is None else find_rounds(spec.curve, accuracy)
        return None if rounds is None else Basis(rounds, ROUNDS_BY_CURVE)
    given = spec.rounds if own.target is None or own.target.rounds is None else spec.rounds or own.target.rounds
    if given is None:
        return None
    if spec.learn is not None and accuracy is not None:
        return Basis(given, ROUNDS_MEASURED, accuracy)
    return Basis(given, ROUNDS_GIVEN)


def basis_of(spec: "Federate", own: Definitions) -> Basis:
    """The same of a learning that has been checked."""
    basis = find_basis(spec, own)
    assert basis is not None, "federate_clashes() asks for it"
    return basis
