"""Model FLOPs utilisation of a training that nobody measured: a lognormal of the catalogue's `mfus.csv`.

    ln MFU ~ Normal(ln mfu_share, ln spread_ratio)
    P5, P95 = mfu_share x spread_ratio^-+1.645

A row is found by the family of the model, the class of the device, how many parameters a token
passes, and the year of the run. Rows of language models on data-centre accelerators are fitted
to published runs (study/blind.py, which says how well each family is predicted by the others);
rows of what nobody published are assumed, and wide. The years part at 2023: from then on runs
have fused attention (Dao et al. 2022, arXiv:2205.14135), which no longer writes the scores to memory.

    predicted = predict(find("model", "llama-2-7b"), find("device", "a100-sxm4-80gb"), year=2023)
    mfu = draw(predicted, Streams(seed), entity="the training's name")
    work = tokens x training_flop(forward_of_model(find("model", "llama-2-7b"), context=4096))
    time = work / (devices x peak x mfu)

The share is of the dense peak in 16 bits, and of model FLOPs that hold attention scores whole: with 3 x the forward
pass of the catalogue, which leaves them out, a small model with a long context would be a quarter too fast. The
hours fitted to are those of the whole run, so checkpoints, failures and restarts are in it: do not add them again.
What a plan implies is training_clashes.find_mfu; this module is for when nothing implies it.
"""

from math import exp, log
from statistics import NormalDist
from typing import NamedTuple

from simulator.catalogue import Row, rows
from simulator.engine.rng import Streams
from simulator.errors import MissingValueError

STREAM = "mfu"
_NORMAL = NormalDist()
P95_Z = _NORMAL.inv_cdf(0.95)
"""How many spreads P95 is above the median."""


class Mfu(NamedTuple):
    """What is expected of an MFU, and the row that says so; `spread_ratio` is one standard deviation up."""

    p5_share: float
    p50_share: float
    p95_share: float
    spread_ratio: float
    row: Row


def find_mfu_row(model: Row | float, device: Row, year: int | None = None, family: str = "dense") -> Row:
    """The row of `mfus.csv` for a model of the catalogue, or for so many parameters of a family, on a device.

    `year` is that of the run; without one it is a run of today. Raises MissingValueError for an unknown family.

    >>> a100 = rows("device")["a100-sxm4-80gb"]
    >>> find_mfu_row(rows("model")["bloom-176b"], a100, 2022).id, find_mfu_row(70e9, a100).id
    ('language-unfused', 'language-fused')
    """
    family, parameters = _family_and_size(model, family)
    for row in rows("mfu").values():
        alike = _lists(row, "families", family) and _lists(row, "classes", device.text("class"))
        if alike and _holds(row, "parameters_count", parameters) and _holds(row, "year", year):
            return row
    raise MissingValueError(family, f"MFU on a {device.text('class')}", "give `mfu`")


def predict(model: Row | float, device: Row, year: int | None = None, family: str = "dense") -> Mfu:
    """P5, median and P95 of the MFU to expect; arguments as of `find_mfu_row`.

    >>> predicted = predict(rows("model")["resnet-50"], rows("device")["h100-sxm5-80gb"])
    >>> [round(share, 2) for share in predicted[:3]]
    [0.08, 0.18, 0.4]
    """
    return of_row(find_mfu_row(model, device, year, family))


def of_row(row: Row) -> Mfu:
    """What a row of `mfus.csv` says."""
    share, spread_ratio = (row.number(column, "correct the row") for column in ("mfu_share", "spread_ratio"))
    reach = spread_ratio**P95_Z
    return Mfu(share / reach, share, share * reach, spread_ratio, row)


def draw(predicted: Mfu, streams: Streams, entity: str, turn: int = 0) -> float:
    """The MFU of one run, the same for the same seed, entity and turn; above 1 nothing is drawn.

    The lognormal is cut at 1 and keeps its shape below, which for fitted rows changes nothing that could be seen.

    >>> from simulator.engine.rng import Streams
    >>> expected = predict(7e9, rows("device")["h100-sxm5-80gb"])
    >>> draw(expected, Streams(7), "pre-training") == draw(expected, Streams(7), "pre-training")
    True
    """
    sigma = log(predicted.spread_ratio)
    most = _NORMAL.cdf(-log(predicted.p50_share) / sigma)
    chance = most * (1.0 - streams.generator(STREAM, entity, turn).random())  # in (0, most]
    return min(1.0, predicted.p50_share * exp(sigma * _NORMAL.inv_cdf(chance)))


def _family_and_size(model: Row | float, family: str) -> tuple[str, float | None]:
    if not isinstance(model, Row):
        return family, model
    active = model.find_number("active_parameters_count")
    return model.text("family"), model.find_number("parameters_count") if active is None else active


def _lists(row: Row, column: str, word: str) -> bool:
    return word in row.text(column).split(";")


def _holds(row: Row, column: str, value: float | None) -> bool:
    """Whether a value is within the row's bounds, first included, last not; unknown is large, and today."""
    least, below = row.find_number(f"least_{column}"), row.find_number(f"below_{column}")
    if value is None:
        return below is None
    return (least is None or value >= least) and (below is None or value < below)
