"""The specs and the raw file walked side by side.

Raw data is walked, not validated specs, so that names and values are checked even where
another part of the file is malformed: all mistakes are found at once.
"""

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from simulator.scenario.yaml_file import Path
from simulator.spec import Ref


class Node(NamedTuple):
    """A place in the file where a spec stands."""

    path: Path
    spec: type[BaseModel]
    raw: Any


class Name(NamedTuple):
    """A place in the file where the name of something stands."""

    path: Path
    ref: Ref
    raw: str
    is_key: bool = False


def walk(spec: Any, raw: Any, path: Path = (), marks: tuple[Any, ...] = ()) -> Iterator[Node | Name]:
    """Every spec and every name below this one, in the order of the file."""
    kind, found = _bare(spec)
    marks = (*marks, *found)
    ref = next((mark for mark in marks if isinstance(mark, Ref)), None)
    if ref is not None:
        yield from _names(ref, raw, path)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _fields(kind, raw, path)
    elif get_origin(kind) is dict and isinstance(raw, dict):
        names, below = get_args(kind)
        ref = next((mark for mark in _bare(names)[1] if isinstance(mark, Ref)), None)
        for key, value in raw.items():
            if ref is not None:
                yield Name((*path, key), ref, key, is_key=True)
            yield from walk(below, value, (*path, key))
    elif get_origin(kind) is list and isinstance(raw, list):
        for index, value in enumerate(raw):
            yield from walk(get_args(kind)[0], value, (*path, index))
    elif get_origin(kind) in (Union, UnionType):
        yield from _union(kind, marks, raw, path)


def _bare(spec: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without `Annotated` and `| None`, and the marks that it carried."""
    marks: tuple[Any, ...] = ()
    while True:
        if get_origin(spec) is Annotated:
            spec, marks = spec.__origin__, (*marks, *spec.__metadata__)
        elif get_origin(spec) in (Union, UnionType) and NoneType in get_args(spec) and len(get_args(spec)) == 2:
            spec = next(arg for arg in get_args(spec) if arg is not NoneType)
        else:
            return spec, marks


def _names(ref: Ref, raw: Any, path: Path) -> Iterator[Name]:
    if isinstance(raw, str) and not (ref.or_quantity and not raw[:1].isalpha()):
        yield Name(path, ref, raw)
    elif isinstance(raw, list):
        for index, value in enumerate(raw):
            if isinstance(value, str):
                yield Name((*path, index), ref, value)


def _fields(kind: type[BaseModel], raw: Any, path: Path) -> Iterator[Node | Name]:
    yield Node(path, kind, raw)
    if isinstance(raw, dict):
        ways = _ways(kind)
        for key, value in raw.items():
            if key in ways:
                yield from walk(ways[key][0], value, (*path, key), ways[key][1])


@cache  # a file holds the same few specs over and over: benchmarks/world.py
def _ways(kind: type[BaseModel]) -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """The fields of a spec that are names or may hold some, or specs: the type of each, and its marks."""
    found: dict[str, tuple[Any, tuple[Any, ...]]] = {}
    for key, field in kind.model_fields.items():
        bare, marks = _bare(field.annotation)
        marks = (*field.metadata, field, *marks)
        named = any(isinstance(mark, Ref) for mark in marks)
        if named or get_args(bare) or (isinstance(bare, type) and issubclass(bare, BaseModel)):
            found[key] = (bare, marks)
    return found


def _union(kind: Any, marks: tuple[Any, ...], raw: Any, path: Path) -> Iterator[Node | Name]:
    chooser = next((mark.discriminator for mark in marks if getattr(mark, "discriminator", None)), None)
    tag = chooser(raw) if callable(chooser) else raw.get(chooser) if isinstance(raw, dict) else None
    for option in get_args(kind):
        if tag is not None and tag in _tags(option, chooser):
            yield from walk(option, raw, path)


def kinds_at(spec: type[BaseModel], steps: Path) -> list[str]:
    """The kinds that a value may be of, so many steps below a spec; none where its field knows no kinds."""
    kind: Any = spec
    marks: tuple[Any, ...] = ()
    for step in steps:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind, marks = _ways(kind).get(str(step), (None, ()))
        else:
            kind, marks = _bare(get_args(kind)[-1]) if get_origin(kind) in (dict, list) else (None, ())
    chooser = next((mark.discriminator for mark in marks if getattr(mark, "discriminator", None)), None)
    return [] if chooser is None else [tag for option in get_args(kind) for tag in _tags(option, chooser)]


def _tags(option: Any, chooser: Any) -> list[Any]:
    """What chooses this option of a union: its `Tag`, or the literals of the field that tells them apart."""
    spec, marks = _bare(option)
    field = None if callable(chooser) else spec.model_fields.get(chooser)
    return [mark.tag for mark in marks if isinstance(mark, Tag)] if field is None else [*get_args(field.annotation)]
