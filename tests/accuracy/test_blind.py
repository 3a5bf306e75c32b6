"""Device-hours of published trainings, blind: print the table, assert the gates and that nothing is peeked at."""

import subprocess
from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator as sim
from simulator.catalogue import find, rows
from simulator.study.blind import GATES, by_hardware_and_size, by_row, generation
from simulator.study.mfu_fit import Expected, choosing, constant, leave_one_family_out, pooled, score
from simulator.study.published_run import left_out, published_runs
from simulator.units import show
from simulator.workloads.mfu import P95_Z, of_row

# device-hours as printed: name, and count x days x 24 where only those are
PUBLISHED_H = {
    "BLOOM-176B": 1_082_990,
    "OPT-175B": 992 * 33 * 24,
    "GPT-3 175B": 10_000 * 14.8 * 24,
    "GShard-600B": 1024 * 3.1 * 24,
    "GLaM 64B/64E, 280B tokens": 1024 * 574,
    "Gopher 280B": 4096 * 920,
    "LLaMA 7B": 82_432,
    "LLaMA 33B": 530_432,
    "Llama 2 7B": 184_320,
    "Llama 2 13B": 368_640,
    "Llama 3 8B": 1_300_000,
    "Llama 3.1 8B": 1_460_000,
    "Llama 3.1 405B": 30_840_000,
    "StarCoderBase 15.5B": 320_256,
    "Falcon-180B": 7_000_000,
    "DeepSeek-V3": 2_664_000,
    "MPT-7B": 440 * 9.5 * 24,
    "BloombergGPT 50B": 651_264,
    "GLM-130B": 96 * 8 * 60 * 24,
    "SmolLM3 3B": 384 * 24 * 24,
    "Pythia 70M": 510,
    "Pythia 410M": 2540,
    "Pythia 1.4B": 7120,
    "Pythia 6.9B": 33_500,
}
LEFT_OUT = {
    "BLOOM-176B with idle and embodied": "counts once",
    "BLOOM-176B as if in a Meta data centre": "counts once",
    "OPT-175B as if in a Meta data centre": "counts once",
    "LaMDA 137B": "is not published",
    "Llama 3.2 1B": "distilled",
    "Llama 4 Scout": "codistilled",
    "Stable Diffusion v1": "nobody to learn from",
    "Stable Diffusion v2-base": "nobody to learn from",
}
RUNS = published_runs()


@pytest.fixture(scope="module")
def report():
    return sim.accuracy("blind")


def test_every_published_run_is_compared_with_what_was_printed(report):
    for c in report.comparisons:
        print(
            f"{c.name:28}{show(c.published, 'device_s'):>18}{show(c.ours, 'device_s'):>18}{c.error:+8.1%}  {c.boundary}"
        )
    assert {c.name: c.published / 3600 for c in report.comparisons} == pytest.approx(PUBLISHED_H)


def test_the_gates_are_those_that_were_set_beforehand_and_are_met(report):
    assert GATES == (0.20, 0.85, 0.85, 3.0)
    found = score(leave_one_family_out(RUNS, pooled(by_row)))
    assert found.error <= 0.20
    assert found.within_two_share >= 0.85
    assert found.covered_share >= 0.85
    assert found.width_ratio <= 3.0
    assert report.passed


def test_what_is_claimed_is_what_comes_out(report):
    """Golden, as README and summary print it: 18.7 % with the year; without it, or chosen in folds, above the gate."""
    found = score(leave_one_family_out(RUNS, pooled(by_row)))
    assert found == pytest.approx((0.187, 1.0, 22 / 24, 2.56), abs=0.005)
    assert score(leave_one_family_out(RUNS, pooled(by_hardware_and_size))).error == pytest.approx(0.218, abs=0.001)
    said = " ".join(report.summary)
    assert "by parameters, tokens and hardware alone the median error is 21.8%" in said
    assert "chosen within each fold, 21.0%" in said


def test_how_much_the_median_hangs_on_one_family_is_told(report):
    """Golden: 12 % without the llamas; above the gate, had Pythia not told of its small models."""
    told = {line[0]: line[1] for line in report.aside.lines if "had nobody published" in line[0]}
    assert told == {"as gated, had nobody published llama": "12.0%", "as gated, had nobody published pythia": "23.1%"}


def test_llama_generations_apart_make_no_difference_that_matters():
    apart = score(leave_one_family_out(RUNS, pooled(by_row), generation))
    assert {generation(run) for run in RUNS if run.family == "llama"} == {"LLaMA", "Llama 2", "Llama 3"}
    assert GATES.met_by(apart)


@pytest.mark.parametrize("gate", GATES._fields)
def test_a_score_beyond_any_one_gate_is_a_miss(gate):
    good = score(leave_one_family_out(RUNS, pooled(by_row)))
    worse = {"error": 0.21, "within_two_share": 0.84, "covered_share": 0.84, "width_ratio": 3.01}
    field = gate.removeprefix("most_").removeprefix("least_")
    assert not GATES.met_by(good._replace(**{field: worse[field]}))


def test_what_is_left_out_is_named_with_its_reason(report):
    found = dict(left_out())
    assert set(found) == set(LEFT_OUT)
    for name, reason in LEFT_OUT.items():
        assert reason in found[name]
        assert any(line.startswith(f"left out: {name}: ") for line in report.summary), name
    assert set(found).isdisjoint(c.name for c in report.comparisons)


def test_the_tokens_of_lamda_could_not_have_been_read():
    """6 x 137e9 x 2.81e12 = 2.31e24 FLOP; 1024 chips of 123 TFLOP/s do 6.28e23 in 57.7 days."""
    ratio = 6 * 137e9 * 2.81e12 / (1024 * 123e12 * 57.7 * 86_400)
    assert ratio == pytest.approx(3.7, abs=0.05)


@pytest.mark.unmeasured
@pytest.mark.parametrize("family", sorted({run.family for run in RUNS}))
def test_no_hours_of_a_family_reach_its_own_prediction(family):
    """All runs of it three times as long: what the others make of it stays the same to the last bit."""
    changed = [run._replace(published_s=3 * run.published_s) if run.family == family else run for run in RUNS]
    for learner in (pooled(by_row), choosing((by_row, by_hardware_and_size))):
        before = [b.expected for b in leave_one_family_out(RUNS, learner) if b.run.family == family]
        after = [b.expected for b in leave_one_family_out(changed, learner) if b.run.family == family]
        assert before == after


def test_the_work_of_llama_7b_is_six_n_d_and_its_attention():
    """1e12 x (6 x 6738415616 + 12 x 32 x 4096 x 2048) = 4.365e22; 82 432 h x 312 TFLOP/s: MFU 0.471."""
    run = next(run for run in RUNS if run.row.id == "llama-7b")
    assert run.weights_flop == pytest.approx(6 * 6_738_415_616e12)
    assert run.scores_flop == pytest.approx(12 * 32 * 4096 * 2048 * 1e12)
    assert run.mfu == pytest.approx(0.4715, abs=0.0002)


def test_a_mixture_of_experts_works_with_what_is_active():
    """37 of 671 billion; 61 layers of 128 heads, queries of 192 and values of 128: 160 in the mean."""
    run = next(run for run in RUNS if run.row.id == "deepseek-v3")
    assert run.weights_flop == pytest.approx(6 * 37e9 * 14.8e12)
    assert run.scores_flop == pytest.approx(12 * 61 * 128 * 160 * 4096 * 14.8e12)


def test_a_v100_is_measured_by_fp16_and_a_tpu_by_bf16():
    peaks = {run.device.id: run.peak_flop_per_s for run in RUNS}
    assert (peaks["v100-sxm2-32gb"], peaks["tpu-v3"], peaks["tpu-v4"]) == (125e12, 123e12, 275e12)


def test_no_published_run_did_more_than_its_peak():
    assert [run.row.id for run in RUNS if not 0.0 < run.mfu < 1.0] == []


def test_runs_have_the_parameters_and_tokens_of_their_models():
    for row in rows("published-run").values():
        if row.text("model") and row.id != "llama-4-scout":
            model = find("model", row.text("model"))
            for column, other in (
                ("parameters_count", "parameters_count"),
                ("samples_count", "training_samples_count"),
            ):
                assert row.find_number(column) == model.find_number(other), (row.id, column)


def test_the_shipped_rows_are_what_all_runs_teach():
    """The table is the fit, to three digits; so the aside and the table cannot drift apart."""
    learnt = pooled(by_row)(RUNS)
    for row in [row for row in rows("mfu").values() if row.find_number("runs_count") is not None]:
        members = [run for run in RUNS if run.cell == row.id]
        assert row.find_number("runs_count") == len(members)
        assert row.find_number("families_count") == len({run.family for run in members})
        expected = learnt(members[0])
        assert (of_row(row).p50_share, of_row(row).spread_ratio) == pytest.approx(expected, abs=0.0006)


def a_run(mfu, family, cell="a"):
    """A run that implies so much; its cell stands in its year."""
    run = RUNS[0]
    return run._replace(
        family=family, year={"a": 1, "b": 2}[cell], published_s=run.work_flop / run.peak_flop_per_s / mfu
    )


def by_year(run):
    return str(run.year)


def test_a_cell_is_drawn_towards_the_whole_as_if_one_more_family_stood_there():
    """ln: families -1 (twice, -0.5 and -1.5), -2 in a, -3 in b; whole -2; a (-1 - 2 - 2) / 3, b (-3 - 2) / 2."""
    runs = [a_run(exp(-0.5), "f"), a_run(exp(-1.5), "f"), a_run(exp(-2), "g"), a_run(exp(-3), "h", "b")]
    learnt = pooled(by_year)(runs)
    in_a, in_b = learnt(runs[0]), learnt(runs[3])
    assert (log(in_a.p50_share), log(in_b.p50_share)) == pytest.approx((-5 / 3, -2.5))
    squares = (7 / 6) ** 2 + (1 / 6) ** 2 + (1 / 3) ** 2 + 0.5**2
    assert log(in_a.spread_ratio) == pytest.approx(sqrt(squares / (4 - 2) * (1 + 2 / 3)))


def test_a_cell_that_nobody_else_is_in_is_predicted_by_the_whole():
    runs = [a_run(exp(-1), "f"), a_run(exp(-2), "g")]
    expected = pooled(by_year)(runs)(a_run(exp(-2), "h", "b"))
    assert log(expected.p50_share) == pytest.approx(-1.5)


def test_a_prediction_is_covered_up_to_its_p95():
    blind = leave_one_family_out([a_run(0.3, "f"), a_run(0.3, "g")], constant(0.3))[0]
    for z, covered in ((P95_Z - 0.01, True), (P95_Z + 0.01, False)):
        for side in (-1, 1):
            off = blind._replace(expected=Expected(0.3 * 1.5 ** (side * z), 1.5))
            assert off.covered is covered


@given(share=st.floats(0.01, 1.0))
def test_a_constant_is_wrong_by_what_was_implied_over_it(share):
    blinds = leave_one_family_out(RUNS[:3], constant(share))
    assert [b.error for b in blinds] == pytest.approx([b.run.mfu / share - 1 for b in blinds])


@pytest.mark.unmeasured
def test_the_command_prints_table_gates_and_doubts(aiceberg):
    done = subprocess.run([aiceberg, "accuracy", "blind"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
    for words in ("BLOOM-176B", "device time", "gate 20%", "MFU 0.40 for all", "left out: Llama 3.2 1B"):
        assert words in " ".join(done.stdout.split()), words


def test_a_missed_gate_is_told_by_the_exit_code(monkeypatch):
    """All hours of every second run ten times as long."""
    for run in list(rows("published-run"))[::2]:
        row = rows("training")[run]
        if row.text("device_time_h"):
            monkeypatch.setitem(row._cells, "device_time_h", str(10 * row.find_number("device_time_h")))
    assert not sim.accuracy("blind").passed
