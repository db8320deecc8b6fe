"""The page of a person's own settings, of what they may do, and the way out."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from serinus.interfaces.api import acts, fields
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.api.problems import Problem
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.api.stream import Broadcaster
from serinus.interfaces.web import frame, looks, standalone
from serinus.ports import failures


def routes() -> list[BaseRoute]:
    """Return the routes of this page."""
    return [
        Route("/settings", page, methods=["GET"]),
        Route("/settings", save, methods=["POST"]),
        Route("/leave", leave, methods=["POST"]),
    ]


async def page(request: Request) -> Response:
    """Show what can be chosen."""
    doors: Doors = request.app.state.doors
    person: Person = request.state.person
    held = "" if isinstance(doors.mode, Local) else request.url.hostname or "the proxy"
    return frame.render(request, "settings.html", held=held, may=may(person))


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


async def leave(request: Request) -> Response:
    """End the session, in the browser and on the server, and say how to come back."""
    doors: Doors = request.app.state.doors
    mode, person = doors.mode, request.state.person
    if not isinstance(mode, Local):
        raise failures.Rejected(
            "a proxy holds your session, so it cannot be ended here",
            hint=f"sign out at the proxy of {request.url.hostname}",
        )
    mode.leave(person)
    broadcaster: Broadcaster = request.app.state.broadcaster
    broadcaster.end(person.session)
    answer = standalone.page(
        Problem(
            type="urn:serinus:left",
            title="You have signed out",
            status=200,
            detail="The session of this browser is over, on the server too. To come back:",
            hint=mode.hint,
            command=mode.command,
        )
    )
    answer.delete_cookie(mode.cookie, httponly=True, samesite="strict")
    return answer


def may(person: Person) -> list[tuple[str, str]]:
    """Return what somebody may do, as words with where that is."""
    grants = [(person.rights, "in every environment")]
    grants += [(one.rights, f"in {', '.join(one.environments)}") for one in person.grants]
    return [
        (", ".join(str(one) for one in Right if one in rights), where)
        for rights, where in grants
        if rights
    ]
