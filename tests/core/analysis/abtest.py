"""Seeded A/B tests: users who are drawn for a side, and reach a goal at once or days later."""

from collections.abc import Iterator
from random import Random

from serinus.core.analysis.intervals import Counts

DAYS = 14


def days(
    random: Random, rates: tuple[float, float], *, share: float, users: int, late: float = 0.0
) -> Iterator[tuple[Counts, Counts]]:
    """
    Yield the counts of candidate and stable after each day.

    ``rates``: the shares of their users who reach the goal. ``late``: the part of these who do so
    on one of the next days, not at once.
    """
    reached, drawn = [0, 0], [0, 0]
    pending: list[list[int]] = [[0, 0] for _ in range(DAYS * 2)]
    for day in range(DAYS):
        for _ in range(users):
            side = int(random.random() >= share)
            drawn[side] += 1
            if random.random() < rates[side]:
                wait = 1 + int(random.random() * 5) if random.random() < late else 0
                pending[day + wait][side] += 1
        reached = [reached[side] + pending[day][side] for side in (0, 1)]
        yield (reached[0], drawn[0]), (reached[1], drawn[1])
