"""Step times of laid-out trainings, each predicted without its model: print the table, assert the gate."""

import pytest

import simulator as sim
from simulator.catalogue import rows
from simulator.study.step_times import FITTED, fit_kernels

# Korthikanti et al. 2022, Table 5, and Smith et al. 2022, section 2.4: seconds
PUBLISHED = {
    "Megatron 22B, full": 1.42,
    "Megatron 22B, selective": 1.10,
    "Megatron 175B, full": 18.13,
    "Megatron 175B, selective": 13.75,
    "Megatron 530B, full": 49.05,
    "Megatron 530B, selective": 37.83,
    "Megatron 1T, full": 94.42,
    "Megatron 1T, selective": 71.49,
    "MT-NLG 530B on 2240": 60.1,
    "MT-NLG 530B on 2800": 50.2,
    "MT-NLG 530B on 3360": 44.4,
}


@pytest.fixture(scope="module")
def report():
    return sim.accuracy("step-times")


def test_every_step_time_is_there_and_the_median_error_is_below_eight_per_cent(report):
    for c in report.comparisons:
        print(f"{c.name:26}{c.published:8.2f}{c.ours:8.2f}{c.error:+8.1%}  {c.verdict}")
    assert {c.name: c.published for c in report.comparisons} == PUBLISHED
    sizes = sorted(abs(c.error) for c in report.comparisons)
    assert sizes[len(sizes) // 2] <= 0.08
    assert report.passed


def test_the_eight_of_one_software_are_within_seven_per_cent_and_the_older_three_are_not(report):
    same, older = ([c for c in report.comparisons if (c.verdict == "predicted") is kind] for kind in (True, False))
    assert (len(same), len(older)) == (8, 3)
    assert all(abs(c.error) < 0.07 for c in same)
    assert all(-0.30 < c.error < -0.20 for c in older)  # slower kernels of the year before


def test_nothing_of_a_model_is_in_the_constants_that_predict_it(monkeypatch):
    """All steps of 175B twice as long: the constants without it stay, those without 22B do not."""
    without_it, without_another = fit_kernels("gpt-3-175b"), fit_kernels("megatron-22b")
    for row in rows("step-time").values():
        if row.text("model") == "gpt-3-175b":
            monkeypatch.setitem(row._cells, "step_s", str(2 * row.find_number("step_s")))
    assert fit_kernels("gpt-3-175b") == without_it
    assert fit_kernels("megatron-22b") != pytest.approx(without_another, rel=1e-3)


def test_the_constants_that_ship_are_those_of_all_eight():
    row = rows("kernel")["a100-sxm4-80gb"]
    shipped = (row.find_number("matmul_share"), row.find_number("memory_share"))
    assert fit_kernels("none of them") == pytest.approx(shipped, abs=6e-4)
    assert sum(row.id.startswith(FITTED) for row in rows("step-time").values()) == 8


def test_utilisations_that_were_printed_are_met_though_nothing_was_fitted_to_them(report):
    """Llama 3.1 405B: 0.43 on 8192 GPUs, 0.41 on 16 384; ours within a tenth of each."""
    found = {line[0]: (float(line[-2]), float(line[-1])) for line in report.aside.lines if "Llama" in line[0]}
    assert {printed for _, printed in found.values()} == {0.43, 0.41}
    assert all(ours == pytest.approx(printed, rel=0.1) for ours, printed in found.values())


def test_a_gate_that_is_missed_fails(monkeypatch):
    for row in rows("step-time").values():
        if row.text("step_s"):
            monkeypatch.setitem(row._cells, "step_s", str(row.find_number("step_s") * (1.5 if "full" in row.id else 1)))
    assert not sim.accuracy("step-times").passed


def test_a_ring_with_a_curves_numbers_is_the_curve(capsys):
    """Alpha-beta fits of the profiles: ours is the same to three digits, with the rows that ship within a quarter."""
    report = sim.accuracy("all-reduce")
    assert len(report.aside.lines) == 12
    for line in report.aside.lines:
        print("  ".join(line))
        assert line[2] == line[3]
    shipped = [(float(line[2].split()[0]), float(line[4].split()[0])) for line in report.aside.lines if line[4]]
    assert len(shipped) == 8
    assert all(ours == pytest.approx(fitted, rel=0.25) for fitted, ours in shipped)
