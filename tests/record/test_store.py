"""A result folder is whole or refused, and writing it loses nothing."""

import json
import os

import pytest

import simulator as sim
from simulator.record import store


@pytest.fixture
def result():
    return sim.run("small/queue")


def test_a_folder_opens_to_the_same_result(result, tmp_path):
    result.save(tmp_path / "out")
    again = sim.open_results(tmp_path / "out")
    assert again.summary == result.summary == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert again.manifest == json.loads(json.dumps(result.manifest))
    assert again.jobs.equals(result.jobs)
    assert again.ticks("1 h").equals(result.ticks("1 h"))


def test_a_saved_copy_of_an_opened_result_is_the_same_bytes(result, tmp_path):
    result.save(tmp_path / "one")
    sim.open_results(tmp_path / "one").save(tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "two").iterdir())
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_an_existing_folder_is_kept_unless_forced(result, tmp_path):
    result.save(tmp_path / "out")
    with pytest.raises(sim.SimulatorError, match="exists already; choose another `-o`"):
        result.save(tmp_path / "out")
    result.save(tmp_path / "out", force=True)


def test_the_folder_is_checked_before_the_run_and_not_after_it(tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.api.run_scenario", lambda *a: pytest.fail("it ran"))
    (tmp_path / "out").mkdir()
    with pytest.raises(sim.SimulatorError, match="exists already"):
        sim.run("small/queue", tmp_path / "out")


def test_force_does_not_overwrite_what_is_no_result(result, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("years of work")
    with pytest.raises(
        sim.SimulatorError, match=r"holds other things than a result \(chapter1\.tex\); --force overwrites results only"
    ):
        result.save(tmp_path / "thesis", force=True)
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "years of work"


@pytest.mark.parametrize("step", ["write_table", "_swap"])
@pytest.mark.parametrize("force", [False, True])
def test_a_run_that_dies_while_writing_leaves_the_old_result_or_nothing(result, tmp_path, monkeypatch, step, force):
    if force:
        result.save(tmp_path / "out")
        before = (tmp_path / "out" / "manifest.json").read_bytes()

    def die(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr(store, step, die)
    with pytest.raises(sim.SimulatorError, match=r"could not be written \(disk full\); nothing was left there"):
        result.save(tmp_path / "out", force=force)
    left = os.listdir(tmp_path)
    assert left == (["out"] if force else [])
    if force:
        assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_the_old_result_comes_back_if_the_new_one_cannot_take_its_place(result, tmp_path, monkeypatch):
    result.save(tmp_path / "out")
    rename = store.Path.rename

    def refuse(path, target):
        if path.name.endswith(".partial"):
            raise OSError("no")
        return rename(path, target)

    monkeypatch.setattr(store.Path, "rename", refuse)
    with pytest.raises(sim.SimulatorError, match=r"could not be written \(no\)"):
        result.save(tmp_path / "out", force=True)
    assert sim.open_results(tmp_path / "out").summary == result.summary


def test_the_manifest_is_written_last(result, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(store, "_swap", lambda partial, folder: seen.extend(sorted(os.listdir(partial))))
    original = store.Path.write_text
    order = []
    monkeypatch.setattr(
        store.Path, "write_text", lambda path, *a, **k: (order.append(path.name), original(path, *a, **k))[1]
    )
    result.save(tmp_path / "out")
    assert "manifest.json" in seen
    assert order[-1] == "manifest.json"


def change(out, **values):
    """Write other values into a manifest."""
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps({**manifest, **values}))


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda out: (out / "manifest.json").unlink(), "no result folder, or its run did not finish"),
        (lambda out: (out / "manifest.json").write_text("{"), "is damaged"),
        (lambda out: (out / "manifest.json").write_text("{}"), "not that of a complete"),
        (lambda out: (out / "changes.parquet").unlink(), "changes.parquet is missing"),
        (lambda out: (out / "changes.parquet").write_bytes(b"PAR1 not really"), "changes.parquet is damaged"),
        (lambda out: (out / "summary.json").unlink(), "summary.json is missing"),
        (lambda out: (out / "summary.json").write_text("{"), "summary.json is damaged"),
        (lambda out: (out / "summary.json").write_text("[" * 100_000), "summary.json is damaged"),
        (lambda out: (out / "summary.json").write_text("NaN"), "summary.json is damaged"),
        (lambda out: (out / "summary.json").write_text("1e999"), "summary.json is damaged"),
        (lambda out: (out / "summary.json").write_text(r'"\ud800"'), "summary.json is damaged"),
        (lambda out: (out / "manifest.json").write_text(r'{"a": "\ud800"}'), "manifest.json is damaged"),
        (lambda out: (out / "manifest.json").write_text(r'{"a": -1e999}'), "manifest.json is damaged"),
        (lambda out: (out / "summary.json").write_text("[]"), "are not those that its manifest names"),
        (lambda out: (out / "manifest.json").write_bytes(b"\xff"), "manifest.json is missing or damaged"),
        (lambda out: change(out, comparison=7), "manifest.json is not as it was written"),
        (lambda out: change(out, hashes=None), "manifest.json is not as it was written"),
        (lambda out: change(out, assumptions=[]), "manifest.json is not as it was written"),
    ],
)
def test_a_damaged_folder_is_refused_with_what_is_wrong(result, tmp_path, damage, sentence):
    result.save(tmp_path / "out")
    damage(tmp_path / "out")
    with pytest.raises(sim.SimulatorError, match=sentence):
        sim.open_results(tmp_path / "out")


def test_a_path_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(sim.SimulatorError, match="is no folder"):
        sim.open_results(tmp_path / "nowhere")


def test_the_digest_is_of_the_contents(result):
    again = sim.run("small/queue")
    assert again.manifest["hashes"] == result.manifest["hashes"]
    other = sim.run("small/queue", values={"world.datacenters.lab.pue": "1.31"})
    assert other.manifest["hashes"]["results"] != result.manifest["hashes"]["results"]
    assert other.manifest["hashes"]["catalogue"] == result.manifest["hashes"]["catalogue"]


@pytest.mark.parametrize("manifest", ['{"manifest_version": 3}', '{"format": "aiceberg-results/2"}'])
def test_force_deletes_no_folder_that_holds_something_no_run_wrote(result, tmp_path, manifest):
    (tmp_path / "extension" / "src").mkdir(parents=True)
    (tmp_path / "extension" / "manifest.json").write_text(manifest)
    with pytest.raises(sim.SimulatorError, match=r"holds other things than a result \(src\)"):
        result.save(tmp_path / "extension", force=True)
    assert (tmp_path / "extension" / "src").is_dir()


def test_notes_kept_in_a_result_folder_are_not_deleted_with_it(result, tmp_path):
    result.save(tmp_path / "out", figures=True)
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(sim.SimulatorError, match=r"notes\.txt"):
        result.save(tmp_path / "out", force=True)
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("where", ["file/sub", "x" * 300, "file"])
def test_a_place_that_cannot_be_written_is_found_before_the_run(tmp_path, monkeypatch, where):
    monkeypatch.setattr("simulator.api.run_scenario", lambda *a: pytest.fail("it ran"))
    (tmp_path / "file").write_text("")
    with pytest.raises(sim.SimulatorError, match=r"cannot be written|exists already"):
        sim.run("small/queue", tmp_path / where)
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_to_a_result_keeps_leading_to_it(result, tmp_path):
    result.save(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    result.save(tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert sim.open_results(tmp_path / "link").summary == result.summary
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]


def test_tables_of_another_run_do_not_open(result, tmp_path):
    result.save(tmp_path / "one")
    sim.run("small/checkpoints", tmp_path / "two")
    (tmp_path / "two" / "jobs.parquet").replace(tmp_path / "one" / "jobs.parquet")
    with pytest.raises(sim.SimulatorError, match="are not those that its manifest names"):
        sim.open_results(tmp_path / "one")


def test_a_wish_to_stop_while_writing_leaves_nothing(result, tmp_path):
    def stop(step):
        raise SystemExit(130)

    with pytest.raises(SystemExit):
        result.save(tmp_path / "out", report=stop)
    assert os.listdir(tmp_path) == []
