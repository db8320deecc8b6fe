"""
Rules of Traefik (syntax v3): which requests a router is for.

==========  ===========================  =====================================================
part        compared with                what Traefik looks at
==========  ===========================  =====================================================
header      the value, as sent           any of the headers of that name
cookie      the value, as sent           any cookie of that name
query       the value, after decoding    any parameter of that name
==========  ===========================  =====================================================
"""

from collections.abc import Iterable
from typing import assert_never
from urllib import parse

from serinus.adapters.routers.kubernetes_parts import patterns
from serinus.core.spec.requests import Condition, Match, Part


def host(name: str) -> str:
    """Return the rule for all requests to a host."""
    return _call("Host", name)


def methods(names: Iterable[str]) -> str:
    """Return the rule for requests with one of some methods, empty for any."""
    return _any(_call("Method", name) for name in names)


def matches(wanted: Iterable[Match]) -> str:
    """Return the rule for requests of any of the matches."""
    return _any(_all(_condition(c) for c in match.conditions) for match in wanted)


def both(rule: str, further: str) -> str:
    """Return the rule for requests that two rules are for."""
    return f"({rule}) && {further}" if further else rule


def _condition(condition: Condition) -> str:
    match condition.part:
        case Part.HEADER:
            return _header(condition)
        case Part.COOKIE:
            return _call("HeaderRegexp", "Cookie", patterns.cookie(condition))
        case Part.QUERY:
            return _query(condition)
        case _:
            assert_never(condition.part)


def _header(condition: Condition) -> str:
    if condition.value is None or condition.pattern:
        return _call("HeaderRegexp", condition.name, patterns.header(condition))
    return _call("Header", condition.name, condition.value)


def _query(condition: Condition) -> str:
    """Specs hold the value as it stands in an address, and Traefik compares it decoded."""
    if condition.value is None or condition.pattern:
        return _call("QueryRegexp", condition.name, patterns.header(condition))
    decoded = dict.fromkeys((parse.unquote(condition.value), parse.unquote_plus(condition.value)))
    return _any(_call("Query", condition.name, value) for value in decoded)


def _call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(_literal(a) for a in arguments)})"


def _literal(text: str) -> str:
    """Quote a text as Go does."""
    if "`" not in text:
        return f"`{text}`"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _all(rules: Iterable[str]) -> str:
    found = list(rules)
    return found[0] if len(found) == 1 else f"({' && '.join(found)})"


def _any(rules: Iterable[str]) -> str:
    found = list(rules)
    if not found:
        return ""
    return found[0] if len(found) == 1 else f"({' || '.join(found)})"
