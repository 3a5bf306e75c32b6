"""Google and DeepMind after Patterson: LaMDA (2201.08239 section 10), GLaM (2112.06905), Gopher (2112.11446)."""


def test_lamda_is_replayed_within_one_per_cent(check):
    check("lamda-137b", 1024 * 57.7 * 24, 289, 1.1, 56, 451, 25.2)


def test_glam_is_replayed_within_one_per_cent(check):
    """1024 TPU v4 for 574 h; of the longer one no hours are published, and its carbon is from memory."""
    check("glam-280b-tokens", 1024 * 574, 326, 1.11, None, 213, None)
    check("glam-600b-tokens", 456e6, 1, 1.0, 88, (456, "carried"), (40.2, "agrees, unverified"))


def test_gopher_prints_its_energy_without_the_building(check, replayed):
    """4096 x 920 h x 283 W is 1066 MWh; the carbon has the PUE of 1.08."""
    assert round(4096 * 920 * 283 / 1e6) == 1066
    told = (1066, "explained: published before PUE")
    check("gopher-280b", 4096 * 920, 283, 1.08, 330, told, (380, "agrees, unverified"))
    assert abs(replayed["gopher-280b", "energy_mwh"].error - 0.08) < 0.001
