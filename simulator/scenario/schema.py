"""The JSON Schema of scenario files, generated from the specs that read them.

It knows the shape: keys, types, units, ranges. It takes any text for the name of something,
and does not see fields that contradict each other: `aiceberg validate` tells those.
"""

from typing import Any

from simulator.scenario.spec import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WAYS = ("workloads", "paradigms")
_OF_ONE_KIND = ("Workload", "Event")


def json_schema() -> dict[str, Any]:
    """The schema of a whole scenario file, each field with its description."""
    found: dict[str, Any] = tidied(Scenario.model_json_schema())
    for several in _OF_ONE_KIND:
        _one_kind(found["$defs"][several])
    for way in _WAYS:
        _never_null(found["properties"], way)
    found["oneOf"] = [{"required": [way]} for way in _WAYS]
    return {"$schema": DIALECT, "title": "AIceberg scenario", **found}


def tidied(part: Any, names: bool = False) -> Any:
    """A schema less the titles, which repeat the keys; keys of mappings and the kinds of unions made binding.

    `names` tells that the keys of this part are those of the file, one of which may be called `title`.
    """
    if isinstance(part, list):
        return [tidied(below) for below in part]
    if not isinstance(part, dict):
        return part
    kept = {key: below for key, below in part.items() if names or key not in ("title", "discriminator", "default")}
    found = {key: tidied(below, key in ("properties", "$defs", "patternProperties")) for key, below in kept.items()}
    if names:
        return found
    if "default" in part:
        found["default"] = part["default"]
    if "patternProperties" in part:
        found["additionalProperties"] = False
    if "propertyName" in part.get("discriminator", {}):
        found["required"] = [part["discriminator"]["propertyName"]]
    return found


def _one_kind(part: dict[str, Any]) -> None:
    """A workload or an event is one kind, whose fields are there."""
    for kind in part["properties"]:
        _never_null(part["properties"], kind)
    part.update(minProperties=1, maxProperties=1)


def _never_null(properties: dict[str, Any], key: str) -> None:
    """Take null from what a key may hold: there it is a mistake."""
    options = [option for option in properties[key]["anyOf"] if option != {"type": "null"}]
    (option,) = options
    rest = {word: value for word, value in properties[key].items() if word not in ("anyOf", "default")}
    properties[key] = {**option, **rest}
