"""The page of a person's own settings: theme, density and keys."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from serinus.interfaces.api import acts, fields
from serinus.interfaces.web import frame, looks


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [
        Route("/settings", page, methods=["GET"]),
        Route("/settings", save, methods=["POST"]),
    ]


async def page(request: Request) -> Response:
    """Show what can be chosen."""
    return frame.render(request, "settings.html")


async def save(request: Request) -> Response:
    """Keep what was chosen, and go back to where the person was."""
    given = await fields.read(request)
    chosen = looks.chosen(dict(given))
    answer = RedirectResponse(acts.back(given.get("back", "/settings")), status_code=303)
    for name, value in chosen.items():
        answer.set_cookie(
            name,
            value,
            max_age=looks.YEAR_S,
            httponly=False,  # the script that changes the theme at once writes it as well
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    return answer
