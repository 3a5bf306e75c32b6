"""How much of a long training's time counts when its machines fail: Llama 3.1 405B, over 100 seeds.

Given are the rates of its components, from the 419 failures that its authors counted; checkpoints and
restarts are assumed in the scenario. So the number of failures agrees by construction but for luck, and
what is tested is what failures cost: over 90 % of the time counted, say the authors. The closed form
(hardware/failure.py) must agree with the mean.
"""

from statistics import mean, quantiles

from simulator.engine.rng import Streams
from simulator.hardware.failure import component_rates, expected_effective_share
from simulator.hardware.group import Group
from simulator.hardware.unit import Stock
from simulator.scenario.build import build_world
from simulator.scenario.load import load
from simulator.scenario.spec import tasks
from simulator.study.report import Comparison, Report
from simulator.vocabulary import NUMBER
from simulator.workloads.failing import Cycle, failing_chunks, total_and_lost_s
from simulator.workloads.training_spec import Train
from simulator.workloads.training_time import Plan, plan_training

SCENARIO, SEEDS = "papers/llama_3_1_405b", 100
PUBLISHED_SHARE, PUBLISHED_FAILURES = 0.90, 419
CLOSED_WITHIN = 0.05
SOURCE = "Llama team 2024, arXiv:2407.21783, section 3.3.4 and Table 5"


def effective() -> Report:
    """The share of time that counted and the failures, over seeds, beside what was published and the closed form."""
    spec, plan = llama()
    runs = [_run(spec, plan, seed) for seed in range(SEEDS)]
    shares, failures = [share for share, _ in runs], [count for _, count in runs]
    low, middle, high = (quantiles(shares, n=20)[k] for k in (0, 9, 18))
    closed = closed_form(spec, plan)
    above, near = low > PUBLISHED_SHARE, abs(mean(shares) / closed - 1.0) <= CLOSED_WITHIN
    comparisons = [
        _row("effective share, more than", PUBLISHED_SHARE, middle, "agrees" if above else "MISSED", SOURCE),
        _row("closed form", closed, mean(shares), "agrees" if near else "MISSED", "Kokolis et al. 2025 (HPCA)"),
        _row("failures", PUBLISHED_FAILURES, mean(failures), "carried", SOURCE),
    ]
    summary = (
        f"{SEEDS} seeds: effective share {low:.3f} to {high:.3f} (P5 to P95; gate above {PUBLISHED_SHARE:.0%}), "
        f"failures {min(failures)} to {max(failures)} in 54 days; closed form {closed:.3f} (gate {CLOSED_WITHIN:.0%})",
    )
    return Report("Llama 3.1 405B on machines that fail", comparisons, summary)


def llama() -> tuple[Train, Plan]:
    """The training of the scenario, and its plan if nothing fails."""
    scenario = load(SCENARIO).spec
    (task,) = next(iter(tasks(scenario).values()))
    assert isinstance(task.spec, Train), "the scenario trains"
    group: Group = build_world(scenario).groups[task.spec.at]
    return task.spec, plan_training(task.spec, Stock(group.unit, group.count), build_world(scenario).definitions)


def closed_form(spec: Train, plan: Plan) -> float:
    """The share that the closed form expects."""
    assert spec.failures is not None, "its machines fail"
    assert spec.checkpoint is not None, "it checkpoints"
    assert plan.every_s is not None, "it checkpoints"
    rate_per_s = plan.working * sum(component_rates(spec.failures.rate).values())
    return expected_effective_share(rate_per_s, spec.failures.restart, plan.every_s, spec.checkpoint.time)


def _run(spec: Train, plan: Plan, seed: int) -> tuple[float, int]:
    assert spec.failures is not None, "its machines fail"
    assert spec.checkpoint is not None, "it checkpoints"
    assert plan.every_s is not None, "it checkpoints"
    cycle = Cycle(plan.computing_s, plan.every_s, spec.checkpoint.time)
    luck = Streams(seed).generator("failure", "train")
    found = failing_chunks(cycle, spec.failures, plan.working, luck)
    total_s, _ = total_and_lost_s(found)
    return plan.computing_s / total_s, sum(len(chunk.causes) for chunk in found)


def _row(what: str, published: float, ours: float, verdict: str, source: str) -> Comparison:
    return Comparison("Llama 3.1 405B", NUMBER, "", published, ours, verdict, source, "", what=what)
