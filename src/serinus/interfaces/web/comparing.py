"""What differs between a release and another one: the one before it, or any that is chosen."""

import msgspec

from serinus.app import diff, views
from serinus.app.diff import Change
from serinus.app.office import Office
from serinus.app.shown import Past
from serinus.core.state.notice import Key
from serinus.interfaces.api import fields
from serinus.ports import failures

CHOICES = 100
"""So many releases are offered, the newest first; any other one can be named in the address."""

DIGITS = 9
"""A number with more of them is no release's."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """
    What differs, or ``why`` that cannot be told.

    ``others``: releases that can be chosen. ``older`` None: what the release took the place of.
    """

    change: Change | None
    why: str
    others: tuple[Past, ...]
    older: int | None


def asked(text: str) -> int | None:
    """Return the number of the other release that an address asks for, None if it names none."""
    return fields.number(text, DIGITS)


async def compared(office: Office, key: Key, number: int, older: int | None) -> Compared:
    """Compare a release with another one."""
    past = await views.history(office.store, key, CHOICES)
    change, why = None, ""
    try:
        change = await diff.releases(office.store, key, older, number, office.content)
    except failures.Missing as missing:
        why = str(missing)
    others = tuple(one for one in past if one.number != number)
    return Compared(change=change, why=why, others=others, older=older)
