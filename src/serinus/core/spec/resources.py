"""
Resources: how much of the machine one replica may take, all of its processes together.

::

    resources:
      memory: 256Mi     bytes resident; a replica that takes more is ended
      cpu: 500m         of one CPU; a replica that wants more waits
      files: "1024"     open files and connections of each process; more of them are refused
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import checker, place, quantity

NAMES = ("cpu", "memory", "files")

_RANGES = {"cpu": ("10m", "256"), "memory": ("4Mi", "64Ti"), "files": ("16", "1048576")}
_KIBI = 1024
_TENS = 10
_UNITS = {"cpu": "CPUs", "memory": "bytes", "files": "open files"}


class Ceiling(msgspec.Struct, frozen=True):
    """The limits of one replica: bytes, CPUs, open files of a process; None: without one."""

    memory: int | None = None
    cpu: float | None = None
    files: int | None = None


def ceiling(written: Mapping[str, str]) -> Ceiling:
    """Return what the amounts come to; what was never reviewed and makes no sense is no limit."""
    memory, cpu, files = (_amount(written.get(name)) for name in ("memory", "cpu", "files"))
    return Ceiling(
        memory=None if memory is None else int(memory),
        cpu=None if cpu is None else float(cpu),
        files=None if files is None else int(files),
    )


def size(amount: float) -> str:
    """Write bytes as people read them: ``312 MiB``, ``1.5 GiB``."""
    value, unit = amount / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if value < _KIBI:
            break
        value, unit = value / _KIBI, larger
    shown = f"{value:.1f}".removesuffix(".0") if value < _TENS else f"{value:.0f}"
    return f"{shown} {unit}"


def review(written: Mapping[str, str]) -> Iterator[Problem]:
    """Review the amounts of a workload, wherever it runs."""
    for name, text in written.items():
        path = place.text(("workload", "resources", name))
        if name not in NAMES:
            yield Problem(path, checker.unknown(name, NAMES, "resource"))
            continue
        amount = quantity.parse(text)
        least, most = _RANGES[name]
        if not amount:
            yield Problem(path, f"{text} is nothing; wanted more than 0")
        elif not quantity.parse(least) <= amount <= quantity.parse(most):
            found = f"{text} is {_plain(amount)} {_UNITS[name]}; wanted {least}–{most}"
            yield Problem(path, found + _meant(name, text))
        elif name == "files" and amount.denominator != 1:
            yield Problem(path, f"{text} is not a whole number of open files; wanted such as 1024")


def _meant(name: str, text: str) -> str:
    """Guess the unit that was meant: a letter was left out, or is a small one."""
    digits = text.removesuffix("m")
    if not digits[-1].isdigit():
        return ""
    for unit in {"memory": ("Mi",), "cpu": ("m",), "files": ("",)}[name]:
        guess = f"{digits}{unit}"
        least, most = (quantity.parse(end) for end in _RANGES[name])
        if guess != text and least <= quantity.parse(guess) <= most:
            return f"; did you mean {guess}?"
    return ""


def _plain(amount: Fraction) -> str:
    return f"{float(amount):,.3f}".rstrip("0").rstrip(".")


def _amount(text: str | None) -> Fraction | None:
    try:
        found = Fraction(0) if text is None else quantity.parse(text)
    except ValueError:
        return None
    return found or None
