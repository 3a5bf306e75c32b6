"""Published trainings as they are predicted: work from parameters and tokens, hours as printed.

    work = tokens x (6 N + 12 L w s),   N active parameters, L layers of width w, s tokens of context
    MFU implied = work / (device-hours x peak)

Where a row names a model of the catalogue, layers and width are the model's unless it says otherwise.
The attention of a model whose shape is not known is left out. The peak is the dense one in
bfloat16, in fp16 for what has no bfloat16. Device-hours are printed, else devices x days x 24.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.catalogue import Row, find, rows
from simulator.model_flop import find_attention_width, forward_of_parameters, scores_flop, training_flop
from simulator.workloads.mfu import find_mfu_row

TABLE = "published-run"
"""The table of what a run computed; its device and hours stand in the row of published trainings with its id."""

PRECISIONS = ("bf16", "fp16")
REMEDY = "correct the row"


class Run(NamedTuple):
    """A published run with all that a blind prediction takes, and its device time; FLOPs are for all tokens."""

    row: Row
    family: str
    device: Row
    year: int
    weights_flop: float
    scores_flop: float
    peak_flop_per_s: float
    published_s: float

    @property
    def work_flop(self) -> float:
        """The model FLOPs of the whole run."""
        return self.weights_flop + self.scores_flop

    @property
    def mfu(self) -> float:
        """The utilisation that the published hours imply."""
        return self.work_flop / self.peak_flop_per_s / self.published_s

    @property
    def cell(self) -> str:
        """The row of `mfus.csv` that a run like this one is predicted by."""
        active = self.row.number("active_parameters_count", REMEDY)
        return find_mfu_row(active, self.device, self.year).id


def published_runs() -> list[Run]:
    """Those that are counted, in the order of the table."""
    return [_run(row) for row in rows(TABLE).values() if not row.text("excluded")]


def left_out() -> Iterator[tuple[str, str]]:
    """The names of those that are not counted, and why."""
    for row in rows(TABLE).values():
        if row.text("excluded"):
            yield row.name, row.text("excluded")


def _run(row: Row) -> Run:
    training = find("training", row.id)
    tokens, device = row.number("samples_count", REMEDY), find("device", training.text("device"))
    forward = forward_of_parameters(row.number("active_parameters_count", REMEDY), _scores_flop(row))
    scores = training_flop(forward._replace(layers_flop=0.0))
    weights = training_flop(forward) - scores
    return Run(
        row,
        row.text("family"),
        device,
        int(row.source().year),
        tokens * weights,
        tokens * scores,
        device.number(f"peak_{find_precision(device)}_flop_per_s", REMEDY),
        _published_s(training),
    )


def _scores_flop(row: Row) -> float:
    model = find("model", row.text("model")) if row.text("model") else None
    layers, width = row.find_number("layers_count"), row.find_number("attention_width_count")
    if model is not None:
        layers = layers or model.find_number("layers_count")
        width = width or find_attention_width(model)
    context = row.find_number("context_count")
    if layers is None or width is None or context is None:
        return 0.0
    return scores_flop(int(layers), int(width), int(context))


def find_precision(device: Row) -> str:
    """The precision that a device trains in: bfloat16, else fp16.

    >>> find_precision(find("device", "a100-sxm4-80gb")), find_precision(find("device", "v100-sxm2-32gb"))
    ('bf16', 'fp16')
    """
    return next(name for name in PRECISIONS if device.find_number(f"peak_{name}_flop_per_s") is not None)


def find_device_hours(training: Row) -> float | None:
    """Device-hours: published, else devices x days; None where neither is."""
    hours = training.find_number("device_time_h")
    if hours is not None:
        return hours
    count, days = training.find_number("devices_count"), training.find_number("wall_time_d")
    return None if count is None or days is None else count * days * 24.0


def _published_s(training: Row) -> float:
    hours = find_device_hours(training)
    return (training.number("device_time_h", REMEDY) if hours is None else hours) * 3600.0
