"""
Hindrances: what holds up deliveries of a whole place, for people who wonder why nothing moves.

A metric source that does not answer while a release asks it; an environment that is frozen, or of
which a window is closed. It is read from what the controller goes by itself: the readings of the
judge, and the documents of environments.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from serinus.core.spec import calendar, hours, prose
from serinus.core.spec.application import Environment
from serinus.core.spec.delivery import QueryCheck
from serinus.core.state.notice import Key
from serinus.core.state.verdict import Outcome
from serinus.ports.store import Store


class Hindrance(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that holds deliveries up: why, and what follows, in words.

    ``until``: when it is over as far as anybody knows. ``trouble``: somebody has to mend it.
    """

    cause: str
    then: str
    until: datetime | None = None
    trouble: bool = False


async def silent(store: Store, flying: Iterable[Key]) -> tuple[Hindrance, ...]:
    """Return the metric sources that do not answer releases in flight, one for each."""
    found: dict[tuple[str, str], list[str]] = {}
    for key in flying:
        status, seen = await store.status(key), await store.snapshot(key)
        release = None if status is None else status.release
        if release is None or release.ended_at is not None or seen is None or seen.reading is None:
            continue
        looks = release.delivery.looks
        sources = {check.name: check.source for check in looks if isinstance(check, QueryCheck)}
        for look in seen.reading.looks:
            if look.outcome is Outcome.ERROR and look.check in sources:
                place = sources[look.check], key.environment
                found.setdefault(place, []).append(f"{key.application}: {look.sentence}")
    return tuple(_silent(*place, said) for place, said in found.items())


def _silent(source: str, environment: str, said: list[str]) -> Hindrance:
    more = f", and {prose.several(len(said) - 1, 'check')} more" if said[1:] else ""
    return Hindrance(
        cause=f"The metric source {source} of {environment} gives no answer: {said[0]}{more}",
        then="What it is asked for is neither passed nor failed.",
        trouble=True,
    )


def barred(environments: Mapping[str, Environment], now: datetime) -> tuple[Hindrance, ...]:
    """Return why no new release begins in environments, sorted by their names."""
    return tuple(one for _, given in sorted(environments.items()) for one in _barred(given, now))


def _barred(given: Environment, now: datetime) -> Iterator[Hindrance]:
    """Yield the first bar, as the planner looks for it: a freeze, or else a closed window."""
    name, freeze, then = given.metadata.name, given.spec.freeze, "No new release begins there."
    until = None if freeze is None or freeze.until is None else hours.instant(freeze.until)
    if freeze is not None and (until is None or now < until):
        yield Hindrance(cause=f"{name} is frozen: {freeze.reason}", then=then, until=until)
        return
    written = zip(hours.windows(given.spec), given.spec.windows, strict=True)
    for window, text in written:
        if not text.gates_only and not calendar.is_open(window, now):
            kind = "blackout" if window.blackout else "window"
            message = f" ({window.message})" if window.message else ""
            cause = f"{name} is frozen by the {kind} {window.name}{message}"
            yield Hindrance(cause=cause, then=then, until=calendar.opens_at(window, now))
            return
