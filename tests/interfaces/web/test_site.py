import pytest

from serinus.interfaces.web import site
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


async def test_every_page_of_the_site_is_reached() -> None:
    async with visitor.visit() as visit:
        assert 200 == (await visit.get("/settings")).status_code


def test_no_two_pages_answer_the_same_address_in_the_same_way() -> None:
    asked = [
        (route.path, tuple(sorted(route.methods or ())))  # type: ignore[attr-defined]  # all of ours are Routes
        for route in site.routes()
    ]

    assert len(asked) == len(set(asked))
