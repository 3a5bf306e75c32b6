"""What a validation error means to the person who wrote the file: its place and one sentence."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from simulator.errors import Problem
from simulator.scenario.yaml_file import Document, Path, show_path

_KINDS = {
    "string_type": "text",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "list_type": "a list (lines that begin with `- `)",
    "int_type": "a whole number",
}


def nearest(name: str, known: Any) -> str:
    """A hint at what was meant, or the list of what there is."""
    names = [str(k) for k in known]
    near = get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    if near:
        return f"did you mean `{next(n for n in names if n.lower() == near[0])}`?"
    return f"there is {', '.join(f'`{n}`' for n in names)}" if names else "there is none"


def problem_at(document: Document, path: Path, sentence: str, key: bool = False) -> Problem:
    """A problem at a path of the file; at the key instead of the value if asked."""
    places = document.key_places if key and path in document.key_places else document.places
    known = path
    while known not in places and known:
        known = known[:-1]
    return Problem(places.get(known) or document.places[known], show_path(path), sentence)


def translate(error: Mapping[str, Any], document: Document, specs: Mapping[Path, type[BaseModel]]) -> Problem:
    """One of pydantic's errors as a problem of the file."""
    kind = error["type"]
    path, rest = _follow(error["loc"], document.places)
    if kind == "missing":
        field = str(rest[-1])
        return problem_at(document, path, f"`{field}` is missing{_description(specs.get(path), field)}", key=True)
    if kind == "extra_forbidden":
        known = specs[path[:-1]].model_fields if path[:-1] in specs else ()
        return problem_at(document, path, f"no such key; {nearest(str(path[-1]), known)}", key=True)
    if kind == "string_pattern_mismatch":
        return problem_at(document, path, f"{path[-1]!r} is no name: use letters, digits, `-`, `_` and `.`", key=True)
    return problem_at(document, path, _sentence(kind, error))


def _sentence(kind: str, error: Mapping[str, Any]) -> str:
    found = _shown(error.get("input"))
    context = error.get("ctx", {})
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, found {found}"
    if kind == "literal_error":
        names = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"{found} is none of the choices; {nearest(str(error.get('input')), names)}"
    if kind == "union_tag_invalid":
        names = context["expected_tags"].replace("'", "").split(", ")
        return f"no kind is called {context['tag']!r}; {nearest(context['tag'], names)}"
    if kind == "union_tag_not_found":
        return "`kind` is missing: say which model it is"
    return str(error["msg"])


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _description(spec: type[BaseModel] | None, field: str) -> str:
    text = spec.model_fields[field].description if spec is not None and field in spec.model_fields else None
    return f": {text}" if text else ""


def _follow(loc: tuple[str | int, ...], places: Mapping[Path, str]) -> tuple[Path, tuple[str | int, ...]]:
    """The part of an error's location that stands in the file, and the rest; tags of unions are passed over."""
    path: Path = ()
    rest: tuple[str | int, ...] = ()
    for step in loc:
        if (*path, step) in places:
            path, rest = (*path, step), ()
        else:
            rest = (*rest, step)
    return path, rest
