"""
What people see: frozen views of what the store holds. Table, JSON and page render the same value.

::

    applications(store)          → Row, …       what needs me, what is moving, what is at rest
    release(store, key, number)  → View         everything about one release
    explained(store, key, …)     → View         the same, and all that its verdict is made of
    history(store, key)          → Past, …      what became of the others
    compared(store, key)         → revision, …  whose replicas are looked at side by side

Sentences come from the core and are passed on word for word.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from serinus.app import budgets, cohorts, commands, crew, explaining, judged, lanes, progress
from serinus.app.shown import (
    Decision,
    Past,
    RetreatView,
    Row,
    View,
    WaitView,
)
from serinus.core.planner import exposure
from serinus.core.state.command import Command
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase, Release
from serinus.core.state.verdict import Reading
from serinus.ports import failures
from serinus.ports.store import Asked, Snapshot, Store

NEEDS_YOU = frozenset({Phase.WAITING, Phase.PAUSED, Phase.HELD, Phase.HOLDING})
"""A person has to do something, or should look: not where a window or a webhook will open."""

FAILED = frozenset({Phase.ROLLED_BACK, Phase.FAILED})
BY_PEOPLE = ("Rolled back by ", "Rejected by ")
"""How the sentence of a release begins that a person has ended, who knows about it."""

SERVING = "Serving"
NEW = "Not started"
DELETING = "Deleting"


# --- the views --------------------------------------------------------------------------------


async def applications(store: Store, application: str | None = None) -> tuple[Row, ...]:
    """Return one row for each application: what needs a person first, then what moves."""
    return ordered(
        [
            await row(store, key)
            for key in await store.keys()
            if application is None or key.application == application
        ]
    )


def ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows in the order in which people look at them."""
    return tuple(sorted(rows, key=lambda row: (not row.needs_you, not row.in_flight)))


async def release(store: Store, key: Key, number: int | None = None) -> View | None:
    """Return a release, the last one without a number; None before the first."""
    status = await store.status(key)
    last = status.release if status else None
    if number is None and last is None:
        return None
    found = last if number in {None, last.number if last else None} else None
    if found is None and number is not None:
        found = await store.release(key, number)
    if found is None or status is None:
        raise failures.Missing(
            f"{key} has no release {number}",
            why=f"its releases are 1 to {status.releases}" if status else "it had none yet",
            next=(Command("history", key.application),),
        )
    current = last is not None and found.number == last.number
    snapshot = await store.snapshot(key) if current else None
    events = await store.events(key=key, release=found.number, limit=10_000)
    asked = await store.asked(key) if current else Asked()
    reading = snapshot.reading if snapshot and found.ended_at is None else None
    reading = reading or await store.reading(key, found.number)
    view = _view(status, found, snapshot, reading, events, asked=asked)
    at = snapshot.at if snapshot else None
    spent = () if at is None else await budgets.kept(key, status, asked.wanted, store, at)
    replicas = snapshot.replicas if snapshot else ()
    ceilings = await crew.ceilings(store, replicas)
    return msgspec.structs.replace(
        view,
        replicas=crew.shown(status, found, replicas, ceilings),
        report=judged.report(await cohorts.kept(found, store)),
        budgets=tuple(judged.budget(one) for one in spent),
    )


async def explained(
    store: Store,
    key: Key,
    number: int | None = None,
    counters: Mapping[str, str] | None = None,
    *,
    foretelling: bool = True,
) -> View | None:
    """
    Return a release with all that its verdict is made of; None before the first.

    ``counters``: by the kind of a check, what the router counts for it, for people.
    ``foretelling``: look ahead as well, which takes some tenths of a second, beside the loop.
    """
    view = await release(store, key, number)
    found = None if view is None else await store.release(key, view.number)
    if view is None or found is None:
        return view
    reading = await store.reading(key, view.number)
    why = await explaining.explained(
        store, key, found, counters or {}, reading, foretelling=foretelling
    )
    return msgspec.structs.replace(view, why=why)


async def history(store: Store, key: Key | None = None, limit: int = 50) -> tuple[Past, ...]:
    """
    Return what became of releases, newest first.

    What is in flight has met as many requests as were counted when its controller looked last.
    """
    return tuple([await _past(store, one) for one in await store.releases(key, limit)])


async def compared(store: Store, key: Key, *, candidate: bool = False) -> tuple[str, ...]:
    """
    Return the revisions that are compared now, the candidate first: older ones may be kept as well.

    ``candidate``: that of the last release alone.
    """
    status = await store.status(key)
    if status is None:
        return ()
    now = (status.release.candidate,) if status.release else ()
    return now if candidate or status.stable in {None, *now} else (*now, str(status.stable))


# --- how they are made ------------------------------------------------------------------------


async def row(store: Store, key: Key) -> Row:
    """Return the row of one application."""
    status, asked = await store.status(key), await store.asked(key)
    note = _note(status, asked)
    step = (commands.retried(key.application),) if _barred(status, asked) else ()
    if status is None or (status.release is None and status.stable is None):
        wanted = asked.wanted
        return Row(
            application=key.application,
            environment=key.environment,
            state=NEW,
            version=wanted.revision.version if wanted else "",
            needs_you=bool(asked.problem),
            note=note,
            host=wanted.host if wanted else "",
            next=step,
        )
    last = status.release
    found = Row(
        application=key.application,
        environment=key.environment,
        state=DELETING if status.deleted else SERVING,
        version=status.stable_version,
        stable_version=status.stable_version,
        needs_you=bool(asked.problem),
        note=note,
        host=status.host,
        next=step,
    )
    if last is None or status.deleted:
        return found
    going = last.ended_at is None
    snapshot = await store.snapshot(key) if going else None
    return msgspec.structs.replace(
        found,
        state=last.progress.phase.value,
        version=last.version,
        stable_version=status.stable_version or last.stable_version,
        release=last.number,
        in_flight=going,
        needs_you=found.needs_you or _needs_you(last) or _failing(status, asked),
        share=last.progress.share / 1000 if going else None,
        seen_share=_seen(last, snapshot) if going else None,
        step=last.progress.step + 1 if going else None,
        steps=len(last.delivery.steps) if going else None,
        sentence=last.progress.sentence,
        since=last.ended_at or last.progress.since,
    )


def _view(
    status: Status,
    release: Release,
    snapshot: Snapshot | None,
    reading: Reading | None,
    events: Sequence[Event],
    *,
    asked: Asked,
) -> View:
    state = release.progress
    going = release.ended_at is None
    exposed, bad = exposure.of(release, reading if going else None)
    return View(
        application=release.application,
        environment=release.environment,
        number=release.number,
        state=state.phase.value,
        sentence=state.sentence,
        version=release.version,
        stable_version=release.stable_version,
        candidate=release.candidate,
        stable=release.stable,
        strategy=release.delivery.strategy.value,
        template=_template(release),
        actor=release.actor,
        reason=release.reason,
        created_at=release.created_at,
        ended_at=release.ended_at,
        in_flight=going,
        needs_you=_needs_you(release) if going else _failing(status, asked),
        share=state.share / 1000,
        seen_share=_seen(release, snapshot) if going else None,
        max_share=state.max_share / 1000,
        exposed=exposed,
        bad=bad,
        verified=state.verified,
        step=state.step + 1,
        steps=progress.steps(release, events, snapshot.at if snapshot else None),
        checks=(
            *judged.checks(release, reading.streams if reading else ()),
            *judged.looks(release, reading.looks if reading else ()),
        ),
        judged=reading.sentence if reading else "",
        wait=_wait(release) if going else None,
        retreat=_retreat(release),
        replicas=(),
        decisions=tuple(decision(event) for event in events),
        next=commands.sensible(status, release, asked),
        note=_note(status, asked),
        host=status.host,
        seen_at=snapshot.at if snapshot else None,
        doubts=reading.doubts if reading else (),
        lanes=lanes.of(release, snapshot.route if snapshot else None) if going else (),
        gate=state.gate if state.phase is Phase.WAITING else "",
    )


def _needs_you(release: Release) -> bool:
    state = release.progress
    by_itself = state.gate in {"window", "webhook"} and state.wait.until is not None
    return state.phase in NEEDS_YOU and not (state.phase is Phase.WAITING and by_itself)


def _failing(status: Status, asked: Asked) -> bool:
    """
    Tell whether the last release failed by itself, and nobody has done anything about it yet.

    That is so until it is tried again, another change is asked for, or what serves is.
    """
    last = status.release
    if last is None or last.progress.phase not in FAILED or not _barred(status, asked):
        return False
    wanted = asked.wanted
    by_itself = not last.progress.sentence.startswith(BY_PEOPLE)
    return by_itself and wanted is not None and wanted.revision.id == last.candidate


def _seen(release: Release, snapshot: Snapshot | None) -> float | None:
    if snapshot is None or snapshot.route is None:
        return None
    return snapshot.route.weight(release.candidate) / 1000


def _template(release: Release) -> str:
    delivery = release.delivery
    return " ".join(part for part in (delivery.template, delivery.template_version) if part)


def _wait(release: Release) -> WaitView | None:
    wait = release.progress.wait
    return WaitView(cause=wait.cause, until=wait.until, then=wait.then) if wait.cause else None


def _retreat(release: Release) -> RetreatView | None:
    retreat = release.progress.retreat
    if not retreat.count:
        return None
    return RetreatView(
        count=retreat.count,
        probe=retreat.probe,
        fails=retreat.fails,
        probes=release.delivery.retreat.probes or retreat.wanted,
        evidence=progress.odds(retreat.ledger),
        accused=tuple(f"{release.candidate[:10]}-{ordinal}" for ordinal in retreat.accused),
        trial_until=retreat.trial_until,
    )


def decision(event: Event) -> Decision:
    """Return an event as a line of the log of decisions."""
    return Decision(
        sequence=event.sequence,
        at=event.at,
        kind=event.kind.value,
        reason=event.reason,
        sentence=event.sentence,
    )


def _note(status: Status | None, asked: Asked) -> str:
    if asked.problem:
        return f"the spec is not used: {asked.problem}"
    wanted = asked.wanted
    if status is None or wanted is None:
        return ""
    if (wanted.revision.id, wanted.delivery_hash) == status.concluded:
        version = wanted.revision.version
        return f"the test of {version} is over; to release it, change delivery.template"
    if _barred(status, asked):
        return f"{wanted.revision.version} failed and is not tried again"
    return ""


def _barred(status: Status | None, asked: Asked) -> bool:
    """Tell whether a change waits for somebody to say ``retry``."""
    if status is None or asked.problem or not commands.quarantined(status, asked):
        return False
    wanted = asked.wanted
    return wanted is None or (wanted.revision.id, wanted.delivery_hash) != status.concluded


async def _past(store: Store, release: Release) -> Past:
    state, reading = release.progress, None
    if release.ended_at is None:
        snapshot = await store.snapshot(Key(release.application, release.environment))
        reading = snapshot.reading if snapshot is not None else None
    exposed, bad = exposure.of(release, reading)
    return Past(
        application=release.application,
        environment=release.environment,
        number=release.number,
        state=state.phase.value,
        version=release.version,
        stable_version=release.stable_version,
        created_at=release.created_at,
        ended_at=release.ended_at,
        max_share=state.max_share / 1000,
        exposed=exposed,
        bad=bad,
        actor=release.actor,
        reason=release.reason,
        sentence=state.sentence,
    )
