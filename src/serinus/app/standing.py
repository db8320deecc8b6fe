"""
Where a version stands that somebody asked for: on its way, serving already, or not to be tried.

::

    before ──▶ a version is asked for ──▶ asked ──▶ now, now, now …
                                            │         │
                                            fate      begun: the number of its release

For whoever asks for a version and waits for what becomes of it, beside the store or far from it.
"""

import enum

import msgspec

from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.ports.store import Asked, Store


class Fate(enum.StrEnum):
    """What becomes of a version by itself."""

    COMES = "comes"
    SERVES = "serves"
    QUARANTINED = "quarantined"
    CONCLUDED = "concluded"


class Flight(msgspec.Struct, frozen=True):
    """The last release: its number, its candidate, and whether it has ended."""

    number: int
    candidate: str
    ended: bool


class Standing(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    What is asked for of one application in one environment, and where that stands.

    ``change`` is the revision that ``version`` comes to, ``delivery`` the hash of how it gets
    there; both are empty, and ``problem`` says why, where what is asked for cannot be used.
    ``quarantine``, ``concluded``, ``stable`` and ``releases`` are those of
    :class:`serinus.core.state.observed.Status`.
    """

    application: str
    environment: str
    version: str = ""
    change: str = ""
    delivery: str = ""
    problem: str = ""
    stable: str | None = None
    quarantine: tuple[str, ...] = ()
    concluded: tuple[str, str] = ("", "")
    releases: int = 0
    release: Flight | None = None


async def find(key: Key, store: Store) -> Standing:
    """Return where what is asked for of an application stands."""
    return of(key, await store.asked(key), await store.status(key))


def of(key: Key, asked: Asked, status: Status | None) -> Standing:
    """Return where something that is asked for stands."""
    status = status or Status(key=key)
    wanted, last = asked.wanted, status.release
    return Standing(
        application=key.application,
        environment=key.environment,
        version=wanted.revision.version if wanted else "",
        change=wanted.revision.id if wanted else "",
        delivery=wanted.delivery_hash if wanted else "",
        problem=asked.problem,
        stable=status.stable,
        quarantine=status.quarantine,
        concluded=status.concluded,
        releases=status.releases,
        release=None if last is None else _flight(last),
    )


def _flight(release: Release) -> Flight:
    return Flight(release.number, release.candidate, release.ended_at is not None)


def fate(asked: Standing) -> Fate:
    """Return what becomes of a version that was asked for just now."""
    if asked.change in asked.quarantine:
        return Fate.QUARANTINED
    if (asked.change, asked.delivery) == asked.concluded:
        return Fate.CONCLUDED
    return Fate.SERVES if asked.change == asked.stable else Fate.COMES


def begun(before: Standing, asked: Standing, now: Standing) -> int | Fate:
    """
    Return the number of the release of what was asked for, or what becomes of it without one.

    ``before``: how things stood before it was asked for, ``asked``: what was asked for, ``now``:
    how things stand. ``COMES``: it has not begun yet.
    """
    change, last, found = asked.change, before.release, now.release
    # One that was in flight may end before we look again: its end is what is waited for.
    known = before.releases - (last is not None and not last.ended)
    ours = found is not None and found.candidate == change
    if found is not None and ours and (not found.ended or found.number > known):
        return found.number
    if now.stable == change and (found is None or found.ended):
        return Fate.SERVES
    if (change, asked.delivery) == before.concluded == now.concluded:
        return Fate.CONCLUDED
    if change in before.quarantine and change in now.quarantine:
        return Fate.QUARANTINED
    return Fate.COMES
