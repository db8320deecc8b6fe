import re

import pytest

from serinus.adapters.memory.store import Store
from serinus.interfaces.web import frame
from tests import builders
from tests.house import repository
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio
ACTS = re.compile(r"<style|style=|<script(?![^>]* src=)|\son\w+=|javascript:|\|\s*safe")
TEMPLATES = sorted((repository.PACKAGE / "interfaces/web/templates").glob("*.html"))


async def test_a_page_is_not_kept_by_anybody() -> None:
    async with visitor.visit() as visit:
        page = await visit.get("/settings")

    assert "no-store" == page.headers["cache-control"]


async def test_a_place_with_scripts_in_its_name_is_text() -> None:
    async with visitor.visit(where="<script>alert(1)</script>") as visit:
        page = await visit.get("/settings")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


async def test_a_controller_that_is_not_there_is_told_on_every_page() -> None:
    async with visitor.visit(alive=lambda: False, wake="serinus up") as visit:
        page = await visit.get("/settings")

    assert "No controller is running" in page.text
    assert "serinus up" in page.text


async def test_what_was_answered_is_said_once() -> None:
    store = Store()
    await store.record(builders.status())
    async with visitor.visit(store, alive=lambda: False) as visit:
        answer = await visit.post("/act", data={"application": "shop", "verb": "pause"})
        first = await visit.get(answer.headers["location"])
        second = await visit.get("/")

    assert "the wish is not kept" in first.text
    assert "the wish is not kept" not in second.text


def test_every_template_can_be_read() -> None:
    assert TEMPLATES
    for path in TEMPLATES:
        assert path.name == frame.environment().get_template(path.name).name


@pytest.mark.parametrize("name", [path.name for path in TEMPLATES])
def test_no_template_runs_or_styles_anything_by_itself(name: str) -> None:
    text = (repository.PACKAGE / "interfaces/web/templates" / name).read_text()

    assert [] == ACTS.findall(text)
