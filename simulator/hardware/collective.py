"""How long it takes that many devices add what each of them holds: the alpha-beta model.

    ring            2 (n - 1) alpha      + 2 (n - 1) / n x S / B
    tree            2 ceil(log2 n) alpha + 2 S / B
    hierarchical    scatter the sum within a server, ring between servers over its n-th part, gather within

S bits on each of n devices, B bits per second that a device sends, alpha seconds from one to
the next. What a fabric gives of its standard's rate, and its alpha, are measured or fitted: the
rows of the table `collectives`. A gather, or a scatter of sums, is half a ring.
Sources: Patarasu and Yuan 2009, section 3 (ring); Thakur, Rabenseifner and Gropp 2005 (alpha-beta,
trees); Vidur (MLSys 2024) and Calculon (SC 2023) for the rows.
"""

from math import ceil, log2
from typing import NamedTuple

from simulator.catalogue import Row, doubts, find, rows
from simulator.errors import MissingValueError
from simulator.hardware.fabric import S_PER_US, Fabric

ANY = "any-fabric"
"""The row of fabrics that have none of their own."""


class Joint(NamedTuple):
    """What a device sends to the next, in bits per second, the seconds from one to the next, and what is doubtful."""

    rate_bps: float
    alpha_s: float
    assumptions: tuple[str, ...] = ()


def ring_s(size_b: float, members: int, joint: Joint) -> float:
    """Seconds of an all-reduce round a ring; nothing for one member.

    >>> ring_s(8e9, 4, Joint(1e9, 0.0))  # each sends 2 x 3/4 of the bits
    12.0
    """
    return 2.0 * gather_s(size_b, members, joint)


def gather_s(size_b: float, members: int, joint: Joint) -> float:
    """Seconds until all members hold all of so many bits, of which each had its part; or the sums, in parts.

    >>> gather_s(8e9, 4, Joint(1e9, 0.5))
    7.5
    """
    return (members - 1) * joint.alpha_s + (members - 1) / members * size_b / joint.rate_bps


def tree_s(size_b: float, members: int, joint: Joint) -> float:
    """Seconds of an all-reduce up and down a tree of pairs, pipelined; nothing for one member.

    >>> tree_s(8e9, 8, Joint(1e9, 1.0))  # 2 x 3 levels, and 2 x 8 s
    22.0
    """
    if members == 1:
        return 0.0
    return 2.0 * ceil(log2(members)) * joint.alpha_s + 2.0 * size_b / joint.rate_bps


def hierarchical_s(size_b: float, inside: int, servers: int, within: Joint, between: Joint) -> float:
    """Seconds of an all-reduce of so many members in each of so many servers; `between` is the rate of one member.

    >>> hierarchical_s(8e9, 4, 2, Joint(8e9, 0.0), Joint(1e9, 0.0))  # 2 x 0.75 s within, 2 s between
    3.5
    """
    return 2.0 * gather_s(size_b, inside, within) + ring_s(size_b / inside, servers, between)


def find_joint(fabric: Fabric | None, ports_of: str, among: int = 1) -> Joint:
    """What a fabric gives a device, where so many share it.

    Raises MissingValueError where nothing says what joins the machines: `ports_of` is what it would join.
    """
    if fabric is None:
        remedy = "name a server that has one, or describe servers with `fabric` and `ports`"
        raise MissingValueError("the group", f"fabric between {ports_of}", remedy)
    row = collective_row(fabric.row)
    share = row.number("bandwidth_share", "correct the row")
    alpha_s = row.number("alpha_us", "correct the row") * S_PER_US
    assumed = (*fabric.assumptions, *doubts(row, "bandwidth_share", "alpha_us"))
    return Joint(fabric.rate_bps * share / among, alpha_s, assumed)


def collective_row(fabric: str) -> Row:
    """The row that says what a fabric gives to collectives; that of any fabric where it has none."""
    return rows("collective").get(fabric) or find("collective", ANY)
