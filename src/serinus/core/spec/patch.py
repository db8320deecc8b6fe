"""JSON Merge Patch (RFC 7396): mappings merge, null deletes, all else is replaced."""

from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.core.spec.place import Place


def merge(value: Any, patch: Any) -> Any:
    """Apply a patch and return the result; the arguments stay as they are."""
    if not isinstance(patch, Mapping):
        return patch
    base = dict(value) if isinstance(value, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            base.pop(key, None)
        else:
            base[key] = merge(base.get(key), change)
    return base


def changed(data: Any, path: Place, value: Any = msgspec.UNSET, name: str = "") -> Any:
    """
    Return plain data with one place changed: set, or (``UNSET``) taken away, or called otherwise.

    An index behind the last of a list adds to it. KeyError, IndexError or
    TypeError: there is no such place.
    """
    first, *rest = path
    base: Any = list(data) if isinstance(data, list) else {}
    if isinstance(data, Mapping):
        base = dict(data)
    if rest:
        known = not isinstance(base, list) or first != len(base)
        inner = base.get(first) if isinstance(base, dict) else base[first] if known else None
        return _put(base, first, changed(inner, path[1:], value, name))
    if name:
        return {name if key == first else key: inner for key, inner in base.items()}
    if value is msgspec.UNSET:
        del base[first]
        return base
    return _put(base, first, value)


def _put(base: Any, key: str | int, value: Any) -> Any:
    if isinstance(base, list) and key == len(base):
        base.append(value)
    else:
        base[key] = value
    return base


def leaves(value: Any, path: Place = ()) -> tuple[Place, ...]:
    """Return the places that a patch changes: whatever in it is no mapping, or an empty one."""
    if isinstance(value, Mapping) and value:
        return tuple(leaf for k, v in value.items() for leaf in leaves(v, (*path, str(k))))
    return (path,)


def touches(one: Place, other: Place) -> bool:
    """Tell whether two places are the same, or one stands above the other."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]
