"""The cyclic garbage collector held off while very many objects are made that all stay.

It walks all that is alive each time that much has been made, and here finds nothing to free:
without it, a scenario of 300 000 values is read in a third of the time (benchmarks/world.py).
What goes out of use meanwhile is freed as ever, by its count of references.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_off() -> Iterator[None]:
    """Hold the collector off, also as a decorator; one that was off before stays off.

    >>> with collector_off():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
