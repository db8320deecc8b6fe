"""Places in which documents are written, for the tests that all of them meet."""

from collections.abc import Callable
from typing import NamedTuple

from serinus.ports.documents import Documents
from tests.adapters.local.written import SHOP


class Desk(NamedTuple):
    """
    A place, and what others do there behind the back of whoever sits at it.

    ``put`` writes a text as another person does, ``keep`` gives an application to Git. ``texts``
    returns all that is written. ``name``: what the application ``shop`` is called there.
    """

    documents: Documents
    put: Callable[[str], None]
    keep: Callable[[str], None]
    texts: Callable[[], dict[str, str]]
    text: str = SHOP
    name: str = "shop"
    environment: str = "local"
