"""
The archive: what a store still has of releases and of stable, made ready to be played again.

Every release keeps its ticks for 30 days; between releases they are kept for an hour as they were
counted and for a week as one a minute.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from serinus.app import measure
from serinus.core.planner import words
from serinus.core.state.counts import CANDIDATE, STABLE, Tick
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.lab import recording
from serinus.lab.recording import Recording
from serinus.ports import failures
from serinus.ports.store import Store

EVENTS = 10_000
RELEASES = 500


async def release(store: Store, key: Key, number: int | None = None) -> Recording:
    """
    Return a release as a recording, the last one without a number.

    Missing: there is no such release, or its ticks are not kept any more.
    """
    found = await _found(store, key, number)
    ticks = await store.ticks(key, found.number)
    if found.stable is None:
        raise failures.Missing(
            f"{found.name} was the first release of all",
            why="it had no stable beside it, so that nothing was judged",
            hint=f"serinus history {key.application}",
        )
    if not ticks:
        raise failures.Missing(
            f"{found.name} has no ticks",
            why="they are kept for 30 days, and are only counted while a controller runs",
            hint=f"serinus history {key.application}   (shows when it was)",
        )
    begun = found.created_at
    rest = await store.ticks(key, None, since=begun - measure.HISTORY)
    before = await store.release(key, found.number - 1)
    if before is not None:
        own = await store.ticks(key, before.number, since=begun - measure.HISTORY)
        rest = measure.joined(rest, own, before, found.stable)
    history = [tick for tick in rest if tick.at <= begun.timestamp()]
    events = await store.events(key=key, release=found.number, limit=EVENTS)
    since = measure.since(history, found.stable)
    return recording.of_release(found, ticks, history, events, since=since)


async def _found(store: Store, key: Key, number: int | None) -> Release:
    status = await store.status(key)
    last = status.release if status else None
    if number is None:
        if last is None:
            raise failures.Missing(
                f"{key.application} has had no release yet", hint="serinus history"
            )
        return last
    found = await store.release(key, number)
    if found is None:
        count = status.releases if status else 0
        raise failures.Missing(
            f"{key} has no release {number}",
            why=f"its releases are 1 to {count}" if count else "it had none yet",
            hint=f"serinus history {key.application}",
        )
    return found


async def rest(store: Store, key: Key, *, days: float, now: datetime) -> tuple[Tick, ...]:
    """
    Return all that is known of stable in the last days, oldest first: at rest and in releases.

    What a candidate did that was promoted is not stable's past: it was under suspicion.
    """
    since = now.astimezone(UTC) - timedelta(days=days)
    found = list(await store.ticks(key, None, since=since))
    for one in await store.releases(key, RELEASES):
        if one.ended_at is not None and one.ended_at < since:
            continue
        found += await store.ticks(key, one.number, since=since)
    return alone(found)


def alone(ticks: Sequence[Tick]) -> tuple[Tick, ...]:
    """Return stable's part of ticks in order; where two overlap the first one counts."""
    kept: list[Tick] = []
    for tick in sorted(ticks, key=lambda one: one.at):
        arm = tick.arms.get(STABLE)
        if arm is None or not arm.requests:
            continue
        if kept and tick.at - tick.seconds < kept[-1].at - 0.5 * tick.seconds:
            continue
        kept.append(replace(tick, arms={STABLE: arm}) if CANDIDATE in tick.arms else tick)
    return tuple(kept)


def length(ticks: Sequence[Tick]) -> str:
    """Say how long ticks are in all, for people."""
    return words.seconds(sum(tick.seconds for tick in ticks))
