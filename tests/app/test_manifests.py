import dataclasses
from pathlib import Path

import pytest

from serinus.app import manifests
from serinus.app.office import Manifest, Manifests, Office, Render, Sought
from serinus.ports import failures
from tests.adapters.local import authored, written
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

SECRET = written.SHOP.replace("env: {", "env: {API_TOKEN: hunter2, ")
CAME = Manifests("As v1 begins.", (Manifest("Processes shop", "command: [./shop]\n"),))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return visitor.office(documents=authored.desk(tmp_path).documents)


class Hand:
    """Who renders, and what of."""

    def __init__(self) -> None:
        self.sought: list[Sought] = []

    async def render(self, sought: Sought) -> Manifests:
        self.sought.append(sought)
        return CAME


async def told(office: Office, text: str, render: Render) -> str:
    reviewed = await office.documents.review(text, "local")
    found = await manifests.of(dataclasses.replace(office, render=render), reviewed)
    assert not found.manifests
    return found.sentence


async def test_what_is_rendered_has_marks_in_the_place_of_secrets(office: Office) -> None:
    hand = Hand()
    reviewed = await office.documents.review(SECRET, "local")
    found = await manifests.of(dataclasses.replace(office, render=hand.render), reviewed)

    assert CAME == found
    (sought,) = hand.sought
    assert "hunter2" not in str(sought.shown)
    assert "•••" == sought.shown["spec"]["workload"]["env"]["API_TOKEN"]
    assert "hunter2" == sought.whole["spec"]["workload"]["env"]["API_TOKEN"]


async def test_nothing_is_rendered_until_all_is_mended(office: Office) -> None:
    hand = Hand()
    wrong = written.SHOP.replace("command:", "commands:")

    assert "as soon as" in await told(office, wrong, hand.render)
    assert "as soon as" in await told(office, "spec: [", hand.render)
    assert [] == hand.sought


async def test_what_keeps_it_from_being_known_is_said(office: Office) -> None:
    async def refuse(_: Sought) -> Manifests:
        raise failures.Rejected("HTTPRoute team/shop is not there", why="somebody deleted it")

    words = await told(office, written.SHOP, refuse)

    assert "HTTPRoute team/shop is not there (somebody deleted it)." in words


async def test_nobody_renders_where_no_controller_is(office: Office) -> None:
    found = await manifests.of(office, await office.documents.review(written.SHOP, "local"))

    assert Manifests(manifests.UNKNOWN) == found
    assert "needs the role deploy" in manifests.hidden("needs the role deploy").sentence
