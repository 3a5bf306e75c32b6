"""The figures of one result: drawn for a notebook, or written as PNG."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa
from matplotlib.figure import Figure

from simulator.engine.rng import Streams
from simulator.errors import UsageError
from simulator.footprint.accounting.accounts import Accounts
from simulator.footprint.accounting.break_even import draw_services, find_services
from simulator.learning.data import Split
from simulator.learning.spec import TaskSpec
from simulator.learning.task import build_task
from simulator.record.store import FIGURES
from simulator.view import break_even, iceberg, learning, neuron, participation, power, scales, service_life
from simulator.view.target import DPI, find_png
from simulator.view.uncertainty_figure import draw_uncertainty

QUANTITIES = ("co2e_kg", "energy_j")
_LIFE = ("assets", "events", "jobs", "requests", "transfers")
"""The tables that say how much a service was asked."""


class Result(Protocol):
    """What figures read of a result."""

    @property
    def summary(self) -> Mapping[str, Any]:
        """Totals by paradigm."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What it was made with."""

    @property
    def curves(self) -> Sequence[Mapping[str, Any]]:
        """How good its models were, and what that had cost."""

    def table(self, name: str) -> pa.Table:
        """One of its tables."""

    def ticks(self, tick: str | None, by: Sequence[str]) -> pa.Table:
        """Its power log."""

    def account(self, *, criterion: str) -> Accounts:
        """Its account by its own method."""


class Picture(NamedTuple):
    """A figure of matplotlib's, which notebooks show by themselves."""

    figure: Figure

    def save(self, target: Path | io.BytesIO) -> None:
        """Write it as PNG, the same bytes whenever it is drawn."""
        self.figure.savefig(target, dpi=DPI, format="png", metadata={"Software": None})

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        png = io.BytesIO()
        self.save(png)
        return png.getvalue()


class Figures:
    """What a result can be drawn as; every method returns the picture, and writes it where a path is given."""

    def __init__(self, result: Result, tasks: Callable[[], Mapping[str, Any]]) -> None:
        self._result, self._tasks = result, tasks

    def power(self, path: str | Path | None = None, tick: str | None = None) -> Picture:
        """Power per tick, stacked by workload and activity."""
        target = find_png(path)
        ticks = self._result.ticks(tick, ("workload", "activity"))
        return _written(power.draw(self._result.summary, ticks), target)

    def iceberg(self, path: str | Path | None = None, quantity: str = "co2e_kg") -> Picture:
        """The nested boundaries, `co2e_kg` or `energy_j`, areas true to scale."""
        if quantity not in QUANTITIES:
            raise UsageError(f"an iceberg of {quantity!r}", "no such quantity", f"there is {', '.join(QUANTITIES)}")
        target = find_png(path)
        return _written(iceberg.draw(self._result.summary, quantity), target)

    def learning(self, path: str | Path | None = None, by: str | Sequence[str] = "time_s") -> Picture:
        """Accuracy against `time_s`, `energy_j`, `co2e_kg` or `moved_bytes`, or several of them side by side."""
        amounts = (by,) if isinstance(by, str) else tuple(by)
        for amount in amounts:
            if amount not in learning.AMOUNTS:
                known = ", ".join(learning.AMOUNTS)
                raise UsageError(f"learning by {amount!r}", "no such amount", f"there is {known}")
        target = find_png(path)
        return _written(learning.draw(self._name, self._learned(), self._target, amounts), target)

    def participation(self, path: str | Path | None = None) -> Picture:
        """Updates taken from each tenth of the users by speed, over its fair share."""
        target = find_png(path)
        return _written(participation.draw(self._name, self._result.table("participation").to_pylist()), target)

    def neuron(self, path: str | Path | None = None) -> Picture:
        """One neuron's line at a handful of looks, over the points of the task `one-neuron`."""
        target = find_png(path)
        points, parameters = self._points(), self._result.table("parameters").to_pylist()
        return _written(neuron.draw(self._name, parameters, self._learned(), points), target)

    def break_even(self, path: str | Path | None = None) -> Picture:
        """Bytes that federated learnings moved round by round, against those of collecting the data once."""
        target = find_png(path)
        rows = (self._result.table(name).to_pylist() for name in ("rounds", "transfers", "assets"))
        return _written(break_even.draw(self._name, *rows), target)

    def service_life(self, path: str | Path | None = None, draws: int | None = None, seed: int = 0) -> Picture:
        """CO2e of a request by how many requests a model answers in its life; with draws, the band of its factors."""
        target = find_png(path)
        accounts = self._result.account(criterion="co2e_kg")
        tables = {name: self._result.table(name) for name in _LIFE}
        drawn = None if draws is None else draw_services(tables, accounts, count=draws, seed=seed)
        return _written(service_life.draw(self._name, find_services(tables, accounts), drawn), target)

    def uncertainty(
        self, path: str | Path | None = None, criterion: str = "co2e_kg", draws: int = 1000, seed: int = 0
    ) -> Picture:
        """The distribution of a criterion of each paradigm, and the factors that move the first one most."""
        target = find_png(path)
        accounts = self._result.account(criterion=criterion)
        drawn, first = accounts.draws(criterion, count=draws, seed=seed), next(iter(accounts.of))
        swings = accounts.tornado(criterion, first, drawn.boundary)
        return _written(draw_uncertainty(drawn, swings, first), target)

    def scales(self, path: str | Path | None = None) -> Picture:
        """Every total beside what a year of all data centres comes to, and how many of ours make that."""
        target = find_png(path)
        return _written(scales.draw(self._result.summary), target)

    def save(self, folder: Path) -> None:
        """Write all of `FIGURES` into a folder, the last where something was learned."""
        self.power(folder / FIGURES[0])
        self.iceberg(folder / FIGURES[1])
        if self._result.curves:
            self.learning(folder / FIGURES[2], by=("energy_j", "time_s"))

    @property
    def _name(self) -> str:
        return str(self._result.summary["name"])

    @property
    def _target(self) -> float | None:
        """The accuracy that all models were to come to; None where the scenario does not say."""
        target = (self._result.manifest["comparison"] or {}).get("target")
        return None if target is None else target["accuracy"]

    def _learned(self) -> Sequence[Mapping[str, Any]]:
        if not self._result.curves:
            raise UsageError("a figure of learning", "nothing was learned", "give a workload of the scenario `learn`")
        return self._result.curves

    def _points(self) -> Split:
        """The points of the task that one neuron learns: the same for every workload."""
        for name, task in self._tasks().items():
            spec = TaskSpec.model_validate(task)
            if spec.data == "one-neuron" and spec.model.kind == "neuron":
                return build_task(spec, Streams(self._result.manifest["seed"]), name).data
        remedy = "take one with `data: one-neuron` and `model: neuron`"
        raise UsageError("a figure of one neuron", "no task of the scenario is one", remedy)


def _written(figure: Figure, target: Path | None) -> Picture:
    picture = Picture(figure)
    if target is not None:
        picture.save(target)
    return picture
