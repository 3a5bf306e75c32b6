"""What compression and secure aggregation make of a round: other bits, more FLOPs, more round trips.

    smaller      bits by learning/compress.py: fewer of a value, or fewer values with their places
    secure       up x expansion;  masks: peers x parameters x FLOPs of a mask;  further round trips before the upload

With secure aggregation each client shares keys with all others of its round and adds a mask for each of them to
its update, so that the server learns the sum alone. Its messages pass in four turns, of which the upload is one;
at each of the others every client waits for the server.
Source: Bonawitz et al. 2017, "Practical secure aggregation for privacy-preserving machine learning" (CCS).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from simulator.catalogue import find
from simulator.learning.compress import Compressor, Quantise, Top
from simulator.spec import AtLeastOne, Count, Fault, PositiveShare, Spec, WholeNumber, present, shown

EXPANSION, TRIPS, MASK = "secure-aggregation-expansion", "secure-aggregation-trips", "secure-aggregation-mask"
LEAST_BITS, MOST_BITS = 2, 32


def _bits(value: int) -> int:
    if not LEAST_BITS <= value <= MOST_BITS:
        context = {"least": LEAST_BITS, "most": MOST_BITS, "shown": shown(value)}
        raise PydanticCustomError("bits", "a value has {least} to {most} bits, found {shown}", context)
    return value


class Fewer(Spec):
    """Fewer bits a value."""

    bits: Annotated[Count, AfterValidator(_bits)] = Field(description="bits of a value, by stochastic rounding")


class Smaller(Spec):
    """Fewer bits a value, or fewer values."""

    bits: Annotated[Count, AfterValidator(_bits)] | None = Field(
        None, description="bits of a value, by stochastic rounding"
    )
    share: PositiveShare | None = Field(
        None, description="share of the values that is sent, the largest; the rest is remembered for the next time"
    )

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Neither, or both."""
        if len(present(raw) & {"bits", "share"}) != 1:
            yield Fault((), "give the `bits` of a value, such as 8, or the `share` of values that is sent; one of them")


class Compression(Spec):
    """What is made smaller on its way."""

    up: Smaller | None = Field(None, description="updates on their way up")
    down: Fewer | None = Field(None, description="the model on its way down")

    @classmethod
    def presence_faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        """Neither way."""
        if not present(raw) & {"up", "down"}:
            yield Fault((), "nothing is made smaller; give `up: {bits: 8}` or `down: {bits: 8}`")


class SecureAggregation(Spec):
    """A server that learns the sum of the updates alone."""

    expansion: AtLeastOne | None = Field(
        None, description=f"bits sent up over those of the update; `{EXPANSION}` if left out"
    )
    trips: WholeNumber | None = Field(
        None, description=f"round trips of a client beside down- and upload; `{TRIPS}` if left out"
    )


class Extra(NamedTuple):
    """What secure aggregation adds to a client's round: a factor on bits up, FLOPs, round trips; what is assumed."""

    up_ratio: float = 1.0
    work_flop: float = 0.0
    trips: int = 0
    assumptions: tuple[str, ...] = ()


def find_compressor(smaller: Fewer | Smaller | None) -> Compressor | None:
    """What makes something smaller on its way; None where nothing does."""
    if smaller is None:
        return None
    share = getattr(smaller, "share", None)
    return Quantise(smaller.bits or 0) if share is None else Top(share)


def smaller_b(smaller: Fewer | Smaller | None, size_b: float, parameters: float) -> float:
    """Bits on the wire of so many parameters that have so many bits in all.

    >>> smaller_b(Smaller(bits=8), 32e6, 1e6), smaller_b(Smaller(share=0.01), 32e6, 1e6), smaller_b(None, 32e6, 1e6)
    (8000032.0, 520000.0, 32000000.0)
    """
    compressor = find_compressor(smaller)
    return size_b if compressor is None else compressor.wire_b(round(parameters))


def extra_of(secure: SecureAggregation | None, parameters: float, peers: int) -> Extra:
    """What secure aggregation among so many peers adds to a client's round."""
    if secure is None:
        return Extra()
    given = {EXPANSION: secure.expansion, TRIPS: secure.trips, MASK: None}
    columns = {EXPANSION: "expansion_ratio", TRIPS: "trips_count", MASK: "mask_flop_per_peer"}
    taken = {
        row: find("assumption", row).number(columns[row], "correct the row") if value is None else value
        for row, value in given.items()
    }
    assumed = tuple(row for row, value in given.items() if value is None)
    return Extra(taken[EXPANSION], peers * parameters * taken[MASK], int(taken[TRIPS]), assumed)
