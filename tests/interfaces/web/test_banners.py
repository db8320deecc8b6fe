import pytest

from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("alive", [True, False])
async def test_a_controller_that_goes_or_comes_is_told_on_an_open_page(alive: bool) -> None:  # noqa: FBT001 - a case
    async with visitor.visit(alive=lambda: alive) as visit:
        part = await visit.get("/_part/banners")

    assert alive is not ("No controller is running" in part.text)
