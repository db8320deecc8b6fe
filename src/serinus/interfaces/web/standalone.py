"""A page without the frame, for somebody whom nobody knows: it tells nothing of what is here."""

from starlette.responses import HTMLResponse, Response

from serinus.interfaces.api.problems import Problem
from serinus.interfaces.web import frame


def page(told: Problem) -> Response:
    """Draw what somebody outside is told: a failure, or that they are outside now."""
    body = frame.environment().get_template("outside.html").render(told=told)
    return HTMLResponse(body, status_code=told.status, headers=frame.FRESH)
