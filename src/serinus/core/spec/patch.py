"""JSON Merge Patch (RFC 7396): mappings merge, null deletes, all else is replaced."""

from collections.abc import Mapping
from typing import Any

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


def leaves(value: Any, path: Place = ()) -> tuple[Place, ...]:
    """Return the places that a patch changes: whatever in it is no mapping, or an empty one."""
    if isinstance(value, Mapping) and value:
        return tuple(leaf for k, v in value.items() for leaf in leaves(v, (*path, str(k))))
    return (path,)


def touches(one: Place, other: Place) -> bool:
    """Tell whether two places are the same, or one stands above the other."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]
