"""A training lasts, draws and computes what its scenario says."""

import pytest
import simpy
from strategies import a_scenario, assumed, loaded, run

from simulator.errors import ScenarioError
from simulator.scenario.build import build_world, start_tasks
from simulator.scenario.spec import tasks
from simulator.study.published_run import published_runs
from simulator.vocabulary import TIME_MODES

GPUS = {"at": "lab/gpus", "utilisation": 1.0}


def job(result, name="train"):
    return next(row for row in result.jobs.to_pylist() if row["workload"] == name)


def energy_j(result, key, name):
    return result.summary["paradigms"]["main"][f"by_{key}"][name]["energy_j"]


def a_world(training, **changes):
    """A world with one training under way, and the training's process."""
    scenario = loaded(a_scenario([training], **changes)).spec
    world = build_world(scenario)
    start_tasks(world, tasks(scenario)["main"])
    return world


def test_given_wall_time_is_the_duration():
    result = run(a_scenario([{**GPUS, "time": "2 h"}]))
    assert (job(result)["begin_s"], job(result)["end_s"], job(result)["device_s"]) == (0.0, 7200.0, 8 * 7200.0)


def test_given_device_time_is_shared_by_the_devices():
    """150 000 h on 256 devices are 585.9375 h; here 16 h on 8 are 2 h."""
    assert job(run(a_scenario([{**GPUS, "device_time": "16 h"}])))["end_s"] == 7200.0


def test_time_follows_from_flops():
    """1 EFLOP on 4 A100 (312 TFLOP/s in bf16) at MFU 0.4: 2003.2 s."""
    result = run(a_scenario([{**GPUS, "units": 4, "work": "1 EFLOP", "precision": "bf16", "mfu": 0.4}]))
    assert job(result)["end_s"] == pytest.approx(1e18 / (4 * 312e12 * 0.4))
    assert job(result)["mfu"] == pytest.approx(0.4)


def test_work_is_three_forward_passes_a_sample():
    """LLaMA 33B: 64.63 GFLOP a token forward; 10 steps of 1000 tokens are 1.939 PFLOP."""
    training = {**GPUS, "model": "llama-33b", "steps": 10, "batch": 1000, "time": "1 h", "precision": "bf16"}
    row = job(run(a_scenario([training])))
    assert row["work_flop"] == pytest.approx(3 * 64.63e9 * 10_000)
    assert row["mfu"] == pytest.approx(row["work_flop"] / (8 * 312e12 * 3600))
    assert row["pj_per_flop"] == pytest.approx(8 * 400 * 3600 / row["work_flop"] * 1e12)
    assert row["step_s"] == 360.0


def test_epochs_count_the_samples_of_the_data_set():
    training = {**GPUS, "dataset": "laion-high-resolution", "epochs": 2, "time": "1 h"}
    assert job(run(a_scenario([training])))["samples"] == 2 * 170e6


def test_epochs_of_a_language_model_count_tokens():
    training = {**GPUS, "model": "bloom-176b", "dataset": "roots", "epochs": 0.5, "time": "1 h"}
    assert job(run(a_scenario([training])))["samples"] == 0.5 * 341e9


def test_what_is_unknown_is_null_and_not_zero():
    row = job(run(a_scenario([{**GPUS, "time": "1 h"}])))
    assert [row[name] for name in ("steps", "step_s", "samples", "work_flop", "mfu", "pj_per_flop")] == [None] * 6


def test_checkpoints_come_on_top_of_flops_and_draw_their_own_load():
    """100 s of computing with one every 30 s: 3 checkpoints of 5 s at idle, none after the end."""
    work = f"{8 * 312e12 * 0.5 * 100 / 1e15} PFLOP"
    checkpoint = {"every": "30 s", "time": "5 s", "load": 0.0}
    result = run(a_scenario([{**GPUS, "work": work, "precision": "bf16", "mfu": 0.5, "checkpoint": checkpoint}]))
    assert job(result)["end_s"] == pytest.approx(115.0)
    assert energy_j(result, "activity", "compute") == pytest.approx(8 * 400 * 100.0)
    assert energy_j(result, "activity", "checkpoint") == pytest.approx(8 * 63 * 15.0)
    assert job(result)["mfu"] == pytest.approx(0.5 * 100 / 115)


def test_checkpoints_are_within_a_given_time():
    """100 s: 30 + 5 + 30 + 5 + 30."""
    checkpoint = {"every": "30 s", "time": "5 s", "load": 0.0}
    result = run(a_scenario([{**GPUS, "time": "100 s", "checkpoint": checkpoint}]))
    assert job(result)["end_s"] == 100.0
    assert energy_j(result, "activity", "checkpoint") == pytest.approx(8 * 63 * 10.0)


def test_an_interrupted_training_queues_again_and_loses_nothing():
    """Interrupted after 600 s of 3600 s; another takes the machines for 1000 s; it ends at 4600 s."""
    world = a_world({**GPUS, "time": "1 h"})
    world.env.run(until=600.0)
    (process,) = [event.callbacks[0].__self__ for _, _, _, event in world.env._queue if event.callbacks]
    group = world.groups["lab/gpus"]

    def intruder():
        request = group.ask(8)
        process.interrupt("make way")
        yield request.granted
        chosen = group.take(8)
        yield world.env.timeout(1000.0)
        group.give_back(chosen)

    world.env.process(intruder())
    world.env.run()
    (row,) = world.jobs
    assert (row.status, row.end_s, row.device_s) == ("finished", 4600.0, 8 * 3600.0)
    assert [e.event for e in world.events.rows] == ["start", "submit", "begin", "pause", "begin", "finish"]


def test_a_cancelled_training_stops_and_keeps_what_it_drew():
    world = a_world({**GPUS, "time": "1 h"})
    world.env.run(until=600.0)
    (process,) = [event.callbacks[0].__self__ for _, _, _, event in world.env._queue if event.callbacks]
    process.interrupt("cancel")
    world.env.run()
    (row,) = world.jobs
    assert (row.status, row.end_s, row.device_s) == ("cancelled", 600.0, 8 * 600.0)
    assert sum(world.ledger.integral(n) for n in range(len(world.ledger.channels))) == 8 * 400 * 600.0


@pytest.mark.parametrize("at_s", [0.0, 10.0, 30.0, 33.0, 64.9, 99.0])
def test_where_an_interruption_falls_does_not_change_the_energy(at_s):
    checkpoint = {"every": "30 s", "time": "5 s", "load": 0.1}
    world = a_world({**GPUS, "time": "100 s", "checkpoint": checkpoint})
    world.env.run(until=at_s + 1e-9)
    (process,) = [event.callbacks[0].__self__ for _, _, _, event in world.env._queue if event.callbacks]
    process.interrupt("make way")
    world.env.run()
    whole_j = 8 * (400 * 90 + (63 + 0.1 * 337) * 10)
    assert sum(world.ledger.integral(n) for n in range(len(world.ledger.channels))) == pytest.approx(whole_j)
    assert world.env.now == pytest.approx(100.0)


def test_what_is_running_at_the_horizon_is_closed_and_marked_unfinished():
    result = run(a_scenario([{**GPUS, "time": "2 h"}], horizon="90 min"))
    row = job(result)
    assert (row["status"], row["end_s"], row["device_s"]) == ("unfinished", None, 8 * 5400.0)
    assert row["done_share"] == 0.75
    assert row["mfu"] is None
    events = [(e["event"], e["cause"]) for e in result.table("events").to_pylist()]
    assert events[-2:] == [("unfinished", "horizon"), ("end", "horizon")]


def test_what_ends_exactly_at_the_horizon_is_finished():
    assert job(run(a_scenario([{**GPUS, "time": "2 h"}], horizon="2 h")))["status"] == "finished"


def test_a_workload_whose_turn_had_not_come_is_listed_as_such():
    trainings = [{**GPUS, "name": "a", "time": "2 h"}, {**GPUS, "name": "b", "time": "1 h", "after": "a"}]
    row = job(run(a_scenario(trainings, horizon="1 h")), "b")
    assert (row["status"], row["submit_s"], row["begin_s"], row["device_s"]) == ("not submitted", None, None, 0.0)


def test_the_time_mode_of_every_result_is_a_known_one():
    laid = {"model": "pythia-1.4b", "steps": 1, "batch": 65536, "sequence": 2048, "precision": "bf16"}
    layout = {"at": "lab/nodes", "units": 1, "layout": {"micro_batch": 1, "all_reduce": "ring"}}
    modes = [
        {"time": "1 h"},
        {"device_time": "1 h"},
        {"steps": 10, "step_time": "1 s"},
        {"mfu": 0.5, "precision": "bf16", "work": "1 EFLOP"},
        {**laid, "sequence": 2048, "mfu": "predicted"},
        {**laid, "sequence": 2048, "mfu": "drawn"},
        {**laid, **layout, "mfu": 0.5, "layout": {"all_reduce": "ring"}},
        {**laid, **layout},
    ]
    found = [job(run(a_scenario([{**GPUS, **mode}])))["time_mode"] for mode in modes]
    others = {"read-bound", "cpu-bound", "arrivals given", "rounds given", "rounds measured", "rounds by curve"}
    others |= {"epochs measured"}
    assert found == [mode for mode in TIME_MODES if mode not in others]


def test_the_run_lasts_until_the_horizon_even_if_nothing_is_left_to_do():
    result = run(a_scenario([{**GPUS, "time": "1 h"}], horizon="5 h"))
    assert result.summary["paradigms"]["main"]["duration_s"] == 5 * 3600.0


def test_after_is_a_graph_whatever_the_order_of_the_file():
    trainings = [
        {**GPUS, "name": "c", "time": "1 h", "after": ["a", "b"]},
        {**GPUS, "name": "a", "time": "1 h", "units": 4},
        {**GPUS, "name": "b", "time": "2 h", "units": 4},
    ]
    result = run(a_scenario(trainings))
    assert {name: job(result, name)["begin_s"] for name in "abc"} == {"a": 0.0, "b": 0.0, "c": 7200.0}


def test_a_load_that_nobody_gave_is_a_listed_assumption():
    training = {"at": "lab/gpus", "time": "1 h"}
    assert assumed(run(a_scenario([training]))) == ["accelerator-load-training"]
    assert assumed(run(a_scenario([{**training, "utilisation": 1.0}]))) == []


def test_a_fresh_world_has_only_begun():
    world = build_world(loaded(a_scenario([{**GPUS, "time": "1 h"}])).spec)
    assert isinstance(world.env, simpy.Environment)
    assert [e.event for e in world.events.rows] == ["start"]
    assert len(world.ledger) == 0


def test_attention_counts_where_the_length_of_a_sequence_is_given():
    """LLaMA 33B: 3 x (64.63 GFLOP + 4 x 60 layers x 6656 x 2048) a token."""
    training = {**GPUS, "model": "llama-33b", "samples": 1e6, "sequence": 2048, "time": "1 d"}
    assert job(run(a_scenario([training])))["work_flop"] == pytest.approx(3e6 * (64.63e9 + 4 * 60 * 6656 * 2048))


def test_adapters_beside_frozen_weights_take_two_thirds_of_the_work():
    """LoRA: 2 x forward, no gradient of the frozen weights."""
    training = {**GPUS, "model": "llama-2-70b", "samples": 1e6, "adapters": 44_564_480, "time": "1 d"}
    assert job(run(a_scenario([training])))["work_flop"] == pytest.approx(2e6 * 137.4e9)


def test_encoders_run_forward_beside_what_learns():
    """Stable Diffusion v1: 3 x 0.80327 TFLOP of the UNet, and 1.1 TFLOP of the two encoders, an image."""
    training = {**GPUS, "model": "stable-diffusion-v1", "samples": 1000, "encoders": "1.1 TFLOP", "time": "1 d"}
    assert job(run(a_scenario([training])))["work_flop"] == pytest.approx(1000 * (3 * 0.80327e12 + 1.1e12))


def test_what_is_computed_again_is_told_as_hardware_utilisation():
    """Full recomputation: (3 x all + layers + scores) / (3 x all), the head once less."""
    layout = {"tensor": 8, "micro_batch": 4, "recompute": "full"}
    training = {"at": "lab/nodes", "units": 1, "model": "megatron-22b", "steps": 3, "batch": 8192, "sequence": 2048}
    row = job(run(a_scenario([{**training, "utilisation": 1, "layout": layout, "precision": "fp16"}])))
    body, head = 2 * 12 * 48 * 6144**2 + 4 * 48 * 6144 * 2048, 2 * 6144 * 51200
    assert row["hfu"] / row["mfu"] == pytest.approx((4 * body + 3 * head) / (3 * body + 3 * head), rel=1e-4)
    assert row["mfu"] == pytest.approx(0.31, abs=0.02)


def test_a_drawn_mfu_is_the_seeds_and_between_its_ends_for_most():
    """Of 40 seeds some four lie beyond P5 to P95; the same seed draws the same."""
    training = {**GPUS, "model": "llama-7b", "samples": 1e9, "sequence": 2048, "precision": "bf16", "mfu": "drawn"}
    rows = [job(run(a_scenario([training], seed=seed))) for seed in (*range(40), 0)]
    assert rows[0]["end_s"] == rows[-1]["end_s"]
    assert len({row["end_s"] for row in rows}) == 40
    assert 30 <= sum(row["p5_s"] <= row["end_s"] <= row["p95_s"] for row in rows[:40]) < 40


def test_a_run_before_fused_attention_is_expected_to_take_longer():
    training = {**GPUS, "model": "llama-7b", "samples": 1e9, "sequence": 2048, "precision": "bf16", "mfu": "predicted"}
    old, new = (job(run(a_scenario([training], start=start)))["end_s"] for start in ("2021-06-01", "2024-06-01"))
    assert old / new == pytest.approx(0.351 / 0.269)


def test_a_power_cap_takes_time_where_time_follows_from_flops():
    """70 % of the draw: by the law 0.7 ** -0.46 times as long; a given time stays."""
    gpus = {"model": "a100-sxm4-40gb", "count": 8, "power": {"kind": "cap", "at": "280 W", "of": "linear"}}
    data = a_scenario([{**GPUS, "mfu": 0.5, "precision": "bf16", "work": "1 EFLOP"}])
    free = job(run(data))["end_s"]
    data["world"]["datacenters"]["lab"]["devices"]["gpus"] = gpus
    capped = job(run(data))
    assert capped["end_s"] / free == pytest.approx(0.7**-0.46, rel=0.01)
    assert capped["energy_j"] == pytest.approx(280 * 8 * capped["end_s"])


def own_model(**architecture):
    """LLaMA 7B told by its architecture."""
    shape = {"layers": 32, "hidden": 4096, "heads": 32, "ffn": 11008, "gated": True, "vocabulary": 32000}
    return {"mine": {"parameters": 6738415616, "architecture": {**shape, **architecture}}}


def test_a_models_architecture_is_what_its_work_follows_from():
    """6 x (32 x (4 x 4096^2 + 3 x 4096 x 11008) + 4096 x 32000), and 12 x 32 x 4096 x 2048 for attention."""
    training = {**GPUS, "model": "mine", "samples": 1e6, "sequence": 2048, "time": "1 d"}
    row = job(run(a_scenario([training], models=own_model())))
    weights = 32 * (4 * 4096**2 + 3 * 4096 * 11008) + 4096 * 32000
    assert row["work_flop"] == pytest.approx(1e6 * (6 * weights + 12 * 32 * 4096 * 2048))
    half = job(run(a_scenario([training], models=own_model(kv_heads=8))))["work_flop"]
    assert row["work_flop"] - half == pytest.approx(1e6 * 6 * 32 * 2 * 4096 * 128 * 24)


def test_a_loss_worse_than_a_guess_among_the_words_of_an_architecture_is_not_told():
    """Of 32 000 words ln 32 000 = 10.37 nats."""
    training = {**GPUS, "model": "mine", "steps": 2000, "batch": 4096, "step_time": "1 s", "resolution": "step"}
    result = run(a_scenario([{**training, "loss": "hoffmann-2022"}], models=own_model()))
    losses = result.table("steps")["loss_nats"].to_pylist()
    assert losses[0] is None
    assert 10 < max(loss for loss in losses if loss is not None) <= 10.3735


def test_the_law_of_losses_is_refused_for_an_architecture_of_experts():
    training = {**GPUS, "model": "mine", "steps": 20, "batch": 4096, "step_time": "1 s", "resolution": "step"}
    data = a_scenario([{**training, "loss": "hoffmann-2022"}], models=own_model(experts_per_token=2))
    with pytest.raises(ScenarioError, match="the law is of dense models that write, and mine is none"):
        run(data)


def test_what_is_expected_of_an_architecture_counts_attention():
    """3 x (layers, words and 4 x 32 x 4096 x 2048 of scores) at the median MFU of 0.351 on 8 A100."""
    training = {**GPUS, "model": "mine", "samples": 1e9, "precision": "bf16", "mfu": "predicted"}
    with pytest.raises(ScenarioError, match="give `sequence`"):
        run(a_scenario([training], models=own_model()))
    row = job(run(a_scenario([{**training, "sequence": 2048}], models=own_model())))
    weights = 32 * (4 * 4096**2 + 3 * 4096 * 11008) + 4096 * 32000
    work_flop = 1e9 * (6 * weights + 12 * 32 * 4096 * 2048)
    assert row["end_s"] == pytest.approx(work_flop / (row["devices"] * 312e12 * 0.351))


def test_devices_that_cannot_share_the_heads_of_attention_are_refused():
    """2 heads on 8 devices; on 2 devices each has one."""
    fields = {"at": "lab/nodes", "units": 1, "steps": 2, "batch": 65536, "sequence": 2048, "precision": "bf16"}
    training = {**fields, "model": "mine", "layout": {"tensor": 8, "micro_batch": 4}}
    with pytest.raises(ScenarioError, match="mine has 2 heads of attention, which 8 devices cannot share evenly"):
        run(a_scenario([training], models=own_model(heads=2)))
    fits = {"tensor": 2, "pipeline": 4, "micro_batch": 4}
    assert job(run(a_scenario([{**training, "layout": fits}], models=own_model(heads=2))))["status"] == "finished"


def test_a_sample_unit_that_is_left_empty_stands_for_that_of_the_architecture():
    models = {"mine": {**own_model()["mine"], "sample_unit": None}}
    training = {**GPUS, "model": "mine", "samples": 1e6, "time": "1 d"}
    assert job(run(a_scenario([training], models=models)))["work_flop"] is not None


def test_a_model_told_by_its_architecture_is_laid_out_as_that_of_the_catalogue():
    fields = {"at": "lab/nodes", "units": 1, "steps": 2, "batch": 65536, "sequence": 2048, "precision": "bf16"}
    fields |= {"utilisation": 1, "layout": {"tensor": 8, "micro_batch": 4, "attention": "fused"}}
    mine, theirs = (
        job(run(a_scenario([{**fields, "model": model}], models=own_model())))["end_s"]
        for model in ("mine", "llama-7b")
    )
    assert mine == pytest.approx(theirs, rel=2e-3)  # the catalogue rounds its FLOPs to four digits


@pytest.mark.parametrize(
    ("training", "said"),
    [
        ({"time": "1 h", "communication": 1}, "who waits all the time computes nothing"),
        (
            {"mfu": 0.5, "precision": "bf16", "work": "1 EFLOP", "communication": 0.9},
            "its work is 5 times what its devices can do in the time that they compute",
        ),
        ({"time": "1 d", "model": "llama-7b", "samples": 1e6, "adapters": 1e10}, "1e+10 parameters learn beside"),
        ({"time": "1 d", "model": "llama-7b", "samples": 1e3, "sequence": 2048}, "is longer than all 1000"),
        ({"time": "1 d", "model": "resnet-50", "samples": 1e6, "sequence": 2048}, "nobody knows of resnet-50"),
        ({"mfu": "predicted", "precision": "bf16", "model": "llama-7b", "samples": 1e9}, "give `sequence`"),
        ({"time": "1 h", "work": "1 EFLOP", "stragglers": 4}, "leave it out"),
        (
            {
                "time": "1 h",
                "checkpoint": {"every": "10 min", "time": "1 s", "load": 0},
                "failures": {"rate": "llama-3.1-405b", "restart": "1 min", "repair": "1 h"},
            },
            "llama-3.1-405b counts machines of 8 devices, and those of lab/gpus have 1",
        ),
        (
            {
                "time": "1 d",
                "model": "bert-base",
                "steps": 10,
                "batch": 4096,
                "resolution": "step",
                "loss": "hoffmann-2022",
            },
            "the law is of dense models that write",
        ),
    ],
)
def test_nonsense_is_refused(training, said):
    with pytest.raises(ScenarioError) as caught:
        run(a_scenario([{**GPUS, **training}]))
    assert said in str(caught.value)


def test_a_model_that_does_not_fit_is_refused():
    """405.85e9 x 16 bytes / 8 = 811.7 GB on each device of 80 GB."""
    fields = {"at": "lab/nodes", "units": 1, "model": "llama-3.1-405b", "steps": 1, "batch": 8192, "sequence": 8192}
    fields |= {"precision": "bf16", "layout": {"tensor": 8, "micro_batch": 1}}
    with pytest.raises(ScenarioError, match=r"each device would hold 811\.7 GB"):
        run(a_scenario([fields]))


def test_the_fullest_stage_sets_the_pace():
    """24 layers on 8 devices: 8 stages of 3; 7 stages would be of 4, 3, ...; on 5 of 8 none divides."""
    fields = {"at": "lab/nodes", "units": 1, "model": "pythia-1.4b", "steps": 1, "batch": 131072, "sequence": 2048}
    fields |= {"precision": "bf16", "utilisation": 1}
    shares = {
        v: job(run(a_scenario([{**fields, "layout": {"pipeline": 8, "interleave": v, "micro_batch": 1}}])))
        for v in (1, 2)
    }
    assert shares[2]["exposed_share"] > shares[1]["exposed_share"]  # 8 x 2 parts of 24 layers: two of 2 set the pace


def test_a_loss_worse_than_a_guess_is_not_told():
    """Pythia 410M after 4096 tokens: the law says 42 nats, a guess among 50 304 words ln 50 304 = 10.8."""
    training = {**GPUS, "model": "pythia-410m", "steps": 2000, "batch": 4096, "step_time": "1 s", "resolution": "step"}
    losses = run(a_scenario([{**training, "loss": "hoffmann-2022"}])).table("steps")["loss_nats"].to_pylist()
    assert losses[0] is None
    assert losses[-1] == pytest.approx(1.69 + 406.4 / 405334016**0.34 + 410.7 / (2000 * 4096) ** 0.28)
    assert max(loss for loss in losses if loss is not None) <= 10.83


def test_what_is_expected_of_a_run_is_what_the_blind_study_counts():
    """Llama 2 7B: work and MFU of a scenario are those of the published run."""
    found = next(one for one in published_runs() if one.row.id == "llama-2-7b")
    training = {"at": "lab/gpus", "model": "llama-2-7b", "samples": 2e12, "sequence": 4096, "precision": "bf16"}
    row = job(run(a_scenario([{**training, "mfu": "predicted", "utilisation": 1}], start="2023-05-01")))
    assert row["work_flop"] == pytest.approx(found.work_flop, rel=1e-6)
    assert row["mfu"] == pytest.approx(0.351)
