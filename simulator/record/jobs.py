"""The record of one workload from submission to end, as its process fills it in."""

from dataclasses import dataclass


@dataclass(slots=True)
class Job:
    """One row of `jobs`, without what is computed from other tables; None is unknown."""

    workload: str
    kind: str
    at: str
    model: str
    dataset: str
    devices: int
    time_mode: str
    planned_s: float
    submit_s: float | None
    begin_s: float | None = None
    end_s: float | None = None
    status: str = "waiting"
    held_from_s: float | None = None
    device_s: float = 0.0
    done_share: float = 0.0
    units: int | None = None
    steps: int | None = None
    step_s: float | None = None
    samples: float | None = None
    work_flop: float | None = None
    peak_flop_per_s: float | None = None
    exposed_share: float | None = None
    hardware_ratio: float | None = None
    """FLOPs that the hardware does for a model FLOP."""
    computing_s: float | None = None
    """What the plan computes, checkpoints and all that failures cost left out."""
    failures: int = 0
    lost_s: float | None = None
    p5_s: float | None = None
    p95_s: float | None = None
    missing: str = ""
    """What it will fall short of though its plan is done; empty if of nothing."""


def hold(job: Job, at_s: float) -> None:
    """Note that the job has its machines from now on."""
    job.status, job.held_from_s = "unfinished", at_s
    job.begin_s = at_s if job.begin_s is None else job.begin_s


def let_go(job: Job, at_s: float) -> float:
    """Note that the job's machines are given back; the seconds that it held them, 0 if it only waited."""
    if job.held_from_s is None:
        return 0.0
    held_s, job.held_from_s = at_s - job.held_from_s, None
    job.device_s += held_s * job.devices
    job.done_share = min(1.0, job.device_s / (job.planned_s * job.devices)) if job.planned_s else 1.0
    return held_s


def expected_end_s(job: Job, at_s: float) -> float:
    """When a job that holds its machines will be done if nothing interrupts it; now, where it holds none."""
    if job.held_from_s is None:
        return at_s
    return job.held_from_s + job.planned_s - job.device_s / job.devices


def never_submitted(workload: str, kind: str, at: str) -> Job:
    """The record of a workload whose turn had not come when the run ended."""
    return Job(
        workload, kind, at, "", "", devices=0, time_mode="", planned_s=0.0, submit_s=None, status="not submitted"
    )


def close_jobs(jobs: list[Job], end_s: float) -> list[Job]:
    """End the run's records at the horizon; the jobs that are not done: under way, not begun, or in vain."""
    for job in jobs:
        let_go(job, end_s)
    return [job for job in jobs if job.status in ("unfinished", "waiting", "not submitted")]
