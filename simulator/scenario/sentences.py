"""What a validation error means to the person who wrote the file: its place and one sentence."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from simulator.errors import Problem
from simulator.scenario.walk import kinds_at
from simulator.scenario.yaml_file import Document, Path, problem_of
from simulator.spec import Spec, shown

_KINDS = {
    "string_type": "text",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "list_type": "a list (lines that begin with `- `)",
    "int_type": "a whole number",
    "bool_type": "true or false",
}


def nearest(name: str, known: Any) -> str:
    """A hint at what was meant, or the list of what there is."""
    names = [str(k) for k in known]
    near = _near(name, names)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"there is {', '.join(f'`{n}`' for n in names)}" if names else "there is none"


def _near(name: str, names: list[str]) -> list[str]:
    """The name that was meant, if one is near: none or one."""
    near = get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.6)
    return [next(n for n in names if n.lower() == near[0])] if near else []


def without_echoes(errors: list[Any]) -> list[Any]:
    """Pydantic's errors, less the fields that are missing only because their key is misspelt."""
    extra = [error["loc"] for error in errors if error["type"] == "extra_forbidden"]
    misspelt = {(*loc[:-1], near) for loc in extra for near in _near(loc[-1], _missing_beside(loc, errors))}
    return [error for error in errors if error["type"] != "missing" or error["loc"] not in misspelt]


def _missing_beside(loc: tuple[str | int, ...], errors: list[Any]) -> list[Any]:
    return [e["loc"][-1] for e in errors if e["type"] == "missing" and e["loc"][:-1] == loc[:-1]]


def problem_at(document: Document, path: Path, sentence: str, key: bool = False) -> Problem:
    """A problem at a path of the file; at the key instead of the value if asked."""
    marks = document.key_marks if key and path in document.key_marks else document.marks
    known = path
    while known not in marks:
        known = known[:-1]
    return problem_of(marks[known], path, sentence)


def translate(error: Mapping[str, Any], document: Document, specs: Mapping[Path, type[BaseModel]]) -> Problem:
    """One of pydantic's errors as a problem of the file."""
    kind = error["type"]
    path, rest = _follow(error["loc"], document.marks)
    if kind == "missing":
        field = str(rest[-1])
        return problem_at(document, path, f"`{field}` is missing{_description(specs.get(path), field)}", key=True)
    if kind == "extra_forbidden":
        key = str(path[-1])
        spec = specs.get(path[:-1], Spec)
        hint = spec.elsewhere.get(key) if issubclass(spec, Spec) else None
        return problem_at(document, path, f"no such key; {hint or nearest(key, spec.model_fields)}", key=True)
    if kind == "string_pattern_mismatch":
        key = error["loc"][-1] == "[key]"
        sentence = f"{error['input']!r} is no name; use letters, digits, `-`, `_` and `.`, a letter or digit first"
        return problem_at(document, path, sentence, key=key)
    if kind == "union_tag_not_found":
        return problem_at(document, path, f"`kind` is missing{_listed(_kinds(path, specs))}")
    if kind == "union_tag_invalid" and (*path, "kind") in document.marks:
        path = (*path, "kind")
    return problem_at(document, path, _sentence(kind, error))


def _sentence(kind: str, error: Mapping[str, Any]) -> str:
    found = shown(error.get("input"))
    context = error.get("ctx", {})
    if kind == "string_too_short":
        return "the text is empty"
    if kind == "too_short":
        return "the list is empty; give at least one"
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, found {found}"
    if kind == "literal_error":
        names = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
        return f"{found} is none of the choices; {nearest(str(error.get('input')), names)}"
    if kind == "union_tag_invalid" and not isinstance(error["input"].get("kind"), str):
        return f"expected the name of a kind, found {shown(error['input'].get('kind'))}{_listed(_tags(context))}"
    if kind == "union_tag_invalid":
        names = _tags(context)
        tag = context["tag"]
        hint = f"write `{{kind: constant, power: {tag}}}`" if tag[:1].isdigit() else nearest(tag, names)
        return f"no kind is called {tag!r}; {hint}"
    return str(error["msg"])


def _kinds(path: Path, specs: Mapping[Path, type[BaseModel]]) -> list[str]:
    """The kinds of what stands at a path of the file: those of the field that it is in."""
    above = max((length for length in range(len(path)) if path[:length] in specs), default=None)
    return [] if above is None else kinds_at(specs[path[:above]], path[above:])


def _tags(context: Mapping[str, Any]) -> list[str]:
    return list(context["expected_tags"].replace("'", "").split(", "))


def _listed(kinds: list[str]) -> str:
    return f"; there is {', '.join(f'`{kind}`' for kind in kinds)}" if kinds else ""


def _description(spec: type[BaseModel] | None, field: str) -> str:
    text = spec.model_fields[field].description if spec is not None and field in spec.model_fields else None
    return f" ({text})" if text else ""


def _follow(loc: tuple[str | int, ...], marks: Mapping[Path, Any]) -> tuple[Path, tuple[str | int, ...]]:
    """The part of an error's location that stands in the file, and the rest; tags of unions are passed over."""
    path: Path = ()
    rest: tuple[str | int, ...] = ()
    for step in loc:
        if (*path, step) in marks:
            path, rest = (*path, step), ()
        else:
            rest = (*rest, step)
    return path, rest
