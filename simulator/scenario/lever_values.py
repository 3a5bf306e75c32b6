"""What levers set: values by path, from what the scenario says now and how far the lever is pulled.

Each kind of lever is a small function of the scenario, of the lever's own value as the file has it, and of what it is
`of`. A path is a tuple of steps. Everything is computed from the scenario as it stands: two levers together do not
multiply. Below `footprint`, what is not said yet is made; anywhere else a path leads to what is there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from simulator.catalogue import rows
from simulator.errors import UsageError
from simulator.footprint.making.life import LifeSpec
from simulator.hardware.datacenter import GRIDS
from simulator.scenario.load import Loaded
from simulator.scenario.names import workloads_of
from simulator.scenario.sentences import nearest
from simulator.spec import present

FOOTPRINT, LIVES = "footprint", ("footprint", "lives")
FIXED = ("levers", "comparison", "name", "published")
"""What no lever may change: it would be another question."""

Path = tuple[str, ...]
Values = Iterator[tuple[Path, Any]]


class Asked(NamedTuple):
    """A lever as it is asked for: of which scenario, its value as the file has it, of which things."""

    loaded: Loaded
    value: Any
    of: Sequence[str]


def values_of(loaded: Loaded, name: str) -> dict[Path, Any]:
    """What a lever of a scenario sets, by path; raises UsageError where there is nothing to set."""
    raw = loaded.data["levers"][name]
    found: dict[Path, Any] = {}
    for kind, values in LEVERS.items():
        if raw.get(kind) is not None:
            found.update(values(Asked(loaded, raw[kind], loaded.spec.levers[name].of)))
    for path, value in raw.get("set", {}).items():
        found[_steps(path)] = value
    wrong = sorted({path[0] for path in found} & set(FIXED))
    if wrong:
        raise UsageError(f"lever {name}", f"it changes `{wrong[0]}`", "that is another question; leave it as it is")
    return found


def as_values(data: Mapping[str, Any], found: Mapping[Path, Any]) -> dict[str, Any]:
    """Values by path as `--set` takes them; all that is set below `footprint` as one.

    >>> as_values({"footprint": {"rule": "used"}}, {("footprint", "lives", "phone", "lifetime"): "5 y"})
    {'footprint': {'rule': 'used', 'lives': {'phone': {'lifetime': '5 y'}}}}
    """
    values = {".".join(path): value for path, value in found.items() if path[0] != FOOTPRINT}
    method = {FOOTPRINT: deepcopy(data.get(FOOTPRINT) or {})}
    below = {path: value for path, value in found.items() if path[0] == FOOTPRINT}
    for path, value in below.items():
        node: dict[str, Any] = method
        for step in path[:-1]:
            node[step] = node[step] if isinstance(node.get(step), dict) else {}
            node = node[step]
        node[path[-1]] = deepcopy(value)
    return {**values, **method} if below else values


def clash(one: Mapping[Path, Any], other: Mapping[Path, Any]) -> Path | None:
    """A path that both set, or one of them above the other, to something else; None where they go together.

    >>> clash({("world", "year"): 2025}, {("world",): {}}), clash({("tick",): "1 h"}, {("tick",): "1 h"})
    (('world', 'year'), None)
    """
    for a, mine in one.items():
        for b, theirs in other.items():
            shared = min(len(a), len(b))
            if a[:shared] == b[:shared] and (a != b or mine != theirs):
                return max(a, b, key=len)
    return None


def _steps(path: str) -> Path:
    """A path of `set:` as steps; the names of lives may hold dots.

    >>> _steps("footprint.lives.aws-p4d.24xlarge.lifetime")
    ('footprint', 'lives', 'aws-p4d.24xlarge', 'lifetime')
    """
    steps = tuple(path.split("."))
    if steps[:2] != LIVES or len(steps) == 2:
        return steps
    end = next((n for n, step in enumerate(steps) if n > 2 and step in LifeSpec.model_fields), len(steps))
    return (*LIVES, ".".join(steps[2:end]), *steps[end:])


def _chosen(asked: Asked, there: Sequence[str], what: str) -> list[str]:
    """The things of a kind that a lever is of; raises UsageError where there is none."""
    if not there:
        raise UsageError("the lever", f"there is no {what} that it could change", "leave it out")
    for name in asked.of:
        if name not in there:
            raise UsageError(f"of: {name}", f"no {what} is called so", nearest(name, there))
    return [name for name in there if not asked.of or name in asked.of]


def _populations(asked: Asked) -> list[str]:
    return _chosen(asked, list(asked.loaded.spec.world.populations), "population")


def _fewer_devices(asked: Asked) -> Values:
    for name in _populations(asked):
        count = asked.loaded.spec.world.populations[name].count
        yield ("world", "populations", name, "count"), max(1, round(count * float(asked.value)))


def _fewer_requests(asked: Asked) -> Values:
    found = {at: (name, fields) for at, (_, name, fields) in workloads_of(asked.loaded.data).items()}
    services = {at: named for at, named in found.items() if "requests" in named[1]}
    chosen = _chosen(asked, list(dict.fromkeys(name for name, _ in services.values())), "service")
    for at, (name, fields) in services.items():
        if name in chosen:
            requests = max(1, round(float(fields["requests"]) * float(asked.value)))
            yield (*map(str, at), "requests"), requests


def _lives(asked: Asked) -> Iterator[Path]:
    """Where the life of the devices of populations is said, or would be."""
    said = asked.loaded.spec.footprint.lives
    for name in _populations(asked):
        device = asked.loaded.spec.world.populations[name].device.lower()
        kind = rows("device")[device].text("class").replace("_", "-")
        yield (*LIVES, next((one for one in ("device", device, kind) if one in said), device))


def _device_lifetime(asked: Asked) -> Values:
    yield from (((*life, "lifetime"), asked.value) for life in _lives(asked))


def _repair(asked: Asked) -> Values:
    yield from (((*life, field), asked.value[field]) for life in _lives(asked) for field in asked.value)


def _second_hand(asked: Asked) -> Values:
    hand = {field: value for field, value in asked.value.items() if field != "lifetime"}
    for life in _lives(asked):
        yield (*life, "lifetime"), asked.value["lifetime"]
        yield (*life, "second_hand"), {**hand, "owner": "second"}


def _access(asked: Asked) -> Values:
    for name in _populations(asked):
        yield ("world", "populations", name, "access"), {asked.value: 1}


def _grid(asked: Asked) -> Values:
    world = asked.loaded.data["world"]
    kinds = {name: kind for kind in ("datacenters", "populations") for name in world.get(kind) or {}}
    for name in _chosen(asked, list(kinds), "data centre or population"):
        place = ("world", kinds[name], name)
        said = present(world[kinds[name]][name])
        yield from (((*place, field), None) for field in GRIDS if field in said and field != "grid")
        yield (*place, "grid"), asked.value


def _pue(asked: Asked) -> Values:
    for name in _chosen(asked, list(asked.loaded.spec.world.datacenters), "data centre"):
        yield ("world", "datacenters", name, "pue"), asked.value


def _model_size(asked: Asked) -> Values:
    for name in _chosen(asked, list(asked.loaded.spec.models), "model of this file"):
        model, factor = asked.loaded.spec.models[name], float(asked.value)
        if model.architecture is not None:
            raise UsageError(f"model {name}", "its size follows from its layers", "`set` those")
        yield ("models", name, "parameters"), model.parameters * factor
        if model.forward_flop_per_sample is not None:
            yield ("models", name, "forward_flop_per_sample"), f"{model.forward_flop_per_sample * factor!r} FLOP"


LEVERS: Mapping[str, Callable[[Asked], Values]] = {
    "fewer_devices": _fewer_devices,
    "fewer_requests": _fewer_requests,
    "device_lifetime": _device_lifetime,
    "repair": _repair,
    "second_hand": _second_hand,
    "access": _access,
    "grid": _grid,
    "pue": _pue,
    "model_size": _model_size,
}
"""What each kind of lever sets; a kind is a field of the same name of `Lever`."""
