"""Which combinations of factors are left out: values by factor, or an expression on factors' names.

    {clients: [100, 1000], country: PL}          all of these together
    "clients > 100 and country == 'PL'"          Python's operators, evaluated by simpleeval

Quantities such as '10 Gbps' are compared by what they are worth, not as text.
"""

import ast
import operator
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from simulator.errors import QuantityError, UsageError
from simulator.units import DIMENSIONS, parse

_UNDERSTOOD = (
    *(ast.Expression, ast.BoolOp, ast.boolop, ast.UnaryOp, ast.unaryop, ast.Compare, ast.cmpop, ast.BinOp),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple),
    ast.IfExp,
)


def compiled(condition: str | Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    """A test of values by factor; raises UsageError for what is no condition, at once or when it is asked."""
    if isinstance(condition, str):
        return _expression(condition)
    wanted = {name: value if isinstance(value, list) else [value] for name, value in condition.items()}
    return lambda values: all(any(is_same(values[n], value) for value in allowed) for n, allowed in wanted.items())


def names_in(condition: str | Mapping[str, Any]) -> Iterator[str]:
    """The factors that a condition asks for, in its order; raises UsageError if it is no expression.

    >>> list(names_in("pue > 1.2 and grid == 'PL'"))
    ['pue', 'grid']
    """
    if not isinstance(condition, str):
        yield from condition
        return
    found = [node for node in ast.walk(_parsed(condition)) if isinstance(node, ast.Name)]
    yield from dict.fromkeys(node.id for node in sorted(found, key=lambda node: (node.lineno, node.col_offset)))


def _parsed(text: str) -> ast.Expression:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # `1if x` is odd, and means what it says
            tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UsageError(text, "is no condition", "write such as `clients > 100 and country == 'PL'`") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            raise UsageError(text, "calls a function", "compare factors with values alone")
        if isinstance(node, ast.Attribute):
            raise UsageError(text, "a path is no name here", "give the factor a name, with the path as its `path`")
        if not isinstance(node, _UNDERSTOOD):
            remedy = "compare factors with values, joined by `and`, `or`, `not`"
            raise UsageError(text, f"holds a {type(node).__name__}, which is not understood", remedy)
    return tree


def _expression(text: str) -> Callable[[Mapping[str, Any]], bool]:
    from simpleeval import DEFAULT_OPERATORS, EvalWithCompoundTypes, InvalidExpression

    ordered = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}
    equal = {ast.Eq: is_same, ast.NotEq: lambda a, b: not is_same(a, b)}
    operators = {**DEFAULT_OPERATORS, **{node: _by_worth(op) for node, op in ordered.items()}, **equal}
    operators |= {ast.Mod: _remainder, ast.In: _is_in, ast.NotIn: lambda a, b: not _is_in(a, b)}
    tree = _parsed(text)

    def test(values: Mapping[str, Any]) -> bool:
        evaluator = EvalWithCompoundTypes(operators=operators, functions={}, names=dict(values))
        try:
            return bool(evaluator.eval(text, previously_parsed=tree.body))
        except (InvalidExpression, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            raise UsageError(text, f"cannot be told for {_told(values)} ({error})", "mend the condition") from None

    return test


def _is_in(a: Any, b: Any) -> bool:
    """Whether a value is one of a list, by worth, or a text is part of another."""
    return any(is_same(a, one) for one in b) if isinstance(b, list | tuple) else a in b


def _remainder(a: Any, b: Any) -> Any:
    """Of numbers alone: of a text it would be its formatting."""
    if isinstance(a, str):
        raise TypeError(f"{a!r} is no number")
    return a % b


def is_same(a: Any, b: Any) -> bool:
    """Whether two values are equal, or are quantities of equal worth.

    >>> is_same("2 h", "120 min"), is_same("2 h", "2 GB"), is_same(3, 3.0), is_same(3, "3")
    (True, False, True, False)
    """
    try:
        one, other = _worths(a, b)
    except TypeError:
        return False if isinstance(a, str) and a != b else bool(a == b)
    return bool(one == other)


def _by_worth(op: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: op(*_worths(a, b))


def _worths(a: Any, b: Any) -> tuple[Any, Any]:
    """Two values as they are ordered: quantities of one dimension by their SI values, numbers as they are."""
    if not isinstance(a, str) or not isinstance(b, str):
        return a, b
    for dimension in DIMENSIONS:
        try:
            return parse(a, dimension), parse(b, dimension)
        except QuantityError:
            continue
    raise TypeError(f"{a!r} and {b!r} are no quantities of one kind, and texts have no order here")


def unknown_names(condition: str | Mapping[str, Any], known: Collection[str]) -> list[str]:
    """The names that no factor has."""
    return [name for name in names_in(condition) if name not in known]


def _told(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())
