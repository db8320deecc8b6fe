"""Asking for a version in a cluster."""

from typing import Any

import pytest

from serinus.adapters.kubernetes import changing
from serinus.adapters.kubernetes.changing import Change
from serinus.adapters.kubernetes.client import Client
from serinus.ports import failures
from tests.adapters.kubernetes import samples
from tests.adapters.kubernetes.apiserver import FakeApiServer

pytestmark = pytest.mark.anyio

CHANGE = Change("v2", {}, "ada", "cheaper shipping")


@pytest.fixture
def server() -> FakeApiServer:
    server = FakeApiServer()
    server.add(samples.application("shop"))
    return server


async def asked(server: FakeApiServer, change: Change = CHANGE) -> int:
    return await changing.ask(Client.connect(transport=server), "team/shop", change)


def app(server: FakeApiServer) -> dict[str, Any]:
    return server.find("Application", "shop", "team")


async def test_the_version_is_changed_and_nothing_else(server: FakeApiServer) -> None:
    before = app(server)["spec"]
    generation = await asked(server)

    assert {**before, "version": "v2"} == app(server)["spec"]
    assert app(server)["metadata"]["generation"] == generation


async def test_who_asks_and_why_is_noted_for_exactly_this_change(server: FakeApiServer) -> None:
    generation = await asked(server)

    assert {
        "serinus.dev/actor": "ada",
        "serinus.dev/reason": "cheaper shipping",
        "serinus.dev/generation": str(generation),
    } == app(server)["metadata"]["annotations"]


async def test_parameters_are_changed_beside_the_others(server: FakeApiServer) -> None:
    delivery = {"spec": {"delivery": {"template": "canary", "parameters": {"first": "5%"}}}}
    server.edit("Application", "shop", "team", delivery)
    await asked(server, CHANGE._replace(parameters={"bake": "1m"}))

    found = app(server)["spec"]["delivery"]
    assert {"template": "canary", "parameters": {"first": "5%", "bake": "1m"}} == found


async def test_what_is_asked_for_already_is_not_written_again(server: FakeApiServer) -> None:
    first = await asked(server)
    version = app(server)["metadata"]["resourceVersion"]

    assert first == await asked(server)
    assert version == app(server)["metadata"]["resourceVersion"]


@pytest.mark.parametrize(
    ("mark", "keeper"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "shop:…"}}, "Argo CD"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux"),
        ({"labels": {"helm.toolkit.fluxcd.io/name": "apps"}}, "Flux"),
    ],
)
async def test_what_git_owns_is_refused_with_the_patch_to_commit(
    server: FakeApiServer, mark: dict[str, Any], keeper: str
) -> None:
    server.edit("Application", "shop", "team", {"metadata": mark})
    before = app(server)

    with pytest.raises(failures.Rejected, match=f"kept in Git, and {keeper} would") as refusal:
        await asked(server, CHANGE._replace(parameters={"bake": "1m"}))
    assert refusal.value.why.endswith(
        "spec:\n  version: v2\n  delivery:\n    parameters:\n      bake: 1m"
    )
    assert before == app(server)


async def test_who_applies_from_git_is_known_by_the_fields_that_he_owns() -> None:
    fields = [{"manager": "kubectl"}, {"manager": "argocd-controller"}]

    assert "Argo CD" == changing.kept_by({"metadata": {"managedFields": fields}})
    assert "" == changing.kept_by({"metadata": {"managedFields": fields[:1]}})


async def test_a_change_of_somebody_else_in_between_is_not_lost(server: FakeApiServer) -> None:
    server.fail("patch", "Application", status=409)
    await asked(server)
    assert "v2" == app(server)["spec"]["version"]

    server.fail("patch", "Application", status=409, times=3)
    with pytest.raises(failures.Conflict, match="changes all the time"):
        await asked(server, CHANGE._replace(version="v3"))


async def test_an_application_that_is_not_there_is_missing() -> None:
    with pytest.raises(failures.Missing):
        await asked(FakeApiServer())
