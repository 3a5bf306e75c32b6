"""A sweep against perfect use of its workers; its points; its records.

    python benchmarks/sweep.py

Points that sleep 0.2 s tell what engines cost, whatever else the machine does: perfect is points x
0.2 s over the workers. Workers are started and warmed before, which is printed apart. On Slurm a
private one is begun on loopback where the machine has it (root, slurm-wlm, munge). Records of the
last part are synthetic: one paradigm, seven measures with noise in every digit.
"""

import os
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import simulator as sim
from simulator.scenario.shipped import shipped
from simulator.study.sweep.collect import collect, write_collected
from simulator.study.sweep.drive import Report
from simulator.study.sweep.engine import Engine
from simulator.study.sweep.folder import open_folder, read_plan, write_plan
from simulator.study.sweep.load import load_sweep_text
from simulator.study.sweep.plan import build_plan
from simulator.study.sweep.records import OK, Records, Writer
from simulator.study.sweep.run import points_left, prepare, run
from simulator.sweeps import opener

POINTS, POINT_S, WORKERS, MANY = 200, 0.2, 2, 100_000
ROOT = Path(__file__).parent.parent
SILENT: Report = lambda _: None  # noqa: E731
SLURM = """
engine: slurm
workers: 2
cores: 1
processes: 1
memory: 1 GiB
walltime: "00:10:00"
interface: lo
log_directory: {folder}
"""


def nap(loaded: Any, keep: Any) -> dict[str, Any]:
    """A point that takes its time and computes nothing."""
    time.sleep(POINT_S)
    return {"paradigms": {}}


class Lent:
    """An engine that goes on after a sweep is done with it."""

    def __init__(self, engine: Engine) -> None:
        self.slots, self.submit, self.wait = engine.slots, engine.submit, engine.wait

    def close(self) -> None:
        """Nothing yet."""


def repeats(count: int, folder: Path, compute: str, engine: Engine) -> float:
    """Seconds that so many repeats of a small scenario take."""
    loaded = load_sweep_text(f"name: naps\nbase: small/one_gpu\nrepeats: {count}\nseed: {count}\n", "naps.yaml")
    prepared = prepare(loaded, folder, compute=compute)
    began_s = time.perf_counter()
    counts = run(prepared, lambda: Lent(engine), SILENT)
    assert counts == {OK: count}, counts
    return time.perf_counter() - began_s


def tell_engine(name: str, engine: str, profile: Path | None, folder: Path) -> None:
    """Start, warm and measure an engine."""
    began_s = time.perf_counter()
    workers = opener(engine, WORKERS, profile)()
    try:
        repeats(2 * WORKERS, folder / f"{name}-warm", "sweep:nap", workers)
        cold_s = time.perf_counter() - began_s - 2 * POINT_S
        spent_s = repeats(POINTS, folder / name, "sweep:nap", workers)
    finally:
        workers.close()
    perfect_s = POINTS * POINT_S / WORKERS
    cost_ms = 1e3 * (spent_s - perfect_s) * WORKERS / POINTS
    print(f"{name:8} {perfect_s / spent_s:6.3f} of perfect (asked 0.95), {cost_ms:.1f} ms a point (asked 5)", end="")
    print(f"; cold start {cold_s:.1f} s (asked 3)")


def tell_slurm(folder: Path) -> None:
    """The same on a Slurm of our own."""
    if shutil.which("slurmctld") is None or os.geteuid():
        print("slurm    left out: it wants root, and the packages slurm-wlm and munge")
        return
    os.environ |= {"AICEBERG_SLURM_DIR": str(folder / "daemons"), "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([ROOT / "scripts" / "slurm-up.sh"], check=True, stdout=subprocess.DEVNULL)
    os.environ["SLURM_CONF"] = str(folder / "daemons" / "slurm.conf")
    try:
        profile = folder / "profile.yaml"
        profile.write_text(SLURM.format(folder=folder / "jobs"))
        tell_engine("slurm", "slurm", profile, folder)
    finally:
        subprocess.run([ROOT / "scripts" / "slurm-down.sh"], check=True, stdout=subprocess.DEVNULL)


def tell_small(folder: Path) -> None:
    """What points of the small scenarios take on a warm worker, the dearest of them."""
    engine, found = opener("local", 1, None)(), {}
    try:
        for name in (name.removeprefix("small/") for name in shipped() if name.startswith("small/")):
            text = f"name: {name}\nbase: small/{name}\nrepeats: 12\nseed: 1\n"
            prepared = prepare(load_sweep_text(text, name), folder / name)
            run(prepared, lambda: Lent(engine), SILENT)
            records = prepared.records.documents([point.id for point in prepared.plan.points])
            walls_s = sorted(record["provenance"]["wall_s"] for _, record in records)
            found[name] = 1e3 * walls_s[len(walls_s) // 2]
    finally:
        engine.close()
    told = [f"{name} {time_ms:.0f}" for name, time_ms in sorted(found.items(), key=lambda one: -one[1])]
    print(f"small/   {', '.join(told[:5])} ms a point, the {len(told) - 5} others less (median, warm; asked 50)")


def tell_records(folder: Path) -> None:
    """What it takes to plan, to find what is left, and to collect, of many points."""
    grid = ", ".join(f"{1 + n / 1000:g}" for n in range(100))
    text = (
        "name: many\nbase: small/one_gpu\n"
        f"grid:\n  world.datacenters.lab.pue: [{grid}]\n  hours: {{path: workloads.train.time, values: [{hours()}]}}\n"
        f"repeats: {MANY // 10_000}\n"
    )
    began_s = time.perf_counter()
    plan = build_plan(load_sweep_text(text, "many.yaml"))
    planned_s = time.perf_counter() - began_s
    assert len(plan.points) == MANY
    open_folder(folder)
    write_plan(folder, plan)
    synthesise(folder, [point.id for point in plan.points])
    began_s = time.perf_counter()
    records = Records(folder)
    records.refresh()
    left = points_left(plan, records, folder)
    scanned_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    path = write_collected(folder, collect(read_plan(folder), records))
    collected_s = time.perf_counter() - began_s
    size_mb = sum(file.stat().st_size for file in (folder / "records").iterdir()) / 1e6
    assert not left
    print(
        f"records  {MANY} of {size_mb:.0f} MB: planned in {planned_s:.1f} s, seen to be done in {scanned_s:.2f} s",
        end="",
    )
    table_mb = path.stat().st_size / 1e6
    print(f" (asked 2), collected in {collected_s:.1f} s (asked 30) into {table_mb:.2f} MB (asked 5)")


def hours() -> str:
    """A hundred durations."""
    return ", ".join(f"{n + 1} h" for n in range(100))


def synthesise(folder: Path, points: list[str]) -> None:
    """A record for each point, in two files."""
    luck = random.Random(1)
    for half in (points[::2], points[1::2]):
        writer = Writer(folder, {"synthetic": True})
        for point in half:
            energy_j, co2e_kg = 1e7 * luck.random(), luck.random()
            total = {"accelerator": {"energy_j": energy_j, "co2e_kg": co2e_kg}}
            way = {"duration_s": 28800.0, "done_s": 28800.0, "boundaries": total, "owned": total}
            way |= {"by_activity": {"compute": energy_j}, "workloads": {}}
            told = {"results": {"paradigms": {"main": way}}}
            writer.add(point, OK, 1, {**told, "provenance": {"began_s": luck.random(), "wall_s": luck.random()}})
        writer.close()


def main() -> None:
    print(f"{POINTS} points of {POINT_S} s on {WORKERS} warm workers; aiceberg {sim.__version__}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell_engine("local", "local", None, folder)
        tell_engine("dask", "dask", None, folder)
        tell_slurm(folder)
        tell_small(folder)
        tell_records(folder / "many")


if __name__ == "__main__":
    main()
