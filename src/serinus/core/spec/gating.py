"""
Gates: reviewed, and resolved. Paths are relative to the body (``plan[0].gates[0].approval``).

A window is named here and written in the environment; the release carries its hours, so that
editing the environment changes no release that is under way.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from serinus.core.errors import Problem, Severity
from serinus.core.spec import bounds, checker, delivery, duration, formats, steps
from serinus.core.spec.bounds import Span
from serinus.core.spec.calendar import Window

KINDS = ("approval", "window", "webhook")
_CHOICES = ("hold", "rollback")
_ASKED = Span("100ms", "60s")
_AGAIN = Span("1s", "1h")
_SCHEMES = ("https://", "http://")
_LONGEST = 2000


class Surroundings(NamedTuple):
    """
    What an environment gives to a plan: its stage and its windows by name.

    ``windows`` and ``roles`` None: they are not known here, as in a template; any name will do.
    """

    stage: str = "dev"
    windows: Mapping[str, Window] | None = None
    roles: Collection[str] | None = None


NOWHERE = Surroundings()
"""Where a template is looked at by itself: any window may be there."""


def review(written: list[steps.Gate], place: str, surroundings: Surroundings) -> Iterator[Problem]:
    """Say what is wrong with the gates of a step."""
    for index, gate in enumerate(written):
        here = f"{place}.gates[{index}]"
        given = [kind for kind in KINDS if getattr(gate, kind) is not None]
        if len(given) != 1:
            yield Problem(here, f"a gate is exactly one of {', '.join(KINDS)}")
        elif gate.approval is not None:
            yield from _approval(gate.approval, f"{here}.approval", surroundings)
        elif gate.webhook is not None:
            yield from _webhook(gate.webhook, f"{here}.webhook")
        elif surroundings.windows is not None and gate.window not in surroundings.windows:
            message = checker.unknown(str(gate.window), list(surroundings.windows), "window")
            yield Problem(f"{here}.window", f"{message} (the environment's spec.windows)")


def resolve(written: list[steps.Gate], surroundings: Surroundings) -> tuple[delivery.Gate, ...]:
    """Return the gates of a reviewed step."""
    return tuple(_gate(gate, surroundings) for gate in written)


def _gate(gate: steps.Gate, surroundings: Surroundings) -> delivery.Gate:
    if gate.webhook is not None:
        hook = gate.webhook
        return delivery.Webhook(
            url=hook.url,
            secret=hook.secret,
            timeout_s=duration.seconds(hook.timeout),
            every_s=duration.seconds(hook.every),
            limit_s=duration.seconds(hook.limit),
            on_refusal=hook.on_refusal,
            on_timeout=hook.on_timeout,
        )
    if gate.window is not None:
        known = surroundings.windows or {}
        return delivery.WindowGate(known.get(gate.window, Window(gate.window)))
    asked = gate.approval or steps.Approval()
    timeout = None if asked.timeout is None else duration.seconds(asked.timeout)
    expires = None if asked.expires is None else duration.seconds(asked.expires)
    return delivery.Approval(tuple(asked.roles), asked.count, timeout, asked.on_timeout, expires)


def _approval(found: steps.Approval, place: str, surroundings: Surroundings) -> Iterator[Problem]:
    if "" in found.roles:
        yield Problem(f"{place}.roles", "a role has no name")
    known = surroundings.roles
    absent = [role for role in found.roles if role and known is not None and role not in known]
    if absent and len(absent) == len(found.roles):
        message = (
            f"the environment gives {' and '.join(absent)} to nobody, so that everybody may "
            "approve; wanted spec.roles: {sre: [ana, bob]} there"
        )
        yield Problem(f"{place}.roles", message, Severity.WARNING)
    yield from bounds.number(found.count, 1, 20, f"{place}.count")
    for key, text in (("timeout", found.timeout), ("expires", found.expires)):
        if text is not None:
            yield from bounds.length(text, bounds.WAIT, f"{place}.{key}")
    yield from _choice(found.on_timeout, f"{place}.onTimeout")


def _webhook(found: steps.Webhook, place: str) -> Iterator[Problem]:
    yield from _address(found.url, f"{place}.url")
    if found.secret:
        wrong = formats.wrong("name", found.secret)
        if wrong:
            yield Problem(f"{place}.secret", f"{wrong}; it names a key, and is not the key")
    yield from bounds.length(found.timeout, _ASKED, f"{place}.timeout")
    yield from bounds.length(found.every, _AGAIN, f"{place}.every")
    yield from bounds.length(found.limit, bounds.WAIT, f"{place}.limit")
    yield from _choice(found.on_refusal, f"{place}.onRefusal")
    yield from _choice(found.on_timeout, f"{place}.onTimeout")


def _address(url: str, place: str) -> Iterator[Problem]:
    scheme = next((s for s in _SCHEMES if url.startswith(s)), None)
    host = url.removeprefix(scheme or "").partition("/")[0].partition("?")[0]
    if scheme is None or not host or len(url) > _LONGEST:
        yield Problem(place, "it is no address; wanted one such as https://ci.example.com/gate")
    elif "@" in host:
        message = "it holds a user or a password; name a key by 'secret', which signs the question"
        yield Problem(place, message)
    elif not url.isascii() or not url.isprintable() or " " in url:
        yield Problem(place, "it holds a character that no address has; encode it with %")


def _choice(text: str, place: str) -> Iterator[Problem]:
    if text not in _CHOICES:
        yield Problem(place, checker.unknown(text, list(_CHOICES), "choice"))
