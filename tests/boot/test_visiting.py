"""Looking at a cluster from outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serinus.adapters.kubernetes.changing import Change
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.memory.store import Specs
from serinus.boot import visiting
from serinus.boot.settings import Cluster
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.ports import failures
from tests import builders
from tests.adapters.kubernetes import samples, stores
from tests.adapters.kubernetes.apiserver import FakeApiServer

pytestmark = pytest.mark.anyio

SHOP = Key("team/shop", "local")
TEAM = Cluster(namespace="team")
Server = Callable[[FakeApiServer], FakeApiServer]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeApiServer:
    server = FakeApiServer()
    server.add(samples.application("shop"), samples.application("shop", "other"))
    monkeypatch.setattr(visiting, "client", lambda _: Client.connect(transport=server))
    return server


def lease(renewed: str, holder: str = "a-controller") -> dict[str, Any]:
    spec = {"holderIdentity": holder, "renewTime": renewed, "leaseDurationSeconds": 15}
    meta = {"name": "serinus-controller", "namespace": "serinus-system"}
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": meta,
        "spec": spec,
    }


async def test_one_namespace_is_looked_at_or_all(server: FakeApiServer) -> None:
    for namespace, names in (("team", ["team/shop"]), ("*", ["other/shop", "team/shop"])):
        async with visiting.store(Cluster(namespace=namespace)) as store:
            assert names == [key.application for key in await store.keys()]


async def test_without_a_namespace_it_is_the_one_of_the_context(server: FakeApiServer) -> None:
    async with visiting.store(Cluster()) as store:
        assert () == await store.keys()


async def test_a_cluster_without_serinus_is_told_how_to_get_it(server: FakeApiServer) -> None:
    server.absent.update({"Application", "Release", "Intent"})
    with pytest.raises(failures.Missing, match="knows no Application"):
        async with visiting.store(TEAM):
            raise AssertionError("it was opened")


async def test_a_cluster_that_does_not_answer_says_why(server: FakeApiServer) -> None:
    server.fail("list", "Release", status=403, times=1000)
    with pytest.raises(failures.Unavailable, match="cannot be read") as failure:
        async with visiting.store(TEAM):
            raise AssertionError("it was opened")
    assert "403" in failure.value.why


async def test_what_goes_wrong_inside_is_what_went_wrong(server: FakeApiServer) -> None:
    with pytest.raises(failures.Conflict, match="mine"):
        async with visiting.store(TEAM):
            raise failures.Conflict("mine")


async def test_a_controller_works_while_its_lease_is_renewed(server: FakeApiServer) -> None:
    assert not await visiting.awake(TEAM)
    server.fail("get", "Lease", status=403)
    assert await visiting.awake(TEAM)


async def test_a_controller_is_found_wherever_it_was_installed(server: FakeApiServer) -> None:
    renewed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    elsewhere = lease(renewed)
    elsewhere["metadata"]["namespace"] = "delivery"
    server.add(elsewhere)

    assert await visiting.awake(TEAM)


@pytest.mark.parametrize(
    ("spec", "fresh"),
    [
        (lease("2026-03-02T12:02:50.000000Z")["spec"], True),
        (lease("2026-03-02T12:00:00.000000Z")["spec"], False),
        (lease("2026-03-02T12:02:50.000000Z", holder="")["spec"], False),
        ({}, False),
    ],
)
def test_a_lease_that_nobody_renews_is_nobodys(spec: dict[str, Any], *, fresh: bool) -> None:
    assert fresh == visiting.fresh(spec, builders.at(3))
    assert not visiting.fresh(spec, builders.at(3) + timedelta(hours=1))


async def begun(server: FakeApiServer, status: Status | None, **asked: Any) -> int | None:
    """Ask for v2, let a controller write a status, and wait for what becomes of it."""
    before = await _before()
    generation = await visiting.ask(TEAM, SHOP, Change("v2", {}, "ada", ""))
    specs = Specs()
    specs.want("team/shop", builders.wanted() if not asked else None, **asked)
    async with stores.opened(server, specs) as store:
        known = await store.status(SHOP)
        if status is not None:
            await store.record(builders.status(SHOP, **_without_key(status, known)))
    async with visiting.store(TEAM) as reading:
        return await visiting.begun(
            reading, SHOP, "v2", generation=generation, before=before or Status(key=SHOP)
        )


async def _before() -> Status | None:
    async with visiting.store(TEAM) as reading:
        return await reading.status(SHOP)


def _without_key(status: Status, known: Status | None) -> dict[str, Any]:
    return {
        "release": status.release,
        "stable": status.stable,
        "stable_version": status.stable_version,
        "version": known.version if known else 0,
    }


async def test_a_release_that_begins_is_waited_for(server: FakeApiServer) -> None:
    flying = builders.status(SHOP, release=builders.release(1, application="team/shop"))

    assert 1 == await begun(server, flying)


async def test_what_serves_already_needs_no_release(server: FakeApiServer) -> None:
    done = builders.ended(Phase.SUCCEEDED, 1, application="team/shop", version="v1")
    serving = builders.status(SHOP, release=done, stable=builders.NEW, stable_version="v2")

    assert await begun(server, serving) is None


async def test_what_will_not_be_released_is_told_in_the_controllers_words(
    server: FakeApiServer,
) -> None:
    idle = builders.status(SHOP, release=_old())

    with pytest.raises(failures.Rejected, match="v2 is not released") as refusal:
        await begun(server, idle, problem="unknown field `replica`")
    assert "unknown field `replica`" in refusal.value.why


def _old() -> Any:
    return builders.ended(number=1, application="team/shop", version="v1")


async def test_we_are_who_the_api_server_says(server: FakeApiServer) -> None:
    assert "" == await visiting.caller(TEAM)

    def known(verb: str, obj: dict[str, Any]) -> None:
        del verb
        obj["status"] = {"userInfo": {"username": "grace@example.com"}}

    server.admit = known
    assert "grace@example.com" == await visiting.caller(TEAM)
    server.fail("create", "SelfSubjectReview", status=404)
    assert "" == await visiting.caller(TEAM)
