"""A log that went to disk says what it would have said in memory, to the last bit, and leaves nothing behind."""

import json
import signal
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_ledger, a_scenario, loaded, scenarios

import simulator as sim
from simulator.engine import spill
from simulator.record import digest, store
from simulator.record.pieces import LongTable
from simulator.record.tables import EXACT
from simulator.scenario import run as running
from simulator.workloads import timeline

ALL_KEYS = ("place", "workload", "activity", "asset", "kind")


def short_of_memory(patch, changes=10):
    """Spill at so many changes, in row groups of three, and look after every event."""
    patch.setattr(spill, "SPILL_AT", changes)
    patch.setattr(spill, "LEAST_ROWS", 3)
    patch.setattr(running, "_BATCH", 1)


def said(result):
    """All that a result can be asked."""
    tables = {name: result.table(name) for name in (*EXACT, "jobs", "ticks")}
    ticks = [result.ticks(tick, by=by) for tick in ("7 s", "1 h") for by in (("workload",), ALL_KEYS)]
    plain = [{name: table.to_pydict() for name, table in tables.items()}, [table.to_pydict() for table in ticks]]
    return plain, result.summary, json.loads(json.dumps(result.manifest))


def a_busy_scenario(**changes):
    """Three trainings with checkpoints, the second after a wait: some hundred changes."""
    checkpoint = {"every": "60 s", "time": "5 s", "load": 0.1}
    trainings = [
        {"name": f"t{n}", "at": "lab/nodes", "units": 2, "time": "1 h", "utilisation": 0.5, "checkpoint": checkpoint}
        for n in range(3)
    ]
    return a_scenario(trainings, **changes)


def two_paradigms():
    data = a_busy_scenario()
    few = a_scenario([{"name": "short", "at": "lab/gpus", "time": "1 h", "utilisation": 1.0}])["workloads"]
    workloads = data.pop("workloads")
    return {**data, "paradigms": {"long": workloads, "few": few, "again": workloads}}


@settings(max_examples=30, deadline=None)
@given(scenarios(), st.integers(1, 20))
def test_a_run_that_spills_says_exactly_what_one_in_memory_says(data, changes):
    whole = said(sim.run(loaded(data)))
    with pytest.MonkeyPatch.context() as patch:
        short_of_memory(patch, changes)
        assert said(sim.run(loaded(data))) == whole


def test_what_is_noted_after_a_table_was_made_is_not_in_it(monkeypatch):
    """Processes that the horizon cut off turn their meters off when they are cleared away, whenever that is."""
    monkeypatch.setattr(spill, "SPILL_AT", 10)
    _, ledger = a_ledger()
    channel = np.full(15, ledger.channel("a", "job", "idle"), np.int32)
    ledger.extend(np.arange(15.0), channel, np.ones(15))
    ledger.set(int(channel[0]), 2.0)
    runs = ledger.runs()
    ledger.set(int(channel[0]), 3.0)
    ledger.extend(np.arange(15.0, 30.0), channel, np.ones(15))
    assert sum(len(chunk.at_s) for chunk in spill.merged(runs)) == 16
    assert len(ledger.changes().at_s) == 32


@pytest.mark.unmeasured
@pytest.mark.parametrize("hashed", [64, 4_000_000])
def test_paradigms_of_which_some_spill_say_exactly_what_they_say_in_memory(monkeypatch, hashed):
    monkeypatch.setattr(digest, "_ROWS", hashed)
    whole = sim.run(loaded(two_paradigms()))
    short_of_memory(monkeypatch)
    spilled = sim.run(loaded(two_paradigms()))
    assert isinstance(spilled._tables["changes"], LongTable)
    assert said(spilled) == said(whole)


def test_a_spilled_log_is_written_to_the_same_bytes_and_opens_piece_by_piece(monkeypatch, tmp_path):
    monkeypatch.setattr(store, "_ROW_GROUP", 64)
    whole = sim.run(loaded(a_busy_scenario()), tmp_path / "whole")
    short_of_memory(monkeypatch)
    sim.run(loaded(a_busy_scenario()), tmp_path / "spilled")
    for name in ("changes.parquet", "ticks.parquet", "manifest.json", "summary.json"):
        assert (tmp_path / "spilled" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    opened = sim.open_results(tmp_path / "spilled")
    assert [piece.num_rows for piece in opened.pieces("changes")][:2] == [64, 64]
    assert said(opened) == said(whole)


@pytest.mark.unmeasured
def test_several_paradigms_survive_folder_and_opening_when_they_are_long(monkeypatch, tmp_path):
    whole = sim.run(loaded(two_paradigms()))
    short_of_memory(monkeypatch)
    monkeypatch.setattr(store, "_ROW_GROUP", 64)
    sim.run(loaded(two_paradigms()), tmp_path / "out")
    assert said(sim.open_results(tmp_path / "out")) == said(whole)


def test_a_long_result_can_be_saved_over_the_folder_it_was_opened_from(monkeypatch, tmp_path):
    short_of_memory(monkeypatch)
    whole = said(sim.run(loaded(a_busy_scenario()), tmp_path / "out"))
    opened = sim.open_results(tmp_path / "out")
    opened.save(tmp_path / "out", force=True)
    assert said(opened) == said(sim.open_results(tmp_path / "out")) == whole


def test_a_long_log_that_is_damaged_inside_is_refused(monkeypatch, tmp_path):
    short_of_memory(monkeypatch)
    sim.run(loaded(a_busy_scenario()), tmp_path / "out")
    path = tmp_path / "out" / "changes.parquet"
    content = bytearray(path.read_bytes())
    content[40:400] = bytes(360)
    path.write_bytes(content)
    with pytest.raises(sim.SimulatorError, match=r"changes\.parquet is damaged"):
        sim.open_results(tmp_path / "out")


rows = st.lists(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=12), max_size=8)


@given(rows, st.integers(1, 9), st.integers(1, 4), st.integers(0, 8))
def test_arrays_that_come_late_are_merged_as_a_stable_sort_would(arrays, changes, least, read_after):
    """Every array has a channel of its own, so each may span the whole run; equal times keep the order of writing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill, "SPILL_AT", changes)
        patch.setattr(spill, "LEAST_ROWS", least)
        _, ledger = a_ledger()
        written = []
        for number, array in enumerate(arrays):
            channel = ledger.channel(f"a{number}", "job", "idle")
            at_s = np.sort([float(t) for t, _ in array])
            values = np.array([float(v) for _, v in array])
            ledger.extend(at_s, np.full(len(array), channel, np.int32), values)
            written += zip(at_s, [channel] * len(array), values, strict=True)
            if number == read_after:
                list(ledger.chunks())
        expected = sorted(written, key=lambda row: row[0])
        assert list(zip(*ledger.changes(), strict=True)) == expected
        assert len(ledger) == len(written)
        assert all(len(chunk.at_s) <= (len(arrays) + 1) * 12 for chunk in ledger.chunks())


def test_row_groups_have_at_least_so_many_rows_and_less_than_twice_as_many(monkeypatch):
    monkeypatch.setattr(spill, "LEAST_ROWS", 100)
    log = spill.Spill()
    for size in (99, 100, 199, 200, 1050):
        log.add(spill.Changes(np.arange(size, dtype=float), np.zeros(size, np.int32), np.ones(size)))
    sizes = [[len(block.load().at_s) for block in run] for run in log.runs()]
    assert sizes == [[99], [100], [199], [100, 100], [105] * 10]


def test_the_columns_in_memory_never_hold_more_than_the_threshold_and_one_event(monkeypatch):
    short_of_memory(monkeypatch)
    monkeypatch.setattr(timeline, "MOST_AHEAD", 1)  # else a block of phases is one event
    held = []
    relieve = spill.Spill.add
    monkeypatch.setattr(spill.Spill, "add", lambda log, run: (held.append(len(run.at_s)), relieve(log, run)))
    sim.run(loaded(a_busy_scenario(horizon="30 min")))
    assert len(held) > 5
    assert max(held[:-2]) <= 10 + 8


def test_a_full_disk_is_a_sentence(monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    short_of_memory(monkeypatch)
    monkeypatch.setattr(spill._Part, "write", full)
    with pytest.raises(sim.SimulatorError, match=r"No space left on device\); make room, or set TMPDIR"):
        sim.run(loaded(a_busy_scenario()))


KILLED = """
import os, signal
import numpy as np, simpy
from simulator.engine import spill
from simulator.engine.ledger import Ledger
spill.SPILL_AT = 10
ledger = Ledger(simpy.Environment())
channel = ledger.channel("a", "job", "idle")
ledger.extend(np.arange(100.0), np.full(100, channel, np.int32), np.arange(100.0))
assert ledger.spilled
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_run_that_is_killed_leaves_no_file(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED], env={"TMPDIR": str(tmp_path)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_fails_leaves_no_file(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    short_of_memory(monkeypatch)

    def fail(progress):
        raise sim.SimulatorError("enough")

    monkeypatch.setattr(running, "_REPORT_EVERY_S", 0.0)
    with pytest.raises(sim.SimulatorError, match="enough"):
        sim.run(loaded(a_busy_scenario()), report=fail)
    assert list(tmp_path.iterdir()) == []
