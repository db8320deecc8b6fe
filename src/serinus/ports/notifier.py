"""Who is told."""

from collections.abc import Mapping
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """
    What people get: a title, the sentences with their numbers, and the command to type.

    ``severity`` is ``info``, ``success``, ``warning`` or ``failure``.
    """

    title: str
    body: str
    severity: str = "info"


class Notifier(Protocol):
    """
    Send one message to one place.

    ``Unavailable``: not now, try again later. ``Rejected``: this place will never take it. No
    message of a failure holds an address or a token of the place.
    """

    async def send(self, message: Message) -> None:
        """Send, within a limited time."""
        ...


class Bookmarks(Protocol):
    """
    Keep how far each place has been told, over restarts.

    ``Unavailable`` when it cannot be kept now.
    """

    def read(self) -> Mapping[str, int]:
        """Return the sequence of the last event of which each place, by name, is done."""
        ...

    def write(self, place: str, sequence: int) -> None:
        """Keep it for one place, at once or soon."""
        ...
