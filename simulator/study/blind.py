"""Device-hours of published trainings, blind: from parameters, tokens, device and year, by other families alone.

    ours = work / (peak x MFU),    MFU learnt from the runs of all other families (study/mfu_fit.py)

The gates are on all together: median of the errors' sizes, how many are within a factor of two
and within P5-P95, and how wide P5-P95 is. Llama 1, 2 and 3 are one family, which is the stricter
way. Which runs are alike, the rows of `mfus.csv`, was settled with all runs in sight; only what
they hold is learnt without the family in question. Beside it, and not gated: the same with the
cells chosen within each fold, without the year, with other counts of attention, and constants.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.study.mfu_fit import (
    Blind,
    Score,
    by_device,
    choosing,
    constant,
    leave_one_family_out,
    pooled,
    score,
)
from simulator.study.published_run import REMEDY, Run, left_out, published_runs
from simulator.study.report import Aside, Comparison, Report
from simulator.units import show
from simulator.workloads.mfu import P95_Z


class Gates(NamedTuple):
    """The most and the least that a score may be."""

    most_error: float = 0.20
    least_within_two_share: float = 0.85
    least_covered_share: float = 0.85
    most_width_ratio: float = 3.0

    def met_by(self, found: Score) -> bool:
        """Whether a score keeps all four."""
        return (
            found.error <= self.most_error
            and found.within_two_share >= self.least_within_two_share
            and found.covered_share >= self.least_covered_share
            and found.width_ratio <= self.most_width_ratio
        )


GATES = Gates()
CONSTANTS = (0.40, 0.30)
"""What is commonly taken for an MFU, and the best constant when all runs are known."""

COLUMNS = ("how", "median error", "within 2x", "within P5-P95", "P95/P5")


def blind() -> Report:
    """Every counted run beside what the other families make of it."""
    runs = published_runs()
    blinds = leave_one_family_out(runs, pooled(by_row))
    found = score(blinds)
    title = "device time of published trainings, blind: each family predicted by the others"
    aside = Aside("the same otherwise, for who doubts it; nothing of it is gated", COLUMNS, list(_otherwise(runs)))
    return Report(
        title,
        [_compare(one) for one in blinds],
        tuple(_summary(runs, blinds, found)),
        GATES.met_by(found),
        aside,
        band=1.0,
    )


def by_row(run: Run) -> str:
    """The row of `mfus.csv`: before or since fused attention, and below or above a billion parameters."""
    return run.cell


def by_nothing(_: Run) -> str:
    """All runs alike."""
    return ""


def by_hardware(run: Run) -> str:
    """The two years in which the device came: V100 and TPU v3; A100 and TPU v4; H100 and H800."""
    return str(int(run.device.number("year_introduced", REMEDY)) // 2)


def by_size(run: Run) -> str:
    """Below or above a billion active parameters."""
    return str(run.row.number("active_parameters_count", REMEDY) >= 1e9)


def by_hardware_and_size(run: Run) -> str:
    """Both: what can be told without the year."""
    return by_hardware(run) + by_size(run)


def by_years(run: Run) -> str:
    """Before or since fused attention, whatever the size."""
    return by_row(run).removesuffix("-small")


def generation(run: Run) -> str:
    """The family, with Llama 1, 2 and 3 apart."""
    return run.row.name.rsplit(" ", 1)[0].partition(".")[0] if run.family == "llama" else run.family


CANDIDATES = (by_nothing, by_hardware, by_size, by_hardware_and_size, by_years, by_row)
"""Which runs might be alike, for who would rather have that learnt too."""


def _compare(one: Blind) -> Comparison:
    low_s, high_s = (one.device_s(z) for z in (-P95_Z, P95_Z))
    low, high = (show(time_s, "device_s", 2) for time_s in (low_s, high_s))
    row = one.run.row
    implied = f"MFU {one.run.mfu:.3f} by the published hours, {one.expected.p50_share:.3f} by the others"
    return Comparison(
        row.name,
        "device_s",
        f"P5-P95 {low} to {high}",
        one.run.published_s,
        one.device_s(),
        "within P5-P95" if one.covered else "beyond P5-P95",
        row.source().source,
        "; ".join(part for part in (implied, row.text("note")) if part),
        low=low_s,
        high=high_s,
    )


def _summary(runs: Sequence[Run], blinds: Sequence[Blind], found: Score) -> Iterator[str]:
    families = len({one.run.family for one in blinds})
    yield (
        f"{len(blinds)} runs of {families} families: median error {found.error:.1%} (gate {GATES.most_error:.0%}), "
        f"{found.within_two_share:.0%} within a factor 2 (gate {GATES.least_within_two_share:.0%}), "
        f"{found.covered_share:.0%} within P5-P95 (gate {GATES.least_covered_share:.0%}), "
        f"P95/P5 {found.width_ratio:.2f} on average (gate {GATES.most_width_ratio:g})"
    )
    strict = score(leave_one_family_out(runs, pooled(by_hardware_and_size)))
    chosen = score(leave_one_family_out(runs, choosing(CANDIDATES)))
    yield (
        f"the year of a run is among what it is predicted from: by parameters, tokens and hardware alone the median "
        f"error is {strict.error:.1%}; with which runs are alike chosen within each fold, {chosen.error:.1%}"
    )
    for name, reason in left_out():
        yield f"left out: {name}: {reason}"


def _otherwise(runs: Sequence[Run]) -> Iterator[tuple[str, ...]]:
    ways = {
        "as gated": leave_one_family_out(runs, pooled(by_row)),
        "Llama 1, 2 and 3 apart": leave_one_family_out(runs, pooled(by_row), generation),
        "which runs are alike chosen within each fold": leave_one_family_out(runs, choosing(CANDIDATES)),
        "by years, not by size": leave_one_family_out(runs, pooled(by_years)),
        "by hardware and size, without the year": leave_one_family_out(runs, pooled(by_hardware_and_size)),
        "all runs alike": leave_one_family_out(runs, pooled(by_nothing)),
        "median of the same peak": leave_one_family_out(runs, by_device),
        **{f"MFU {share:.2f} for all": leave_one_family_out(runs, constant(share)) for share in CONSTANTS},
        "as gated, half of the attention (causal)": _with_attention(runs, 0.5),
        "as gated, without attention (6 N D)": _with_attention(runs, 0.0),
    }
    found = {name: score(blinds) for name, blinds in ways.items()}
    for name, one in {**found, **_without_a_family(runs)}.items():
        shares = (f"{one.error:.1%}", f"{one.within_two_share:.0%}", f"{one.covered_share:.0%}")
        yield (name, *shares, f"{one.width_ratio:.2f}")


def _without_a_family(runs: Sequence[Run]) -> dict[str, Score]:
    """The families whose absence makes the median least and largest: how much it hangs on one of them."""
    scores = {
        f"as gated, had nobody published {family}": score(
            leave_one_family_out([run for run in runs if run.family != family], pooled(by_row))
        )
        for family in dict.fromkeys(run.family for run in runs)
    }
    ordered = sorted(scores, key=lambda name: scores[name].error)
    return {name: scores[name] for name in (ordered[0], ordered[-1])}


def _with_attention(runs: Sequence[Run], share: float) -> list[Blind]:
    counted = [run._replace(scores_flop=share * run.scores_flop) for run in runs]
    return leave_one_family_out(counted, pooled(by_row))
