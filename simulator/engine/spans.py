"""From when to when each of many things was in use, as far as is known: one stretch a thing."""

Spans = dict[str, tuple[float, float]]


def widen(spans: Spans, name: str, from_s: float, to_s: float) -> None:
    """Note that a thing was in use from then to then, too.

    >>> spans = {"a": (2.0, 3.0)}
    >>> widen(spans, "a", 1.0, 2.5)
    >>> spans
    {'a': (1.0, 3.0)}
    """
    first_s, last_s = spans.get(name, (from_s, to_s))
    spans[name] = min(first_s, from_s), max(last_s, to_s)
