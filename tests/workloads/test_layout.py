"""A step of a laid-out training takes what its layers, its traffic and its bubble take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_scenario, loaded, run

from simulator.catalogue import rows
from simulator.hardware.server import CatalogueServer, build_server
from simulator.hardware.unit import Stock
from simulator.scenario.build import build_world
from simulator.workloads.layout_spec import Layout
from simulator.workloads.layout_time import Kernels, Layers, find_group, layout_step
from simulator.workloads.training_spec import Train
from simulator.workloads.training_time import plan_training

NODE = build_server(CatalogueServer(model="dgx-a100", count=1))
FLOP_PER_S = 1e15
NO_MEMORY = Kernels(FLOP_PER_S, 1e30)
"""Kernels that only compute: their seconds are FLOP."""


def gpt(layers, hidden, heads, vocabulary):
    """A GPT as Megatron counts it: 2 x 12 l h^2 FLOP a token in the layers, 2 h V for its words."""
    forward_flop = 24.0 * layers * hidden**2 + 2.0 * hidden * vocabulary
    return Layers(layers, hidden, heads, vocabulary, 12.0 * layers * hidden**2, forward_flop, hidden)


def step(layout, shape, kernels=NO_MEMORY, units=1, sequences=8, length=2048):
    return layout_step(layout, shape, kernels, find_group(layout, NODE, units), sequences, length)


@given(
    layers=st.sampled_from([8, 24, 96]),
    hidden=st.sampled_from([1024, 6144, 25600]),
    length=st.sampled_from([512, 2048, 8192]),
    tensor=st.sampled_from([1, 2, 8]),
    pipeline=st.sampled_from([1, 2, 4]),
    micro=st.sampled_from([1, 2]),
)
def test_full_recomputation_does_the_flop_of_megatron(layers, hidden, length, tensor, pipeline, micro):
    """96 b s l h^2 (1 + s / 6h + V / 16lh): Narayanan et al. 2021, eq. 3; a stage does its part, the last the words."""
    words, sequences, units = 51_200, 64, 4
    layout = Layout(tensor=tensor, pipeline=pipeline, micro_batch=micro, recompute="full", all_reduce="ring")
    found = step(layout, gpt(layers, hidden, 16, words), units=units, sequences=sequences, length=length)
    replicas = units * 8 / tensor / pipeline
    body = 96 * sequences * length * layers * hidden**2 * (1 + length / 6 / hidden)
    head = 6 * sequences * length * hidden * words
    devices_flop = found.compute_s * FLOP_PER_S * tensor * replicas
    assert devices_flop == pytest.approx(body / pipeline + head, rel=1e-9)
    whole = 96 * sequences * length * layers * hidden**2 * (1 + length / 6 / hidden + words / 16 / layers / hidden)
    assert body + head == pytest.approx(whole, rel=1e-12)


@pytest.mark.parametrize(("recompute", "passes", "scores"), [("none", 3, 3), ("selective", 3, 4), ("full", 4, 4)])
def test_what_is_computed_again_is_attention_or_all(recompute, passes, scores):
    shape, tokens = gpt(8, 1024, 16, 0), 8 * 2048
    layout = Layout(recompute=recompute, all_reduce="ring", micro_batch=1)
    flop = step(layout, shape).compute_s * FLOP_PER_S * 8  # eight data-parallel devices
    assert flop == pytest.approx(tokens * 8 * (passes * 24 * 1024**2 + scores * 4 * 2048 * 1024))


def test_activations_that_are_kept_pass_the_memory_twice_a_pass():
    """Korthikanti et al. 2022, eq. 2: s b h (10 + 24 / t) + 5 a b s^2 / t bytes a layer, 3 passes, there and back."""
    s, h, a, t, layers = 2048, 1024, 16, 8, 4
    only_memory = Kernels(1e30, 1e12)
    layout = Layout(tensor=t, micro_batch=1)
    kept = s * h * (10 + 24 / t) + 5 * a * s**2 / t
    found = step(layout, gpt(layers, h, a, 0), only_memory, sequences=1, length=s)
    assert found.compute_s == pytest.approx(layers * 3 * 2 * kept / 1e12)
    split = step(Layout(tensor=t, micro_batch=1, sequence_parallel=True), gpt(layers, h, a, 0), only_memory, 1, 1, s)
    assert split.compute_s == pytest.approx(layers * 3 * 2 * (s * h * 34 / t + 5 * a * s**2 / t) / 1e12)


@pytest.mark.parametrize(("pipeline", "interleave"), [(2, 1), (4, 1), (8, 4)])
def test_the_bubble_is_of_p_minus_1_stages_over_the_parts_of_each(pipeline, interleave):
    """Without words, on devices that only compute: bubble / computing = (p - 1) / (v m)."""
    layout = Layout(tensor=8, pipeline=pipeline, interleave=interleave, micro_batch=1)
    slow = Kernels(1e3, 1e30)  # so slow that nothing else counts
    found = step(layout, gpt(32, 1024, 16, 0), slow, units=pipeline, sequences=16)
    assert found.bubble_s / found.compute_s == pytest.approx((pipeline - 1) / interleave / 16, rel=1e-6)


def test_tensor_parallel_devices_reduce_four_times_a_layer_and_six_when_all_is_done_again():
    """2 x 7/8 of s b h 16-bit numbers at 0.65 of 300 GB/s, and 14 x 2.8 us."""
    once_s = 2 * 7 / 8 * 2048 * 1024 * 2 / (300e9 * 0.65) + 14 * 2.8e-6
    for recompute, times in (("none", 4), ("selective", 4), ("full", 6)):
        found = step(Layout(tensor=8, micro_batch=1, recompute=recompute), gpt(4, 1024, 16, 0), sequences=1)
        assert found.exposed_s == pytest.approx(4 * times * once_s)


def test_sharding_all_sends_half_as_much_again():
    def exposed_s(shard):
        layout = Layout(micro_batch=1, all_reduce="tree", overlap=0.0, shard=shard)
        return step(layout, gpt(24, 6144, 64, 0), units=1, sequences=8).exposed_s

    alpha_s = 2 * 3 * 2.8e-6
    assert exposed_s("optimiser") == exposed_s("none")
    assert exposed_s("all") - alpha_s == pytest.approx(1.5 * (exposed_s("none") - alpha_s))


def test_what_is_hidden_is_never_more_than_the_computing():
    def exposed_s(kernels, overlap):
        layout = Layout(micro_batch=1, all_reduce="ring", overlap=overlap)
        return step(layout, gpt(4, 1024, 16, 0), kernels, units=2, sequences=16).exposed_s

    fast, slow = Kernels(1e30, 1e30), Kernels(1e9, 1e30)
    assert exposed_s(slow, 1.0) == 0.0
    assert exposed_s(slow, 0.25) == pytest.approx(0.75 * exposed_s(slow, 0.0))
    assert exposed_s(fast, 1.0) == pytest.approx(exposed_s(fast, 0.0))


def trained(row):
    """The plan of one step of a row of `step-time`, as a scenario lays it out."""
    number = lambda name: int(row.find_number(f"{name}_count"))  # noqa: E731  # a name for what follows
    layout = {name: number(name) for name in ("tensor", "pipeline", "interleave", "micro_batch")}
    layout |= {"recompute": row.text("recompute"), "attention": row.text("attention"), "all_reduce": "ring"}
    layout["sequence_parallel"] = row.text("sequence_parallel") == "yes"
    training = {
        "at": "lab/nodes",
        "model": row.text("model"),
        "steps": 1,
        "sequence": number("sequence"),
        "batch": number("batch") * number("sequence"),
        "precision": row.text("precision"),
        "layout": layout,
    }
    servers = {"nodes": {"model": row.text("server"), "count": number("servers")}}
    world = {"datacenters": {"lab": {"grid": "FR", "servers": servers}}}
    scenario = loaded(a_scenario([training], world=world)).spec
    group = build_world(scenario).groups["lab/nodes"]
    return plan_training(
        Train.model_validate(training), Stock(group.unit, group.count), build_world(scenario).definitions
    )


MEGATRON = [row for id_, row in rows("step-time").items() if id_.startswith("megatron-")]


@pytest.mark.parametrize("row", MEGATRON, ids=lambda row: row.id)
def test_the_steps_of_megatron_take_as_long_as_published(row):
    """Eight step times to which the two numbers of A100's kernels were fitted: within 8 % each."""
    published_s, ours_s = row.find_number("step_s"), trained(row).total_s
    print(f"{row.name:28}{published_s:8.2f} s {ours_s:8.2f} s {ours_s / published_s - 1:+7.1%}")
    assert ours_s == pytest.approx(published_s, rel=0.08)


def test_all_eight_are_there():
    assert len(MEGATRON) == 8


LAID = {
    "at": "lab/nodes",
    "model": "llama-7b",
    "steps": 10,
    "batch": 4 * 131_072,
    "sequence": 2048,
    "precision": "bf16",
    "utilisation": 1.0,
    "wait_utilisation": 0.3,
    "layout": {"tensor": 4, "micro_batch": 1, "all_reduce": "ring"},
}


def test_devices_wait_for_each_other_for_the_share_that_the_layout_exposes():
    (row,) = run(a_scenario([LAID])).jobs.to_pylist()
    by_activity = run(a_scenario([LAID])).summary["paradigms"]["main"]["by_activity"]
    assert row["time_mode"] == "layout"
    assert 0.0 < row["exposed_share"] < 0.5
    ratio = by_activity["communicate"]["energy_j"] / by_activity["compute"]["energy_j"]
    waits = row["exposed_share"] / (1 - row["exposed_share"])
    assert 0.15 * waits < ratio < waits  # waiting draws between a seventh and all of what computing does


def test_beside_an_mfu_a_layout_adds_the_traffic_of_gradients_and_nothing_else():
    """LLaMA 7B on 32 A100: 6.74e9 16-bit gradients round a ring of 32, of which nothing is hidden, 10 times."""
    training = {**LAID, "mfu": 0.5, "layout": {"all_reduce": "ring", "overlap": 0.0}}
    (row,) = run(a_scenario([training])).jobs.to_pylist()
    compute_s = row["work_flop"] / (32 * 312e12 * 0.5)
    rate_bytes = 8 * 25e9 * 0.9  # 8 ports of HDR, all for the one ring
    traffic_s = 2 * 31 / 32 * 2 * 6_738_415_616 / rate_bytes + 2 * 31 * 20e-6
    assert row["end_s"] == pytest.approx(compute_s + 10 * traffic_s, rel=1e-6)


def test_spares_are_no_part_of_the_layout():
    """5 servers of which one stands by are laid out as 4."""
    failing = {"failures": {"rate": 1e-9, "restart": "1 min", "repair": "1 h", "spares": 1}}
    failing["checkpoint"] = {"every": "1 h", "time": "1 s", "load": 0.0}
    servers = {"nodes": {"model": "dgx-a100", "count": 5}}
    world = {"datacenters": {"lab": {"grid": "FR", "servers": servers}}}
    (five,) = run(a_scenario([{**LAID, **failing}], world=world)).jobs.to_pylist()
    (four,) = run(a_scenario([LAID])).jobs.to_pylist()
    assert five["end_s"] == pytest.approx(four["end_s"])
