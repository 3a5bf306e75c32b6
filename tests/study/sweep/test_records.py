"""Lines of records: what is torn, damaged or written twice, and what counts of it, whoever wrote it when."""

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ResultsError
from simulator.study.sweep.records import (
    FAILED,
    KILLED,
    OK,
    RECORDS,
    STATUSES,
    TIMEOUT,
    Records,
    Standing,
    Writer,
    record_line,
)

A, B, C = (letter * 16 for letter in "abc")
HEAD = b'{"worker": {"pid": 1}}\n'


def line(point=A, status=OK, turn=1, **rest):
    return record_line(point, status, turn, rest or {"results": {}})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / RECORDS).mkdir()
    return tmp_path


def keep(folder, name, *lines):
    (folder / RECORDS / f"{name}.jsonl").write_bytes(b"".join(lines))


def read(folder):
    records = Records(folder)
    records.refresh()
    return records


def standing(folder):
    return {point: (found.status, found.turn) for point, found in read(folder).standing.items()}


def test_what_is_written_is_read_again_with_all_that_it_says(folder):
    writer = Writer(folder, {"pid": 1})
    writer.add(A, OK, 1, {"results": {"J": 0.1}, "provenance": {"host": "nœud"}})
    writer.add(B, FAILED, 2, {"error": "no \n room", "traceback": "T"})
    writer.close()
    records = read(folder)
    assert standing(folder) == {A: (OK, 1), B: (FAILED, 2)}
    assert dict(records.documents([B, A, C])) == {
        A: {"id": A, "status": OK, "turn": 1, "results": {"J": 0.1}, "provenance": {"host": "nœud"}},
        B: {"id": B, "status": FAILED, "turn": 2, "error": "no \n room", "traceback": "T"},
    }
    assert (records.torn, records.damaged) == (0, 0)


def test_a_folder_that_is_not_there_has_no_records(tmp_path):
    records = Records(tmp_path / "none")
    assert (records.refresh(), records.standing, list(records.documents([A]))) == (0, {}, [])


def test_a_number_that_json_does_not_know_is_no_record(folder):
    writer = Writer(folder, {})
    with pytest.raises(ValueError, match="not JSON compliant"):
        writer.add(A, OK, 1, {"results": float("nan")})
    writer.close()
    assert standing(folder) == {}


def test_a_torn_last_line_is_told_and_counts_for_nothing(folder):
    whole, torn = line(A), line(B)[:-1]  # all but the end of the line
    keep(folder, "one", HEAD, whole, torn)
    records = read(folder)
    assert standing(folder) == {A: (OK, 1)}
    assert (records.torn, records.damaged) == (1, 0)


def test_a_line_that_is_being_written_is_torn_no_more_when_it_is_whole(folder):
    keep(folder, "one", HEAD, line(A)[:20])
    records = read(folder)
    assert (records.torn, records.standing) == (1, {})
    keep(folder, "one", HEAD, line(A))
    assert (records.refresh(), records.torn) == (1, 0)
    assert records.standing[A].status == OK


@pytest.mark.parametrize(
    "damaged",
    [
        b"\n",
        b"\0" * 30 + b"\n",
        b"null\n",
        line(A)[5:],
        line(A).replace(b'"turn": 1', b'"turn": one'),
        line(A.upper()),
        line("abc"),
        line(A)[:-3] + b"\n",
        b" " + line(A),
        line(A)[:-2] + b"\n",
        line(A).replace(b"results", b"res\xffults"),
        line(A).replace(b"{}", b"[]"),
        line(A, "gone"),
        line(A, turn=10**10),
        json.dumps({"id": A, "status": OK, "turn": 1, "results": {}}).encode() + b"\n",
    ],
)
def test_a_damaged_line_in_the_middle_is_counted_and_hides_no_other(damaged, folder):
    keep(folder, "one", HEAD, line(B), damaged, line(C))
    records = read(folder)
    assert standing(folder) == {B: (OK, 1), C: (OK, 1)}
    assert (records.torn, records.damaged) == (0, 1)
    assert {point for point, _ in records.documents([A, B, C])} == {B, C}


def test_a_folder_whose_records_cannot_be_read_is_refused(tmp_path):
    (tmp_path / RECORDS).write_text("no folder")
    with pytest.raises(ResultsError, match=r"records: cannot be read \(Not a directory\)"):
        read(tmp_path)


def test_the_line_of_a_worker_is_no_record_and_no_damage(folder):
    keep(folder, "one", HEAD)
    records = read(folder)
    assert (records.standing, records.damaged, records.torn) == ({}, 0, 0)


BEATS = [
    ((OK, 1), (FAILED, 1)),
    ((OK, 1), (FAILED, 9)),
    ((OK, 1), (TIMEOUT, 2)),
    ((OK, 2), (OK, 1)),
    ((FAILED, 2), (FAILED, 1)),
    ((KILLED, 3), (FAILED, 2)),
    ((TIMEOUT, 2), (KILLED, 1)),
]


@pytest.mark.parametrize(("winner", "loser"), BEATS)
def test_well_beats_badly_and_a_later_turn_an_earlier_one_in_any_order(winner, loser, folder):
    for number, order in enumerate(((winner, loser), (loser, winner))):
        point = str(number) * 16
        keep(folder, f"both{number}", HEAD, *(line(point, *one) for one in order))
        keep(folder, f"a{number}", HEAD, line(point[::-1].replace(str(number), "c"), *order[0]))
        keep(folder, f"b{number}", HEAD, line("c" * 16, *order[1]))
        assert standing(folder)[point] == winner
        assert standing(folder)["c" * 16] == winner


def test_of_two_that_are_alike_the_first_that_was_read_stays(folder):
    keep(folder, "a", HEAD, line(A, results={"from": "a"}))
    keep(folder, "b", HEAD, line(A, results={"from": "b"}))
    ((_, record),) = read(folder).documents([A])
    assert record["results"] == {"from": "a"}


def test_whoever_wrote_them_documents_come_file_by_file_and_line_by_line(folder):
    keep(folder, "b", HEAD, line(C), line(A))
    keep(folder, "a", HEAD, line(B))
    assert [point for point, _ in read(folder).documents([A, B, C])] == [B, C, A]


def test_what_is_no_file_of_records_is_left_alone(folder):
    (folder / RECORDS / "note.txt").write_bytes(line(A))
    (folder / RECORDS / ".one.jsonl.swp").write_bytes(line(A))
    assert standing(folder) == {}


def a_disk_with_room_for(size, monkeypatch):
    """A device that takes so many bytes, in small parts, then is full."""
    room, write = [size], os.write

    def written(fd, data):
        part = bytes(data[: min(7, room[0])])
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room[0] -= len(part)
        return write(fd, part)

    monkeypatch.setattr(os, "write", written)


@pytest.mark.parametrize("missing", [1, 10, len(line(B)) - 1, len(line(B))])
def test_a_record_that_does_not_fit_leaves_no_part_of_it(missing, folder, monkeypatch):
    """Room for the worker, for one record, and for all but some bytes of the next."""
    worker = len(HEAD)
    with monkeypatch.context() as patch:
        a_disk_with_room_for(worker + len(line(A)) + len(line(B)) - missing, patch)
        writer = Writer(folder, {"pid": 1})
        writer.add(A, OK, 1, {"results": {}})
        with pytest.raises(OSError, match="No space left"):
            writer.add(B, OK, 1, {"results": {}})
    (file,) = (folder / RECORDS).iterdir()
    assert file.read_bytes() == HEAD + line(A)
    writer.add(C, OK, 1, {"results": {}})  # somebody has made room
    writer.close()
    records = read(folder)
    assert standing(folder) == {A: (OK, 1), C: (OK, 1)}
    assert (records.torn, records.damaged) == (0, 0)


def test_a_record_in_many_parts_is_one_line(folder, monkeypatch):
    with monkeypatch.context() as patch:
        a_disk_with_room_for(10**6, patch)
        writer = Writer(folder, {"pid": 1})
        writer.add(A, OK, 1, {"results": {"long": "x" * 1000}})
        writer.close()
    assert standing(folder) == {A: (OK, 1)}


def test_workers_of_one_process_each_have_a_file(folder):
    writers = [Writer(folder, {}) for _ in range(3)]
    for writer, point in zip(writers, (A, B, C), strict=True):
        writer.add(point, OK, 1, {"results": {}})
        writer.close()
    assert len(list((folder / RECORDS).iterdir())) == 3
    assert set(standing(folder)) == {A, B, C}


def test_records_reach_the_disk_about_once_a_second(folder, monkeypatch):
    now, synced = [0.0], []
    monkeypatch.setattr("simulator.study.sweep.records.time.monotonic", lambda: now[0])
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(now[0]))
    writer = Writer(folder, {})
    for at_s in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
        now[0] = at_s
        writer.add(A, OK, 1, {"results": {}})
    writer.close()
    assert synced == [1.5, 3.0]


def test_a_writer_knows_when_its_file_was_removed(folder):
    writer = Writer(folder, {})
    assert not writer.is_gone
    next((folder / RECORDS).iterdir()).unlink()
    assert writer.is_gone
    writer.close()


POINTS = st.sampled_from([A, B, C])
WRITTEN = st.tuples(POINTS, st.sampled_from(sorted(STATUSES)), st.integers(1, 3))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 2), WRITTEN),
        st.tuples(st.just("cut"), st.integers(0, 2), st.integers(0, 200)),
        st.tuples(st.just("look"), st.just(0), st.none()),
    ),
    max_size=25,
)


def best(found):
    """The record that counts by what the module says: one that ended well, else of the latest turn; the first such."""
    wells = [one for one in found if one[1] == OK]
    return max(wells or found, key=lambda one: one[2], default=None)


@given(steps=STEPS)
def test_whatever_is_written_by_whom_and_cut_where_every_whole_line_is_found(steps, tmp_path_factory):
    """A writer that is cut has died: it is begun anew, in another file."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / RECORDS).mkdir()
    whole, names, watcher, count, seen = [], {0: "w0-0", 1: "w1-0", 2: "w2-0"}, Records(folder), 0, 0
    torn = set()
    for step, who, what in steps:
        path = folder / RECORDS / f"{names[who]}.jsonl"
        if step == "look":
            seen += watcher.refresh()
            continue
        count += 1
        text = line(*(what if step == "write" else (A, OK, 9)))
        part = text if step == "write" else text[: min(what, len(text) - 1)]
        with path.open("ab") as file:
            file.write((b"" if path.exists() and file.tell() else HEAD) + part)
        if step == "write":
            whole.append(what)
            continue
        torn |= {path} if part else set()
        names[who] = f"w{who}-{count}"
    seen += watcher.refresh()
    for point in (A, B, C):
        expected = best([one for one in whole if one[0] == point])
        told = watcher.standing.get(point)
        assert (None if told is None else (point, told.status, told.turn)) == expected or same_rank(told, expected)
    assert seen == len(whole)
    assert (watcher.torn, watcher.damaged) == (len(torn), 0)
    at_once = read(folder)
    assert {p: s[:2] for p, s in at_once.standing.items()} == {p: s[:2] for p, s in watcher.standing.items()} or all(
        same_rank(at_once.standing[p], (p, *watcher.standing[p][:2])) for p in watcher.standing
    )
    assert {p: (r["status"], r["turn"]) for p, r in watcher.documents([A, B, C])} == {
        p: s[:2] for p, s in watcher.standing.items()
    }


def same_rank(told: Standing, expected: tuple[str, str, int]) -> bool:
    """Two that did not end well in one turn: either may stand."""
    return (told.status == OK, told.turn) == (expected[1] == OK, expected[2])


def test_looking_again_reads_only_what_came_since(folder, monkeypatch):
    keep(folder, "one", HEAD, line(A), line(B))
    records, sizes, opened = Records(folder), [], Path.open
    assert records.refresh() == 2

    def counted(path, *arguments):
        file = opened(path, *arguments)
        read_it = file.read

        class Counted:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def seek(self, offset):
                file.seek(offset)

            def read(self):
                sizes.append(len(text := read_it()))
                return text

        return Counted()

    keep(folder, "one", HEAD, line(A), line(B), line(C))
    monkeypatch.setattr(Path, "open", counted)
    assert (records.refresh(), records.refresh()) == (1, 0)
    assert sizes == [len(line(C)), 0]
