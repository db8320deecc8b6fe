"""
Gates: reviewed, and resolved. Paths are relative to the body (``plan[0].gates[0].approval``).

A window is named here and written in the environment; the release carries its hours, so that
editing the environment changes no release that is under way.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from serinus.core.errors import Problem, Severity
from serinus.core.spec import address, bounds, checker, delivery, duration, formats, steps
from serinus.core.spec.bounds import Span
from serinus.core.spec.calendar import Window

KINDS = ("approval", "window", "webhook")
_CHOICES = ("hold", "rollback")
_ASKED = Span("100ms", "60s")
_AGAIN = Span("1s", "1h")
_MOST = 20
_CHANGE = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_CHANGES, _SHORTEST = 6, 16
"""A name of so many letters in which letters and digits take so many turns looks like a key."""


class Surroundings(NamedTuple):
    """
    What an environment gives to a plan: its stage, its windows by name, and who has which role.

    ``windows`` None: they are not known here, as in a template, and any name will do. ``roles``
    empty: none are given, so that everybody may approve, as a machine for one person wants it.
    """

    stage: str = "dev"
    windows: Mapping[str, Window] | None = None
    roles: Mapping[str, tuple[str, ...]] = {}


NOWHERE = Surroundings()
"""Where a template is looked at by itself: any window may be there."""


def review(written: list[steps.Gate], place: str, surroundings: Surroundings) -> Iterator[Problem]:
    """Say what is wrong with the gates of a step."""
    if len(written) > _MOST:
        yield Problem(f"{place}.gates", f"{len(written)} gates; wanted at most {_MOST}")
        return
    for index, gate in enumerate(written):
        here = f"{place}.gates[{index}]"
        given = [kind for kind in KINDS if getattr(gate, kind) is not None]
        if len(given) != 1:
            said = f"; found {' and '.join(given)}" if given else ""
            yield Problem(here, f"a gate is exactly one of {', '.join(KINDS)}{said}")
        elif gate.approval is not None:
            yield from _approval(gate.approval, f"{here}.approval", surroundings)
        elif gate.webhook is not None:
            yield from _webhook(gate.webhook, f"{here}.webhook")
        elif surroundings.windows is not None and gate.window not in surroundings.windows:
            message = checker.unknown(str(gate.window), list(surroundings.windows), "window")
            yield Problem(f"{here}.window", f"{message} (spec.windows of the environment)")


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
    for index, role in enumerate(found.roles):
        wrong = formats.wrong("name", role)
        if wrong:
            yield Problem(f"{place}.roles[{index}]", wrong)
    yield from bounds.number(found.count, 1, 20, f"{place}.count")
    for key, text in (("timeout", found.timeout), ("expires", found.expires)):
        if text is not None:
            yield from bounds.length(text, bounds.WAIT, f"{place}.{key}")
    yield from _choice(found.on_timeout, f"{place}.onTimeout")
    yield from _people(found, place, surroundings.roles)


def _people(
    found: steps.Approval, place: str, known: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """Warn where an environment with roles gives too few people, or none, to those asked for."""
    given = [role for role in found.roles if role in known]
    if not known or not found.roles:
        return
    if not given:
        message = (
            f"the environment gives {' and '.join(found.roles)} to nobody, so that everybody may "
            f"approve; its roles are {', '.join(sorted(known))}"
        )
        where = f"{place}.roles" if found.roles[1:] else f"{place}.roles[0]"
        yield Problem(where, message, Severity.WARNING)
        return
    people = {person for role in given for person in known[role]}
    if len(people) < found.count:
        few = ", ".join(sorted(people))
        message = f"{found.count} people have to approve, and only {len(people)} may: {few}"
        yield Problem(f"{place}.count", message, Severity.WARNING)


def _webhook(found: steps.Webhook, place: str) -> Iterator[Problem]:
    wrong = address.wrong(found.url)
    if wrong:
        yield Problem(f"{place}.url", wrong)
    if found.secret:
        yield from _secret(found.secret, f"{place}.secret")
    yield from bounds.length(found.timeout, _ASKED, f"{place}.timeout")
    yield from bounds.length(found.every, _AGAIN, f"{place}.every")
    yield from bounds.length(found.limit, bounds.WAIT, f"{place}.limit")
    if duration.parse(found.limit) < duration.parse(found.timeout):
        message = f"{found.limit} is shorter than one question may take, which is {found.timeout}"
        yield Problem(f"{place}.limit", message)
    yield from _choice(found.on_refusal, f"{place}.onRefusal")
    yield from _choice(found.on_timeout, f"{place}.onTimeout")


def _secret(text: str, place: str) -> Iterator[Problem]:
    """Refuse what names no key, without repeating it: it may be the key."""
    wanted = "wanted the name of a key, such as gate-key, and never the key"
    if formats.wrong("name", text):
        yield Problem(place, f"it is not a name; {wanted}")
    elif len(text) >= _SHORTEST and len(_CHANGE.findall(text)) >= _CHANGES:
        yield Problem(place, f"it looks like the key itself; {wanted}")


def _choice(text: str, place: str) -> Iterator[Problem]:
    if text not in _CHOICES:
        yield Problem(place, checker.unknown(text, list(_CHOICES), "choice"))
