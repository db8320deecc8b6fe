from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime

import anyio
import httpx2
import pytest

from serinus.adapters.kubernetes import client as clients
from serinus.adapters.kubernetes.answers import Gone
from serinus.adapters.kubernetes.client import Client
from serinus.ports.failures import Conflict, Missing, Rejected, Unavailable
from tests.adapters.kubernetes import samples
from tests.adapters.kubernetes.apiserver import FakeApiServer


@pytest.fixture
def server() -> FakeApiServer:
    return FakeApiServer()


@pytest.fixture
async def client(server: FakeApiServer) -> AsyncIterator[Client]:
    async with Client.connect(transport=server) as client:
        yield client


# --- reading --------------------------------------------------------------------------------------


async def test_an_object_is_a_plain_mapping(client: Client, server: FakeApiServer) -> None:
    server.add(samples.config("a", colour="red"))
    found = await client.get("ConfigMap", "a", "team")

    assert type(found) is dict
    assert {"colour": "red"} == found["data"]


async def test_what_is_not_there_is_missing(client: Client) -> None:
    with pytest.raises(Missing, match=r'get ConfigMap team/a: configmaps "a" not found \(404\)'):
        await client.get("ConfigMap", "a", "team")


async def test_a_kind_that_is_not_installed_is_missing_and_says_what_to_do() -> None:
    async with Client.connect(transport=FakeApiServer(absent=["VirtualService"])) as client:
        with pytest.raises(Missing) as caught:
            await client.list("VirtualService")

    assert "install its CRDs" in caught.value.hint


async def test_a_long_list_comes_in_pages_and_is_whole(
    client: Client, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PAGE", 10)
    server.add(*(samples.config(f"c{n:03}") for n in range(25)))
    found, version = await client.list("ConfigMap")

    assert [f"c{n:03}" for n in range(25)] == [obj["metadata"]["name"] for obj in found]
    assert {("v1", "ConfigMap")} == {(obj["apiVersion"], obj["kind"]) for obj in found}
    assert str(server.shelf.version) == version
    assert 3 == client.requests["list", "ConfigMap"]


async def test_a_list_whose_history_is_gone_between_pages_begins_again(
    client: Client, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PAGE", 10)
    server.add(*(samples.config(f"c{n:03}") for n in range(15)))
    seen: list[clients.Object] = []

    def trim(obj: clients.Object) -> clients.Object:
        if len(seen) == 5:
            server.add(samples.config("late"))
            server.compact()
        seen.append(obj)
        return obj

    found, _ = await client.list("ConfigMap", trim=trim)

    assert 16 == len(found)


async def test_a_list_is_of_a_namespace_and_of_labels(
    client: Client, server: FakeApiServer
) -> None:
    server.add(samples.config("a"), samples.config("b"), samples.config("a", "other"))
    found, _ = await client.list("ConfigMap", "team", "app=a")

    assert [("team", "a")] == [(o["metadata"]["namespace"], o["metadata"]["name"]) for o in found]


# --- watching -------------------------------------------------------------------------------------


async def test_a_watch_tells_what_changes_after_a_moment(
    client: Client, server: FakeApiServer
) -> None:
    server.add(samples.config("before"))
    _, version = await client.list("ConfigMap")
    server.add(samples.config("a"))
    server.edit("ConfigMap", "a", "team", {"data": {"x": "1"}})
    server.remove("ConfigMap", "a", "team")
    server.bookmark()
    told = []
    async with aclosing(client.watch("ConfigMap", "team", version)) as changes:
        async for change, obj in changes:
            told.append((change, obj["metadata"].get("name")))
            if change == "BOOKMARK":
                break

    assert [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a"), ("BOOKMARK", None)] == told


async def test_a_watch_from_a_moment_that_is_forgotten_is_gone(
    client: Client, server: FakeApiServer
) -> None:
    _, version = await client.list("ConfigMap")
    server.add(samples.config("a"))
    server.compact()

    with pytest.raises(Gone, match="watch configmaps: too old resource version"):
        await anext(client.watch("ConfigMap", None, version))


async def test_a_watch_ends_when_the_server_ends_it(client: Client, server: FakeApiServer) -> None:
    ended = anyio.Event()

    async def look() -> None:
        async for _ in client.watch("ConfigMap", None, "100"):
            pass
        ended.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(look)
        while not server.watching:
            await anyio.lowlevel.checkpoint()
        server.end_watches()
        await ended.wait()

    assert 0 == server.watching


async def test_a_watch_that_falls_silent_ends_as_if_the_server_had_ended_it() -> None:
    async def silent(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("nothing came", request=request)

    async with Client.connect(transport=httpx2.MockTransport(silent)) as client:
        assert [] == [one async for one in client.watch("Pod")]


async def test_a_line_that_was_cut_is_unavailable() -> None:
    def cut(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=b'{"type":"ADDED","object":{"meta')

    async with Client.connect(transport=httpx2.MockTransport(cut)) as client:
        with pytest.raises(Unavailable, match="watch pods: the answer could not be read"):
            await anext(client.watch("Pod"))


# --- writing --------------------------------------------------------------------------------------


async def test_what_is_created_twice_is_a_conflict(client: Client) -> None:
    first = await client.create(samples.config("a", x="1"))
    with pytest.raises(Conflict, match=r"create ConfigMap team/a: .* already exists"):
        await client.create(samples.config("a"))

    assert first["metadata"]["uid"]


async def test_apply_creates_then_merges_then_removes_what_is_left_out(
    client: Client, server: FakeApiServer
) -> None:
    await client.apply(samples.config("a", x="1", y="1"))
    server.edit("ConfigMap", "a", "team", {"data": {"theirs": "1"}})
    await client.apply(samples.config("a", x="2"))

    assert {"x": "2", "theirs": "1"} == server.find("ConfigMap", "a", "team")["data"]


async def test_apply_without_force_names_who_owns_a_field(
    client: Client, server: FakeApiServer
) -> None:
    server.add(samples.config("a", x="1"), manager="argocd")
    with pytest.raises(Conflict, match=r"conflict with 'argocd': \.data\.x"):
        await client.apply(samples.config("a", x="2"), force=False)
    forced = await client.apply(samples.config("a", x="2"))

    assert {"x": "2"} == forced["data"]


async def test_an_object_that_was_read_can_be_applied(
    client: Client, server: FakeApiServer
) -> None:
    server.add(samples.config("a", x="1"))
    found = await client.get("ConfigMap", "a", "team")
    await client.apply(found)

    assert "managedFields" in found["metadata"]


async def test_status_and_spec_are_written_by_ways_of_their_own(
    client: Client, server: FakeApiServer
) -> None:
    made = await client.create({**samples.application("shop"), "status": {"phase": "Ready"}})
    both = {**made, "spec": {"workload": {"image": "shop:9"}}, "status": {"phase": "Ready"}}
    written = await client.replace_status(both)
    await client.apply_status({**samples.application("shop"), "status": {"share": "5"}})

    assert "status" not in made
    assert "shop:1" == written["spec"]["workload"]["image"]
    assert {"phase": "Ready", "share": "5"} == server.find("Application", "shop", "team")["status"]


async def test_a_write_of_an_older_version_is_a_conflict(
    client: Client, server: FakeApiServer
) -> None:
    made = await client.create(samples.application("shop"))
    server.edit("Application", "shop", "team", {"spec": {"workload": {"image": "shop:2"}}})

    with pytest.raises(Conflict, match="the object has been modified"):
        await client.replace(made)
    with pytest.raises(Conflict, match="the object has been modified"):
        await client.replace_status({**made, "status": {"phase": "Ready"}})


async def test_patches_of_every_type_change_some_fields(
    client: Client, server: FakeApiServer
) -> None:
    server.add(samples.deployment("shop"))
    added = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "s:1"}]}}}}
    await client.patch("Deployment", "shop", "team", added, type="strategic")
    await client.patch("Deployment", "shop", "team", {"spec": {"paused": True}})
    found = await client.patch(
        "Deployment",
        "shop",
        "team",
        [{"op": "replace", "path": "/spec/replicas", "value": 5}],
        type="json",
    )

    containers = found["spec"]["template"]["spec"]["containers"]
    assert ["side", "app"] == [one["name"] for one in containers]
    assert (True, 5) == (found["spec"]["paused"], found["spec"]["replicas"])


async def test_a_patch_that_cannot_be_carried_out_is_rejected(
    client: Client, server: FakeApiServer
) -> None:
    server.add(samples.config("a"))
    with pytest.raises(Rejected, match="patch ConfigMap team/a"):
        await client.patch(
            "ConfigMap", "a", "team", [{"op": "test", "path": "/kind", "value": "x"}], type="json"
        )


async def test_deleting_what_is_gone_is_done_already(client: Client) -> None:
    await client.delete("ConfigMap", "a", "team")
    with pytest.raises(Missing):
        await client.delete("ConfigMap", "a", "team", missing_ok=False)


async def test_only_the_one_that_was_meant_is_deleted(
    client: Client, server: FakeApiServer
) -> None:
    first = await client.create(samples.config("a"))
    with pytest.raises(Conflict, match="ResourceVersion in precondition"):
        await client.delete("ConfigMap", "a", "team", version="0")
    with pytest.raises(Conflict, match="UID in precondition"):
        await client.delete("ConfigMap", "a", "team", uid="somebody-else")
    await client.delete("ConfigMap", "a", "team", uid=first["metadata"]["uid"])

    assert [] == server.names("ConfigMap")


async def test_an_object_without_its_namespace_is_refused_before_it_is_sent(
    client: Client, server: FakeApiServer
) -> None:
    obj = samples.config("a")
    del obj["metadata"]["namespace"]
    with pytest.raises(Rejected, match=r"ConfigMap a: metadata\.namespace is missing"):
        await client.apply(obj)

    assert [] == server.requests


# --- logs and other paths -------------------------------------------------------------------------


async def test_a_log_is_read_line_by_line_from_an_instant(
    client: Client, server: FakeApiServer
) -> None:
    server.add(samples.deployment("shop", replicas=1))
    server.settle()
    asked = {}

    def log(namespace: str, pod: str, params: dict[str, str]) -> bytes:
        asked.update(params)
        return b"2026-01-01T12:00:00Z one\n2026-01-01T12:00:01Z t\xff" + b"w" * 70_000

    server.log = log
    since = datetime(2026, 1, 1, 12, tzinfo=UTC)
    pod = server.names("Pod")[0]
    lines = [line async for line in client.logs("team", pod, "app", since=since, lines=7)]

    assert b"2026-01-01T12:00:00Z one" == lines[0]
    assert 64 << 10 == len(lines[1])
    assert ("app", "2026-01-01T12:00:00Z") == (asked["container"], asked["sinceTime"])
    assert "7" == asked["tailLines"]


async def test_other_paths_give_their_bytes(client: Client, server: FakeApiServer) -> None:
    server.paths["/metrics"] = b"up 1\n"

    assert b"up 1\n" == await client.raw_get("/metrics")


async def test_an_answer_of_somebodys_application_has_a_limit(
    client: Client, server: FakeApiServer
) -> None:
    server.paths["/metrics"] = b"x" * 3_000_000
    with pytest.raises(Rejected, match="get /metrics: the answer is larger than 2 MiB"):
        await client.raw_get("/metrics", most=2 << 20)


async def test_whatever_breaks_is_unavailable(client: Client, server: FakeApiServer) -> None:
    server.fail("get", status=0)
    server.fail("get", status=503, pause_s=4)

    with pytest.raises(Unavailable, match="get ConfigMap team/a: http://apiserver hung up"):
        await client.get("ConfigMap", "a", "team")
    with pytest.raises(Unavailable) as caught:
        await client.get("ConfigMap", "a", "team")
    assert 4 == caught.value.retry_after_s
