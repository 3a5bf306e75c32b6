"""What a model takes from its ancestors, as lines beside the ladder: in none of its boundaries."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from simulator.footprint.accounting.ancestors import Ancestry
from simulator.footprint.accounting.lineage import RULES
from simulator.units import show


def lineage_lines(found: Sequence[Ancestry]) -> Iterator[Text]:
    """A line for each paradigm and criterion: what is taken, from whom, by which rule; or who is unknown."""
    for one in found:
        yield Text(f"{one.paradigm}, ancestors of {one.of} ({one.rule}, in no boundary): {'; '.join(_said(one))}")
    for rule in dict.fromkeys(one.rule for one in found):
        yield Text(f"{rule}: {RULES[rule]}", style="dim")


def _said(one: Ancestry) -> Iterator[str]:
    taken = one.taken
    if taken is None:
        others = [name for name in one.unknown if name != one.of]
        yield f"{one.criterion} is not computed, for nobody says that of {', '.join(others)}"
        return
    parts = [part for part in one.parts if part.model != one.of]
    told = ", ".join(f"{part.share:.1%} of {part.model} ({show(part.whole.value, one.criterion)})" for part in parts)
    yield f"{show(taken, one.criterion)}" + (f", {told}" if told else "")
    own = next((part for part in one.parts if part.model == one.of), None)
    if own is not None and own.share < 1.0:
        yield f"of its own {show(own.whole.value, one.criterion)} it keeps {own.share:.1%}"
