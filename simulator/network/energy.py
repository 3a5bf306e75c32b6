"""Energy of a link whose power is linear in its load, from the bits that it carried.

    P(t) = idle + (busy - idle) x rate(t) / bandwidth
    E    = idle x time + (busy - idle) / bandwidth x bits

Linear power needs no history of rates: the integral of the rate is the bits carried, which
the flow engine counts exactly, whatever slowed the flows and wherever. The second term is a
slope in joules per bit, so it splits over workloads as their bits do; who pays for the first
is decided elsewhere. `bandwidth` is the nominal one at which `busy` was measured: a link
that loses capacity in mid-run keeps its slope.
Source of the model: SimGrid's link energy plug-in, which takes the load at the next start or
end of a transfer on the link for that of the whole time since the last one.
"""

from simulator.network.sharing import LEAST, check_number


def slope_j_per_b(idle_w: float, busy_w: float, bandwidth_bps: float) -> float:
    """What one more bit costs, in joules. Raises NetworkError for watts or a bandwidth that cannot be.

    >>> slope_j_per_b(10.0, 30.0, 100.0)
    0.2
    """
    check_number("the link", "idle_w", idle_w, 0.0)
    check_number("the link", "busy_w", busy_w, idle_w)
    check_number("the link", "bandwidth_bps", bandwidth_bps, LEAST)
    return (busy_w - idle_w) / bandwidth_bps


def link_energy_j(idle_w: float, busy_w: float, bandwidth_bps: float, carried_b: float, time_s: float) -> float:
    """What the link drew over so many seconds in which it carried so many bits, in joules.

    Raises NetworkError for watts, a bandwidth, bits or a time that cannot be.

    >>> link_energy_j(10.0, 30.0, bandwidth_bps=100.0, carried_b=1000.0, time_s=20.0)
    400.0
    """
    check_number("the link", "carried_b", carried_b, 0.0)
    check_number("the link", "time_s", time_s, 0.0)
    return idle_w * time_s + slope_j_per_b(idle_w, busy_w, bandwidth_bps) * carried_b
