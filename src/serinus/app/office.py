"""
The office: all that an API or a page needs of one place, be it a machine or a cluster.

::

    views   ◀── store          what is so
    forms   ◀─▶ documents      what people write
    intents ──▶ store          what people want, answered by the controller
    logs    ◀── replicas       what the replicas wrote

Who opens it says what it is of; who uses it cannot tell a machine from a cluster.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec

from serinus.app.diff import Content
from serinus.core.state.notice import Key
from serinus.ports.clock import Clock
from serinus.ports.documents import Documents
from serinus.ports.metrics import NOWHERE, Metrics
from serinus.ports.store import Store


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log. ``replica``: ``<first ten digits of the revision>-<ordinal>``."""

    replica: str
    text: str


class Logs(Protocol):
    """Read what replicas wrote."""

    async def tail(self, key: Key, revision: str, lines: int) -> tuple[Line, ...]:
        """Return the last lines of each replica of a revision; nothing where none has written."""
        ...

    def follow(self, key: Key, revision: str) -> AsyncIterator[Line]:
        """Yield the lines that are written from now on, until it is closed."""
        ...


class Manifest(msgspec.Struct, frozen=True):
    """
    One thing that would be written: what it is called, and it as YAML, without any secret.

    ``about``: what there is to say of it, in a sentence; empty: nothing.
    """

    name: str
    text: str
    about: str = ""


class Manifests(msgspec.Struct, frozen=True):
    """What would be written, and of what it is, in a sentence; where there is nothing: why not."""

    sentence: str
    manifests: tuple[Manifest, ...] = ()


class Sought(NamedTuple):
    """
    An application's document, of which manifests are to be made, as plain data without problems.

    ``shown`` has marks in the place of secrets and is what is rendered. ``whole`` has the secrets:
    nothing of it but its digest may be told, because names hold that.
    """

    shown: Mapping[str, Any]
    whole: Mapping[str, Any]
    environment: str


Render = Callable[[Sought], Awaitable[Manifests]]


@dataclass(frozen=True, slots=True)
class Office:
    """
    One place, with all that is done there.

    ``where``: the place in words (``this machine``, the address of a cluster). ``alive`` tells
    whether a controller works, ``wake`` what to type where none does. ``content`` returns the
    content of a declared file by its sha256. ``counted``: by the kind of a check, what the router
    counts for it. ``port``: where applications answer on this machine, None in a cluster.
    ``metrics``: the sources of environments, for charts of what only they know. ``namespace``: the
    one in which new applications begin, in a cluster. ``render`` tells what would be written for a
    document, and writes nothing; None where nobody knows.
    """

    store: Store
    documents: Documents
    logs: Logs
    clock: Clock
    alive: Callable[[], bool]
    where: str
    wake: str = "serinus up"
    content: Content = lambda _: None
    counted: Mapping[str, str] = field(default_factory=dict)
    environment: str = "local"
    port: int | None = None
    metrics: Metrics = NOWHERE
    namespace: str = "default"
    render: Render | None = None
