"""BLOOM and OPT (Luccioni, Viguier and Ligozat 2022, arXiv:2211.02001), GLM-130B, StarCoder, Stable Diffusion."""

import pytest

from simulator.catalogue import rows


def test_bloom_dynamic_is_replayed_to_the_last_digit(check):
    """Table 3: 1 082 990 h x 400 W."""
    check("bloom-176b", 1_082_990, 400, 1.0, 57, 433.196, 24.69, within=2e-4)


def test_bloom_with_its_rest_is_carried_and_its_carbon_needs_the_embodied(check):
    """433 196 + 256 646 kWh x 57 g is 39.3 t; 50.5 t hold 11.2 t of manufacture."""
    energy_wh = (433_196 + 256_646) * 1e3
    told = (50.5, "explained: embodied added")
    check("bloom-176b-whole", energy_wh, 1, 1.0, 57, (689.842, "carried"), told)
    assert energy_wh * 57 / 1e9 + 11.2 == pytest.approx(50.5, rel=1e-3)


def test_glm_is_replayed_and_its_carbon_has_no_grid(check):
    """768 GPUs for 60 d at 400 W."""
    check("glm-130b", 768 * 60 * 24, 400, 1.0, None, (442.4, "agrees, unverified"), 257.01)


def test_starcoder_prints_its_energy_without_the_building(check):
    """Section 5.7: 320 256 h x 280 W is 89 671.68 kWh."""
    before_pue_kwh = 320_256 * 280 / 1e3
    assert before_pue_kwh == pytest.approx(89_671.68)
    told = (89.67168, "explained: published before PUE")
    check("starcoderbase-15.5b", 320_256, 280, 1.2, 154.95, told, (16.68, "agrees, unverified"))


@pytest.mark.parametrize(("id_", "hours", "co2e_t"), [("v1", 150_000, 11.25), ("v2-base", 200_000, 15.0)])
def test_the_cards_of_stable_diffusion_agree_by_construction(check, id_, hours, co2e_t):
    check(f"stable-diffusion-{id_}", hours, 250, 1.0, 300, None, (co2e_t, "circular"), within=1e-9)


def test_the_hours_of_stable_diffusion_v1_saw_all_its_steps():
    """(431 000 + 515 000 + 195 000) x 2048 images, not the 431 000 steps of v1.1."""
    row = rows("training")["stable-diffusion-v1"]
    assert row.find_number("steps_count") == 1_141_000
    assert row.find_number("samples_count") == 1_141_000 * 2048 == 2_336_768_000


def test_opt_is_carried_for_no_grid_is_published(check):
    check("opt-175b", 324e6, 1, 1.0, None, (324, "carried"), 75)
