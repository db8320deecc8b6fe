"""Whether an object still says what was written, though the API server has filled in the rest."""

from collections.abc import Set as AbstractSet
from typing import Any

WRITTEN = frozenset(
    {
        # of Gateway API
        *("filters", "matches", "timeouts", "headers", "queryParams", "method", "retry"),
        *("add", "set", "remove", "namespace", "sectionName", "sessionPersistence"),
        # of Istio
        *("match", "mirror", "mirrors", "fault", "rewrite", "redirect", "delegate", "subset"),
        *("directResponse", "corsPolicy", "uri", "response"),
    }
)
"""Fields in the entries of lists that no product fills in: somebody has written them."""


def same(wanted: Any, found: Any) -> bool:
    """
    Tell whether what was found says what was wanted.

    An object may have further fields: its own may be somebody else's, and newer versions of a
    product fill some in by themselves. A list belongs to one owner as a whole: it has just the
    wanted entries, and they have no fields of :data:`WRITTEN` but the wanted ones.
    """
    return _same(wanted, found, frozenset())


def _same(wanted: Any, found: Any, strange: AbstractSet[str]) -> bool:
    if isinstance(wanted, dict):
        if not isinstance(found, dict) or strange & (found.keys() - wanted.keys()):
            return False
        return all(name in found and _same(v, found[name], strange) for name, v in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return False
        return all(_same(w, f, WRITTEN) for w, f in zip(wanted, found, strict=True))
    return bool(wanted == found)
