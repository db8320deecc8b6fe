"""
A list of the delivery in a form: its checks, or its plan.

Lists are replaced as a whole. So the first change of one takes what holds without it along (the
template's list, with its placeholders, so that its parameters go on meaning what they meant), and
one that has become the same as that again is taken away.
"""

from collections.abc import Iterator
from typing import Any

from serinus.app.level import Level
from serinus.core.spec import patch, placeholder, resolve
from serinus.core.spec.place import Place
from serinus.core.spec.template import DeliveryTemplate
from serinus.ports.documents import Edit


class Listed:
    """A list of the delivery at a level: its own, or the one that it takes along if it changes."""

    def __init__(self, level: Level, key: str, template: DeliveryTemplate | None) -> None:
        own, above = level.own("delivery", key), level.inherited("delivery", key)
        written = {} if template is None else resolve.written(template)
        taken = above if isinstance(above, list) else written.get(key)
        self._taken: list[Any] = list(taken or ())
        self.where = level.at("delivery", key)
        self.own = isinstance(own, list)
        self.items: list[Any] = own if isinstance(own, list) else self._taken

    def edit(self, where: Place, value: Any) -> Iterator[Edit]:
        """
        Change one place of the list; a list that is not this level's own is written whole.

        One that has become what it would be without this level's word is taken away.
        """
        after = patch.changed(self.items, where, value)
        if not self.own:
            yield Edit(self.where, after)
        elif after == self._taken:
            yield Edit(self.where)
        else:
            yield Edit((*self.where, *where), value)


def filled(value: Any) -> str:
    """Say which parameter of the template says a value, empty if none does."""
    if isinstance(value, list):
        return next(filter(None, map(filled, value)), "")
    name = placeholder.name(value)
    return "" if name is None else f"the parameter {name} of the template says it"
