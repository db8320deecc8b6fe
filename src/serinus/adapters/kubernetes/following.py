"""
Has the router taken over what was written? Seen from what it counts.

::

    written ─▶ first counts after it ─▶ requests of both sides ─┬─▶ the new split: it follows
                                                                ├─▶ the old one: it does not, yet
                                                                └─▶ too few to tell for 10 s: taken
                                                                    as following, and said

A router that counts nothing, or is not to be asked, cannot be watched; neither can one that keeps
users on their side or chooses requests by what they say. Then what is written is believed. Whoever
follows once is not asked again until the next change: what comes later is told by the judge
(:mod:`serinus.core.analysis.routing`).
"""

from collections.abc import Callable
from typing import NamedTuple

from serinus.core.analysis import following
from serinus.core.analysis.following import Answer
from serinus.core.spec import prose
from serinus.core.state import counts
from serinus.core.state.counts import RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Route
from serinus.ports.clock import Clock

GRACE_S = 10.0
"""So long is waited for few requests, after a change or after some that spoke for the old split."""

LOOKS = 3.0
"""Where there is something new less often, it is waited for so many times."""


class Seen(NamedTuple):
    """Whether the router follows as far as can be told, and a sentence where one is to be said."""

    follows: bool
    sentence: str = ""


class _Change:
    """
    One change that is watched.

    ``side``: the revision whose share changes most. ``base``: requests of all and of the side when
    the last look was. ``since``: from when on few requests are waited for. ``said``: how long it
    had lasted when it was said last; it is said anew at twice that, as each time is written down.
    """

    def __init__(self, side: str, old: int, new: int, at: float) -> None:
        self.side = side
        self.at = self.since = at
        self.known = following.Following(old, new)
        self.base: tuple[int, int] | None = None
        self.looked = at
        self.seen = Seen(follows=False)
        self.said = 0.0


class Following:
    """
    Watch what became of changes.

    ``latest``: the newest counts of an application; ``every_s``: how often there are new ones,
    None where nobody counts.
    """

    def __init__(
        self,
        latest: Callable[[Key], Scrape | None],
        every_s: Callable[[Key], float | None],
        clock: Clock,
    ) -> None:
        self._latest = latest
        self._every_s = every_s
        self._clock = clock
        self._changes: dict[Key, _Change] = {}

    def changed(self, key: Key, before: Route | None, after: Route | None) -> None:
        """Note that a route was delivered. The same again begins nothing anew."""
        found = _moved(before, after)
        if found is None or self._every_s(key) is None:
            if _weights(before) != _weights(after):
                self._changes.pop(key, None)
            return
        side, old, new = found
        known = self._changes.get(key)
        if known is not None and (known.side, known.known.new) == (side, new):
            return
        self._changes[key] = _Change(side, old, new, self._now())

    def forget(self, key: Key) -> None:
        """Watch an application no longer."""
        self._changes.pop(key, None)

    def look(self, key: Key) -> Seen:
        """Tell whether the router was seen to follow the last change."""
        change = self._changes.get(key)
        if change is None:
            return Seen(follows=True)
        if not change.seen.follows:
            self._count(change, self._latest(key))
            change.seen = self._seen(change, self._every_s(key) or 0.0)
        return change.seen

    def follows(self, key: Key) -> bool:
        """Tell whether the router was seen to follow, or cannot be seen."""
        return self.look(key).follows

    def lag(self, key: Key) -> str:
        """Say why the router does not carry out what was delivered; empty when it does, or may."""
        seen = self.look(key)
        return "" if seen.follows else seen.sentence

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _count(self, change: _Change, scrape: Scrape | None) -> None:
        """Count what is new since the last look; the first counts after the change are the base."""
        if scrape is None or scrape.at <= change.looked:
            return
        change.looked = scrape.at
        now = _requests(scrape, change.side)
        before, change.base = change.base, now
        if before is None or now[0] < before[0] or now[1] < before[1]:
            return
        change.known = following.count(change.known, now[0] - before[0], now[1] - before[1])
        if change.known.answer is Answer.OLD:
            change.since = self._now()

    def _seen(self, change: _Change, every_s: float) -> Seen:
        known, now = change.known, self._now()
        if known.answer is Answer.FOLLOWS:
            return Seen(follows=True)
        grace = max(GRACE_S, LOOKS * every_s)
        waited = now - change.at
        if not 0.0 <= now - change.since < grace:
            return Seen(follows=True, sentence=_unseen(change, waited))
        told = known.begun + (known.answer is Answer.OLD) > 1
        if not told or waited < max(grace, 2.0 * change.said):
            return change.seen
        change.said = waited
        return Seen(follows=False, sentence=following.sentence(known, waited))


def _unseen(change: _Change, waited: float) -> str:
    """Say why it is not known that the router follows."""
    known, length = change.known, prose.seconds(waited)
    if change.base is None:
        return f"nobody could count for {length} whether the router follows"
    if not known.requests:
        return f"nobody came for {length}, so that it is not known whether the router follows"
    came = prose.several(known.requests, "request")
    return (
        f"{came} in {length} are too few to tell {known.new / 10:g} % from {known.old / 10:g} %,"
        " so that it is not known whether the router follows"
    )


def _weights(route: Route | None) -> dict[str, int]:
    return {} if route is None else {b.revision: b.weight for b in route.backends if b.weight}


def _moved(before: Route | None, after: Route | None) -> tuple[str, int, int] | None:
    """Return the side whose share changes most, from what to what; None where nothing is to see."""
    if before is None or after is None or any(_chosen(route) for route in (before, after)):
        return None
    old, new = _weights(before), _weights(after)
    sides = list(dict.fromkeys((*old, *new)))
    # Of two that change alike, the later one: stable comes first, and people think of the other.
    side = max(reversed(sides), key=lambda one: abs(new.get(one, 0) - old.get(one, 0)), default="")
    if new.get(side, 0) == old.get(side, 0):
        return None
    return side, old.get(side, 0), new.get(side, 0)


def _chosen(route: Route) -> bool:
    """Tell whether requests are sent by more than weights."""
    return route.sticky is not None or bool(route.matches)


def _requests(scrape: Scrape, side: str) -> tuple[int, int]:
    """Return how many requests ended in all, and of one side; copies are nobody's requests."""
    own = {r: c for r, c in scrape.revisions.items() if not r.endswith(counts.MIRRORED)}
    return sum(map(_ended, own.values())), _ended(own[side]) if side in own else 0


def _ended(found: RevisionCounters) -> int:
    return sum(one.completed for one in found.replicas.values())
