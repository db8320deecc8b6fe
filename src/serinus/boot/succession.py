"""
When an application goes over to another router: what the one before has left behind.

::

    the environment names another router
        │
        ▼
    the new one writes its documents       the old ones stay: requests may still come that way
        │
        ▼
    they are seen carried out              the old ones are removed, a user's restored
        │
        ▼
    nothing of it is left                  the old router is forgotten

Who has written is said by an annotation of the root Service, the newest last, so that another
controller goes on. Services are the same for all routers, and are left to the one that is there.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from serinus.adapters.routers.kubernetes_parts import services, told
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref
from serinus.ports import failures
from serinus.ports.router import Router


class Writer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A router with its settings as they are written, and the user's object in which it wrote."""

    router: str
    settings: dict[str, Any] = {}
    ref: Ref | None = None


def root(site: Site) -> Ref:
    """Return the name of the Service that says who has written."""
    return site.named(services.KIND, site.name)


def written(document: Document | None) -> tuple[Writer, ...]:
    """Return who has written for an application, by its root Service; the newest is the last."""
    text = None if document is None else told.annotation(document, labels.WRITERS)
    if text is None:
        return ()
    try:
        return msgspec.json.decode(text, type=tuple[Writer, ...])
    except msgspec.MsgspecError:  # somebody else has written there: we shall write again
        return ()


def noted(document: Document, writers: Iterable[Writer]) -> Document:
    """Return a root Service that says who has written."""
    return services.marked(document, {labels.WRITERS: msgspec.json.encode([*writers]).decode()})


def left(
    key: Key,
    former: Callable[[], Router],
    found: Documents,
    taken: Iterable[Ref],
) -> dict[Ref, Document | None]:
    """
    Return what takes away what a former router has left, or restores what is a user's.

    ``taken``: what the router of now writes itself. Nothing, where the former one is not known any
    more.
    """
    try:
        documents = former().render(key, None, found)
    except failures.PortFailure:
        return {}
    own = tuple(taken)
    return {
        ref: document
        for ref, document in documents.items()
        if ref.kind != services.KIND
        and not any(mine.covers(ref) for mine in own)
        and ref in found
        and document != found[ref]
        and (document is not None or services.ours(found[ref]))
    }
