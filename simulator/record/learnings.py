"""What a season of federated learning was like, from its rounds: how long, who came through, what was lost."""

from typing import Any

from simulator.record.events import held_s
from simulator.record.tables import Tables


def learning_rows(tables: Tables) -> list[dict[str, Any]]:
    """A row a learning that closed at least one round; `selected` is the mean of its rounds.

    Shares are of all devices selected, or of all bytes sent.
    """
    seasons: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for turn in tables["rounds"].to_pylist():
        seasons.setdefault((turn["paradigm"], turn["workload"]), []).append(turn)
    held = held_s(tables)
    return [{**_row(*key, turns), "held_s": held.get(key, 0.0)} for key, turns in seasons.items()]


def _row(paradigm: str, workload: str, turns: list[dict[str, Any]]) -> dict[str, Any]:
    total = {
        name: sum(turn[name] for turn in turns)
        for name in ("selected", "accepted", "dropped", "late", "upload_bytes", "lost_bytes")
    }
    return {
        "paradigm": paradigm,
        "workload": workload,
        "rounds": len(turns),
        "selected": total["selected"] / len(turns),
        "mean_round_s": sum(turn["end_s"] - turn["begin_s"] for turn in turns) / len(turns),
        **{f"{name}_share": total[name] / total["selected"] for name in ("accepted", "dropped", "late")},
        "lost_share": total["lost_bytes"] / total["upload_bytes"] if total["upload_bytes"] else 0.0,
        "empty": sum(turn["accepted"] == 0 for turn in turns),
        "shared": sum(turn["links"] == "shared" for turn in turns),
    }
