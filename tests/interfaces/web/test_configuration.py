from pathlib import Path

import pytest

from serinus.interfaces.web import configuration
from serinus.ports.documents import Written
from tests.adapters.local import authored
from tests.app import forms
from tests.conformance.desks import Desk
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = authored.desk(tmp_path)
    found.put(forms.SHOP)
    return found


async def test_every_value_is_shown_with_who_says_it_and_a_way_to_take_it_away(desk: Desk) -> None:
    async with visitor.visit(documents=desk.documents) as visit:
        page = await visit.get("/a/shop?tab=config&environment=prod")

    assert 200 == page.status_code
    assert "application@prod" in page.text
    assert "template default" in page.text
    assert "reset=spec.environments.prod.workload.replicas" in page.text
    assert "s3cret" not in page.text


async def test_two_environments_stand_beside_each_other(desk: Desk) -> None:
    written = await desk.documents.read("shop")
    place = visitor.office(documents=desk.documents)
    found = await configuration.look(place, written, "", "prod", "local")

    names = {one.name for one in found.differences}
    assert {"workload.replicas", "delivery.parameters.bake"} <= names
    assert "workload.command" not in names


async def test_taking_a_value_away_is_a_draft_that_shows_the_change(desk: Desk) -> None:
    where = "spec.environments.prod.workload.replicas"
    async with visitor.visit(documents=desk.documents) as visit:
        page = await visit.get(f"/a/shop/deploy?environment=prod&reset={where}")

    assert "-      workload: {replicas: 5}" in page.text


async def test_of_a_damaged_document_the_problems_are_shown_and_no_secret(desk: Desk) -> None:
    text = "a: [\n  API_TOKEN: s3cret\n"
    written = Written(application="shop", text=text, version="1")

    found = await configuration.look(visitor.office(documents=desk.documents), written, None, "")
    assert "" == found.text
    assert found.problems[0].line
    assert "s3cret" not in str(found.problems)
