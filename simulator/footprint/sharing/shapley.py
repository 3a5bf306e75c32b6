"""Who is to blame for capacity: the Shapley value of moments that each ask for a peak.

    a second with demand d gets   integral from 0 to d of dy / T(y),   T(y) = seconds with a demand of y or more

Moments are the players and the highest demand of a coalition is its cost: a layer of capacity
is shared by all the seconds that need it, and by no other. It is the limit of

    phi of the k-th smallest of n equal periods = sum over j <= k of (d_j - d_(j - 1)) / (n - j + 1)

as periods become short, so that lengths may differ. Seconds x what each gets sum to the peak.
Limit: within a moment the demands of those who share it weigh alike; with tenants as players, who
may ask for different peaks at different times, shares differ (and cost 2^n coalitions).
Source: Fair-CO2 (ISCA 2025), temporal Shapley; Littlechild & Owen 1973 for the closed form of peak games.
"""

import numpy as np

from simulator.record.integrate import Floats


def peak_rates(demand: Floats, length_s: Floats) -> Floats:
    """What a second of each step gets of the peak, in demand a second; steps of no length count for nothing.

    >>> peak_rates(np.array([2.0, 6.0]), np.array([10.0, 10.0])).tolist()  # 2/20, and 4/10 more
    [0.1, 0.5]
    """
    order = np.argsort(demand)
    at_least_s = np.cumsum(length_s[order][::-1])[::-1]
    climbs = np.diff(demand[order], prepend=0.0)
    layers = np.divide(climbs, at_least_s, out=np.zeros_like(climbs), where=at_least_s > 0.0)
    rates = np.empty_like(layers)
    rates[order] = np.cumsum(layers)
    return rates
