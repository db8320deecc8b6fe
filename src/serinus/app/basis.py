"""
The basis of a forecast: how many requests there are, and how many of them are bad already.

It is read from what was counted of stable, the last hour of it, or of the last day where the hour
is empty; what somebody says (``serinus plan --rate 100``) goes before it. What nobody knows is not
assumed: a check without a basis has no forecast.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from serinus.app import measure
from serinus.core.analysis import blocks, sentences, strand, stream
from serinus.core.analysis.blocks import NOBODY, Block
from serinus.core.spec.delivery import Check, Delivery, ErrorsCheck, LatencyCheck
from serinus.core.state.counts import STABLE, Tick
from serinus.core.state.notice import Key
from serinus.ports.store import Store

DAY = timedelta(days=1)
HOUR_S = 3600.0

LEAST_S = 60.0
LEAST = 100
"""Less than this of the version that is stable now, and older versions count as well."""

_HOURS = 3
_UNEVEN = 1.5


class Given(msgspec.Struct, frozen=True):
    """
    What somebody says: requests a second, shares of failed and of slow ones, replicas.

    ``sources``: which metric source says each of the first three; empty: a person does.
    """

    rate: float | None = None
    errors: float | None = None
    slow: float | None = None
    replicas: int | None = None
    sources: tuple[str, ...] = ("", "", "")


NOTHING = Given()


class Known(msgspec.Struct, frozen=True):
    """
    What is known of one check's share of stable's bad requests.

    ``requests`` 0: somebody said so. ``phi``: how much the bad ones clump. ``bound_ms``: what is
    slow, 0 where it is not about that (or nobody knows yet); ``bounds``: how many there are.
    """

    share: float
    requests: int = 0
    phi: float = 1.0
    bound_ms: int = 0
    bounds: int = 1


class Basis(msgspec.Struct, frozen=True):
    """
    What a forecast stands on.

    ``rate`` None: unknown. ``known``: by check. ``low``, ``high``: requests a second in the
    quietest and the busiest hour of the last day. ``sentence``: where all of it is from.
    """

    rate: float | None = None
    known: Mapping[str, Known] = {}
    low: float | None = None
    high: float | None = None
    sentence: str = ""


class Counted(msgspec.Struct, frozen=True):
    """
    What the store holds of an application, oldest first.

    ``ticks``: of stable; ``whole``: of everybody. ``since``: from when on they are of the version
    that is stable now.
    """

    ticks: tuple[Tick, ...] = ()
    whole: tuple[Tick, ...] = ()
    day: tuple[Tick, ...] = ()
    since: float = 0.0


async def counted(store: Store, key: Key, now: datetime) -> Counted:
    """Read what was counted of an application: in the last hour, or else in the last day."""
    status = await store.status(key)
    if status is None or not status.stable:
        return Counted()
    day = await store.ticks(key, None, since=now - DAY)
    last = status.release
    own = await store.ticks(key, last.number, since=now - DAY) if last else ()
    ticks = measure.joined(day, own, last, status.stable) if last else day
    whole = tuple(sorted((*day, *own), key=lambda tick: tick.at))
    border = (now - measure.HISTORY).timestamp()
    late = tuple(tick for tick in whole if tick.at > border)
    if _requests(late):
        ticks = tuple(tick for tick in ticks if tick.at > border)
    return Counted(
        ticks, late if _requests(late) else whole, whole, measure.since(ticks, status.stable)
    )


async def lately(store: Store, key: Key, now: datetime) -> float | None:
    """
    Return the requests a second of the last hour, None where none were counted.

    It is the same number, cheaply, for those who ask while somebody types.
    """
    status = await store.status(key)
    if status is None or not status.stable:
        return None
    since, last = now - measure.HISTORY, status.release
    ticks = await store.ticks(key, None, since=since)
    own = await store.ticks(key, last.number, since=since) if last else ()
    return _rate((*ticks, *own))


def of(delivery: Delivery, found: Counted, given: Given) -> Basis:
    """Return the basis of a forecast, what is given going before what was counted."""
    rate = _rate(found.whole)
    ticks, older = _own(found)
    seen = blocks.cut(ticks, max(blocks.LEAST_S, delivery.every_s))
    known = {}
    for check in delivery.checks:
        share = _given(check, given)
        one = _known(check, seen)
        if share is not None:
            bound = check.bounds_ms[0] if isinstance(check, LatencyCheck) and check.bounds_ms else 0
            phi = one.phi if one else 1.0
            one = Known(share, phi=phi, bound_ms=bound)
        if one is not None:
            known[check.name] = one
    low, high = _hours(found.day) if given.rate is None else (None, None)
    return Basis(
        rate=rate if given.rate is None else given.rate,
        known=known,
        low=low,
        high=high,
        sentence=_sentence(
            delivery, given, rate, known, sum(t.seconds for t in ticks), older=older
        ),
    )


def _rate(ticks: Sequence[Tick]) -> float | None:
    """Return the requests a second of all versions together, None where nothing was counted."""
    seconds = sum(tick.seconds for tick in ticks)
    return _requests(ticks) / seconds if seconds else None


def _requests(ticks: Sequence[Tick]) -> int:
    return sum(arm.requests for tick in ticks for arm in tick.arms.values())


def _own(found: Counted) -> tuple[tuple[Tick, ...], bool]:
    """Return the ticks of the version that is stable now; of older ones, too, if it has few."""
    own = tuple(tick for tick in found.ticks if tick.at - tick.seconds >= found.since)
    enough = sum(tick.seconds for tick in own) >= LEAST_S and _requests(own) >= LEAST
    return (own, False) if enough else (found.ticks, len(own) < len(found.ticks))


def _given(check: Check, given: Given) -> float | None:
    if isinstance(check, ErrorsCheck):
        return given.errors
    return given.slow if isinstance(check, LatencyCheck) else None


def _known(check: Check, seen: Sequence[Block]) -> Known | None:
    """Return what was counted for a check, as the judge will see it."""
    one = stream.remember(stream.open(check), check, seen)
    if not one.strands or one.problem:
        return None
    place = min(one.shown, len(one.strands) - 1)
    pairs = [stream.pair(one, place, b.sides.get(STABLE, NOBODY), b) for b in seen]
    requests, bad = sum(n for n, _ in pairs), sum(x for _, x in pairs)
    if requests < strand.KNOWN:
        return None
    shown = one.strands[place]
    return Known(bad / requests, requests, shown.phi, shown.bound_ms, len(one.strands))


def _hours(day: Sequence[Tick]) -> tuple[float | None, float | None]:
    """Return the rates of the quietest and the busiest hour, where they differ."""
    hours: dict[int, tuple[int, float]] = {}
    for tick in day:
        requests, seconds = hours.get(int(tick.at // HOUR_S), (0, 0.0))
        requests += sum(arm.requests for arm in tick.arms.values())
        hours[int(tick.at // HOUR_S)] = (requests, seconds + tick.seconds)
    rates = [n / seconds for n, seconds in hours.values() if seconds >= HOUR_S / 2]
    if len(rates) < _HOURS or max(rates) < _UNEVEN * min(rates):
        return None, None
    return min(rates), max(rates)


# --- where it is from ---------------------------------------------------------------------------


def _sentence(
    delivery: Delivery,
    given: Given,
    rate: float | None,
    known: Mapping[str, Known],
    seconds: float,
    *,
    older: bool,
) -> str:
    """Say where the numbers are from: what is given, and what was counted for how long."""
    told: dict[str, list[str]] = {}
    counts: list[str] = []
    if given.rate is not None:
        told.setdefault(given.sources[0], []).append(per_second(given.rate))
    elif rate is not None:
        counts.append(per_second(rate))
    for check in delivery.checks:
        one = known.get(check.name)
        if one is not None and one.requests:
            counts.append(share(check, one))
        elif one is not None:
            source = given.sources[1 if isinstance(check, ErrorsCheck) else 2]
            told.setdefault(source, []).append(share(check, one))
    parts = [
        f"from {source}: {', '.join(said)}" if source else f"given: {', '.join(said)}"
        for source, said in told.items()
    ]
    if counts:
        whose = "stable's requests, older versions' among them" if older else "stable's requests"
        parts.append(f"from {round(seconds):,} s of {whose}: {', '.join(counts)}")
    return "; ".join(parts)


def per_second(rate: float) -> str:
    """Write requests a second with three digits that count: ``98.2/s``."""
    return f"{rate:,.0f}/s" if rate >= 100 else f"{rate:.3g}/s"  # noqa: PLR2004  three digits


def share(check: Check, one: Known) -> str:
    """Say how many of stable's requests are bad by a check."""
    said = sentences.percent(one.share)
    if isinstance(check, ErrorsCheck):
        return f"{said} failed"
    if isinstance(check, LatencyCheck):
        bound = f" than {one.bound_ms} ms" if one.bound_ms else ""
        return f"{said} slow{'er' if bound else ''}{bound}"
    return f"{said} {check.name}"


def missing(check: Check) -> str:
    """Say what to give for a check of which nothing is known."""
    if isinstance(check, ErrorsCheck):
        return "unknown: give --base-errors, such as 0.1%"
    if isinstance(check, LatencyCheck):
        return "unknown: give --slow, the share of requests that are slow today, such as 1%"
    return "unknown until it was counted once: it is counted in releases alone"
