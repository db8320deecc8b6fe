"""Percentages as people write them: ``1%``, ``0.1%``, ``2.5 %``; exact, as fractions of one."""

import re
from fractions import Fraction

_FORM = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?%")


def parse(text: str) -> Fraction:
    """
    Read a percentage: ``1%`` is a hundredth.

    Raises:
        ValueError: with a sentence that says what was found and what is wanted.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(
            f"'{text}' is not a percentage; wanted a number with %, such as 5% or 0.1%"
        )
    return Fraction(match.group(1)) / 100


def text(share: Fraction) -> str:
    """Write a share so that :func:`parse` reads the same; at most six digits behind the point."""
    whole, rest = divmod(share * 100 * 1_000_000, 1_000_000)
    digits = f"{round(rest):06d}".rstrip("0")
    return f"{whole}.{digits}%" if digits else f"{whole}%"


def of_mille(mille: int) -> str:
    """Write per mille, the unit of shares in :mod:`serinus.core.spec.delivery`."""
    return text(Fraction(mille, 1000))
