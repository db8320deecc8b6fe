"""
Deliveries that were resolved before: most applications of a cluster are delivered alike.

Letting template, environment and application meet is the dearest part of an answer, and what comes
of it is the largest. The same wishes over the same templates are resolved once, and share it.
"""

from typing import NamedTuple

from serinus.core.spec import canonical, resolve
from serinus.core.spec.gating import Surroundings
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Layer, Library, Resolution

MOST = 10_000
"""So many are remembered at most; after that we begin anew."""


class _Key(NamedTuple):
    templates: int
    layers: str
    limits: Limits
    surroundings: str


class Remembered:
    """
    Resolve as :func:`serinus.core.spec.resolve.resolve` does, each thing once.

    It is to be forgotten, as a whole, with the templates that it was made from.
    """

    def __init__(self) -> None:
        self._known: dict[_Key, tuple[Library, Resolution]] = {}
        self.asked = 0

    def __call__(
        self,
        layers: tuple[Layer, ...],
        library: Library,
        limits: Limits,
        surroundings: Surroundings,
    ) -> Resolution:
        """Let the layers meet, or remember what came of it."""
        key = _Key(
            id(library.templates), canonical.digest(layers), limits, canonical.digest(surroundings)
        )
        if key not in self._known:
            if len(self._known) >= MOST:
                self._known.clear()
            self.asked += 1
            # The library is kept with it, so that no other one gets its place in memory.
            self._known[key] = library, resolve.resolve(layers, library, limits, surroundings)
        return self._known[key][1]
