"""What an algorithm of federated learning is: what the YAML says of it, what happens, and to what model.

    crowds    what happens where the clients are the devices of a population
    silos     what happens where they are groups of machines, each of them a client
    rule      from what the YAML says of it to what it does to the model, where something really learns:
              that of a server (learning/rule.py), or what the process makes of it

`None` is what it is not for. What happens is a process (world, federate's spec, name, rule), and the fields of
`federate` that it cannot be without or that mean something to it.

Third parties add one by an entry point of the group `aiceberg.algorithms`, whose object is an
`Algorithm` with `kind: Literal["its-name"]` in its spec. It is looked up when a name is not built in.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple

from simulator.errors import PluginError
from simulator.spec import Fault, Spec

GROUP = "aiceberg.algorithms"
_ALWAYS = ("name", "after", "start", "priority", "algorithm", "model", "clients", "dataset", "rounds", "epochs")
COMMON = frozenset((*_ALWAYS, "sample_time", "learn", "curve", "latency"))
"""Fields that mean something to every algorithm."""
MEAN_TAKES = frozenset(("privacy",))
"""Those that mean something where one model learns from all updates of a round at once."""
SERVER_NEEDS = frozenset(("server", "aggregation", "utilisation"))
"""Those that an algorithm with a server cannot be without."""
SERVER_TAKES = frozenset(("units", "update", "compression"))
"""Those that it can be without."""
ROUND_NEEDS = SERVER_NEEDS | {"cohort"}
ROUND_TAKES = SERVER_TAKES | {"dropout", "over_selection", "deadline", "selection", "secure_aggregation"}
"""The same where a server waits for the updates of a round of users' devices."""


class Play(NamedTuple):
    """What happens: a process, the fields that it cannot be without, and further ones that mean something to it."""

    process: Callable[..., Any]
    needs: frozenset[str]
    takes: frozenset[str]
    clashes: Callable[[Any, Any], Iterator[Fault]] | None = None
    """What the world around it cannot do for it, from `federate`'s spec and a `Given`."""
    crowds: int | None = 1
    """How many populations at most; None for any number."""

    @property
    def fields(self) -> frozenset[str]:
        """All fields of `federate` that it reads."""
        return COMMON | self.needs | self.takes


class Algorithm(NamedTuple):
    """One way of learning together."""

    spec: type[Spec]
    rule: Callable[[Any], Any]
    crowds: Play | None = None
    silos: Play | None = None

    def find_play(self, clients: Any) -> Play | None:
        """What happens with such clients, as the YAML names them; None where it is not for them."""
        first = clients[0] if isinstance(clients, list) and clients else clients
        return self.silos if isinstance(first, str) and "/" in first else self.crowds


def find_plugin(name: str) -> Algorithm | None:
    """The algorithm of a third party that goes by this name; None where none does.

    Raises PluginError, which names the distribution, where what it brings is no algorithm or cannot be imported.
    """
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    return None if found is None else _loaded(found)


def _loaded(point: EntryPoint) -> Algorithm:
    brought = "" if point.dist is None else point.dist.name
    try:
        algorithm = getattr(import_module(point.module), point.attr, None)
    except ImportError as error:
        raise PluginError(brought, point.name, f"cannot be imported: {error}") from None
    if not isinstance(algorithm, Algorithm):
        raise PluginError(brought, point.name, f"is no `Algorithm` but {type(algorithm).__name__}")
    return algorithm


def find_algorithm(name: str, built_in: Mapping[str, Algorithm]) -> Algorithm | None:
    """An algorithm by its name, our own first; None where there is none."""
    return built_in.get(name) or find_plugin(name)
