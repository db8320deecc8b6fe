"""
The level at which a form writes: an application, or what one environment has otherwise.

::

    spec.workload.port                        the application, everywhere
    spec.environments.prod.workload.port      what prod has otherwise

What is read at one level is what is written there; what holds where nothing is written comes from
the level below it. An environment's part is a patch: ``null`` in it takes away.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from serinus.core.spec import patch
from serinus.core.spec.place import Place
from serinus.ports.documents import Edit

ABSENT = msgspec.UNSET
"""Nothing is written there, which is not the same as ``null``."""

APPLICATION = "application"


class Level(NamedTuple):
    """A document as plain data, and the environment whose part is meant; empty: the application."""

    data: Mapping[str, Any]
    environment: str = ""

    def at(self, *keys: str | int) -> Place:
        """Return the place of a value of the spec at this level."""
        if self.environment:
            return ("spec", "environments", self.environment, *keys)
        return ("spec", *keys)

    def own(self, *keys: str | int) -> Any:
        """Return what is written at this level, :data:`ABSENT` if nothing is."""
        return below(self.data, self.at(*keys))

    def inherited(self, *keys: str | int) -> Any:
        """Return what holds where this level says nothing, :data:`ABSENT` if nobody says it."""
        return below(self.data, ("spec", *keys)) if self.environment else ABSENT

    def overriding(self, *keys: str | int) -> tuple[str, ...]:
        """Return the environments that say otherwise than the application does."""
        if self.environment:
            return ()
        patches = below(self.data, ("spec", "environments"))
        if not isinstance(patches, Mapping):
            return ()
        return tuple(str(name) for name, part in patches.items() if below(part, keys) is not ABSENT)

    def after(self, edit: Edit) -> "Level":
        """Return the level in the document as an edit leaves it."""
        return self._replace(data=patch.changed(self.data, edit.place, edit.value, edit.name))


def below(data: Any, keys: Place) -> Any:
    """Return what stands at a place, :data:`ABSENT` if nothing does."""
    for key in keys:
        listed = isinstance(data, list) and isinstance(key, int) and key < len(data)
        if not listed and not (isinstance(data, Mapping) and key in data):
            return ABSENT
        data = data[key]
    return data


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a value if it is a mapping, an empty one for all else."""
    return value if isinstance(value, Mapping) else {}
