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
_PATH = re.compile(r"/(?:(?![*?#])[!-~])*\*?")
_SECRET = ("authorization", "proxy-authorization", "cookie")
"""Headers that show who somebody is: no spec says what is in them."""

_OURS = ("host", "content-length", "transfer-encoding", "connection", "te", "upgrade")
"""Headers that carry the request itself: editing them would break it."""

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
    """Say what is wrong with the matches of a step; their shares are reviewed with all others."""
    found = listed(written)
    if not 1 <= len(found) <= _MOST:
        yield Problem(place, f"{len(found)} matches; wanted 1–{_MOST}")
        return
    drawn = share(written) is not None
    for index, match in enumerate(found):
        path = f"{place}[{index}]" if isinstance(written, list) else place
        said = conditions(match)
        for part, text in said.items():
            wrong = _wrong(part, text, limits)
            if wrong:
                yield Problem(f"{path}.{part}", wrong)
        if drawn and match.share is not None and (said or len(found) > 1):
            message = (
                "requests are chosen by what they say, or users are drawn by a share, not both; "
                "leave one away (share: 0%)"
            )
            yield Problem(f"{path}.share", message)
        elif not drawn and not said:
            message = "it matches nothing; wanted header, cookie or query, or a share of all users"
            yield Problem(path if match.share is None else f"{path}.share", message)


def shares(written: steps.Match | list[steps.Match], place: str) -> Iterator[tuple[str, str]]:
    """Return the shares of users that a step draws, each with its place."""
    for index, match in enumerate(listed(written)[:_MOST]):
        path = f"{place}[{index}]" if isinstance(written, list) else place
        if match.share is not None and formats.share(match.share):
            yield f"{path}.share", match.share


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


def _wrong(part: Part, text: str, limits: Limits) -> str:
    """Say what is wrong with a condition, empty if nothing is."""
    found = _read(part, text)
    wanted = f"wanted NAME, NAME=VALUE or NAME=~PATTERN, such as {_EXAMPLES[part]}"
    if len(text) > _LONGEST:
        return f"{len(text)} characters are too many; wanted at most {_LONGEST}"
    if not _ascii(text):
        return f"{checker.shown(text)} holds what is not printable ASCII; {wanted}"
    if not _NAMES[part].fullmatch(found.name):
        return f"{checker.shown(found.name)} is not the name of a {_WORDS[part]}; {wanted}"
    if part is Part.HEADER and found.name in _SECRET:
        hint = (
            "the key 'cookie' instead" if found.name == "cookie" else "a header that is no secret"
        )
        return f"'{found.name}' shows who somebody is, and no spec looks into it; wanted {hint}"
    if found.value is None:
        return ""
    if not found.value:
        what = "pattern" if found.pattern else "value"
        return (
            f"{checker.shown(text)} has an empty {what}; wanted one, or the name alone: any will do"
        )
    if found.pattern and found.value == ".*":
        return (
            f"{checker.shown(text)} is true of every value; wanted the name alone, '{found.name}'"
        )
    if found.pattern:
        return limits.pattern(found.value)
    if set(found.value) & set(_NEVER[part]) or found.value != found.value.strip():
        return f"{checker.shown(found.value)} is never the value of a {_WORDS[part]}{_HINTS[part]}"
    return ""


def _ascii(text: str) -> bool:
    return all(" " <= letter <= "~" for letter in text)


_EXAMPLES = {
    Part.HEADER: "x-canary=always",
    Part.COOKIE: "beta=yes",
    Part.QUERY: "preview=1",
}
_WORDS = {Part.HEADER: "header", Part.COOKIE: "cookie", Part.QUERY: "query parameter"}
_NAMES = {
    Part.HEADER: _TOKEN,
    Part.COOKIE: _TOKEN,
    Part.QUERY: re.compile(r"[^ &#=?+]{1,100}"),
}
_NEVER = {Part.HEADER: "", Part.COOKIE: ' ;,"\\', Part.QUERY: " &#"}
"""What no value holds: it ends there (RFC 6265, 4.1.1; RFC 3986, 3.4)."""

_HINTS = {
    Part.HEADER: "",
    Part.COOKIE: '; cookies hold no spaces and none of ; , " \\',
    Part.QUERY: "; write it as it stands in the address (%20 for a space)",
}


# --- mirrors ------------------------------------------------------------------------------------


def mirror(written: steps.Mirror | str) -> tuple[str, tuple[str, ...]]:
    """Return the share and the methods of a mirror step, each method once."""
    if isinstance(written, str):
        return written, SAFE
    return written.share, SAFE if written.methods is None else tuple(dict.fromkeys(written.methods))


def copied(written: steps.Mirror | str, place: str) -> tuple[str, str]:
    """Return the share of a mirror step with its place."""
    return (place, written) if isinstance(written, str) else (f"{place}.share", written.share)


def review_mirror(written: steps.Mirror | str, place: str) -> Iterator[Problem]:
    """Say what is wrong with the methods of a mirror step; shares are reviewed all together."""
    methods = [] if isinstance(written, str) else written.methods or []
    if not isinstance(written, str) and written.methods == []:
        yield Problem(f"{place}.methods", f"no method is left; wanted some of {', '.join(METHODS)}")
    yield from _methods(methods, f"{place}.methods")
    unsafe = [method for method in METHODS if method in methods and method not in SAFE]
    if unsafe:
        message = (
            f"a copy of {' or '.join(unsafe)} changes things a second time: orders, mails, "
            "payments; mirror it only where the candidate is kept from the real ones"
        )
        yield Problem(f"{place}.methods", message, Severity.WARNING)


def _methods(methods: list[str], place: str) -> Iterator[Problem]:
    if len(methods) > _MOST:
        yield Problem(place, f"{len(methods)} methods; wanted some of {', '.join(METHODS)}")
        return
    for index, method in enumerate(methods):
        if method not in METHODS:
            message = checker.unknown(method, list(METHODS), "method")
            yield Problem(f"{place}[{index}]", message)


# --- headers ------------------------------------------------------------------------------------


def review_headers(written: steps.Headers) -> Iterator[Problem]:
    """Say what is wrong with header edits."""
    if len(written.set) + len(written.remove) > _MOST:
        yield Problem(
            "headers", f"{len(written.set) + len(written.remove)} edits; wanted at most {_MOST}"
        )
        return
    seen: set[str] = set()
    for name, value in written.set.items():
        yield from _set(name, value, paths.text(("headers", "set", name)), seen)
        seen.add(name.lower())
    for index, name in enumerate(written.remove):
        yield from _header(name, f"headers.remove[{index}]")
        if name.lower() in seen:
            message = f"{checker.shown(name)} is set and removed; keep one of the two"
            yield Problem(f"headers.remove[{index}]", message)


def edits(written: steps.Headers) -> Edits:
    """Return the edits of reviewed headers."""
    return Edits(
        set=tuple(sorted((name.lower(), value) for name, value in written.set.items())),
        remove=tuple(sorted({name.lower() for name in written.remove})),
    )


def _set(name: str, value: str, place: str, seen: set[str]) -> Iterator[Problem]:
    yield from _header(name, place)
    if name.lower() in _SECRET:
        message = f"'{name.lower()}' shows who somebody is, and no spec says who; leave it alone"
        yield Problem(place, message)
    elif name.lower() in seen:
        yield Problem(place, f"{checker.shown(name)} is set twice; keep one of the two")
    elif len(value) > _LONGEST or not _ascii(value) or value != value.strip():
        message = (
            f"{checker.shown(value)} cannot be a header's value; wanted at most {_LONGEST} "
            "printable ASCII characters, without spaces around them"
        )
        yield Problem(place, message)


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
    if len(written) > _MOST:
        yield Problem("goals", f"{len(written)} goals; wanted at most {_MOST}")
        return
    seen: set[str] = set()
    for index, goal in enumerate(written):
        place = f"goals[{index}]"
        if goal.name in seen:
            yield Problem(f"{place}.name", f"two goals are called '{goal.name}'")
        seen.add(goal.name)
        if len(goal.path) > _LONGEST or not _PATH.fullmatch(goal.path):
            message = (
                f"{checker.shown(goal.path)} is not a path; wanted one without its query, such as "
                "/checkout, or its beginning with * at the end, such as /orders/*"
            )
            yield Problem(f"{place}.path", message)
        yield from _methods(goal.methods, f"{place}.methods")


def goals(written: list[steps.Goal]) -> tuple[Goal, ...]:
    """Return the goals of a reviewed body."""
    return tuple(Goal(goal.name, goal.path, tuple(dict.fromkeys(goal.methods))) for goal in written)
