from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from serinus.adapters.kubernetes.client import Client
from serinus.adapters.local.database import Database
from serinus.adapters.local.lock import Lock
from serinus.adapters.local.places import Places
from serinus.adapters.local.specs import Specs
from serinus.adapters.local.store import Store
from serinus.app.office import Line
from serinus.boot import office
from serinus.boot.settings import Settings
from serinus.core.state.notice import Key
from tests.adapters.kubernetes.test_replicalogs import World
from tests.builders import NEW, OLD, SHOP

pytestmark = pytest.mark.anyio

SPEC = """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  version: v1
  workload:
    command: [sleep, "1"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(home=tmp_path / "home", specs=tmp_path / "delivery", port=8099)
    found.specs.mkdir()
    return found


def wrote(settings: Settings, name: str, text: str) -> Path:
    path = Places(settings.home).log(SHOP, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


async def test_an_office_without_a_controller_says_so_and_how_to_wake_it(
    settings: Settings,
) -> None:
    async with office.office(settings) as place:
        assert not place.alive()
        assert ("this machine", "serinus up", 8099) == (place.where, place.wake, place.port)
        held = Lock.take(settings.lock)
        awake = place.alive()
        held.release()

    assert awake


async def test_its_documents_are_the_files_of_the_directory(settings: Settings) -> None:
    Database.open(settings.database, create=True).close()
    async with office.office(settings) as place:
        written = await place.documents.write(SPEC, version=None, actor="ada", reason="why")
        asked = await place.store.asked(SHOP)

    assert SPEC == (settings.specs / "shop.yaml").read_text()
    assert "shop" == written.application
    assert asked.wanted is not None
    assert ("ada", "why") == (asked.wanted.actor, asked.wanted.reason)


async def test_its_logs_are_those_of_each_replica_of_a_revision(settings: Settings) -> None:
    for ordinal in (0, 1):
        wrote(settings, f"{NEW[:10]}-{ordinal}", f"one\ntwo {ordinal}\n")
    wrote(settings, f"{OLD[:10]}-0", "other\n")
    async with office.office(settings) as place:
        found = await place.logs.tail(SHOP, NEW, 1)

    expected = (Line(f"{NEW[:10]}-0", "two 0"), Line(f"{NEW[:10]}-1", "two 1"))
    assert expected == found


async def test_lines_are_followed_as_they_are_written(settings: Settings) -> None:
    path = wrote(settings, f"{NEW[:10]}-0", "old\n")

    async def write() -> None:
        with path.open("a") as file:
            file.write("new\n")

    found = []
    async with office.office(settings) as place, anyio.create_task_group() as tasks:
        tasks.start_soon(write)
        async for line in place.logs.follow(SHOP, NEW):
            found.append(line)
            break

    assert [Line(f"{NEW[:10]}-0", "new")] == found


async def test_the_content_of_a_file_is_found_by_its_digest(settings: Settings) -> None:
    settings.blobs.mkdir(parents=True)
    (settings.blobs / "abc").write_bytes(b"content")
    async with office.office(settings) as place:
        found = place.content("abc"), place.content("none")

    assert (b"content", None) == found


async def test_pages_and_the_store_read_the_directory_once(settings: Settings) -> None:
    (settings.specs / "shop.yaml").write_text(SPEC)
    Database.open(settings.database, create=True).close()
    async with office.office(settings) as place:
        assert isinstance(place.store, Store)
        asked = await place.store.asked(SHOP)
        specs = place.store.specs
        assert isinstance(specs, Specs)
        await place.documents.library()
        before = specs.reads
        (settings.specs / "more.yaml").write_text(SPEC.replace("shop", "more"))
        await place.documents.library()

        assert asked.wanted is not None
        assert before < specs.reads


async def test_the_logs_of_a_cluster_are_those_of_its_pods() -> None:
    world = World()
    world.pod("shop-a", NEW)
    world.write("shop-a", "one", "two")
    logs = office.PodLogs(Client.connect(transport=world.server))
    found = await logs.tail(Key("team/shop", "kubernetes"), NEW, 1)
    none = await logs.tail(Key("team/shop", "kubernetes"), OLD, 1)

    assert (Line(f"{NEW[:10]}-0", "two"),) == found
    assert () == none


async def test_the_logs_of_a_cluster_are_followed_until_nobody_reads() -> None:
    world = World()
    world.pod("shop-a", NEW)
    logs = office.PodLogs(Client.connect(transport=world.server))
    world.write("shop-a", "one")
    found = []
    with anyio.fail_after(10):
        async with aclosing(logs.follow(Key("team/shop", "kubernetes"), NEW)) as lines:
            async for line in lines:
                found.append(line)
                break

    assert [Line(f"{NEW[:10]}-0", "one")] == found
