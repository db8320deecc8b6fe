"""The site: which module answers which address."""

from collections.abc import Sequence
from types import ModuleType

from starlette.routing import BaseRoute, Route

from serinus.interfaces.web import (
    activity,
    application,
    applications,
    banners,
    catalogue,
    deploy,
    ending,
    find,
    release,
    releases,
    settings,
    shelf,
    ways,
)

PAGES: Sequence[ModuleType] = (
    releases,
    release,
    find,
    banners,
    applications,
    deploy,
    ending,
    ways,
    catalogue,
    activity,
    application,
    settings,
)
"""Each has ``routes()``; the first route that fits answers."""


def routes() -> list[BaseRoute]:
    """Return the routes of all pages, and of their static files."""
    static = Route("/static/{version}/{path:path}", shelf.serve, name="static")
    return [static, *(_framed(route) for page in PAGES for route in page.routes())]


def _framed(route: BaseRoute) -> BaseRoute:
    """Return a route whose page says what is to be said above it; pieces of pages have no frame."""
    if not isinstance(route, Route) or route.path.startswith("/_part/"):
        return route
    return Route(route.path, banners.above(route.endpoint), methods=list(route.methods or ()))
