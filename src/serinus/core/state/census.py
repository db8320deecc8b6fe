"""
The census of an A/B test: from requests, as they come, to users who are counted once.

::

    visits ──▶ who is new, who reached a goal for the first time, who crossed ──▶ cohort
                  ▲                                          │
                  └──────── what is known of these users ◀───┘

A user belongs to the side where he was seen first, whatever he sees later (*intention to treat*):
a side that drives its users to the other one cannot look better by that. What he reached is a set,
so that a request that is told twice changes nothing of a user. Requests are only counted, and
those that are told twice count twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Side, Visit

MOST = 1_000_000
"""So many users are remembered of one release; those who come later are missing."""


class Visitor(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one user: his side, the goals that he reached, whether he saw both sides."""

    arm: str
    reached: frozenset[str] = frozenset()
    crossed: bool = False


class _Tally:
    """What the visits add to one side."""

    def __init__(self) -> None:
        self.users = self.requests = 0
        self.reached: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()

    def added(self, side: Side) -> Side:
        """Return the side with all of it."""
        return Side(
            users=side.users + self.users,
            reached=_sum(side.reached, self.reached),
            requests=side.requests + self.requests,
            hits=_sum(side.hits, self.hits),
        )


def count(
    cohort: Cohort,
    known: Mapping[int, Visitor],
    visits: Sequence[Visit],
    arms: Mapping[str, str],
    goals: Sequence[Goal],
    *,
    most: int = MOST,
) -> tuple[Cohort, dict[int, Visitor]]:
    """
    Count visits, in the order in which they came.

    ``known``: at least those of the visits' users who were seen before. ``arms`` maps revisions to
    sides; what another revision answered belongs to nobody. Returns the cohort, and the users of
    whom something new is known.
    """
    tallies = {arm: _Tally() for arm in arms.values()}
    changed: dict[int, Visitor] = {}
    crossed, full = 0, cohort.full
    room = most - sum(side.users for side in cohort.sides.values())
    for visit in visits:
        arm = arms.get(visit.revision)
        if arm is None:
            continue
        here = tallies[arm]
        here.requests += 1
        method, path, status = visit.method, visit.path, visit.status
        done = [goal.name for goal in goals if goal.reached(method, path, status)]
        here.hits.update(done)
        if not visit.user:
            continue
        before = changed.get(visit.user) or known.get(visit.user)
        if before is None and room <= 0:
            full = True
            continue
        if before is None:
            room -= 1
            here.users += 1
            before = changed[visit.user] = Visitor(arm)
        crosses = before.arm != arm and not before.crossed
        fresh = before.reached.union(done)
        if crosses or fresh != before.reached:
            tallies.setdefault(before.arm, _Tally()).reached.update(fresh - before.reached)
            crossed += crosses
            changed[visit.user] = Visitor(before.arm, fresh, before.crossed or crosses)
    sides = dict(cohort.sides) | {
        arm: tally.added(cohort.sides.get(arm, Side())) for arm, tally in tallies.items()
    }
    return Cohort(sides=sides, crossed=cohort.crossed + crossed, full=full), changed


def _sum(old: Mapping[str, int], new: Counter[str]) -> dict[str, int]:
    return {name: old.get(name, 0) + new[name] for name in {**old, **new}}
