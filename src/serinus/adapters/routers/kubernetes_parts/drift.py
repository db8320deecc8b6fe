"""Whether an object still says what was written, though the API server has filled in the rest."""

from collections.abc import Set as AbstractSet
from typing import Any


def same(wanted: Any, found: Any, fields: AbstractSet[str] = frozenset()) -> bool:
    """
    Tell whether what was found says what was wanted.

    Args:
        wanted: what was written.
        found: what is there now. It may have further fields, which newer versions of a product
            fill in by themselves.
        fields: names of fields that no product fills in: where they are and should not be,
            somebody has written them.
    """
    if isinstance(wanted, dict):
        if not isinstance(found, dict) or fields & (found.keys() - wanted.keys()):
            return False
        return all(name in found and same(v, found[name], fields) for name, v in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return False
        return all(same(w, f, fields) for w, f in zip(wanted, found, strict=True))
    return bool(wanted == found)
