"""The Equal Earth projection: the whole world, areas true, shapes near to what a globe shows.

    sin t = (sqrt 3 / 2) sin latitude
    x = 2 sqrt 3 longitude cos t / (3 (A1 + 3 A2 t^2 + 7 A3 t^6 + 9 A4 t^8))
    y = t (A1 + A2 t^2 + A3 t^6 + A4 t^8)

for a sphere of radius 1, longitude counted from the map's middle. That one is 11 degrees east,
so that the seam, 169 degrees west, goes through the Bering Strait and cuts no continent.
Source: Savric, Patterson & Jenny 2018, The Equal Earth map projection, International Journal
of Geographical Information Science 33 (3), equations 6 to 8; doi 10.1080/13658816.2018.1504949.
"""

import numpy as np

from simulator.record.integrate import Floats

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
MIDDLE_DEG = 11.0


def equal_earth(lon_deg: Floats, lat_deg: Floats) -> Floats:
    """The points on the plane, shape (points, 2); longitudes from the map's middle, -180 to 180.

    >>> x, y = equal_earth(np.array([180.0]), np.array([0.0]))[0]
    >>> round(float(x), 5), round(float(y), 5)
    (2.70663, 0.0)
    """
    t = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(lat_deg)))
    slope = A1 + 3 * A2 * t**2 + 7 * A3 * t**6 + 9 * A4 * t**8
    x = 2 * np.sqrt(3) * np.radians(lon_deg) * np.cos(t) / (3 * slope)
    return np.column_stack((x, t * (A1 + A2 * t**2 + A3 * t**6 + A4 * t**8)))
