"""The JSON Schema of sweep files, generated from the specs that read them.

It knows the shape; whether paths lead anywhere, and values are what the base takes, `aiceberg validate` tells.
"""

from typing import Any

from simulator.scenario.schema import DIALECT, tidied
from simulator.study.sweep.spec import Sweep


def sweep_schema() -> dict[str, Any]:
    """The schema of a whole sweep file, each field with its description."""
    return {"$schema": DIALECT, "title": "AIceberg sweep", **tidied(Sweep.model_json_schema())}
