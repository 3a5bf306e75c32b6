"""What the making of assets is charged over: seconds that their pieces count, and bits that they carried.

    piece-seconds of an asset = count x sum over its reservations of share x (to - from)

The rows of `reservations` hold all that counts: what was reserved, what was in service for nobody
(`unassigned`), and users' equipment while it worked. Of everything owned, every machine counts
for the whole window; users' equipment and networks count as they were used.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from simulator.record.integrate import floats
from simulator.record.pieces import of_paradigm
from simulator.vocabulary import USERS

Tables = Mapping[str, pa.Table]


def piece_seconds(tables: Tables, paradigm: str) -> dict[tuple[str, str], float]:
    """Piece-seconds by asset and workload, what was in service for nobody under `unassigned`.

    >>> from simulator.record.tables import from_rows
    >>> assets = pa.table({"paradigm": ["main"], "asset": ["a"], "count": [4]})
    >>> held = from_rows("reservations", [("main", "a", "train", 0.0, 8.0, 0.5), ("main", "a", "train", 8.0, 9.0, 1.0)])
    >>> piece_seconds({"assets": assets, "reservations": held}, "main")
    {('a', 'train'): 20.0}
    """
    assets = of_paradigm(tables["assets"], paradigm)
    counts = dict(zip(assets.column("asset").to_pylist(), assets.column("count").to_pylist(), strict=True))
    held = of_paradigm(tables["reservations"], paradigm)
    if not held.num_rows:
        return {}
    names, name = np.unique(held.column("asset").to_numpy(zero_copy_only=False), return_inverse=True)
    users, user = np.unique(held.column("workload").to_numpy(zero_copy_only=False), return_inverse=True)
    seconds = floats(held, "share") * (floats(held, "to_s") - floats(held, "from_s"))
    pairs, where = np.unique(name * len(users) + user, return_inverse=True)
    sums = np.bincount(where, seconds, len(pairs)).tolist()
    keys = [(str(names[pair // len(users)]), str(users[pair % len(users)])) for pair in pairs.tolist()]
    return {key: counts[key[0]] * spent_s for key, spent_s in zip(keys, sums, strict=True)}


def in_service_s(
    assets: Sequence[Mapping[str, Any]], held: Mapping[tuple[str, str], float], window_s: float, owned: bool
) -> dict[str, float]:
    """Piece-seconds of each asset that counts: of everything owned, machines count for the whole window."""
    found: dict[str, float] = {}
    for (asset, _), piece_s in held.items():
        found[asset] = found.get(asset, 0.0) + piece_s
    if owned:
        machines = (asset for asset in assets if asset["owner"] not in (USERS, ""))
        found |= {asset["asset"]: asset["count"] * window_s for asset in machines}
    return found
