"""The shipped scenarios that reproduce a published figure do so, at the figure's own boundary."""

import pytest
from strategies import operation

import simulator as sim

KWH_J = 3.6e6


@pytest.mark.parametrize(
    ("name", "boundary", "energy_mwh", "co2e_t", "within"),
    [
        ("papers/bloom_176b", "accelerator", 433.196, 24.69, 1e-3),  # Luccioni et al. 2022, Table 3
        ("papers/gpt3", "facility", 1287.0, 552.1, 2.5e-3),  # Patterson et al. 2021, Table 4: days rounded to 0.1
        ("papers/llama_33b", "facility", 233.0, 90.0, 2.5e-3),  # Touvron et al. 2023, Table 15: whole MWh, tonnes
    ],
)
def test_a_paper_is_reproduced(name, boundary, energy_mwh, co2e_t, within):
    paradigms = sim.run(name).summary["paradigms"]
    found = paradigms[next(iter(paradigms))]["boundaries"][boundary]
    print(
        f"{name}: {found['energy_j'] / KWH_J / 1e3:.1f} MWh ({energy_mwh}), {found['co2e_kg'] / 1e3:.2f} t ({co2e_t})"
    )
    assert found["energy_j"] / KWH_J / 1e3 == pytest.approx(energy_mwh, rel=within)
    assert found["co2e_kg"] / 1e3 == pytest.approx(co2e_t, rel=within)


def test_the_model_card_of_stable_diffusion_is_exact():
    """150 000 h x 250 W x 0.30 kg/kWh; watts and grid are back-solved, so this is arithmetic."""
    found = sim.run("talk/stable_diffusion_v1").summary["paradigms"]["model_card"]["boundaries"]
    assert list(operation(found)) == ["accelerator"]
    assert found["accelerator"]["co2e_kg"] == pytest.approx(11_250.0, rel=1e-12)
    assert found["accelerator"]["energy_j"] == pytest.approx(37_500 * KWH_J, rel=1e-12)


def test_the_physical_boundary_is_about_three_times_the_card():
    """32 x (8 x 400 + 996) W x 585.94 h x PUE 1.15 x 369.473 g/kWh."""
    found = sim.run("talk/stable_diffusion_v1").summary["paradigms"]["physical"]["boundaries"]["facility"]
    energy_kwh = 32 * (8 * 400 + 996) * 585.94 / 1e3 * 1.15
    assert found["energy_j"] / KWH_J == pytest.approx(energy_kwh, rel=1e-12)
    assert found["co2e_kg"] == pytest.approx(energy_kwh * 0.369473, rel=1e-12)
    assert 2.5 < found["co2e_kg"] / 11_250 < 3.5


def test_the_work_in_the_flagships_header_is_what_its_numbers_give():
    """3 x 2048 x (237 000 x 0.1801 + 904 000 x 0.8033 TFLOP)."""
    job, _, blind, slide = sim.run("talk/stable_diffusion_v1").jobs.to_pylist()
    assert job["work_flop"] == pytest.approx(3 * 2048 * (237e3 * 0.1801e12 + 904e3 * 0.8033e12), rel=1e-3)
    assert job["samples"] == 1_141_000 * 2048
    assert slide["work_flop"] == pytest.approx(3 * 2048 * (237e3 * 0.1801e12 + 194e3 * 0.8033e12), rel=1e-3)
    assert slide["samples"] == 431_000 * 2048
    assert blind["device_s"] / 3600 == pytest.approx(4724e18 / (312e12 * 0.27) / 3600)  # 15 577 h, not 150 000


def test_bloom_with_its_idle_nodes_is_what_the_paper_says():
    """689 842 kWh x 57 g/kWh = 39.32 t; with 11.2 t of manufacture the paper's 50.5 t."""
    found = sim.run("papers/bloom_176b").summary["paradigms"]["with_idle"]["boundaries"]["server"]
    assert found["energy_j"] / KWH_J == pytest.approx(689_842, rel=1e-5)
    assert found["co2e_kg"] / 1e3 + 11.2 == pytest.approx(50.5, abs=0.05)


def test_a_bigger_task_takes_a_hundred_times_the_work_of_the_last():
    """6 x N x 20 N: 1.2e20, 1.2e22, 1.2e24 FLOP, at the MFU of 0.351 that language models reach since 2023."""
    jobs = sim.run("talk/bigger_task").jobs.to_pylist()
    assert [job["work_flop"] for job in jobs] == pytest.approx([1.2e20, 1.2e22, 1.2e24])
    assert [job["end_s"] for job in jobs] == pytest.approx(
        [work / (512 * 989.4e12 * 0.351) for work in (1.2e20, 1.2e22, 1.2e24)]
    )
    assert all(job["p5_s"] < job["end_s"] < job["p95_s"] for job in jobs)


@pytest.mark.parametrize("name", ["papers/bloom_176b", "papers/gpt3", "papers/llama_33b"])
def test_energy_per_model_flop_is_physical(name):
    """Between 1.5 and 20 pJ/FLOP: BLOOM 4.0 at TDP, GPT-3 14.8 with host."""
    job = sim.run(name).jobs.to_pylist()[0]
    assert 1.5 < job["pj_per_flop"] < 20


def test_the_other_end_of_the_hosts_assumed_range_is_what_the_readme_says():
    """32 nodes at their highest draw, 6500 W, for 585.94 h x PUE 1.15 x 369.473 g/kWh."""
    values = {"world.datacenters.ashburn.servers.trainer.host_at_load": 1}
    found = sim.run("talk/stable_diffusion_v1", values=values).summary["paradigms"]["physical"]["boundaries"][
        "facility"
    ]
    assert found["energy_j"] / KWH_J / 1e3 == pytest.approx(32 * 6.5 * 585.94 * 1.15 / 1e3)
    assert round(found["energy_j"] / KWH_J / 1e3, 1) == 140.2
    assert round(found["co2e_kg"] / 1e3, 2) == 51.78
