"""The configuration of an application: each value in an environment, and beside another one's."""

import msgspec

from serinus.app import configuration, veiled
from serinus.app.configuration import Difference, Setting
from serinus.app.office import Office
from serinus.core.errors import Problem
from serinus.interfaces.web import drafts
from serinus.ports.documents import Written

TITLES = {
    configuration.WORKLOAD: "What runs, and where",
    configuration.DELIVERY: "How it is delivered",
    configuration.BEHAVIOUR: "What the template does with that",
}


class Group(msgspec.Struct, frozen=True):
    """Values under one heading."""

    name: str
    title: str
    settings: tuple[Setting, ...]


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """
    What holds in an environment.

    ``other``: the environment beside which it stands, empty if none does, and ``differences`` the
    values that are not the same there. ``text``: the document as the reader may see it, empty if
    they may not.
    """

    environment: str
    environments: tuple[str, ...]
    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]
    text: str
    other: str = ""
    differences: tuple[Difference, ...] = ()


async def look(
    office: Office, written: Written, text: str | None, environment: str, other: str = ""
) -> Looked:
    """Look at a document in an environment, and beside another one; ``text``: what is seen."""
    library = await office.documents.library(written.application)
    used = environment or office.environment
    marked = await veiled.text(office.documents, written.text, used) or ""
    reviewed = await veiled.reviewed(office.documents, written.text, marked, used)
    found = configuration.settings(reviewed, library, used)
    beside: tuple[Difference, ...] = ()
    if other:
        theirs = await veiled.reviewed(office.documents, written.text, marked, other)
        beside = configuration.differences(found, configuration.settings(theirs, library, other))
    return Looked(
        environment=used,
        environments=drafts.environments(office, library),
        groups=tuple(
            Group(name, title, tuple(one for one in found if one.group == name))
            for name, title in TITLES.items()
        ),
        problems=reviewed.problems,
        text=text or "",
        other=other,
        differences=beside,
    )
