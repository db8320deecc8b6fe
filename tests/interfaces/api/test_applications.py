from pathlib import Path

import msgspec
import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.boot.drafting import Drafting
from serinus.core import errors
from serinus.core.state.notice import Key
from serinus.interfaces.api.people import Person, Right
from serinus.ports.documents import Reviewed, Written
from tests import builders
from tests.adapters.local import authored, written
from tests.builders import NEW, OLD
from tests.interfaces import offices
from tests.interfaces.api.test_acts import Answering, shop
from tests.interfaces.offices import Papers
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

INTENTS = "/api/v1/applications/shop/intents"
DOCUMENT = "/api/v1/documents/shop"
TEXT = "kind: Application\nmetadata:\n  name: shop \n"


async def test_applications_are_listed_and_found() -> None:
    store = Store()
    for name in ("team/shop", "team/search", "shop"):
        await store.record(builders.status(Key(name, "local")))
    async with offices.program(offices.app(offices.office(store))) as visitor:
        first = (await visitor.get("/api/v1/applications?limit=2")).json()
        rest = (await visitor.get(f"/api/v1/applications?cursor={first['cursor']}")).json()
        found = (await visitor.get("/api/v1/applications?q=search")).json()
        one = (await visitor.get("/api/v1/applications/team/shop")).json()
        none = await visitor.get("/api/v1/applications/team/nothing")

    assert 3 == len(first["items"] + rest["items"])
    assert ["team/search"] == [row["application"] for row in found["items"]]
    assert ["team/shop"] == [row["application"] for row in one]
    assert 404 == none.status_code


async def test_a_wish_is_answered() -> None:
    store = await shop()
    wish = {"verb": "pause", "reason": "lunch", "expectRelease": 7, "expectStep": 3}
    async with offices.program(offices.app(offices.office(store))) as visitor:
        found = await visitor.post(INTENTS, json=wish)

    (asked,) = store.asked_for
    assert (200, True, "paused at 25 %.") == (
        found.status_code,
        found.json()["done"],
        found.json()["sentence"],
    )
    assert ("ada", "lunch", "local") == (asked.actor, asked.reason, asked.environment)


async def test_the_same_key_is_the_same_wish() -> None:
    store = await shop()
    key = {"idempotency-key": "build-881"}
    async with offices.program(offices.app(offices.office(store))) as visitor:
        found = [await visitor.post(INTENTS, json={"verb": "pause"}, headers=key) for _ in "ab"]

    assert 1 == len({one.id for one in store.asked_for})
    assert found[0].json() == found[1].json()


@pytest.mark.parametrize(
    ("wish", "status", "words"),
    [
        ({"verb": "pause"}, 422, "The step is now 4 of 6."),
        ({"verb": "pause", "expectStep": 2}, 409, "The step is now 4 of 6."),
        ({"verb": "promote"}, 422, "needs a reason"),
        ({"verb": "explode"}, 400, "there is no verb 'explode'"),
        ({"verb": "delete"}, 400, "there is no verb 'delete'"),
        ({"verb": "pause", "force": True}, 400, "unknown field"),
        ({"verb": "pause", "environment": "prod"}, 404, "there is no application"),
    ],
)
async def test_a_refusal_has_a_status_and_its_sentence(
    wish: dict[str, object], status: int, words: str
) -> None:
    place = offices.office(await shop(done=False))
    async with offices.program(offices.app(place)) as visitor:
        found = await visitor.post(INTENTS, json=wish)

    assert status == found.status_code
    assert words in found.json()["detail"]


async def test_what_is_asked_for_is_told_with_where_it_stands() -> None:
    specs = Specs()
    specs.want("shop", builders.wanted())
    store = Store(specs)
    await store.record(builders.status(releases=7))
    async with offices.program(offices.app(offices.office(store))) as visitor:
        found = (await visitor.get("/api/v1/asked/local/shop")).json()
        none = await visitor.get("/api/v1/asked/local/nothing")

    assert ("v2", 7, {"number": 7, "candidate": NEW, "ended": False}) == (
        found["version"],
        found["releases"],
        found["release"],
    )
    assert (NEW, OLD) == (found["change"], found["stable"])
    assert 404 == none.status_code


async def test_nothing_is_kept_where_no_controller_works() -> None:
    store = Answering()
    await store.record(builders.status())
    place = offices.office(store, alive=lambda: False)
    async with offices.program(offices.app(place)) as visitor:
        found = await visitor.post(INTENTS, json={"verb": "pause"})

    assert (503, "serinus up") == (found.status_code, found.json()["hint"])
    assert not store.asked_for


# --- documents -----------------------------------------------------------------------------------


async def test_a_document_is_made_read_and_changed_by_its_version() -> None:
    papers = Papers()
    place = offices.office(documents=papers)
    async with offices.program(offices.app(place)) as visitor:
        made = await visitor.put(
            f"{DOCUMENT}?reason=new", content=TEXT, headers={"if-none-match": "*"}
        )
        read = await visitor.get(DOCUMENT)
        version = {"if-match": read.headers["etag"]}
        again = await visitor.put(DOCUMENT, content=TEXT + "# more\n", headers=version)
        stale = await visitor.put(DOCUMENT, content=TEXT, headers=version)
        blind = await visitor.put(DOCUMENT, content=TEXT)
        binary = await visitor.put(DOCUMENT, content=b"\xff\x00", headers=version)

    assert [200, 200, 200, 409, 428, 400] == [
        one.status_code for one in (made, read, again, stale, blind, binary)
    ]
    assert ('"1"', TEXT) == (read.headers["etag"], read.json()["text"])
    assert [("ada", "new"), ("ada", "")] == papers.authors


async def test_a_document_of_another_application_is_not_written() -> None:
    papers = Papers()
    async with offices.program(offices.app(offices.office(documents=papers))) as visitor:
        found = await visitor.put(
            "/api/v1/documents/team/shop", content=TEXT, headers={"if-none-match": "*"}
        )

    assert 422 == found.status_code
    assert "the document is of 'shop', but was sent to 'team/shop'" == found.json()["detail"]
    assert not papers.written


async def test_a_document_with_problems_is_told_all_of_them_and_not_written() -> None:
    wrong = errors.Problem("spec.replicas", "want a number", line=5, column=3)

    class Damaged(Papers):
        async def review(self, text: str, environment: str) -> Reviewed:  # noqa: ARG002 - all are
            return Reviewed(problems=(wrong,))

    papers = Damaged()
    async with offices.program(offices.app(offices.office(documents=papers))) as visitor:
        looked = await visitor.post("/api/v1/documents/review", json={"text": TEXT})
        found = await visitor.put(DOCUMENT, content=TEXT, headers={"if-none-match": "*"})

    assert not looked.json()["usable"]
    assert [msgspec.to_builtins(wrong)] == looked.json()["problems"] == found.json()["problems"]
    assert 422 == found.status_code
    assert not papers.written


async def test_a_review_tells_who_would_meet_it_and_what_would_be_written(tmp_path: Path) -> None:
    desk = authored.desk(tmp_path)
    sent = {"text": desk.text.replace("env: {", "env: {API_TOKEN: hunter2, ")}
    place = offices.office(
        documents=desk.documents, render=Drafting(written.specs(tmp_path), Store()).render
    )
    async with offices.program(offices.app(place)) as visitor:
        found = await visitor.post("/api/v1/documents/review", json=sent)
        wrong = await visitor.post("/api/v1/documents/review", json={"text": "spec: ["})

    looked = found.json()
    assert looked["usable"]
    assert "meet the new version" in looked["exposure"]["sentence"]
    names = [one["name"].partition("-")[0] for one in looked["manifests"]["manifests"]]
    assert ["Processes shop", "Envoy shop"] == names
    assert "hunter2" not in found.text
    assert {} == desk.texts()
    assert (None, []) == (wrong.json()["exposure"], wrong.json()["manifests"]["manifests"])


async def test_what_would_be_written_is_for_those_who_may_deploy(tmp_path: Path) -> None:
    desk = authored.desk(tmp_path)
    render = Drafting(written.specs(tmp_path), Store()).render
    viewer = Person("eve", frozenset({Right.VIEW}), bearer=True)
    async with visitor.visit(who=viewer, documents=desk.documents, render=render) as eve:
        found = await eve.post("/api/v1/documents/review", json={"text": desk.text})

    assert [] == found.json()["manifests"]["manifests"]
    assert "needs the role deploy" in found.json()["manifests"]["sentence"]


async def test_a_document_is_deleted_as_it_was_looked_at() -> None:
    papers, store = Papers(), await shop()
    place = offices.office(store, documents=papers)
    async with offices.program(offices.app(place)) as visitor:
        none = await visitor.delete(DOCUMENT, headers={"if-match": '"1"'})
        made = await visitor.put(DOCUMENT, content=TEXT, headers={"if-none-match": "*"})
        blind = await visitor.delete(DOCUMENT)
        stale = await visitor.delete(DOCUMENT, headers={"if-match": '"0"'})
        tag = {"if-match": made.headers["etag"]}
        found = await visitor.delete(f"{DOCUMENT}?reason=sold", headers=tag)
        again = await visitor.get(DOCUMENT)

    assert (404, 428, 412) == (none.status_code, blind.status_code, stale.status_code)
    assert "was changed since you looked at it" in stale.json()["detail"]
    assert (200, "shop") == (found.status_code, found.json()["application"])
    assert found.json()["sentence"].startswith("Application") or "deleted" in found.text
    assert ("ada", "sold") == papers.authors[-1]
    assert 404 == again.status_code


async def test_nothing_is_deleted_in_words_where_it_may_or_can_not_be() -> None:
    papers = Papers()
    papers.written["shop"] = Written(application="shop", text=TEXT, version="1", place="shop.yaml")
    tag = {"if-match": '"1"'}
    viewer = Person("eve", frozenset({Right.VIEW}), bearer=True)
    async with visitor.visit(who=viewer, documents=papers) as eve:
        forbidden = await eve.delete(DOCUMENT, headers=tag)
    dead = offices.office(documents=papers, alive=lambda: False)
    async with offices.program(offices.app(dead)) as ada:
        late = await ada.delete(DOCUMENT, headers=tag)

    assert (403, 503) == (forbidden.status_code, late.status_code)
    assert "needs the role deploy" in forbidden.json()["detail"]
    assert "nothing was deleted" in late.json()["detail"]
    assert ["shop"] == list(papers.written)
