"""Published step times of laid-out trainings beside ours, each predicted without its model.

What matrix products reach of the peak and everything else of the memory's bandwidth is fitted to the
step times of Megatron on A100, of all models but the one that is predicted; nothing else is. The gate
is on those predictions. Beside it, and not gated: the constants that ship (fitted to all eight), where
the time goes, and the utilisation that Llama 3.1 405B printed, for which nothing was fitted.
"""

from statistics import median

from simulator.catalogue import Row, find, rows
from simulator.hardware.server import CatalogueServer, build_server
from simulator.hardware.unit import Unit
from simulator.study.report import Aside, Comparison, Report
from simulator.workloads.layout_spec import Layout
from simulator.workloads.layout_time import Kernels, StepTime, find_group, find_kernels, find_shape, layout_step

MOST_MEDIAN = 0.08
FITTED = "megatron-"
"""What the ids of the rows begin with that constants are fitted to."""

FIX = "correct the row"


def step_times() -> Report:
    """Every published step time, predicted without its model; and what was printed as a utilisation."""
    timed = [row for row in rows("step-time").values() if row.find_number("step_s") is not None]
    pairs = {model: fit_kernels(model) for model in {row.text("model") for row in timed}}
    comparisons = [_compare(row, pairs[row.text("model")]) for row in timed]
    sizes = [abs(one.error) for one in comparisons]
    summary = (
        f"{len(sizes)} step times: median error {median(sizes):.1%} (gate {MOST_MEDIAN:.0%}), worst {max(sizes):.0%}; "
        "best known elsewhere 3.65 % (Calculon), calibrated on eight of these",
    )
    return Report(
        "step times by layout, predicted without their model",
        comparisons,
        summary,
        median(sizes) <= MOST_MEDIAN,
        _aside(),
        band=MOST_MEDIAN,
    )


def fit_kernels(without: str) -> tuple[float, float]:
    """The shares of peak and of bandwidth that fit all step times of Megatron but those of one model."""
    from scipy.optimize import least_squares

    kept = [row for row in rows("step-time").values() if row.id.startswith(FITTED) and row.text("model") != without]

    def errors(pair: tuple[float, float]) -> list[float]:
        return [_step(row, _kernels(row, *pair)).total_s / row.number("step_s", FIX) - 1.0 for row in kept]

    matmul, memory = least_squares(errors, [0.7, 0.7]).x
    return float(matmul), float(memory)


def _compare(row: Row, pair: tuple[float, float]) -> Comparison:
    published_s = row.number("step_s", FIX)
    ours_s = _step(row, _kernels(row, *pair)).total_s
    verdict = "predicted" if row.id.startswith(FITTED) else "predicted, other software"
    source = row.source("step_s").source
    return Comparison(row.name, "time_s", "", published_s, ours_s, verdict, source, row.text("note"), what="a step")


def _aside() -> Aside:
    lines = []
    for row in rows("step-time").values():
        peak = _peak(row)
        step = _step(row, find_kernels(_device(row), peak))
        forward = find_shape(find("model", row.text("model"))).forward_flop
        tokens = row.number("batch_count", FIX) * row.number("sequence_count", FIX)
        mfu = 3.0 * forward * tokens / (step.total_s * peak * _unit(row).devices * row.number("servers_count", FIX))
        parts = (part / step.total_s for part in (step.compute_s, step.exposed_s, step.bubble_s))
        published_s = row.find_number("step_s")
        error = "" if published_s is None else f"{step.total_s / published_s - 1.0:+.1%}"
        printed = row.text("mfu_share")
        lines.append((row.name, error, *(f"{part:.0%}" for part in parts), f"{mfu:.3f}", printed))
    columns = ("with the constants that ship", "error", "computing", "exposed", "bubble", "MFU", "MFU printed")
    return Aside("Where the time of a step goes, not gated", columns, lines)


def _step(row: Row, kernels: Kernels) -> StepTime:
    layout = layout_of(row)
    group = find_group(layout, _unit(row), int(row.number("servers_count", FIX)))
    shape = find_shape(find("model", row.text("model")))
    return layout_step(
        layout, shape, kernels, group, row.number("batch_count", FIX), int(row.number("sequence_count", FIX))
    )


def layout_of(row: Row) -> Layout:
    """How a published training was laid out."""
    counts = {field: row.number(f"{field}_count", FIX) for field in ("tensor", "pipeline", "interleave", "micro_batch")}
    words = {field: row.text(field) for field in ("recompute", "attention")}
    split = row.text("sequence_parallel") == "yes"
    return Layout.model_validate({**counts, **words, "sequence_parallel": split, "all_reduce": "ring"})


def _kernels(row: Row, matmul: float, memory: float) -> Kernels:
    return Kernels(matmul * _peak(row), memory * _device(row).number("memory_bandwidth_bytes_per_s", FIX))


def _unit(row: Row) -> Unit:
    return build_server(CatalogueServer(model=row.text("server"), count=1))


def _device(row: Row) -> Row:
    device = _unit(row).device
    assert device is not None, "a row of the table has accelerators"
    return device


def _peak(row: Row) -> float:
    return _device(row).number(f"peak_{row.text('precision')}_flop_per_s", FIX)
