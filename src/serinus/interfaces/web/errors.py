"""What went wrong, as a page: what happened, what was found, and what one can do about it."""

from starlette.requests import Request
from starlette.responses import Response

from serinus.interfaces.api.problems import Problem
from serinus.interfaces.web import frame, standalone

UNKNOWN_PERSON, ELSEWHERE = 401, 421


def page(request: Request, told: Problem) -> Response:
    """
    Draw a failure.

    Who is not known to us sees a page without the frame: it tells nothing of what is here.
    """
    outside = getattr(request.state, "person", None) is None
    if outside or told.status in {UNKNOWN_PERSON, ELSEWHERE}:
        return standalone.page(told)
    return frame.render(request, "error.html", status=told.status, told=told)
