"""The canonical form of a value: equal values have one text and one hash, however written."""

import hashlib

import msgspec


def text(value: object) -> bytes:
    """Return the canonical JSON of a value: keys sorted, no spaces."""
    return msgspec.json.encode(value, order="sorted")


def digest(value: object) -> str:
    """Return the sha256 of the canonical JSON of a value, in hexadecimal."""
    return hashlib.sha256(text(value)).hexdigest()
