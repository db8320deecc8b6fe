"""A router whose document is the route itself: nothing to translate, everything to compare."""

from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route


class Router:
    """Keep one document for each application."""

    features = ~Feature.NONE

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the application's one document."""
        return (_ref(key),)

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the route as a document."""
        del found
        return {_ref(key): None if route is None else {"route": route}}

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route in the document."""
        document = found.get(_ref(key))
        if document is None:
            return None
        route: Route = document["route"]
        return route


def _ref(key: Key) -> Ref:
    return Ref("route", str(key))
