"""What people write, for those who write it in a page: the same files or objects that Git keeps."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec.effective import Effective
from serinus.core.spec.place import Place
from serinus.core.spec.resolve import Library


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """
    One document as it stands.

    ``text`` is YAML, with the comments of whoever wrote it where there are any. ``version`` changes
    with every change of it. ``keeper``: who keeps it in step with Git (``Git``, ``Argo CD``), empty
    where it may be changed here. ``place``: where it is, for people: a file, an object.
    """

    application: str
    text: str
    version: str
    keeper: str = ""
    place: str = ""


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """
    A text that was read but not written: everything that is wrong with it, each with its place.

    ``data``: the document as plain data, None where it cannot be read. ``effective``: what it comes
    to in the environment that was named, None where it is no application.
    """

    problems: tuple[Problem, ...]
    data: Mapping[str, Any] | None = None
    effective: Effective | None = None


class Edit(msgspec.Struct, frozen=True):
    """
    One change of a text: the value of a place, plain data of any kind.

    ``UNSET`` takes the place away, an index behind the last of a list adds to it. ``name``: the key
    is called so from now on, and keeps its value.
    """

    place: Place
    value: Any = msgspec.UNSET
    name: str = ""


class Documents(Protocol):
    """Read, review, change and write the documents of applications."""

    async def library(self, application: str = "") -> Library:
        """
        Return all templates, built-in ones included, and all environments.

        ``application``: whose templates are meant, where not all have the same; in a cluster those
        of its namespace. Empty: of one that says nothing of where it is.
        """
        ...

    async def read(self, application: str) -> Written:
        """Return an application's document; ``Missing`` when there is none."""
        ...

    async def review(self, text: str, environment: str) -> Reviewed:
        """Read a text as an application, and say all that is wrong with it. Nothing is written."""
        ...

    def edit(self, text: str, edits: Sequence[Edit]) -> str:
        """
        Return a text with values changed and all else as it was written: comments, order, quotes.

        Pure. ``Rejected`` when the text is written in a way in which that cannot be done safely.
        """
        ...

    async def write(
        self, text: str, *, version: str | None, actor: str, reason: str = ""
    ) -> Written:
        """
        Write a document, whole; a changed one begins its release by itself.

        ``version``: the one that the change was made to, None for a new application. ``Conflict``
        when it was changed meanwhile or is there already; ``Rejected``, with every problem, or with
        the patch to commit where Git keeps it. Nothing is written then.
        """
        ...

    async def delete(self, application: str, *, version: str, actor: str, reason: str = "") -> None:
        """
        Delete a document; in a cluster that is the wish to end the application, on a machine not.

        ``version``: the one that was looked at. ``Conflict`` when it was changed or deleted
        meanwhile; ``Rejected`` where Git keeps it. Nothing is deleted then.
        """
        ...
