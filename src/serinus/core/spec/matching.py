"""
What tells requests apart, as people write it: matches, mirrors, header edits and goals.

Reviewed, and resolved to :mod:`serinus.core.spec.requests`. Paths are relative to the body.
"""

import re
from collections.abc import Iterator

from serinus.core.errors import Problem, Severity
from serinus.core.spec import checker, formats, steps
from serinus.core.spec import place as paths
from serinus.core.spec.limits import Limits
from serinus.core.spec.requests import Condition, Edits, Goal, Match, Part

SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that only read (RFC 9110, 9.2.1): what is mirrored unless somebody asks for more."""

METHODS = (*SAFE, "POST", "PUT", "PATCH", "DELETE")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_OURS = ("host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "cookie")
"""Headers that carry the request itself: editing them would break it, or show who somebody is."""

_LONGEST = 1000
_MOST = 20


# --- matches ------------------------------------------------------------------------------------


def listed(written: steps.Match | list[steps.Match]) -> list[steps.Match]:
    """Return the matches of a step, of which any will do."""
    return written if isinstance(written, list) else [written]


def conditions(match: steps.Match) -> dict[Part, str]:
    """Return what a match says of requests; an empty text says nothing."""
    return {part: text for part in Part if (text := getattr(match, part.value))}


def share(written: steps.Match | list[steps.Match]) -> str | None:
    """Return the share of all users that a step draws, None if it draws none."""
    found = [m.share for m in listed(written) if m.share is not None and formats.share(m.share)]
    return found[0] if found else None


def review(
    written: steps.Match | list[steps.Match], place: str, limits: Limits
) -> Iterator[Problem]:
    """Say what is wrong with the matches of a step."""
    found = listed(written)
    here = [f"{place}[{i}]" if isinstance(written, list) else place for i in range(len(found))]
    if not 1 <= len(found) <= _MOST:
        yield Problem(place, f"{len(found)} matches; wanted 1–{_MOST}")
    drawn = share(written)
    for path, match in zip(here, found, strict=True):
        said = conditions(match)
        for part, text in said.items():
            yield from _condition(part, text, f"{path}.{part}", limits)
        if drawn is not None and (said or len(found) > 1):
            message = (
                "requests are chosen by what they say, or users are drawn by a share, not both; "
                "leave one away (share: 0%)"
            )
            yield Problem(path, message)
        elif drawn is None and not said:
            message = "it matches nothing; wanted header, cookie or query, or a share of all users"
            yield Problem(path, message)
    if drawn is not None and formats.share(drawn) >= 1:
        message = f"{drawn} leaves nobody to compare with; wanted less than 100%"
        yield Problem(f"{here[0]}.share", message)


def resolve(written: steps.Match | list[steps.Match]) -> tuple[Match, ...]:
    """Return the matches of a reviewed step; none when users are drawn by a share."""
    found = (
        tuple(_read(part, text) for part, text in conditions(match).items())
        for match in listed(written)
    )
    return tuple(Match(conditions) for conditions in found if conditions)


def _read(part: Part, text: str) -> Condition:
    name, equals, value = text.partition("=")
    if part is Part.HEADER:
        name = name.lower()
    if not equals:
        return Condition(part, name)
    pattern = value.startswith("~")
    return Condition(part, name, value[1:] if pattern else value, pattern)


def _condition(part: Part, text: str, place: str, limits: Limits) -> Iterator[Problem]:
    found = _read(part, text)
    wanted = f"wanted NAME, NAME=VALUE or NAME=~PATTERN, such as {_EXAMPLES[part]}"
    if len(text) > _LONGEST:
        yield Problem(place, f"{len(text)} characters are too many; wanted at most {_LONGEST}")
    elif not text.isprintable():
        yield Problem(place, f"{checker.shown(text)} holds a control character; {wanted}")
    elif part is not Part.QUERY and not _TOKEN.fullmatch(found.name):
        yield Problem(place, f"{checker.shown(found.name)} is not the name of a {part}; {wanted}")
    elif not found.name:
        yield Problem(place, f"{checker.shown(text)} has no name; {wanted}")
    elif (
        part is Part.COOKIE and found.value and not found.pattern and set(found.value) & set(';, "')
    ):
        yield Problem(place, f"{checker.shown(found.value)} cannot be a cookie's value")
    elif found.pattern:
        wrong = limits.pattern(found.value or "")
        if wrong or not found.value:
            yield Problem(place, wrong or "the pattern is empty")


_EXAMPLES = {
    Part.HEADER: "x-canary=always",
    Part.COOKIE: "beta=yes",
    Part.QUERY: "preview=1",
}


# --- mirrors ------------------------------------------------------------------------------------


def mirror(written: steps.Mirror | str) -> tuple[str, tuple[str, ...]]:
    """Return the share and the methods of a mirror step."""
    if isinstance(written, str):
        return written, SAFE
    return written.share, SAFE if written.methods is None else tuple(written.methods)


def review_mirror(written: steps.Mirror | str, place: str) -> Iterator[Problem]:
    """Say what is wrong with the methods of a mirror step; shares are reviewed all together."""
    _, methods = mirror(written)
    yield from _methods(list(methods), f"{place}.methods", needed=True)
    unsafe = [method for method in methods if method in METHODS and method not in SAFE]
    if unsafe:
        message = (
            f"{', '.join(unsafe)} changes things, and a copy changes them again: orders, mails, "
            "payments; mirror it only where the candidate is kept from the real ones"
        )
        yield Problem(f"{place}.methods", message, Severity.WARNING)


def _methods(methods: list[str], place: str, *, needed: bool) -> Iterator[Problem]:
    if needed and not methods:
        yield Problem(place, f"no method is left; wanted some of {', '.join(METHODS)}")
    for index, method in enumerate(methods):
        if method not in METHODS:
            message = checker.unknown(method, list(METHODS), "method")
            yield Problem(f"{place}[{index}]", message)


# --- headers ------------------------------------------------------------------------------------


def review_headers(written: steps.Headers) -> Iterator[Problem]:
    """Say what is wrong with header edits."""
    for name, value in written.set.items():
        place = paths.text(("headers", "set", name))
        yield from _header(name, place)
        if len(value) > _LONGEST or any(not (" " <= letter <= "~") for letter in value):
            message = (
                f"{checker.shown(value)} cannot be a header's value; "
                f"wanted at most {_LONGEST} printable ASCII characters"
            )
            yield Problem(place, message)
    for index, name in enumerate(written.remove):
        yield from _header(name, f"headers.remove[{index}]")
        if name.lower() in {other.lower() for other in written.set}:
            message = f"{checker.shown(name)} is set and removed; keep one of the two"
            yield Problem(f"headers.remove[{index}]", message)
    if len(written.set) + len(written.remove) > _MOST:
        yield Problem("headers", f"more than {_MOST} edits")


def edits(written: steps.Headers) -> Edits:
    """Return the edits of reviewed headers."""
    return Edits(
        set=tuple(sorted((name.lower(), value) for name, value in written.set.items())),
        remove=tuple(sorted(name.lower() for name in written.remove)),
    )


def _header(name: str, place: str) -> Iterator[Problem]:
    if not _TOKEN.fullmatch(name):
        message = f"{checker.shown(name)} is not the name of a header; wanted such as x-version"
        yield Problem(place, message)
    elif name.lower() in _OURS or name.lower().startswith("x-envoy"):
        yield Problem(place, f"{checker.shown(name)} belongs to the request itself; leave it alone")


# --- goals --------------------------------------------------------------------------------------


def review_goals(written: list[steps.Goal], strategy: str) -> Iterator[Problem]:
    """Say what is wrong with the goals of an A/B test."""
    if written and strategy != "abTest":
        yield Problem("goals", f"goals are what an abTest measures; {strategy} has none")
    for index, goal in enumerate(written):
        place = f"goals[{index}]"
        if goal.name in {other.name for other in written[:index]}:
            yield Problem(f"{place}.name", f"two goals are called '{goal.name}'")
        fine = goal.path.startswith("/") and goal.path.isprintable() and "?" not in goal.path
        if not fine or "*" in goal.path[:-1] or len(goal.path) > _LONGEST:
            message = (
                f"{checker.shown(goal.path)} is not a path; wanted one such as /checkout, "
                "or with * at its end /orders/*"
            )
            yield Problem(f"{place}.path", message)
        yield from _methods(goal.methods, f"{place}.methods", needed=False)
    if len(written) > _MOST:
        yield Problem("goals", f"{len(written)} goals; wanted at most {_MOST}")


def goals(written: list[steps.Goal]) -> tuple[Goal, ...]:
    """Return the goals of a reviewed body."""
    return tuple(Goal(goal.name, goal.path, tuple(goal.methods)) for goal in written)
