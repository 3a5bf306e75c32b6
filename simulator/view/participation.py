"""Who is heard: updates taken from each tenth of the users by speed, over its fair share.

    share = (updates taken from the tenth / all that were taken) / (its users / all users)

At 1 every device is heard as often as any other. Over-selection and deadlines take the fast: the
data of the slow count for less.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.errors import UsageError
from simulator.population.participation import ALL, DECILES
from simulator.record.integrate import Floats
from simulator.view.learning import lines_of
from simulator.view.sweep_data import COLOURS

Rows = Sequence[Mapping[str, Any]]


def draw(name: str, participation: Rows) -> Figure:
    """The bars of each learning beside the others'; raises UsageError where no device is faster than another."""
    found = {label: rows for label, rows in lines_of(participation).items() if has_shares(rows)}
    if not found:
        state = "no update was taken in a federated learning whose users differ in speed"
        raise UsageError("the participation by speed", state, "let a population have a `speed_spread` above 1")
    figure = Figure(figsize=(8.5, 4.4), layout="constrained")
    axes = figure.add_subplot()
    for number, (label, rows) in enumerate(found.items()):
        _bars(axes, label, rows, number, len(found))
    axes.axhline(1.0, color="#3a3a3a", linewidth=1.0, linestyle="--", zorder=3, label="fair share")
    axes.set_xticks(range(1, DECILES + 1), ["1\nslowest", *map(str, range(2, DECILES)), f"{DECILES}\nfastest"])
    axes.set(xlabel="tenth of the users by speed", ylabel="updates taken over fair share")
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9)
    figure.suptitle(f"{name}: who is heard", fontsize=13)
    return figure


def has_shares(rows: Rows) -> bool:
    """Whether there are tenths to tell apart, and something to share."""
    return len(rows) > 1 and any(row["accepted"] for row in rows)


def shares_of(rows: Rows) -> Floats:
    """The share of each tenth from the slowest over its fair one; not a number of a tenth without users."""
    tenths = [row for row in rows if row["decile"] != ALL]
    users, accepted = (np.array([row[column] for row in tenths], float) for column in ("users", "accepted"))
    fair = users / users.sum()
    share = np.full(len(tenths), np.nan)
    np.divide(accepted / accepted.sum(), fair, out=share, where=fair > 0)
    return share


def _bars(axes: Axes, label: str, rows: Rows, number: int, count: int) -> None:
    width = 0.8 / count
    beside = width * (number - (count - 1) / 2)
    gini = next(row["gini"] for row in rows if row["decile"] == ALL)
    at, colour = np.arange(1, DECILES + 1) + beside, COLOURS[number % len(COLOURS)]
    axes.bar(at, shares_of(rows), width * 0.92, color=colour, label=f"{label} (Gini {gini:.2f})", zorder=2)
