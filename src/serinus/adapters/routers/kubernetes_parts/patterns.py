"""
Regular expressions for what a match says of a header, in the syntax that RE2, Go and PCRE share.

They are searched for, so what must match the whole says so itself.
"""

import string

from serinus.core.spec.requests import Condition

_PLAIN = frozenset(string.ascii_letters + string.digits)
_END = r"\x{3B}"


def quoted(text: str) -> str:
    """Return an expression for one text, of letters, digits, backslashes and braces alone."""
    return "".join(c if c in _PLAIN else f"\\x{{{ord(c):X}}}" for c in text)


def header(condition: Condition) -> str:
    """Return an expression for the value of a header."""
    return f"^(?:{_value(condition, '.*')})$"


def cookie(condition: Condition) -> str:
    """
    Return an expression for the header ``cookie`` in which one of that name is as wanted.

    A pattern that allows for ``;`` may reach into the next cookie: patterns cannot be joined.
    """
    name, value = quoted(condition.name), _value(condition, rf"[^{_END}]*")
    return rf"(?:^|{_END}\x{{20}}?){name}={value}(?:{_END}|$)"


def _value(condition: Condition, anything: str) -> str:
    if condition.value is None:
        return anything
    return f"(?:{condition.value})" if condition.pattern else quoted(condition.value)
