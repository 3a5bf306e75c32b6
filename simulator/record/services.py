"""What a service was like for those who asked: waits, response times, how busy its replicas were.

    wait = begin - arrival                                 over the requests that were answered
    response = end - arrival, or from asking to having the answer where users count
    busy = seconds spent on requests / (replicas x seconds that they were held)

    energy = all that is charged to the service at the widest boundary, over its answers

Computed from `requests`, `jobs`, `events` and the summary; an average over no request is unknown, not 0.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow.compute as pc

from simulator.record.events import held_s
from simulator.record.integrate import floats
from simulator.record.pieces import of_paradigm
from simulator.record.tables import Tables
from simulator.vocabulary import OPERATIONAL

PERCENTILES = (50, 95, 99)
_MOMENTS = ("asked_s", "arrive_s", "begin_s", "end_s", "told_s")


def service_rows(tables: Tables, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a service that was submitted: its requests, its times, its load, its energy per answer."""
    overloads = {
        (event["paradigm"], event["subject"]): event["cause"]
        for event in tables["events"].filter(pc.field("event") == "overload").to_pylist()
    }
    held = held_s(tables)
    jobs = [job for job in tables["jobs"].to_pylist() if job["kind"] == "serve" and job["submit_s"] is not None]
    return [
        {
            **_row(tables, job, summary["paradigms"][job["paradigm"]]),
            "held_s": held.get((job["paradigm"], job["workload"]), 0.0),
            "overload": overloads.get((job["paradigm"], job["workload"])),
        }
        for job in jobs
    ]


def _row(tables: Tables, job: Mapping[str, Any], way: Mapping[str, Any]) -> dict[str, Any]:
    own = of_paradigm(tables["requests"], job["paradigm"]).filter(pc.field("workload") == job["workload"])
    asked_s, arrive_s, begin_s, end_s, told_s = (floats(own, name) for name in _MOMENTS)  # null as NaN
    first_s, last_s = (asked_s, told_s) if np.isfinite(asked_s).any() else (arrive_s, end_s)
    begun, ended, done = (np.isfinite(times_s) for times_s in (begin_s, end_s, last_s))
    stop_s = way["duration_s"] if job["end_s"] is None else job["end_s"]
    busy_s = float(np.where(ended, end_s, stop_s)[begun].sum() - begin_s[begun].sum())
    held_s = job["device_s"] / job["devices"] * job["units"]
    response_s = (last_s - first_s)[done]
    quantiles_s = np.percentile(response_s, PERCENTILES).tolist() if len(response_s) else [None] * len(PERCENTILES)
    energy_j = way["by_workload"].get(job["workload"], {}).get("energy_j")
    return {
        "paradigm": job["paradigm"],
        "workload": job["workload"],
        "arrived": len(arrive_s),
        "answered": len(response_s),
        "on_their_way_back": int(np.count_nonzero(ended & ~done)),
        "being_served": int(np.count_nonzero(begun & ~ended)),
        "waiting": int(np.count_nonzero(~begun)),
        "mean_wait_s": float((begin_s - arrive_s)[done].mean()) if len(response_s) else None,
        **{f"p{p}_response_s": time_s for p, time_s in zip(PERCENTILES, quantiles_s, strict=True)},
        "busy_share": busy_s / held_s if held_s else None,
        "energy_per_answer_j": energy_j / len(response_s) if len(response_s) and energy_j is not None else None,
        "boundary": next((name for name in reversed(OPERATIONAL) if name in way["boundaries"]), None),
    }
