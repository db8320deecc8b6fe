"""The objects of a cache by what they belong to, so that one application's are found at once."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from serinus.adapters.kubernetes.cache import Cache
from serinus.core.state import labels

Object = dict[str, Any]
Owner = Callable[[Mapping[str, Any]], str]

SLICES_SERVICE = "kubernetes.io/service-name"


def by_label(label: str) -> Owner:
    """Return how an object tells by a label to whom it belongs; empty: to nobody."""
    return lambda found: (found["metadata"].get("labels") or {}).get(label, "")


def application(found: Mapping[str, Any]) -> str:
    """Return the application that an object belongs to, empty if to none."""
    return by_label(labels.APPLICATION)(found)


class Grouped:
    """Keep an index of a cache: the objects of a namespace that belong to the same owner."""

    def __init__(self, cache: Cache, owner: Owner = application) -> None:
        self.cache = cache
        self._owner = owner
        self._groups: dict[Hashable, dict[str, Object]] = {}
        for found in cache.of():
            self._changed("ADDED", None, found)
        cache.subscribe(self._changed)

    def of(self, namespace: str, owner: str) -> list[Object]:
        """Return the objects of one owner, by name."""
        found = self._groups.get((namespace, owner), {})
        return [found[name] for name in sorted(found)]

    def owner(self, found: Mapping[str, Any]) -> str:
        """Return to whom an object belongs, empty if to nobody."""
        return self._owner(found)

    def _changed(self, _: str, old: Object | None, new: Object | None) -> None:
        if old is not None:
            place = self._place(old)
            group = self._groups.get(place, {})
            group.pop(old["metadata"]["name"], None)
            if not group:
                self._groups.pop(place, None)
        if new is not None and self._owner(new):
            self._groups.setdefault(self._place(new), {})[new["metadata"]["name"]] = new

    def _place(self, found: Mapping[str, Any]) -> tuple[str, str]:
        return found["metadata"].get("namespace", ""), self._owner(found)
