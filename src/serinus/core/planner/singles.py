"""
Single replicas: where one of several shows it alone, it is that one and not the version.

A version that is bad is bad on every replica, at every age but for its start. So what one of
several shows alone costs that one its place and nobody the traffic; and what only young ones show
is no longer asked of the young.
"""

from msgspec.structs import replace

from serinus.core.planner import surge, words
from serinus.core.planner.turn import Turn
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase, Retreat
from serinus.core.state.verdict import Reading, Test, TestKind

FEW = 3
"""With fewer replicas than this, one of them is too large a part to be told from the version."""

MILD = 0.5
"""A replica of which more than this fails is replaced, however young it is."""

NEARLY = 0.8
"""So large a part of what is bad is nearly all of it."""

YOUNG_S = 300.0
"""So long fresh replicas are not judged, once those of both versions were seen to fail."""


def single(turn: Turn, reading: Reading, state: Retreat) -> int | None:
    """Return the ordinal of the one replica of several that is bad alone, None if there is none."""
    serving = turn.progress.ordinals
    if len(serving) < FEW or state.replaced >= max(1, min(state.most, len(serving))):
        return None
    if not surge.room(turn, 1):
        return None
    ordinal = reading.carrier.rpartition("-")[2]
    return int(ordinal) if ordinal.isdecimal() and int(ordinal) in serving else None


def replaced(turn: Turn, reading: Reading, state: Retreat, one: int) -> Turn:
    """
    Replace the one replica that is bad while all others are well; the share stays.

    A version that is bad is bad on every replica. What one of several shows alone is most likely
    that one's own, so that nobody's traffic is taken away for it.
    """
    progress = turn.progress
    turn, fresh = turn.fresh(1)
    accused = (*state.accused[:1], one)
    kind = TestKind.TRIAL if progress.phase is Phase.TRIAL else TestKind.RUN
    return turn.to(
        progress.phase,
        "Replaced",
        f"Replaced one replica, at {words.share(progress.share)} as before: {reading.sentence}.",
        Kind.RETREAT,
        ordinals=(*(o for o in progress.ordinals if o != one), *fresh),
        pending_since=turn.now,
        retreat=replace(state, accused=tuple(dict.fromkeys(accused)), replaced=state.replaced + 1),
        test=Test(number=progress.test.number + 1, kind=kind),
        test_at=turn.now,
    )


def only_young(turn: Turn, reading: Reading) -> bool:
    """
    Tell whether it is shown by young replicas alone, and less than half bad, while older are well.

    A version that is bad is bad at every age but for its start. That fresh replicas fail is what
    they may have in common with those of the stable version.
    """
    bad = {r.name for r in turn.serving() if r.name in reading.suspects}
    ages_s = {r.name: turn.since(r.ready_at) for r in turn.serving() if r.ready_at is not None}
    if not bad or turn.progress.retreat.young_s or not bad <= ages_s.keys():
        return False
    oldest = max(ages_s[name] for name in bad)
    others = [age for name, age in ages_s.items() if name not in bad]
    rates = [one.bad / one.requests for one in reading.replicas if one.name in bad and one.requests]
    mild = max(rates, default=1.0) < MILD
    return mild and oldest < YOUNG_S / 2 and bool(others) and max(others) >= 2 * oldest


def mostly_young(turn: Turn, reading: Reading) -> bool:
    """Tell whether nearly all that is bad comes from young replicas."""
    young = {
        r.name
        for r in turn.serving()
        if r.ready_at is not None and turn.since(r.ready_at) < YOUNG_S / 2
    }
    mine = [one for one in reading.replicas if one.current and one.check == reading.accused]
    bad = sum(one.bad for one in mine)
    return bool(bad) and sum(one.bad for one in mine if one.name in young) >= NEARLY * bad


def spared(turn: Turn, reading: Reading, state: Retreat) -> Turn:
    """Judge no young replicas any more; the share stays, and the older ones are judged."""
    progress = turn.progress
    kind = TestKind.TRIAL if progress.phase is Phase.TRIAL else TestKind.RUN
    return turn.to(
        progress.phase,
        "YoungSpared",
        f"At {words.share(progress.share)} as before: {reading.sentence}. Only young replicas show "
        f"it: from now on those younger than {words.seconds(YOUNG_S)} are not judged.",
        Kind.RETREAT,
        retreat=replace(state, young_s=YOUNG_S),
        test=Test(number=progress.test.number + 1, kind=kind),
        test_at=turn.now,
    )
