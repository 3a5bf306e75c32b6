"""From Python's arrays to compiled code and back: where a table of addresses is instead of a dozen arrays.

A call of compiled code costs 0.1 to 0.3 us for each of its arrays. So the engine hands over where a table is of where
they are and how long, and compiled code makes views of them, which nobody counts references of. The arrays
and the table live as long as the engine that holds them.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types  # type: ignore[attr-defined]  # it is there, and not listed
from numba.extending import intrinsic

from simulator.network.flows.compiled import compiled
from simulator.network.flows.layout import (
    CAP,
    CLASS,
    CROSSING,
    FLOAT,
    KEYED,
    LINK,
    LOG,
    MEMBER,
    NUMBER,
    SHORT,
    SIGNAL,
    STANDING,
    Ints,
    Memory,
)


def _cast(typing: Any, address: Any) -> Any:
    """An address as a pointer, for numba."""

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), make


_pointer: Any = intrinsic(_cast)


def addresses(memory: Memory) -> Ints:
    """The table: where the arrays are and how long they are, two numbers each."""
    return np.array([number for array in memory for number in (array.ctypes.data, len(array))], np.int64)


@compiled
def view(base):
    """The memory whose table is there."""
    table = carray(_pointer(base), 44, np.int64)
    return Memory(
        carray(_pointer(table[0]), table[1], LINK),
        carray(_pointer(table[2]), table[3], CLASS),
        carray(_pointer(table[4]), table[5], MEMBER),
        carray(_pointer(table[6]), table[7], CROSSING),
        carray(_pointer(table[8]), table[9], STANDING),
        carray(_pointer(table[10]), table[11], SIGNAL),
        carray(_pointer(table[12]), table[13], CAP),
        carray(_pointer(table[14]), table[15], LOG),
        carray(_pointer(table[16]), table[17], NUMBER),
        carray(_pointer(table[18]), table[19], FLOAT),
        carray(_pointer(table[20]), table[21], KEYED),
        carray(_pointer(table[22]), table[23], SHORT),
        carray(_pointer(table[24]), table[25], SHORT),
        carray(_pointer(table[26]), table[27], SHORT),
        carray(_pointer(table[28]), table[29], SHORT),
        carray(_pointer(table[30]), table[31], KEYED),
        carray(_pointer(table[32]), table[33], SHORT),
        carray(_pointer(table[34]), table[35], SHORT),
        carray(_pointer(table[36]), table[37], SHORT),
        carray(_pointer(table[38]), table[39], SHORT),
        carray(_pointer(table[40]), table[41], SHORT),
        carray(_pointer(table[42]), table[43], FLOAT),
    )
