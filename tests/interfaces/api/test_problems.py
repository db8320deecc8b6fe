import msgspec
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serinus.core import errors
from serinus.core.errors import SpecError
from serinus.interfaces.api import problems
from serinus.interfaces.api.people import Forbidden, Unknown
from serinus.interfaces.api.problems import Problem
from serinus.ports import failures
from tests.interfaces import offices

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (failures.Missing("there is no shop"), 404),
        (failures.Conflict("it was changed"), 409),
        (failures.Rejected("it will not"), 422),
        (failures.Unavailable("not now"), 503),
        (SpecError([errors.Problem("spec", "wrong")]), 422),
        (Unknown("open the link"), 401),
        (Forbidden("needs the role operate"), 403),
        (HTTPException(405, "no"), 405),
        (RuntimeError("a bug"), 500),
    ],
)
def test_every_failure_has_its_status(failure: Exception, status: int) -> None:
    told = problems.of(failure)

    assert status == told.status
    assert told.title
    assert told.detail


def test_a_bug_gives_nothing_away_but_its_number() -> None:
    told = problems.of(RuntimeError("the password is sesame"))

    assert "sesame" not in str(told)
    assert told.id


def failing(failure: Exception) -> Route:
    async def fail(_: Request) -> Response:
        raise failure

    return Route("/api/v1/fails", fail)


async def test_a_program_gets_json_with_all_that_is_wrong() -> None:
    wrong = SpecError([errors.Problem("spec.replicas", "want a number", line=3, column=7)])
    async with offices.program(offices.app(routes=[failing(wrong)])) as visitor:
        found = await visitor.get("/api/v1/fails")

    told = msgspec.json.decode(found.content, type=Problem)
    assert problems.MEDIA_TYPE == found.headers["content-type"]
    assert (422, "spec.replicas", 3) == (told.status, told.problems[0].path, told.problems[0].line)


async def test_who_should_wait_is_told_how_long() -> None:
    late = failures.Unavailable("not now", 2.6)
    async with offices.program(offices.app(routes=[failing(late)])) as visitor:
        found = await visitor.get("/api/v1/fails")

    assert (503, "3") == (found.status_code, found.headers["retry-after"])


async def test_a_person_gets_a_page_but_not_below_the_api() -> None:
    def page(_: Request, told: Problem) -> Response:
        return PlainTextResponse(f"page: {told.title}", told.status)

    app = offices.app(routes=[failing(failures.Missing("no"))], pages=page)
    async with offices.entered(app) as visitor:
        lost, below = await visitor.get("/nowhere"), await visitor.get("/api/v1/fails")

    assert (404, "page: That is not there") == (lost.status_code, lost.text)
    assert problems.MEDIA_TYPE == below.headers["content-type"]


async def test_a_bug_has_an_answer_with_every_header_and_a_log_without_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = offices.app(routes=[failing(RuntimeError("a bug"))])
    async with offices.program(app) as visitor:
        found = await visitor.get("/api/v1/fails")

    logged = capsys.readouterr().out
    assert found.json()["id"] in logged
    assert "RuntimeError: a bug" in logged
    assert "Bearer" not in logged
    assert 500 == found.status_code
    assert "default-src 'none'" in found.headers["content-security-policy"]
