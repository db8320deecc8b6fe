"""
Quantities as people write them: shares, durations and sizes of the demo's settings.

The shop may import nothing but its own folder and the standard library, so that a replica serves
within a blink of being started. That is why these few lines are here and not taken from the core.

    share("5%")         0.05
    duration_s("10ms")  0.01
    size("64MB")        64_000_000
"""

import re
from typing import Final

_SHARE: Final = re.compile(r"(\d+(?:\.\d+)?)%")
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)(kB|MB|GB)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_BYTES: Final = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
_WHOLE_PERCENT: Final = 100.0
_DAY_S: Final = 86_400.0


def share(text: str) -> float:
    """Read a share such as ``5%`` as a number from 0 to 1.

    Raises:
        ValueError: The text is no percentage from 0 to 100; the message says what was wanted.
    """
    found = _SHARE.fullmatch(text)
    if found is None or float(found[1]) > _WHOLE_PERCENT:
        raise ValueError("a share from 0% to 100%, such as 5%")
    return float(found[1]) / _WHOLE_PERCENT


def duration_s(text: str) -> float:
    """Read a duration such as ``250ms``, ``30s``, ``2m`` or ``1h`` as seconds.

    Raises:
        ValueError: The text is no duration of at most a day; the message says what was wanted.
    """
    found = _DURATION.fullmatch(text)
    seconds = float(found[1]) * _SECONDS[found[2]] if found else -1.0
    if not 0 <= seconds <= _DAY_S:
        raise ValueError("a duration of at most 24h, such as 250ms, 30s or 2m")
    return seconds


def size(text: str) -> int:
    """Read a size such as ``512kB``, ``64MB`` or ``1GB`` as bytes.

    Raises:
        ValueError: The text is no size; the message says what was wanted.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError("a size such as 512kB, 64MB or 1GB")
    return round(float(found[1]) * _BYTES[found[2]])


def number(text: str, least: int, most: int) -> int:
    """Read a whole number from ``least`` to ``most``.

    Raises:
        ValueError: The text is no such number; the message says what was wanted.
    """
    wanted = f"a whole number from {least} to {most}"
    if not re.fullmatch(r"[0-9]{1,15}", text) or not least <= int(text) <= most:
        raise ValueError(wanted)
    return int(text)
