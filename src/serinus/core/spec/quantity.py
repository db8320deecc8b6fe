"""Amounts as people write them: ``500m`` (of a CPU), ``256Mi`` (of memory); exact."""

import re
from fractions import Fraction

_SUFFIXES = {
    "m": Fraction(1, 1000),
    "": Fraction(1),
    "k": Fraction(1000),
    "M": Fraction(1000**2),
    "G": Fraction(1000**3),
    "T": Fraction(1000**4),
    "Ki": Fraction(1024),
    "Mi": Fraction(1024**2),
    "Gi": Fraction(1024**3),
    "Ti": Fraction(1024**4),
}
_BINARY = ("Ti", "Gi", "Mi", "Ki")
_DECIMAL = ("T", "G", "M", "k")
_FORM = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)(m|[kMGT]|[KMGT]i)?")


def parse(text: str) -> Fraction:
    """
    Read a quantity.

    Raises:
        ValueError: with a sentence that says what was found and what is wanted.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(
            f"'{text}' is not a quantity; wanted a number, alone or with m, k, M, G, T, Ki, Mi, Gi "
            "or Ti, such as 500m or 256Mi"
        )
    amount = Fraction(match.group(1)) * _SUFFIXES[match.group(2) or ""]
    if (amount * 1000).denominator != 1:
        raise ValueError(f"'{text}' is finer than a thousandth; wanted whole thousandths")
    return amount


def text(amount: Fraction) -> str:
    """Write an amount in its shortest form; :func:`parse` reads the same."""
    if amount.denominator != 1:
        return f"{amount * 1000}m"
    for suffix in (*_BINARY, *_DECIMAL):
        size = _SUFFIXES[suffix]
        if amount and (amount / size).denominator == 1:
            return f"{amount / size}{suffix}"
    return str(amount)
