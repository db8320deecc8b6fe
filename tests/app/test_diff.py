import pytest

from serinus.adapters.memory.store import Store
from serinus.app import diff
from serinus.core.state.notice import Key
from serinus.ports import failures
from tests import builders
from tests.builders import NEW, OLD, SHOP

FILES = {"aaa": b"greeting: hello\n", "bbb": b"greeting: good morning\n", "bin": b"\xff\xfe\x00"}


@pytest.fixture
async def store() -> Store:
    store = Store()
    old = builders.revision(OLD, "v1", files={"app.yaml": "aaa", "gone": "zzz"})
    new = builders.revision(NEW, "v2", env={"MODE": "b"}, files={"app.yaml": "bbb", "logo": "bin"})
    await store.record(builders.status(), revisions=[old, new])
    return store


@pytest.mark.anyio
async def test_workload_and_content_of_files_are_compared(store: Store) -> None:
    change = await diff.releases(store, SHOP, None, None, FILES.get)

    assert ("v1 (a1b2c3d4e5)", "v2 (d4e5f6a7b8)") == (change.before, change.after)
    assert "--- workload of v1 (a1b2c3d4e5)" == change.lines[0]
    assert '+env.MODE: "b"' in change.lines
    assert "-greeting: hello" in change.lines
    assert "+greeting: good morning" in change.lines
    assert "-(content zzz is not kept any more)" in change.lines
    assert "+(binary, 3 bytes, bin)" in change.lines


@pytest.mark.anyio
async def test_a_release_compared_with_itself_shows_nothing(store: Store) -> None:
    change = await diff.releases(store, SHOP, 7, 7, FILES.get)

    assert () == change.lines


@pytest.mark.anyio
async def test_what_cannot_be_compared_is_named(store: Store) -> None:
    with pytest.raises(failures.Missing, match="shop has no release 3"):
        await diff.releases(store, SHOP, 3, None, FILES.get)
    with pytest.raises(failures.Missing, match="other has no release yet"):
        await diff.releases(store, Key("other", "local"), None, None, FILES.get)

    status = await store.status(SHOP)
    assert status is not None
    first = builders.release(8, stable=None)
    await store.record(builders.status(release=first, version=status.version))
    with pytest.raises(failures.Missing, match="release 8 of shop is the first"):
        await diff.releases(store, SHOP, None, None, FILES.get)

    gone = builders.release(9, candidate="0" * 64)
    await store.record(builders.status(release=gone, version=status.version + 1))
    with pytest.raises(failures.Missing, match="the workload of revision 0000000000"):
        await diff.releases(store, SHOP, None, None, FILES.get)


@pytest.mark.anyio
async def test_a_secret_is_shown_as_changed_and_never_as_itself() -> None:
    store = Store()
    old = builders.revision(OLD, "v1", env={"API_TOKEN": "hunter2", "MODE": "a"})
    new = builders.revision(NEW, "v2", env={"API_TOKEN": "hunter3", "MODE": "b"})
    await store.record(builders.status(), revisions=[old, new])

    lines = (await diff.releases(store, SHOP, None, None, FILES.get)).lines

    assert not any("hunter" in line for line in lines)
    assert 2 == sum("env.API_TOKEN" in line and "•••" in line for line in lines)
    assert '+env.MODE: "b"' in lines


@pytest.mark.anyio
async def test_a_pod_template_is_compared_by_the_names_in_it_and_shows_no_secret() -> None:
    store = Store()

    def template(image: str, token: str) -> dict[str, object]:
        variables = [{"name": "API_TOKEN", "value": token}, {"name": "MODE", "value": "a"}]
        container = {"name": "app", "image": image, "env": variables, "args": ["--fast"]}
        return {"spec": {"containers": [container]}}

    old = builders.revision(OLD, "v1", template=template("shop:v1", "hunter2"))
    new = builders.revision(NEW, "v2", template=template("shop:v2", "hunter3"))
    await store.record(builders.status(), revisions=[old, new])

    lines = (await diff.releases(store, SHOP, None, None, FILES.get)).lines

    assert not any("hunter" in line for line in lines)
    assert '+template.spec.containers.app.image: "shop:v2"' in lines
    assert 2 == sum("containers.app.env.API_TOKEN.value" in line for line in lines)
    assert ' template.spec.containers.app.args: ["--fast"]' in lines
