"""Deploying in a cluster: the Application asks for another version."""

import pytest

from serinus.boot import visiting
from serinus.interfaces.cli.trouble import Code
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.interfaces.cli import abroad
from tests.interfaces.cli.conftest import Cli


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeApiServer:
    return abroad.cluster(monkeypatch)


def version(server: FakeApiServer) -> str | None:
    found: str | None = server.find("Application", "shop", "team")["spec"].get("version")
    return found


def test_a_version_is_asked_for(cli: Cli, server: FakeApiServer) -> None:
    code, out, _ = cli("deploy team/shop v9 --cluster -m faster --actor ada")

    assert Code.OK == code
    assert "team/shop: v9 is asked for." in out
    assert "serinus watch team/shop" in out
    assert "v9" == version(server)
    notes = server.find("Application", "shop", "team")["metadata"]["annotations"]
    assert ("ada", "faster") == (notes["serinus.dev/actor"], notes["serinus.dev/reason"])


def test_what_git_owns_is_refused_with_the_patch(cli: Cli, server: FakeApiServer) -> None:
    mark = {"metadata": {"annotations": {"argocd.argoproj.io/tracking-id": "shop"}}}
    server.edit("Application", "shop", "team", mark)

    code, _, error = cli("deploy team/shop v9 --cluster")
    assert Code.REFUSED == code
    assert "version: v9" in error
    assert version(server) is None


def test_waiting_needs_somebody_who_decides(
    cli: Cli, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asleep(_: object) -> bool:
        return False

    monkeypatch.setattr(visiting, "awake", asleep)

    code, _, error = cli("deploy team/shop v9 --cluster --wait")
    assert Code.ERROR == code
    assert "nothing was changed" in error
    assert version(server) is None


def test_waiting_ends_where_the_release_that_was_asked_for_is(
    cli: Cli, server: FakeApiServer
) -> None:
    held = {"status": {"state": {"progress": {"phase": "Held at 0"}}}}
    server.edit("Release", "shop-7", "team", held)

    code, out, _ = cli("deploy team/shop v2 --cluster --wait")
    assert Code.HELD == code
    assert "Step 3 of 4" in out


def test_a_file_is_applied_with_kubectl(cli: Cli, server: FakeApiServer) -> None:
    code, _, error = cli("deploy -f shop.yaml --cluster")

    assert Code.USAGE == code
    assert "kubectl apply -f shop.yaml" in error
