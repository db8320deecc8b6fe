import msgspec
import pytest

from serinus.adapters.memory.store import Store
from serinus.core.spec.effective import Effective
from serinus.interfaces.web import against
from tests import builders
from tests.app import forms
from tests.builders import OLD, SHOP

pytestmark = pytest.mark.anyio

TOKEN = "s3cret"


async def serving(**runs: object) -> Store:
    store = Store()
    old = builders.revision(OLD, "v1", **runs)
    await store.record(builders.idle(), revisions=(old,))
    return store


def written(**given: object) -> Effective:
    found = forms.reviewed(forms.SHOP).effective
    assert found is not None
    return msgspec.structs.replace(found, **given)


async def test_a_draft_is_compared_with_what_serves_fact_by_fact() -> None:
    store = await serving(env={"MODE": "slow"})
    found = await against.serving(store, SHOP, written(env={"MODE": "fast"}))

    assert found is not None
    assert "v1" == found.version
    assert '-env.MODE.value: "slow"' in found.lines
    assert '+env.MODE.value: "fast"' in found.lines


async def test_what_is_the_same_has_no_lines() -> None:
    draft = written()
    store = await serving(
        command=draft.command,
        env=dict(draft.env),
        resources=dict(draft.resources),
        health=draft.health,
    )

    found = await against.serving(store, SHOP, draft)
    assert found is not None
    assert () == found.lines


async def test_secrets_are_marks_on_both_sides() -> None:
    store = await serving(env={"API_TOKEN": "older"})
    found = await against.serving(store, SHOP, written(env={"API_TOKEN": TOKEN}))

    assert found is not None
    text = "\n".join(found.lines)
    assert (False, False) == ("older" in text, TOKEN in text)
    assert 2 == text.count("API_TOKEN")


async def test_where_nothing_serves_there_is_nothing_to_compare_with() -> None:
    assert await against.serving(Store(), SHOP, written()) is None
    assert await against.serving(await serving(), SHOP, None) is None


async def test_another_way_of_delivering_is_told() -> None:
    store = Store()
    old = builders.revision(OLD, "v1")
    await store.record(builders.status(release=builders.ended()), revisions=(old,))

    found = await against.serving(store, SHOP, written())
    assert found is not None
    assert found.delivery
