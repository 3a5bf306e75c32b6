"""What excess power carried of what users' devices drew, as rows of `excess`: a workload and a place each."""

from collections.abc import Iterable, Iterator

from simulator.population.crowd import Crowd

Row = tuple[str, str, float, float, float]


def excess_rows(crowds: Iterable[Crowd]) -> Iterator[Row]:
    """Workload, place, joules drawn, of them joules that its excess carried, and those of its grid."""
    for crowd in crowds:
        for took in () if crowd.excess is None else crowd.excess.took():
            place = f"{crowd.name}/{took.city}"
            yield took.workload, place, took.drawn_j, took.excess_j, took.drawn_j - took.excess_j
