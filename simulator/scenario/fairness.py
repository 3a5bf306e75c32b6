"""Whether a comparison of paradigms that learn is one of equals, by what their manifests say that they learn with.

The same rate for all is no fair choice: with one rate an asynchronous learning is several times slower than a
synchronous one, and with the best of each it is faster. A comparison says so wherever several paradigms learn
with one rate that was tuned for none of them, were tuned with more trials or fewer, or stand on other grounds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Learning = Mapping[str, Mapping[str, Any]]
"""Of one paradigm, by workload: what it learns with, as a manifest holds it."""


def unfair(ways: Mapping[str, Learning]) -> Iterator[str]:
    """What puts paradigms (by name) that learn on unequal terms, a sentence each.

    >>> def way(rate, tried=0, basis="measured"):
    ...     return {"learn": {"basis": basis, "learn": {"rate": rate, "tried": tried}}}
    >>> list(unfair({"a": way(0.1), "b": way(0.1), "c": way(0.3)}))
    ['a and b learn with one rate (0.1), tuned for neither: `comparison: {search: {budget: 8, rates: [0.01, 1]}}` \
tunes each']
    >>> list(unfair({"a": way(0.1, tried=8), "b": way(0.1, tried=8)}))
    []
    >>> list(unfair({"a": way(0.1, tried=8), "b": way(0.1)}))
    ['the trainings that were tried to tune them differ: 8 of a, 0 of b']
    >>> list(unfair({"a": way(0.1), "b": {"train": {"basis": "assumed", "learn": None}}}))
    ['how much they learn stands on different grounds: measured of a, assumed of b']
    """
    learning = {name: [one["learn"] for one in way.values() if one["learn"] is not None] for name, way in ways.items()}
    tried = _by((max(one["tried"] for one in found), name) for name, found in learning.items() if found)
    if len(tried) > 1:
        yield f"the trainings that were tried to tune them differ: {_told(tried)}"
    rates = _by((one["rate"], name) for name, found in learning.items() for one in found if not one["tried"])
    for rate, names in rates.items():
        if len(names) > 1:
            tuned = "neither" if len(names) == 2 else "none of them"
            remedy = f"`comparison: {{search: {{budget: 8, rates: [{rate / 10:g}, {rate * 10:g}]}}}}` tunes each"
            yield f"{' and '.join(names)} learn with one rate ({rate:g}), tuned for {tuned}: {remedy}"
    bases = _by((" and ".join(dict.fromkeys(one["basis"] for one in way.values())), name) for name, way in ways.items())
    bases.pop("", None)
    if len(bases) > 1:
        yield f"how much they learn stands on different grounds: {_told(bases)}"


def _by(pairs: Iterable[tuple[Any, str]]) -> dict[Any, list[str]]:
    """Names by what they have, each once."""
    found: dict[Any, dict[str, None]] = {}
    for key, name in pairs:
        found.setdefault(key, {})[name] = None
    return {key: list(names) for key, names in found.items()}


def _told(names: Mapping[Any, Sequence[str]]) -> str:
    return ", ".join(f"{key} of {' and '.join(listed)}" for key, listed in names.items())


def search_lines(ways: Mapping[str, Learning]) -> Iterator[str]:
    """What a search found, a line for each workload that learns.

    >>> found = {"learn": {"rate": 0.25, "given_rate": 0.1, "server_rate": None, "tried": 8, "reached": 6}}
    >>> list(search_lines({"central": {"train": {"basis": "measured", **found}}}))
    ["central/train: of 8 trainings that were tried 6 reached the target; it learns with a rate of 0.25 (the \
scenario's is 0.1)"]
    """
    for way, workloads in ways.items():
        for name, one in workloads.items():
            learn = one["learn"]
            if learn is not None and learn["tried"]:
                tried = f"of {learn['tried']} trainings that were tried {learn['reached']} reached the target"
                server = "" if learn["server_rate"] is None else f", the server with one of {learn['server_rate']:.3g}"
                rates = f"it learns with a rate of {learn['rate']:.3g} (the scenario's is {learn['given_rate']:g})"
                yield f"{way}/{name}: {tried}; {rates}{server}"
