from pathlib import Path

import httpx2
import pytest

from serinus.adapters.local.authoring import Documents
from serinus.adapters.memory.store import Store
from serinus.boot.drafting import Drafting
from serinus.interfaces.api.people import Person, Right
from serinus.ports.documents import Documents as AnyDocuments
from tests.adapters.kubernetes import authored as clustered
from tests.adapters.local import authored, written
from tests.conformance.desks import Desk
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

VIEWER = Person("eve", frozenset({Right.VIEW}), bearer=True)
NEW = {
    "metadata.name": "cart",
    "spec.version": "v1",
    "spec.workload.command": "./cart --port ${port}",
    "template": "canary-fast",
}


def visit(documents: AnyDocuments, who: Person = visitor.ADA) -> httpx2.AsyncClient:
    return visitor.visit(who=who, documents=documents, port=8080)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return authored.desk(tmp_path)


async def carried(visit: httpx2.AsyncClient, path: str) -> dict[str, str]:
    """Return what the page of a form carries from one request to the next."""
    page = (await visit.get(path)).text
    text = page.partition('id="carried"')[2].partition(">")[2].partition("</textarea>")[0]
    read = page.partition('name="read" value="')[2].partition('"')[0]
    mode = page.partition('name="mode" value="')[2].partition('"')[0]
    for entity, sign in (
        ("&#34;", '"'),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ):
        text = text.replace(entity, sign)
    return {"text": text, "read": read, "mode": mode, "level": "", "environment": "local"}


# --- a new application --------------------------------------------------------------------------


async def test_an_empty_form_shows_what_its_template_does_and_scolds_nobody(
    desk: Desk,
) -> None:
    async with visit(desk.documents) as browser:
        page = await browser.get("/new")

    assert 200 == page.status_code
    assert "everybody is served after" in page.text
    assert "not filled in yet" in page.text
    assert 'class="problem"' not in page.text


async def test_a_new_application_is_written_and_its_page_is_next(desk: Desk) -> None:
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/new"), **NEW, "do": "save", "reason": "we sell"}
        answer = await browser.post("/new", data=sent)

    assert (303, "/a/cart") == (answer.status_code, answer.headers["location"])
    written = (await desk.documents.read("cart")).text
    assert all(part in written for part in ("./cart", "${port}", "template: canary-fast"))


async def test_all_problems_stand_beside_their_fields_and_nothing_is_written(
    desk: Desk,
) -> None:
    async with visit(desk.documents) as browser:
        sent = await carried(browser, "/new")
        wrong = {**sent, **NEW, "metadata.name": "My Shop", "spec.workload.port": "99999"}
        answer = await browser.post("/new", data={**wrong, "do": "save"})

    assert 422 == answer.status_code
    beside = answer.text.partition('data-problems-of="spec.workload.port"')[2]
    assert "99999 is not a port" in beside.partition("</div>")[0]
    named = answer.text.partition('data-problems-of="metadata.name"')[2].partition("</div>")[0]
    assert "is not a name" in named
    assert 'value="99999"' in answer.text
    assert desk.texts() == {}


async def test_a_name_that_is_there_already_is_refused_in_words(desk: Desk) -> None:
    desk.put(desk.text)
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/new"), **NEW, "metadata.name": "shop", "do": "save"}
        answer = await browser.post("/new", data=sent)

    assert (422, True) == (answer.status_code, "already" in answer.text)


async def test_what_comes_of_it_is_shown_while_one_types(desk: Desk) -> None:
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/new"), **NEW, "spec.workload.replicas": "0"}
        answer = await browser.post("/_part/new", data=sent)
        form = await browser.post("/_part/new?of=form", data={**sent, "template": "blue-green"})

    assert "<html" not in answer.text
    assert 'data-problem="spec.workload.replicas"' in answer.text
    assert 'value="blue-green" data-turns checked' in form.text


async def test_what_would_be_written_is_shown_while_one_types(tmp_path: Path) -> None:
    specs = written.specs(tmp_path)
    documents, render = Documents(specs), Drafting(specs, Store()).render
    secret = {"env.name": "API_TOKEN", "env.kind": "value", "env.value": "hunter2", "env.was": ""}
    async with visitor.visit(port=8080, documents=documents, render=render) as browser:
        blank = await browser.get("/new")
        sent = {**await carried(browser, "/new"), **NEW, "spec.workload.command": "sleep 1"}
        typed = {**sent, **secret, "env": "rows", "env.source": "", "env.key": ""}
        seen = (await browser.post("/_part/new", data=typed)).text
        wrong = await browser.post("/_part/new", data={**sent, "spec.workload.replicas": "0"})

    assert 'id="d-manifests"' not in blank.text
    shown = seen.partition('id="d-manifests"')[2].partition("</details>")[0]
    assert all(part in shown for part in ("Processes cart-", "Envoy cart", "API_TOKEN", "[sleep,"))
    assert "hunter2" not in shown
    assert "as soon as" in wrong.text.partition('id="d-manifests"')[2]
    assert [] == [*specs.directory.iterdir()]


async def test_what_would_be_written_is_not_for_those_who_may_only_look(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    documents, render = Documents(specs), Drafting(specs, Store()).render
    async with visitor.visit(who=VIEWER, port=8080, documents=documents, render=render) as eve:
        page = (await eve.get("/a/shop/deploy")).text

    shown = page.partition('id="d-manifests"')[2].partition("</details>")[0]
    assert "is shown to those who may deploy there; it needs the role deploy" in shown
    assert "<pre" not in shown


async def test_a_script_in_a_field_is_text(desk: Desk) -> None:
    evil = "<script>alert(1)</script>"
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/new"), **NEW, "metadata.name": evil, "reason": evil}
        answer = await browser.post("/new", data={**sent, "do": "check"})

    assert evil not in answer.text
    assert "&lt;script&gt;" in answer.text


async def test_rows_are_added_and_taken_away_without_a_script(desk: Desk) -> None:
    rows = {"env": "rows", "env.was": ["", ""], "env.kind": ["value", "value"]}
    rows |= {"env.name": ["A", "B"], "env.value": ["1", "2"], "env.source": ["", ""]}
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/new"), **NEW, **rows, "env.key": ["", ""]}
        fewer = await browser.post("/new", data={**sent, "do": "remove.0"})
        more = await browser.post("/new", data={**sent, "do": "add"})

    assert (False, True) == ('value="A"' in fewer.text, 'value="B"' in fewer.text)
    assert 3 == more.text.count('name="env.name"')


# --- a form is a text ---------------------------------------------------------------------------


async def test_form_and_text_turn_into_each_other_and_nothing_is_lost(desk: Desk) -> None:
    desk.put(desk.text)
    async with visit(desk.documents) as browser:
        sent = await carried(browser, "/a/shop/deploy")
        yaml = await browser.post("/a/shop/deploy", data={**sent, "do": "as-yaml"})
        back = {**sent, "mode": "yaml", "do": "as-form"}
        form = await browser.post("/a/shop/deploy", data=back)

    assert 'id="f-text"' in yaml.text
    assert "nothing is changed" in yaml.text
    assert 'id="carried"' in form.text
    assert desk.text == sent["text"]


async def test_damaged_yaml_is_told_with_its_line_and_stays_as_it_was_typed(
    desk: Desk,
) -> None:
    desk.put(desk.text)
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/a/shop/deploy"), "mode": "yaml"}
        sent["text"] = "kind: Application\nspec: [1, 2\n"
        answer = await browser.post("/a/shop/deploy", data={**sent, "do": "as-form"})

    assert "cannot be read" in answer.text
    assert "line 3" in answer.text
    assert "spec: [1, 2" in answer.text


# --- a change -----------------------------------------------------------------------------------


async def test_a_change_is_shown_against_the_document_and_written(desk: Desk) -> None:
    desk.put(desk.text)
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/a/shop/deploy"), "spec.version": "v2"}
        looked = await browser.post("/a/shop/deploy", data={**sent, "do": "check"})
        answer = await browser.post("/a/shop/deploy", data={**sent, "do": "save"})

    assert "+  version: v2" in looked.text
    assert "Deploy v2" in looked.text
    assert 303 == answer.status_code
    assert (
        desk.text.replace("version: v1", "version: v2") == (await desk.documents.read("shop")).text
    )


async def test_a_version_can_be_asked_for_by_the_address(desk: Desk) -> None:
    desk.put(desk.text)
    async with visit(desk.documents) as browser:
        page = await browser.get("/a/shop/deploy?version=v9")

    assert "Deploy v9" in page.text


async def test_who_was_slower_is_told_and_overwrites_nothing(desk: Desk) -> None:
    desk.put(desk.text)
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/a/shop/deploy"), "spec.version": "v2", "do": "save"}
        desk.put(desk.text.replace("version: v1", "version: v3"))
        answer = await browser.post("/a/shop/deploy", data=sent)

    assert (422, True) == (answer.status_code, "was changed while you wrote" in answer.text)
    assert "version: v3" in (await desk.documents.read("shop")).text


async def test_what_git_keeps_is_downloaded_and_not_written(desk: Desk) -> None:
    desk.put(desk.text)
    desk.keep("shop")
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/a/shop/deploy"), "spec.version": "v2"}
        page = await browser.get("/a/shop/deploy")
        file = await browser.post("/a/shop/deploy", data={**sent, "do": "download"})

    assert "Git keeps this application" in page.text
    assert 'id="save"' not in page.text
    assert 'filename="shop.yaml"' in file.headers["content-disposition"]
    assert "version: v2" in file.text


async def test_who_may_not_deploy_sees_why_and_is_refused(desk: Desk) -> None:
    desk.put(desk.text)
    async with visit(desk.documents, VIEWER) as browser:
        sent = {**await carried(browser, "/a/shop/deploy"), "spec.version": "v2", "do": "save"}
        page = await browser.get("/a/shop/deploy")
        answer = await browser.post("/a/shop/deploy", data=sent)

    assert "needs the role deploy" in page.text
    assert 403 == answer.status_code
    assert "version: v1" in (await desk.documents.read("shop")).text


async def test_an_unknown_application_has_no_form(desk: Desk) -> None:
    async with visit(desk.documents) as browser:
        assert 404 == (await browser.get("/a/nobody/deploy")).status_code


# --- secrets ------------------------------------------------------------------------------------


async def test_a_stored_secret_never_leaves_and_stays_as_it_is(desk: Desk) -> None:
    secret = "hunter2-hunter2"
    desk.put(desk.text.replace("env: {", f"env: {{API_TOKEN: {secret}, "))
    async with visit(desk.documents) as browser:
        sent = {**await carried(browser, "/a/shop/deploy"), "spec.version": "v2"}
        pages = [
            await browser.get("/a/shop/deploy"),
            await browser.get("/a/shop/deploy?mode=yaml"),
            await browser.post("/a/shop/deploy", data={**sent, "do": "as-yaml"}),
            await browser.post("/_part/a/shop/deploy", data=sent),
        ]
        answer = await browser.post("/a/shop/deploy", data={**sent, "do": "save"})

    assert [] == [page.url for page in pages if secret in page.text]
    assert 303 == answer.status_code
    written = (await desk.documents.read("shop")).text
    assert (True, True) == (secret in written, "version: v2" in written)


async def test_a_damaged_text_is_for_those_who_may_mend_it_and_written_without_marks(
    desk: Desk,
) -> None:
    desk.put(f"{desk.text}\n  env: {{A: 1, API_TOKEN: hunter2\n")
    async with visit(desk.documents, VIEWER) as eve:
        paths = ("/a/shop?tab=config", "/a/shop/deploy", "/a/shop/deploy?mode=yaml")
        closed = [await eve.get(path) for path in paths]
    async with visit(desk.documents) as browser:
        page = await browser.get("/a/shop/deploy")
        mended = desk.text.replace("env: {", "env: {API_TOKEN: •••, ")
        sent = {"text": mended, "read": "1", "mode": "yaml", "do": "save"}
        answer = await browser.post("/a/shop/deploy", data=sent)

    assert [(200, False)] * 3 == [(one.status_code, "hunter2" in one.text) for one in closed]
    assert "line " in closed[0].text
    assert "cannot be shown without its secrets" in closed[1].text
    assert (200, True) == (page.status_code, "hunter2" in page.text)
    assert (422, True) == (answer.status_code, "a mark where a secret was" in answer.text)


async def test_nobody_reads_a_secret_by_another_name_or_tries_guesses_of_it(desk: Desk) -> None:
    """The attacks: a renamed row, a download of it, and a text with a guess in it."""
    desk.put(desk.text.replace("env: {", "env: {DB_PASSWORD: hunter2, "))
    rows = {
        "env": "rows",
        "env.was": ["DB_PASSWORD"],
        "env.kind": ["value"],
        "env.name": ["COPY"],
        "env.value": ["••• set"],
    }
    refusals = []
    for who, status in ((VIEWER, 403), (visitor.ADA, 200)):
        async with visit(desk.documents, who) as browser:
            form = await carried(browser, "/a/shop/deploy")
            guess = form["text"].replace("DB_PASSWORD: •••", "DB_PASSWORD: hunter3")
            asked = [
                await browser.post("/_part/a/shop/deploy", data={**form, **rows}),
                await browser.post("/_part/a/shop/deploy?of=form", data={**form, **rows}),
                await browser.post("/a/shop/deploy", data={**form, **rows, "do": "download"}),
            ]
            typed = await browser.post(
                "/_part/a/shop/deploy?of=form", data={**form, "mode": "yaml", "text": guess}
            )
            saved = await browser.post("/a/shop/deploy", data={**form, **rows, "do": "save"})

        assert [(status, False)] * 3 == [(one.status_code, "hunter2" in one.text) for one in asked]
        assert status == typed.status_code
        refusals.append(saved)

    assert [403, 422] == [one.status_code for one in refusals]
    assert "write the secret itself" in refusals[-1].text
    assert "DB_PASSWORD: hunter2" in desk.texts()["shop.yaml"]


async def test_a_right_guess_of_a_secret_looks_like_a_wrong_one(desk: Desk) -> None:
    desk.put(desk.text.replace("env: {", "env: {DB_PASSWORD: hunter2, "))
    async with visit(desk.documents) as browser:
        form = await carried(browser, "/a/shop/deploy")
        seen = []
        for guess in ("hunter2", "hunter3"):
            text = form["text"].replace("DB_PASSWORD: •••", f"DB_PASSWORD: {guess}")
            sent = {**form, "mode": "yaml", "text": text}
            page = (await browser.post("/_part/a/shop/deploy?of=form", data=sent)).text
            seen.append(page.replace(guess, "GUESS"))

    assert seen[0].partition("<textarea")[2] == seen[1].partition("<textarea")[2]


# --- a cluster ----------------------------------------------------------------------------------


async def test_a_cluster_asks_for_what_pods_have(desk: Desk) -> None:
    async with visitor.visit(who=visitor.ADA, documents=desk.documents) as browser:
        image = (await browser.get("/new")).text
        adopted = (await browser.get("/new?adopt=1")).text
        fields = {**await carried(browser, "/new"), "do": "add.secret", "env": "rows"}
        secret = (await browser.post("/_part/new?of=form", data=fields)).text

    assert "Image <span" in image
    assert "Adopt a Deployment instead" in image
    assert 'name="spec.workloadRef.name"' not in image
    assert 'name="spec.workloadRef.name"' in adopted
    assert "Run an image instead" in adopted
    assert "Add a variable" not in adopted
    assert 'placeholder="Secret"' in secret
    assert 'type="radio" name="environment"' not in image


async def test_an_object_is_not_written_to_itself() -> None:
    desk = clustered.desk()
    desk.put(desk.text)
    place = f"/a/{desk.name}/deploy"
    async with visitor.visit(who=visitor.ADA, documents=desk.documents) as browser:
        fields = {**await carried(browser, place), "spec.workload.replicas": "3", "do": "save"}
        answer = await browser.post(place, data=fields)
        page = (await browser.get(f"/a/{desk.name}")).text

    assert 303 == answer.status_code
    assert f"Application {desk.name} is written." in page
