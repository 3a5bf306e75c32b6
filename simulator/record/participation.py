"""Who took part in federated learnings, as rows of `participation`: all users, then each tenth of them by speed."""

from collections.abc import Iterator, Mapping

from simulator.population.participation import ALL, Participation

Row = tuple[str, int, int, int, int, float | None]


def participation_rows(found: Mapping[str, Participation]) -> Iterator[Row]:
    """The rows of each learning: workload, decile, users, selected, accepted, Gini coefficient."""
    for workload, taken in found.items():
        deciles = taken.deciles()
        users, selected, accepted = (sum(column) for column in zip(*(one[1:] for one in deciles), strict=True))
        yield workload, ALL, users, selected, accepted, taken.gini()
        for one in deciles:
            if one.decile != ALL:
                yield workload, *one, None
