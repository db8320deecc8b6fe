import sys
from pathlib import Path

import httpx2
import pytest

from serinus.adapters.kubernetes import connection
from serinus.adapters.kubernetes.client import Client
from serinus.ports.failures import Rejected, Unavailable
from tests.adapters import wire

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: here
clusters:
- {{name: one, cluster: {{server: "{url}/"}}}}
contexts:
- {{name: here, context: {{cluster: one, user: me, namespace: team}}}}
- {{name: nobody, context: {{cluster: one}}}}
users:
- {{name: me, user: {user}}}
"""


@pytest.fixture(autouse=True)
def _nothing_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(connection, "IN_CLUSTER", tmp_path / "account")


def written(tmp_path: Path, url: str = "http://127.0.0.1:1", user: str = "{token: secret}") -> Path:
    path = tmp_path / "config"
    path.write_text(KUBECONFIG.format(url=url, user=user))
    return path


async def test_a_kubeconfig_leads_to_its_server_with_its_credentials(tmp_path: Path) -> None:
    async with (
        wire.serving(wire.answers(body=b'{"kind":"Pod"}')) as server,
        Client.connect(written(tmp_path, server.url)) as client,
    ):
        await client.get("Pod", "a", client.namespace)

    assert "Bearer secret" == server.received[0].headers["authorization"]
    assert "GET /api/v1/namespaces/team/pods/a HTTP/1.1" == server.received[0].line


async def test_the_variable_names_a_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(written(tmp_path)))

    assert "http://127.0.0.1:1" == connection.opened(None, None).server


async def test_without_anything_the_file_of_the_home_is_read(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    written(tmp_path / ".kube")

    assert "team" == connection.opened(None, "here").namespace


async def test_in_a_pod_the_service_account_is_who_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "account"
    account.mkdir()
    for name, text in (("token", "first"), ("namespace", "serinus")):
        (account / name).write_text(text)
    (account / "ca.crt").write_text("no certificate")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")

    with pytest.raises(Rejected, match="does not lead to a cluster"):
        connection.opened(None, None)


@pytest.mark.parametrize("context", ["there", "nobody"])
def test_a_context_that_leads_nowhere_is_refused(tmp_path: Path, context: str) -> None:
    with pytest.raises(Rejected, match=str(tmp_path / "config")):
        connection.opened(written(tmp_path), context)


@pytest.mark.parametrize("text", ["", "[]", "{", "clusters: 7", "a: \x00"])
def test_a_file_that_is_no_kubeconfig_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)

    with pytest.raises(Rejected, match=str(path)):
        connection.opened(path, None)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="nowhere does not lead to a cluster"):
        connection.opened(tmp_path / "nowhere", None)


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "lightkube"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lightkube", None)

    with pytest.raises(Rejected) as caught:
        connection.opened(None, None)
    assert "pip install 'serinus[kubernetes]'" == caught.value.hint


async def test_no_proxy_of_the_environment_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with (
        wire.serving(wire.answers(body=b"{}")) as server,
        Client.connect(written(tmp_path, server.url)) as client,
    ):
        found = await client.raw_get("/version")

    assert b"{}" == found


async def test_what_only_looks_like_an_api_server_needs_no_configuration() -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(500))
    async with Client.connect(transport=transport) as client:
        with pytest.raises(Unavailable):
            await client.raw_get("/version")
