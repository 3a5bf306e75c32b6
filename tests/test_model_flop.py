"""What a training computes, beside what papers print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue import find, rows
from simulator.model_flop import (
    Forward,
    Shape,
    find_attention_width,
    forward_of_model,
    forward_of_parameters,
    forward_of_shape,
    hardware_flop,
    lora_flop,
    scores_flop,
    training_flop,
)
from simulator.workloads.training_spec import Train
from simulator.workloads.training_work import sample_flop

# layers, hidden, heads, batch, A100s, seconds a step, MFU: Korthikanti et al. 2022 arXiv:2205.05198, tables 3 and 5
MEGATRON = {
    "22B": (48, 6144, 64, 4, 8, 1.10, 0.415),
    "175B": (96, 12288, 96, 64, 64, 13.75, 0.514),
    "530B": (105, 20480, 128, 280, 280, 37.83, 0.560),
    "1T": (128, 25600, 160, 512, 512, 71.49, 0.563),
}
SHAPED = [row for row in rows("model").values() if row.text("head_dim_count") and row.text("family") == "dense"]
flops = st.floats(0.0, 1e18)


def a_gpt(layers, hidden, heads):
    return Shape(layers, hidden, heads, heads, hidden // heads, 4 * hidden, 51_200, 2048)


def megatron_step_flop(layers, hidden, context, vocabulary, batch):
    """Full recomputation as Megatron tells it: Narayanan et al. 2021, arXiv:2104.04473, equation 3."""
    per_step = 96.0 * batch * context * layers * hidden**2
    return per_step * (1.0 + context / (6.0 * hidden) + vocabulary / (16.0 * layers * hidden))


def test_palm_trains_at_3_28_teraflop_a_token():
    """Appendix B: 6 N + 12 L H Q T with N 540.35e9, L 118, H 48, Q 256, T 2048; the scores are 1.1 % of it."""
    scores = scores_flop(118, 48 * 256, 2048)
    assert 3 * scores == 12 * 118 * 48 * 256 * 2048
    assert training_flop(forward_of_parameters(540.35e9, scores)) == pytest.approx(3.28e12, rel=0.001)


def test_palm_takes_2_5272e24_flop_for_780_billion_tokens_without_attention():
    assert 780e9 * training_flop(forward_of_parameters(540e9)) == pytest.approx(2.5272e24)


def test_gpt_3_takes_3_14e23_flop():
    """Brown et al. 2020, table D.1: 3.14e23 with 174.6e9 parameters and 300e9 tokens."""
    assert 300e9 * training_flop(forward_of_parameters(174.6e9)) == pytest.approx(3.14e23, rel=0.002)


@pytest.mark.parametrize(("layers", "hidden", "heads", "batch", "devices", "step_s", "mfu"), MEGATRON.values())
def test_megatron_steps_come_to_the_printed_mfu(layers, hidden, heads, batch, devices, step_s, mfu):
    per_token_flop = training_flop(forward_of_shape(a_gpt(layers, hidden, heads)))
    assert per_token_flop * batch * 2048 / (devices * 312e12 * step_s) == pytest.approx(mfu, abs=0.003)


@pytest.mark.parametrize(("layers", "hidden", "heads", "batch"), [m[:4] for m in MEGATRON.values()])
def test_full_recomputation_is_megatrons_formula(layers, hidden, heads, batch):
    forward = forward_of_shape(a_gpt(layers, hidden, heads))
    ours_flop = batch * 2048 * hardware_flop(forward, "full")
    assert ours_flop == pytest.approx(megatron_step_flop(layers, hidden, 2048, 51_200, batch), rel=1e-12)


def test_glm_130b_recomputes_a_third_more():
    """Zeng et al. 2022: MFU 32.5 %, HFU 43.3 %."""
    forward = forward_of_parameters(130e9)
    assert 0.325 * hardware_flop(forward, "full") / training_flop(forward) == pytest.approx(0.433, abs=0.001)


def test_recomputing_scores_alone_adds_the_scores_once():
    assert hardware_flop(Forward(10.0, 4.0, 1.0), "none") == 45.0
    assert hardware_flop(Forward(10.0, 4.0, 1.0), "selective") == 49.0
    assert hardware_flop(Forward(10.0, 4.0, 1.0), "full") == 59.0


def test_low_rank_adapters_need_no_gradients_of_the_weights():
    """4 N of 6 N; scores of queries and keys are differentiated by both, frozen or not."""
    assert lora_flop(forward_of_parameters(70e9)) == 4 * 70e9
    assert lora_flop(Forward(10.0, 4.0, 1.0)) == 2 * 11 + 3 * 4


def test_a_causal_mask_hides_half_of_the_scores():
    assert scores_flop(2, 8, 16, causal=True) == 0.5 * scores_flop(2, 8, 16)


def test_an_expert_counts_as_often_as_a_token_passes_one():
    """One layer, hidden 4, two heads of 2: 2 x (4 x 16 + e x 2 x 4 x 8) = 128 + 128 e."""
    shape = Shape(1, 4, 2, 2, 2, 8, 0, 1)
    assert forward_of_shape(shape).layers_flop == 256.0
    assert forward_of_shape(shape._replace(experts_per_token=3)).layers_flop == 512.0


def test_an_encoder_pays_for_the_output_of_masked_tokens_alone():
    bert = Shape(12, 768, 12, 12, 64, 3072, 30_522, 512)
    whole, masked = forward_of_shape(bert), forward_of_shape(bert, output_share=0.15)
    assert masked.output_flop == pytest.approx(0.15 * 2 * 768 * 30_522)
    assert whole[:2] == masked[:2]


def test_resnet_50_trains_at_24_5_gigaflop_an_image():
    assert training_flop(Forward(8.178e9, 0.0)) == pytest.approx(24.534e9)


def diffusion(encoders):
    return Train(at="site/machines", time="1 d", model="stable-diffusion-v1", encoders=f"{encoders!r} FLOP")


def test_a_frozen_encoder_is_passed_once_and_the_unet_three_times():
    assert sample_flop(diffusion(encoders=2.0 + 1.0), Forward(10.0, 0.0)) == 33.0
    step_flop = sample_flop(diffusion(encoders=1.0e12 + 0.013e12), Forward(0.8033e12, 0.0))
    assert step_flop / 1e12 == pytest.approx(3.4229)


@pytest.mark.parametrize("row", SHAPED, ids=lambda row: row.id)
def test_an_architecture_costs_what_the_catalogue_says_without_scores(row):
    """The catalogue leaves scores out, and does not tell whether the feed-forward is gated: the nearer one."""
    columns = ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "vocabulary", "context")
    numbers = [int(row.find_number(f"{column}_count")) for column in columns]
    counted = [forward_of_shape(Shape(*numbers, gated=gated)) for gated in (False, True)]
    catalogue_flop = row.find_number("forward_flop_per_sample")
    assert min(abs((c.layers_flop + c.output_flop) / catalogue_flop - 1) for c in counted) < 0.02


def test_a_model_of_the_catalogue_is_counted_with_the_context_it_was_trained_on():
    """Llama 3.1 8B serves 131 072 tokens, and read 8192 at a time: 6 x 8030261248 + 12 x 32 x 4096 x 8192."""
    trained = training_flop(forward_of_model(find("model", "llama-3.1-8b"), context=8192))
    assert trained == 6 * 8_030_261_248 + 12 * 32 * 4096 * 8192


def test_a_mixture_of_experts_is_counted_by_what_is_active_and_a_model_without_shape_by_its_parameters():
    assert forward_of_model(find("model", "gpt-oss-20b"), 4096).layers_flop == 2 * 3_607_000_000
    assert forward_of_model(find("model", "glm-130b"), 2048) == (2 * 130e9, 0.0, 0.0)


def test_heads_may_be_wider_than_the_hidden_layer():
    """Gemma 7B: 16 heads of 256 are 4096, beside 3072 hidden."""
    assert find_attention_width(find("model", "gemma-7b")) == 4096
    assert find_attention_width(find("model", "resnet-50")) is None


@given(layers=flops, scores=flops, output=flops)
def test_training_is_three_passes_and_hardware_does_at_least_that_and_at_most_four(layers, scores, output):
    forward = Forward(layers, scores, output)
    least, most = training_flop(forward), 4 * forward.total_flop
    found = [hardware_flop(forward, recompute) for recompute in ("none", "selective", "full")]
    assert found == sorted(found)
    assert found[0] == least == pytest.approx(3 * forward.total_flop)
    assert found[-1] <= most * (1 + 1e-12)
    assert lora_flop(forward) <= least * (1 + 1e-12)


@given(parameters=st.floats(1e3, 1e13), output=st.floats(0, 1e3))
def test_the_output_layer_is_part_of_the_parameters(parameters, output):
    assert forward_of_parameters(parameters, 0.0, output).total_flop == pytest.approx(2 * parameters)
