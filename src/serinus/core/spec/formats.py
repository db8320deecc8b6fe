"""
Texts with a meaning: durations, percentages, quantities, names, and how the checker knows them.

A field is declared with one of the types below; :mod:`serinus.core.spec.checker` reads the format
from the annotation and reports a text that is none.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated

import msgspec

from serinus.core.spec import duration, percent, quantity

_LINE = 60
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,50}[a-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_OBJECT = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,62}")


def _name(text: str) -> None:
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"'{text}' is not a name; wanted at most 52 of a–z, 0–9 and '-', such as shop-eu"
        )


def _namespace(text: str) -> None:
    if not _NAMESPACE.fullmatch(text):
        raise ValueError(
            f"'{text}' is not the name of a namespace; "
            "wanted at most 63 of a–z, 0–9 and '-', such as shop"
        )


def _object(text: str) -> None:
    if not _OBJECT.fullmatch(text):
        raise ValueError(
            f"'{text}' is not the name of an object in Kubernetes; "
            "wanted a–z, 0–9, '-' and '.', such as shop-settings"
        )


def _host(text: str) -> None:
    if not _HOST.fullmatch(text):
        raise ValueError(f"'{text}' is not a host name; wanted one such as shop.localhost")


def _version(text: str) -> None:
    if not _VERSION.fullmatch(text):
        raise ValueError(
            f"'{text}' is not a version; wanted at most 63 letters, digits and . _ + -, such as v2"
        )


FORMATS: Mapping[str, Callable[[str], object]] = {
    "duration": duration.parse,
    "percent": percent.parse,
    "quantity": quantity.parse,
    "name": _name,
    "host": _host,
    "version": _version,
    "namespace": _namespace,
    "object": _object,
}

SIZED = frozenset({"duration", "percent", "quantity"})
"""The formats whose values can be compared."""

PATTERNS: Mapping[str, str] = {
    "duration": r"^([0-9]+(\.[0-9]+)?(ms|[dhms]))+$",
    "percent": r"^[0-9]+(\.[0-9]+)? ?%$",
    "quantity": r"^[0-9]+(\.[0-9]+)?(m|[kMGT]|[KMGT]i)?$",
    "name": r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    "host": r"^[a-z0-9.-]+$",
    "version": r"^[A-Za-z0-9][A-Za-z0-9._+-]*$",
    "namespace": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "object": r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
}
"""A first look at each format, for forms; the formats themselves are stricter."""

EXAMPLES: Mapping[str, str] = {
    "duration": "1m",
    "percent": "1%",
    "quantity": "1",
    "name": "shop",
    "host": "shop.localhost",
    "version": "v1",
    "namespace": "shop",
    "object": "shop-settings",
}

Duration = Annotated[str, msgspec.Meta(extra={"format": "duration"})]
Percent = Annotated[str, msgspec.Meta(extra={"format": "percent"})]
Quantity = Annotated[str, msgspec.Meta(extra={"format": "quantity"})]
Name = Annotated[str, msgspec.Meta(extra={"format": "name"})]
Host = Annotated[str, msgspec.Meta(extra={"format": "host"})]
Version = Annotated[str, msgspec.Meta(extra={"format": "version"})]
Namespace = Annotated[str, msgspec.Meta(extra={"format": "namespace"})]
ObjectName = Annotated[str, msgspec.Meta(extra={"format": "object"})]


def wrong(form: str, text: str) -> str:
    """Say what is wrong with a text of a format, empty if nothing is."""
    try:
        FORMATS[form](text)
    except ValueError as problem:
        if len(text) <= _LINE and text.isprintable():
            return str(problem)
        short = text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"
        return str(problem).replace(f"'{text}'", repr(short))
    return ""


def share(text: str) -> Fraction:
    """Read a percentage, exact."""
    return percent.parse(text)


def mille(text: str) -> int:
    """Read a percentage as per mille; one that is finer is rounded down (review refuses it)."""
    return int(percent.parse(text) * 1000)


def fraction(text: str) -> float:
    """Read a percentage as a fraction of one."""
    return float(percent.parse(text))
