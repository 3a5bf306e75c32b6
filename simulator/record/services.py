"""What a service was like for those who asked: waits, response times, how busy its replicas were.

    wait = begin - arrival,  response = end - arrival      over the requests that were answered
    busy = seconds spent on requests / (replicas x seconds that they were held)

Computed from `requests`, `jobs` and `events`; an average over no request is unknown, not 0.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow.compute as pc

from simulator.record.integrate import floats
from simulator.record.pieces import of_paradigm
from simulator.record.tables import Tables

PERCENTILES = (50, 95, 99)


def service_rows(tables: Tables, summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a service that was submitted: its requests, its times, its load, its energy per answer."""
    overloads = {
        (event["paradigm"], event["subject"]): event["cause"]
        for event in tables["events"].filter(pc.field("event") == "overload").to_pylist()
    }
    jobs = [job for job in tables["jobs"].to_pylist() if job["kind"] == "serve" and job["submit_s"] is not None]
    return [
        {
            **_row(tables, job, summary["paradigms"][job["paradigm"]]["duration_s"]),
            "overload": overloads.get((job["paradigm"], job["workload"])),
        }
        for job in jobs
    ]


def _row(tables: Tables, job: Mapping[str, Any], duration_s: float) -> dict[str, Any]:
    own = of_paradigm(tables["requests"], job["paradigm"]).filter(pc.field("workload") == job["workload"])
    arrive_s, begin_s, end_s = (floats(own, name) for name in ("arrive_s", "begin_s", "end_s"))  # null as NaN
    done, begun = np.isfinite(end_s), np.isfinite(begin_s)
    stop_s = duration_s if job["end_s"] is None else job["end_s"]
    busy_s = float(np.where(done, end_s, stop_s)[begun].sum() - begin_s[begun].sum())
    held_s = job["device_s"] / job["devices"] * job["units"]
    response_s = (end_s - arrive_s)[done]
    quantiles_s = np.percentile(response_s, PERCENTILES).tolist() if len(response_s) else [None] * len(PERCENTILES)
    return {
        "paradigm": job["paradigm"],
        "workload": job["workload"],
        "arrived": len(arrive_s),
        "answered": len(response_s),
        "being_served": int(np.count_nonzero(begun & ~done)),
        "waiting": int(np.count_nonzero(~begun)),
        "mean_wait_s": float((begin_s - arrive_s)[done].mean()) if len(response_s) else None,
        **{f"p{p}_response_s": time_s for p, time_s in zip(PERCENTILES, quantiles_s, strict=True)},
        "busy_share": busy_s / held_s if held_s else None,
        "energy_per_answer_j": job["energy_j"] / len(response_s) if len(response_s) else None,
    }
