"""What every page says above all else: that no controller works, so that nothing is new."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serinus.interfaces.web import frame


def routes() -> list[BaseRoute]:
    """Return the route of the banners."""
    return [Route("/_part/banners", body)]


async def body(request: Request) -> Response:
    """Answer with the banners that are to be seen now."""
    return frame.part(request, "banners.html")
