r"""
The canary annotations of ingress-nginx: how much of a host's requests a second Ingress takes.

ingress-nginx looks into one header, and allows for few characters in what it is compared with::

    a value of letters, digits and -._~/:             canary-by-header-value
    any other value, a pattern, or any value at all   canary-by-header-pattern, the rest as \x{3B}
    a cookie                                          canary-by-header-pattern for header cookie
"""

import re
import string
from collections.abc import Mapping

from serinus.adapters.routers.kubernetes_parts import patterns
from serinus.core.spec.requests import Condition, Match, Part

PREFIX = "nginx.ingress.kubernetes.io"
CANARY = f"{PREFIX}/canary"
WEIGHT = f"{CANARY}-weight"
TOTAL = f"{CANARY}-weight-total"
HEADER = f"{CANARY}-by-header"
_VALUE = f"{HEADER}-value"
_PATTERN = f"{HEADER}-pattern"

_WHOLE = 1000
_DEFAULT_WHOLE = 100
_BASIC = re.compile(r"[A-Za-z0-9._~/:-]+")
_ALLOWED = frozenset(string.ascii_letters + string.digits + "-._~/:^$[](){}*+?|&=\\")


def written(weight: int, matches: tuple[Match, ...]) -> dict[str, str]:
    """Return the annotations for a weight, per mille, and at most one match of one condition."""
    found = {CANARY: "true", WEIGHT: str(weight), TOTAL: str(_WHOLE)}
    for condition in (c for match in matches for c in match.conditions):
        found |= _compared(condition)
    return found


def weights(found: Mapping[str, str]) -> tuple[int, int]:
    """Return the weight of the canary and of all, as ingress-nginx takes what is written."""
    if found.get(CANARY) != "true":
        return 0, _WHOLE
    whole = max(_number(found.get(TOTAL), _DEFAULT_WHOLE), _DEFAULT_WHOLE)
    return min(_number(found.get(WEIGHT), 0), whole), whole


def _compared(condition: Condition) -> dict[str, str]:
    if condition.part is Part.COOKIE:
        return {HEADER: "cookie", _PATTERN: _allowed(patterns.cookie(condition))}
    value = condition.value
    if value is not None and not condition.pattern and _BASIC.fullmatch(value):
        return {HEADER: condition.name, _VALUE: value}
    return {HEADER: condition.name, _PATTERN: _allowed(patterns.header(condition))}


def _allowed(pattern: str) -> str:
    r"""Write what ingress-nginx does not allow for as ``\x{3B}``, which means the same."""
    result = ""
    escaped = False
    for letter in pattern:
        if letter in _ALLOWED:
            result += letter
            escaped = letter == "\\" and not escaped
            continue
        result = result[:-1] if escaped else result
        result += f"\\x{{{ord(letter):X}}}"
        escaped = False
    return result


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isdecimal() else otherwise
