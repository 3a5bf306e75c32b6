"""From Python's arrays to compiled code and back: one array of addresses instead of a dozen arrays.

A call of compiled code costs 0.3 us for each of its arrays. So the engine hands over where they are, as
addresses and lengths, and compiled code makes views of them, which nobody counts references of. The arrays live
as long as the engine that holds them.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, njit, types  # type: ignore[attr-defined]  # it is there, and not listed
from numba.extending import intrinsic

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
    """Where the arrays are and how long they are, two numbers each."""
    return np.array([number for array in memory for number in (array.ctypes.data, len(array))], np.int64)


@njit(cache=True)
def view(base):
    """The memory at these addresses."""
    return Memory(
        carray(_pointer(base[0]), base[1], LINK),
        carray(_pointer(base[2]), base[3], CLASS),
        carray(_pointer(base[4]), base[5], MEMBER),
        carray(_pointer(base[6]), base[7], CROSSING),
        carray(_pointer(base[8]), base[9], STANDING),
        carray(_pointer(base[10]), base[11], SIGNAL),
        carray(_pointer(base[12]), base[13], CAP),
        carray(_pointer(base[14]), base[15], LOG),
        carray(_pointer(base[16]), base[17], NUMBER),
        carray(_pointer(base[18]), base[19], FLOAT),
        carray(_pointer(base[20]), base[21], KEYED),
        carray(_pointer(base[22]), base[23], SHORT),
        carray(_pointer(base[24]), base[25], SHORT),
        carray(_pointer(base[26]), base[27], SHORT),
        carray(_pointer(base[28]), base[29], SHORT),
        carray(_pointer(base[30]), base[31], KEYED),
        carray(_pointer(base[32]), base[33], SHORT),
        carray(_pointer(base[34]), base[35], SHORT),
        carray(_pointer(base[36]), base[37], SHORT),
        carray(_pointer(base[38]), base[39], SHORT),
        carray(_pointer(base[40]), base[41], SHORT),
        carray(_pointer(base[42]), base[43], FLOAT),
    )
