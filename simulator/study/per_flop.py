"""Joules per model FLOP of published trainings: a check that anything simulated can be.

    predicted    time from FLOPs by the families of others (`mfu: predicted`), accelerators at their TDP
    given        hours and watts as published: printed with the MFU that they imply, not gated

Accelerators alone, without host and building, for watts are known of those. Modern runs lie between 1.5
and 20 pJ (measured: OLMo 2 13B 2.0, GPT-3 with host 14.8); outside is a mistake of units or of FLOPs.
"""

from simulator.scenario.load import dump, load_text
from simulator.scenario.run import run_scenario
from simulator.study.published_run import Run, find_precision, published_runs
from simulator.study.report import Aside, Report
from simulator.vocabulary import MAIN

LEAST_PJ, MOST_PJ = 1.5, 20.0


def per_flop() -> Report:
    """Every counted run, its time predicted; beside it, with the hours that were published."""
    lines: list[tuple[str, ...]] = []
    found = []
    for run in published_runs():
        if run.device.find_number("tdp_w") is None:
            continue
        predicted, given = simulated(run, {"mfu": "predicted"}), simulated(run, {"device_time": f"{run.published_s} s"})
        found.append(predicted["pj_per_flop"])
        shown = (f"{predicted['pj_per_flop']:.2f}", f"{predicted['mfu']:.3f}")
        lines.append((run.row.name, run.device.id, *shown, f"{given['pj_per_flop']:.2f}", f"{given['mfu']:.3f}"))
    inside = sum(LEAST_PJ <= value <= MOST_PJ for value in found)
    summary = (
        f"{inside} of {len(found)} runs whose time is predicted lie within {LEAST_PJ:g} to {MOST_PJ:g} pJ a model FLOP "
        f"(gate: all), {min(found):.2f} to {max(found):.2f}",
    )
    columns = ("pJ per model FLOP", "on", "predicted", "MFU", "given hours", "MFU implied")
    aside = Aside("energy per model FLOP, accelerators at their TDP", columns, lines)
    return Report("energy per model FLOP", [], summary, inside == len(found), aside)


def simulated(run: Run, length: dict[str, str]) -> dict[str, float]:
    """The row of `jobs` of a run on one accelerator at its TDP, with this length, or with what is expected of it."""
    device = {"model": run.device.id, "count": 1, "power": {"kind": "constant", "power": "tdp"}}
    train = {
        "at": "site/accelerator",
        "model": "own",
        "work": f"{run.work_flop!r} FLOP",
        "precision": find_precision(run.device),
        **length,
    }
    data = {
        "name": "per-flop",
        "start": f"{run.year}-01-01",
        "world": {"datacenters": {"site": {"grid": "1 gCO2e/kWh", "devices": {"accelerator": device}}}},
        "models": {"own": _model(run)},
        "workloads": [{"train": train}],
    }
    outcome = run_scenario(load_text(dump(data), f"<{run.row.id}>"))
    (job,) = outcome.tables["jobs"].to_pylist()
    assert job["paradigm"] == MAIN, "one paradigm"
    return {"pj_per_flop": job["pj_per_flop"], "mfu": job["mfu"]}


def _model(run: Run) -> dict[str, object]:
    active = run.row.number("active_parameters_count", "correct the row")
    return {"parameters": active, "forward_flop_per_sample": f"{2.0 * active!r} FLOP", "sample_unit": "token"}
