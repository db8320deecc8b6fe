"""The Struct types that a type is made of."""

import types
import typing
from collections.abc import Iterator
from typing import Any

import msgspec


def within(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield a type and all that it holds, as far as a schema can tell them apart."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in msgspec.structs.fields(kind):
            yield from within(field.type)
        return
    rest = [one for one in typing.get_args(kind) if one is not types.NoneType]
    union = typing.get_origin(kind) in {types.UnionType, typing.Union}
    if not union or len(rest) == 1:
        for one in rest:
            yield from within(one)
