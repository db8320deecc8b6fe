import dataclasses
from pathlib import Path

import pytest
from starlette.datastructures import QueryParams

from serinus.app.office import Office
from serinus.core.spec.resolve import Library
from serinus.core.state.notice import Key
from serinus.interfaces.api.fields import Fields
from serinus.interfaces.web import drafts
from serinus.interfaces.web.drafts import Draft
from serinus.ports.documents import Written
from tests import builders
from tests.adapters.local import authored
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


@pytest.fixture
def place(tmp_path: Path) -> Office:
    desk = authored.desk(tmp_path)
    desk.put(desk.text)
    return visitor.office(documents=desk.documents, port=8080)


async def sees(written: Written) -> str | None:
    """See everything."""
    return written.text


async def sent(place: Office, name: str = "shop", **given: str) -> Draft:
    begun = await drafts.begun(place, name, QueryParams(), sees)
    carried = {"text": begun.text, "read": begun.read, "mode": begun.mode, "level": begun.level}
    fields = Fields(list({**carried, "environment": "local", **given}.items()))
    return await drafts.posted(place, name, fields, sees)


async def test_a_new_application_begins_with_a_blank_and_another_with_its_document(
    place: Office,
) -> None:
    new = await drafts.begun(place, "", QueryParams("mode=yaml"), sees)
    old = await drafts.begun(place, "shop", QueryParams(), sees)

    assert (True, "", "yaml") == (new.new, new.read, new.mode)
    assert (False, "form") == (old.new, old.mode)
    assert old.stored is not None
    assert old.read == old.stored.version


async def test_an_application_is_looked_at_where_it_is(place: Office) -> None:
    assert "local" == (await drafts.begun(place, "shop", QueryParams(), sees)).environment
    await place.store.record(builders.status(Key("shop", "prod")))

    assert "prod" == (await drafts.begun(place, "shop", QueryParams(), sees)).environment
    asked = QueryParams("environment=dev")
    assert "dev" == (await drafts.begun(place, "shop", asked, sees)).environment


async def test_what_was_typed_is_put_into_the_text_and_nothing_else_is_changed(
    place: Office,
) -> None:
    before = await sent(place)
    after = await sent(place, **{"spec.version": "v2"})

    assert before.text.replace("version: v1", "version: v2") == after.text


async def test_a_level_is_where_the_next_inputs_write(place: Office) -> None:
    only = await sent(place, scope="here")
    there = await sent(
        place, level="local", scope="here", **{"spec.environments.local.version": "v5"}
    )

    assert ("local", "") == (only.level, (await sent(place, scope="")).level)
    assert "environments:" in there.text
    assert "version: v5" in there.text


async def test_a_text_that_cannot_be_read_stays_a_text(place: Office) -> None:
    draft = await sent(place, mode="yaml", text="spec: [", do="as-form")

    assert ("yaml", "spec: [") == (draft.mode, draft.text)
    assert "cannot be read" in draft.refusal


async def test_a_change_that_a_form_cannot_make_is_refused_in_words(place: Office) -> None:
    text = "{apiVersion: serinus.dev/v1alpha1, kind: Application, metadata: {name: shop}, spec: *a}"
    draft = await sent(place, text=text, **{"spec.version": "v2"})

    assert text == draft.text


def test_environments_begin_with_the_one_of_the_office() -> None:
    library = Library({}, dict.fromkeys(("prod", "local", "dev")))  # type: ignore[arg-type]  # names are enough

    found = drafts.environments(visitor.office(), library)
    assert ("local", "dev", "prod") == found


def test_without_a_port_of_its_own_the_office_is_a_cluster() -> None:
    assert drafts.cluster(visitor.office())
    assert not drafts.cluster(visitor.office(port=8080))


async def test_in_a_cluster_a_blank_is_of_the_namespace_at_hand_or_adopts_a_deployment(
    place: Office,
) -> None:
    cluster = dataclasses.replace(place, port=None, namespace="team")
    image = await drafts.begun(cluster, "", QueryParams(), sees)
    adopted = await drafts.begun(cluster, "", QueryParams("adopt=1"), sees)

    assert "namespace: team\n" in image.text
    assert 'image: ""' in image.text
    assert "workloadRef:" in adopted.text
    assert "image" not in adopted.text


@pytest.mark.parametrize(
    ("asked", "kind"),
    [("add", "value"), ("add.secret", "secret"), ("add.config", "config"), ("check", "")],
)
async def test_a_row_is_added_of_the_kind_that_was_asked_for(
    place: Office, asked: str, kind: str
) -> None:
    assert kind == (await sent(place, do=asked)).blank
