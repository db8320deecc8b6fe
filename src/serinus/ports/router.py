"""How a route is written down for one product. Pure: no I/O, no waiting."""

from typing import Protocol

from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route


class Router(Protocol):
    """
    Turn routes into documents and back.

    Laws, kept by ``tests/conformance/test_routers.py``: what is rendered is read back; the way
    there does not matter; what is not ours is left as found.
    """

    features: Feature

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """
        Return the documents that concern the application, shared ones included.

        Where there is one for each revision, their common name ends with ``*``
        (:class:`serinus.core.state.traffic.Ref`); platforms answer with all that are there, and
        routers tell their own from others that happen to be called so.
        """
        ...

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """
        Return the documents for the route, in the order in which they must be delivered.

        ``route`` None removes the application. None as a document removes that document.
        """
        ...

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the documents carry out, None when there is none."""
        ...
