"""Who is told."""

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
