"""What MFU to expect: which row, how wide, and draws that follow it."""

from math import exp, log
from statistics import NormalDist, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import find, rows
from simulator.engine.rng import Streams
from simulator.errors import MissingValueError
from simulator.vocabulary import DEVICE_KINDS
from simulator.workloads.mfu import P95_Z, draw, find_mfu_row, of_row, predict

A100, H100, PHONE = (find("device", name) for name in ("a100-sxm4-80gb", "h100-sxm5-80gb", "iphone-15-pro"))
ROWS = list(rows("mfu").values())


@pytest.mark.parametrize(
    ("model", "device", "year", "row"),
    [
        ("bloom-176b", A100, 2022, "language-unfused"),
        ("bloom-176b", A100, 2023, "language-fused"),
        ("bloom-176b", A100, None, "language-fused"),
        ("pythia-410m", A100, 2023, "language-fused-small"),
        ("pythia-410m", A100, 2022, "language-unfused-small"),
        ("deepseek-v3", H100, 2024, "language-fused"),
        ("stable-diffusion-v1", A100, 2022, "diffusion-unfused"),
        ("stable-diffusion-v1", A100, None, "diffusion-fused"),
        ("resnet-50", H100, 2015, "cnn"),
        ("bert-base", A100, None, "encoder"),
        ("gru-char-128", A100, None, "recurrent"),
        ("resnet-50", PHONE, None, "other-device"),
    ],
)
def test_a_row_is_found_by_family_size_device_and_year(model, device, year, row):
    assert find_mfu_row(find("model", model), device, year).id == row


@pytest.mark.parametrize(("parameters", "row"), [(999_999_999, "language-fused-small"), (1e9, "language-fused")])
def test_a_billion_parameters_are_not_small(parameters, row):
    assert find_mfu_row(parameters, A100).id == row


def test_a_mixture_of_experts_is_as_large_as_what_a_token_passes():
    """GShard: 619 billion parameters, of which a token passes 0.25 %; gpt-oss-20b passes 3.6 billion of 20.9."""
    assert find_mfu_row(0.0025 * 619e9, A100, 2021, family="moe").id == "language-unfused"
    assert find_mfu_row(find("model", "gpt-oss-20b"), H100).id == "language-fused"


def test_every_model_has_exactly_one_row_on_every_class_of_device_and_in_every_year():
    families = {row.text("family") for row in rows("model").values()}
    for family in families:
        for cls in DEVICE_KINDS:
            alike = [r for r in ROWS if family in r.text("families").split(";") and cls in r.text("classes").split(";")]
            for parameters in (1e6, 1e12):
                for year in (2015, 2022, 2023, 2030):
                    held = [row.id for row in alike if holds(row, parameters, year)]
                    assert len(held) == 1, (family, cls, parameters, year, held)


def holds(row, parameters, year):
    least, below = (row.find_number(f"{side}_parameters_count") for side in ("least", "below"))
    first, end = (row.find_number(f"{side}_year") for side in ("least", "below"))
    return (least or 0) <= parameters < (below or 1e99) and (first or 0) <= year < (end or 9999)


def test_a_family_that_is_not_there_is_refused_in_a_sentence():
    with pytest.raises(MissingValueError, match="give `mfu`"):
        find_mfu_row(7e9, A100, family="perceptron of 1958")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_range_of_a_row_is_p5_to_p95_of_its_lognormal(row):
    expected = of_row(row)
    assert row.find_range("mfu_share") == pytest.approx((expected.p5_share, expected.p95_share), rel=0.01)
    assert expected.p95_share / expected.p5_share == pytest.approx(expected.spread_ratio ** (2 * 1.6449), rel=1e-4)
    assert expected.p95_share < 1.0


def test_only_rows_with_runs_are_derived():
    for row in ROWS:
        fitted = row.find_number("runs_count") is not None
        assert row.source("mfu_share").confidence == ("derived" if fitted else "assumed"), row.id


def test_resnet_50_of_one_h100_server_in_mlperf_is_within_its_row():
    """3 x 8.178 GFLOP, 37 epochs of 1 281 167 images, 8 x 989.4 TFLOP/s in 801.6 s: 18.3 %."""
    implied = 3 * 8.178e9 * 37 * 1_281_167 / (8 * 989.4e12 * 801.6)
    assert implied == pytest.approx(0.183, abs=0.001)
    expected = predict(find("model", "resnet-50"), H100)
    assert expected.p50_share == pytest.approx(implied, rel=0.03)


def test_stable_diffusion_v1_comes_to_three_per_cent_with_its_unet_alone():
    """237 000 steps at 256 px and 904 000 at 512 px, 2048 images each, in 150 000 h of 312 TFLOP/s: 2.8 %."""
    passes_flop = 237_000 * 0.1801e12 + 904_000 * 0.8033e12
    implied = 3 * 2048 * passes_flop / (150_000 * 3600 * 312e12)
    assert implied == pytest.approx(0.028, abs=0.0005)
    expected = predict(find("model", "stable-diffusion-v1"), A100, 2022)
    assert expected.p5_share < implied < expected.p95_share


def test_draws_are_named_and_do_not_depend_on_their_order():
    expected, streams = predict(70e9, H100), Streams(3)
    names = ("first", "second", "third")
    forth = [draw(expected, streams, name) for name in names]
    back = [draw(expected, streams, name) for name in reversed(names)]
    assert forth == back[::-1]
    assert len({*forth, draw(expected, Streams(4), "first"), draw(expected, streams, "first", turn=1)}) == 5


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_draws_follow_the_lognormal(row):
    """Of 2000 draws the median is within 4 standard errors, 1.25 sigma / sqrt(n), and nine in ten are in P5-P95."""
    expected = of_row(row)
    drawn = [draw(expected, Streams(1), "a", turn) for turn in range(2000)]
    sigma = log(expected.spread_ratio)
    assert abs(log(median(drawn) / expected.p50_share)) < 4 * 1.2533 * sigma / 2000**0.5
    inside = sum(expected.p5_share <= share <= expected.p95_share for share in drawn) / 2000
    assert inside == pytest.approx(0.9, abs=0.03)


@given(share=st.floats(0.001, 0.99), spread=st.floats(1.001, 20.0), seed=st.integers(0, 2**32))
def test_no_draw_is_beyond_the_peak(share, spread, seed):
    expected = of_row(ROWS[0])._replace(p50_share=share, spread_ratio=spread)
    assert 0.0 < draw(expected, Streams(seed), "a") <= 1.0


def test_a_lognormal_cut_at_one_keeps_its_shape_below():
    """Median 0.9, spread e: P(below x) = Phi(ln(x / 0.9)) / Phi(ln(1 / 0.9)), one half at x = 0.44."""
    expected = of_row(ROWS[0])._replace(p50_share=0.9, spread_ratio=exp(1.0))
    normal = NormalDist()
    middle = 0.9 * exp(normal.inv_cdf(0.5 * normal.cdf(-log(0.9))))
    drawn = [draw(expected, Streams(5), "a", turn) for turn in range(2000)]
    assert middle == pytest.approx(0.49, abs=0.06)
    assert sum(share < middle for share in drawn) / 2000 == pytest.approx(0.5, abs=0.04)


def test_one_in_twenty_is_above_p95():
    assert pytest.approx(1.644854, abs=1e-6) == P95_Z
