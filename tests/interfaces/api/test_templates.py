import pytest

from serinus.boot import catalogue
from serinus.core.spec.resolve import Library
from tests.interfaces import offices
from tests.interfaces.offices import Papers

pytestmark = pytest.mark.anyio


class Builtin(Papers):
    async def library(self, application: str = "") -> Library:  # noqa: ARG002 - all have the same
        return catalogue.builtin()


async def test_templates_are_listed_and_shown_as_their_documents_say() -> None:
    async with offices.program(offices.app(offices.office(documents=Builtin()))) as visitor:
        every = (await visitor.get("/api/v1/templates")).json()
        one = (await visitor.get("/api/v1/templates/canary-standard")).json()
        none = await visitor.get("/api/v1/templates/canary-nonstandard")
        places = (await visitor.get("/api/v1/environments")).json()

    assert "blue-green" in [template["spec"]["template"] for template in every]
    assert ["canary-standard"] == [template["spec"]["template"] for template in one]
    assert one[0]["spec"]["parameters"]
    assert (404, []) == (none.status_code, places)
    assert "canary-standard" in none.json()["why"]
