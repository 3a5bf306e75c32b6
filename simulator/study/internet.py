"""Published round trips beside those of routes: a blind prediction, for no constant was fitted to them.

    error = ours / published - 1,    ours by the policy model in the internet of the published year

The gate is on all together: the median of the errors' sizes, how many are within a fifth, and that light on the
shortest way is slower than no published round trip. Beside it, and not gated, the constants are
fitted anew without each region in turn (study/leave_out.py).
"""

from statistics import median

from simulator.catalogue import Row, find
from simulator.network.atlas import build_atlas
from simulator.network.route import route
from simulator.network.tables import CATALOGUE, AtlasTables
from simulator.study.leave_out import can_leave_out, leave_one_out, pair_of
from simulator.study.report import Comparison, Report
from simulator.units import MS_PER_S

MOST_MEDIAN, NEAR, LEAST_NEAR = 0.07, 0.20, 41 / 45


def internet(tables: AtlasTables = CATALOGUE) -> Report:
    """Every published round trip of an atlas beside ours."""
    published = list(tables.rows("round-trip").values())
    comparisons = [_compare(row, tables) for row in published]
    sizes = [abs(one.error) for one in comparisons]
    near = sum(size <= NEAR for size in sizes)
    faster = [
        row.name for row in published if row.number("rtt_ms", "correct the row") < _rtt_ms(row, "lower_bound", tables)
    ]
    summary = (
        f"{len(sizes)} pairs: median error {median(sizes):.1%} (gate {MOST_MEDIAN:.0%}), {near} within {NEAR:.0%} "
        f"(gate {LEAST_NEAR * len(sizes):.0f}), worst {max(sizes):.0%}",
        f"published faster than light on the shortest way: {', '.join(faster) or 'none'}",
    )
    met = median(sizes) < MOST_MEDIAN and near >= LEAST_NEAR * len(sizes) and not faster
    pairs = [pair_of(row, tables) for row in published]
    aside = leave_one_out(pairs, shipped()) if can_leave_out(pairs) else None
    return Report("round trips between cloud regions, blind", comparisons, summary, met, aside, band=NEAR)


def shipped() -> tuple[float, ...]:
    """The constants of the `policy` model: over land, under the sea, milliseconds added."""

    def value(name: str, column: str) -> float:
        return find("network-assumption", name).number(column, "correct the row")

    ratios = (value(f"latency-{kind}", "stretch_ratio") for kind in ("overland", "submarine"))
    return *ratios, value("latency-added", "added_ms")


def _compare(row: Row, tables: AtlasTables) -> Comparison:
    ours_ms, published_ms = _rtt_ms(row, "policy", tables), row.number("rtt_ms", "correct the row")
    near = abs(ours_ms / published_ms - 1.0) <= NEAR
    verdict = f"within {NEAR:.0%}" if near else f"beyond {NEAR:.0%}"
    seconds = (published_ms / MS_PER_S, ours_ms / MS_PER_S)
    return Comparison(
        row.name, "time_s", "policy", *seconds, verdict, row.source("rtt_ms").source, "", what="round trip"
    )


def _rtt_ms(row: Row, latency: str, tables: AtlasTables) -> float:
    atlas = build_atlas(int(row.source("rtt_ms").year), tables)
    return route(atlas, row.text("a"), row.text("b"), latency).rtt_ms
