import pytest

from serinus.adapters.kubernetes import ending
from serinus.adapters.kubernetes.client import Client
from serinus.ports import failures
from tests.adapters.kubernetes import authored
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.authored import SHOP

pytestmark = pytest.mark.anyio

NOTES = {"serinus.dev/actor": "ada", "serinus.dev/reason": "sold", "serinus.dev/generation": "2"}


@pytest.fixture
def server() -> FakeApiServer:
    server = FakeApiServer()
    server.add(authored.read(SHOP))
    held = {"metadata": {"finalizers": ["serinus.dev/release"], "annotations": {"team": "web"}}}
    server.edit("Application", "shop", "team", held)
    return server


async def test_a_deleted_application_tells_who_and_why_while_it_ends(
    server: FakeApiServer,
) -> None:
    client = Client.connect(transport=server)
    await ending.end(client, server.find("Application", "shop", "team"), NOTES)

    meta = server.find("Application", "shop", "team")["metadata"]
    assert "deletionTimestamp" in meta
    assert {"team": "web", **NOTES} == meta["annotations"]
    assert "2" == str(meta["generation"])


async def test_whoever_may_not_delete_leaves_no_name_behind(server: FakeApiServer) -> None:
    server.fail("delete", "Application", status=403)
    client = Client.connect(transport=server)

    with pytest.raises(failures.Rejected):
        await ending.end(client, server.find("Application", "shop", "team"), NOTES)
    assert {"team": "web"} == server.find("Application", "shop", "team")["metadata"]["annotations"]


async def test_what_is_another_one_by_now_is_not_deleted(server: FakeApiServer) -> None:
    found = server.find("Application", "shop", "team")
    server.edit("Application", "shop", "team", {"spec": {"version": "v9"}})

    with pytest.raises(failures.Conflict):
        await ending.end(Client.connect(transport=server), found, NOTES)
    assert "deletionTimestamp" not in server.find("Application", "shop", "team")["metadata"]
