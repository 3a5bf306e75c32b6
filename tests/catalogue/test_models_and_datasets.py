"""Models and data sets: shapes that add up, work that follows from parameters, units that say what is counted."""

from collections import Counter

import pytest

from simulator.catalogue import find, rows

MODELS, DATASETS = rows("model"), rows("dataset")
FAMILIES = {"dense", "moe", "encoder", "embedding", "cnn", "mlp", "rnn", "asr", "diffusion"}
SAMPLE_UNITS = {"token", "image", "image-text pair", "30 s of audio", "prompt", "row"}
PASS_UNITS = {
    "token": {"dense", "moe", "encoder", "embedding", "rnn"},
    "image": {"cnn", "mlp", "encoder"},
    "denoiser pass": {"diffusion"},
    "30 s of audio through the encoder": {"asr"},
    "prompt of 77 tokens": {"encoder"},
}
"""What one forward pass takes in, and the families of which it may be said."""

MODALITIES = ("image", "video", "text", "table", "audio")
OTHER_MODALITIES = {"weather": "fields on a grid of the Earth"}
LATENT_ATTENTION = {"deepseek-v3", "deepseek-r1"}
"""Models that cache a compressed vector instead of keys and values."""

SPREAD = {
    "cifar-100-federated": "500 clients train, 100 more test",
    "stackoverflow": "the mean is that of the training users alone",
}
"""Data sets whose clients x samples a client are their samples only roughly, and why."""


def with_values(*columns, **words):
    """The models that have all these values, and these words."""
    return [
        row
        for row in MODELS.values()
        if all(row.find_number(c) is not None for c in columns) and all(row.text(c) in w for c, w in words.items())
    ]


def numbers(row, *columns):
    return [row.find_number(column) or 0.0 for column in columns]


def counted_parameters(row):
    """Attention, feed-forward (two matrices, or three if gated) and vocabulary (once if tied): all four ways."""
    layers, hidden, heads, kv, size, ffn, words = numbers(
        row,
        "layers_count",
        "hidden_count",
        "heads_count",
        "kv_heads_count",
        "head_dim_count",
        "ffn_count",
        "vocabulary_count",
    )
    attention = 2 * hidden * size * (heads + kv)
    return [
        layers * (attention + matrices * hidden * ffn) + tables * words * hidden
        for matrices in (2, 3)
        for tables in (1, 2)
    ]


def test_there_are_two_data_sets_of_each_kind_that_a_talk_names():
    """Images, video, text, figures and audio."""
    counts = Counter(row.text("modality") for row in DATASETS.values())
    assert [modality for modality in MODALITIES if counts[modality] < 2] == []
    assert set(counts) - set(MODALITIES) == set(OTHER_MODALITIES)


def test_every_family_of_models_is_there_and_no_other():
    assert {row.text("family") for row in MODELS.values()} == FAMILIES


def test_active_parameters_are_at_most_all_parameters():
    both = with_values("parameters_count", "active_parameters_count")
    assert len(both) >= 130
    assert [r.id for r in both if r.find_number("active_parameters_count") > r.find_number("parameters_count")] == []


def test_only_a_mixture_of_experts_has_idle_parameters():
    for row in with_values("active_parameters_count"):
        idle = row.find_number("active_parameters_count") < row.find_number("parameters_count")
        assert idle == (row.text("family") == "moe"), row.id


def test_a_mixture_of_experts_has_experts_and_nothing_else_does():
    for row in MODELS.values():
        experts = numbers(row, "experts_count", "experts_per_token_count")
        assert all(experts) == any(experts) == (row.text("family") == "moe"), row.id
        assert experts[1] <= experts[0], row.id


def test_key_value_heads_divide_the_heads():
    found = with_values("heads_count", "kv_heads_count")
    assert len(found) >= 80
    assert [r.id for r in found if r.find_number("heads_count") % r.find_number("kv_heads_count")] == []


def test_values_cached_per_token_and_layer_are_keys_and_values():
    """Multi-head latent attention caches 512 + 64 values instead."""
    for row in with_values("kv_values_count"):
        kv, size, cached = numbers(row, "kv_heads_count", "head_dim_count", "kv_values_count")
        assert cached == (576 if row.id in LATENT_ATTENTION else 2 * kv * size), row.id
    assert {row.id for row in with_values("kv_values_count", family=["moe"])} >= LATENT_ATTENTION


@pytest.mark.parametrize("row", with_values("head_dim_count", family=["dense", "embedding"]), ids=lambda row: row.id)
def test_the_parameters_of_a_dense_transformer_are_those_of_its_shape(row):
    """Biases, norms and positions are left out: under 2 %."""
    parameters = row.find_number("parameters_count")
    assert min(abs(count / parameters - 1) for count in counted_parameters(row)) < 0.02


@pytest.mark.parametrize(
    "row", with_values("forward_flop_per_sample", "head_dim_count", family=["dense", "moe"]), ids=lambda row: row.id
)
def test_a_forward_pass_costs_two_flop_per_active_parameter_and_token(row):
    """All of them but the look-up of the embedding, which a small model with many words feels; scores are left out."""
    flop, active, hidden, words = numbers(
        row, "forward_flop_per_sample", "active_parameters_count", "hidden_count", "vocabulary_count"
    )
    assert 2 * (active - hidden * words) * 0.98 <= flop <= 2 * active * 1.005


def test_a_forward_pass_of_a_large_dense_model_is_within_8_percent_of_two_flop_per_parameter():
    large = [
        r for r in with_values("forward_flop_per_sample", family=["dense"]) if r.find_number("parameters_count") > 1e9
    ]
    ratios = {
        r.id: r.find_number("forward_flop_per_sample") / 2 / r.find_number("active_parameters_count") for r in large
    }
    assert len(ratios) >= 45
    assert {id_: ratio for id_, ratio in ratios.items() if not 0.92 <= ratio <= 1.005} == {}


def test_every_row_says_what_a_sample_is():
    assert {row.text("sample_unit") for row in MODELS.values()} == SAMPLE_UNITS


def test_every_forward_pass_says_what_it_takes_in():
    for row in MODELS.values():
        unit = row.text("pass_unit")
        assert bool(unit) == bool(row.text("forward_flop_per_sample")) or row.id == "glm-130b", row.id
        assert not unit or row.text("family") in PASS_UNITS[unit], row.id
        assert unit != "token" or row.text("sample_unit") == "token", row.id
    assert {row.text("pass_unit") for row in MODELS.values()} - {""} == set(PASS_UNITS)


def test_a_denoiser_says_its_resolution_and_its_latent():
    """Channels x sides, an eighth of the image's."""
    for row in with_values(family=["diffusion"]):
        width, height = map(int, row.text("resolution").split("x"))
        channels, *sides = map(int, row.text("latent").split("x"))
        assert (channels in (4, 16), sides) == (True, [width // 8, height // 8]), row.id


def test_steps_times_batch_are_the_samples_of_a_training():
    """Where all three are known; BLOOM's batch grew, and Devlin et al. count tokens in another way."""
    found = with_values("steps_count", "batch_count", "training_samples_count")
    for row in found:
        steps, batch, samples = numbers(row, "steps_count", "batch_count", "training_samples_count")
        assert steps * batch == pytest.approx(samples, rel=0.05 if row.text("family") == "encoder" else 1e-9), row.id
    assert {"pythia-70m", "stable-diffusion-v1", "stable-diffusion-v2-base"} <= {row.id for row in found}


def test_the_size_of_a_data_set_is_its_samples_times_that_of_one():
    found = [r for r in DATASETS.values() if all(numbers(r, "samples_count", "size_bytes", "sample_bytes"))]
    assert len(found) >= 40
    for row in found:
        samples, size, sample = numbers(row, "samples_count", "size_bytes", "sample_bytes")
        assert samples * sample == pytest.approx(size, rel=0.002), row.id


def test_clients_times_samples_a_client_are_the_samples():
    found = [
        r for r in DATASETS.values() if all(numbers(r, "samples_count", "clients_count", "samples_per_client_count"))
    ]
    assert len(found) >= 7
    for row in found:
        samples, clients, each = numbers(row, "samples_count", "clients_count", "samples_per_client_count")
        spread = 0.2 if row.id in SPREAD else 0.005
        assert clients * each == pytest.approx(samples, rel=spread), row.id


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        ("stable-diffusion-v2-base", "parameters_count", 865_910_724),
        ("flux.1-dev", "parameters_count", 11_901_408_320),
        ("llama-3.2-1b", "parameters_count", 1_235_814_400),
        ("qwen2.5-7b", "parameters_count", 7_615_616_512),
        ("whisper-base", "parameters_count", 72_593_920),
        ("bloom-176b", "layers_count", 70),
        ("resnet-50", "forward_flop_per_sample", 8.178e9),
    ],
)
def test_what_libraries_get_wrong_is_right_here(model, column, value):
    """Tied embeddings counted twice, another model's count, 96 layers for 70, multiply-accumulates for FLOPs."""
    assert find("model", model).find_number(column) == value
