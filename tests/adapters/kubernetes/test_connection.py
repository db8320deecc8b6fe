import base64
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
import trustme
from anyio.abc import SocketAttribute
from anyio.streams.tls import TLSListener, TLSStream

from serinus.adapters.kubernetes import connection
from serinus.adapters.kubernetes.client import Client
from serinus.ports.failures import Rejected, Unavailable
from tests.adapters import wire

KUBECONFIG = """
current-context: here
clusters: [{{name: one, cluster: {{server: "{url}"{cluster}}}}}]
contexts: [{{name: here, context: {{cluster: one, user: me, namespace: team}}}}]
users: [{{name: me, user: {user}}}]
"""
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture(autouse=True)
def _nothing_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(connection, "IN_CLUSTER", tmp_path / "account")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def secured(
    authority: trustme.CA, *, client: bool = False
) -> AsyncIterator[tuple[int, list[str]]]:
    """An HTTPS server; the port it has, and the certificates and tokens that came."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "api.example").configure_cert(context)
    if client:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    came: list[str] = []

    async def handle(stream: TLSStream) -> None:
        async with stream:
            data = b""
            while b"\r\n\r\n" not in data:
                data += await stream.receive()
            came.extend(line for line in data.decode().split("\r\n") if "earer" in line)
            await stream.send(OK)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - anyio's word, not Django's
    tls = TLSListener(listener, context, standard_compatible=False)
    async with tls, anyio.create_task_group() as tasks:
        tasks.start_soon(tls.serve, handle)
        yield port, came
        tasks.cancel_scope.cancel()


def written(
    folder: Path, url: str = "http://127.0.0.1:1", user: str = "{token: secret}", cluster: str = ""
) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "config"
    path.write_text(KUBECONFIG.format(url=url, user=user, cluster=cluster))
    return path


def encoded(pem: trustme.Blob) -> str:
    return base64.b64encode(pem.bytes()).decode()


async def test_a_kubeconfig_leads_to_its_server_with_its_credentials(tmp_path: Path) -> None:
    async with (
        wire.serving(wire.answers(body=b'{"kind":"Pod"}')) as server,
        Client.connect(written(tmp_path, server.url)) as client,
    ):
        await client.get("Pod", "a", client.namespace)

    assert "Bearer secret" == server.received[0].headers["authorization"]
    assert "GET /api/v1/namespaces/team/pods/a HTTP/1.1" == server.received[0].line


async def test_a_server_is_trusted_by_the_certificate_in_the_file(
    tmp_path: Path, authority: trustme.CA
) -> None:
    trust = f", certificate-authority-data: {encoded(authority.cert_pem)}"
    async with secured(authority) as (port, _):
        url = f"https://127.0.0.1:{port}"
        async with Client.connect(written(tmp_path, url, cluster=trust)) as client:
            found = await client.raw_get("/version")
        async with Client.connect(written(tmp_path, url)) as client:
            with pytest.raises(Rejected, match=r"the certificate of https://127.* is not trusted"):
                await client.raw_get("/version")

    assert b"{}" == found


async def test_a_server_may_have_another_name_than_its_address(
    tmp_path: Path, authority: trustme.CA
) -> None:
    trust = f", certificate-authority-data: {encoded(authority.cert_pem)}"
    async with secured(authority) as (port, _):
        url = f"https://localhost:{port}"
        named = f"{trust}, tls-server-name: api.example"
        async with Client.connect(written(tmp_path, url, cluster=named)) as client:
            found = await client.raw_get("/version")
        async with Client.connect(written(tmp_path, url, cluster=trust)) as client:
            with pytest.raises(Rejected, match="not valid for 'localhost'"):
                await client.raw_get("/version")

    assert b"{}" == found


@pytest.mark.parametrize("how", ["data", "files"])
async def test_a_client_certificate_is_shown(
    tmp_path: Path, authority: trustme.CA, how: str
) -> None:
    leaf = authority.issue_cert("admin@example.org")
    leaf.private_key_pem.write_to_path(str(tmp_path / "key"))
    leaf.cert_chain_pems[0].write_to_path(str(tmp_path / "crt"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca"))
    user = "{client-certificate: crt, client-key: key}"
    if how == "data":
        certificate, key = encoded(leaf.cert_chain_pems[0]), encoded(leaf.private_key_pem)
        user = f"{{client-certificate-data: {certificate}, client-key-data: {key}}}"
    async with secured(authority, client=True) as (port, _):
        path = written(tmp_path, f"https://127.0.0.1:{port}", user, ", certificate-authority: ca")
        async with Client.connect(path) as client:
            found = await client.raw_get("/version")
        path = written(tmp_path, f"https://127.0.0.1:{port}", "{}", ", certificate-authority: ca")
        async with Client.connect(path) as client:
            with pytest.raises(Unavailable):
                await client.raw_get("/version")

    assert b"{}" == found


async def test_in_a_pod_the_service_account_is_who_we_are(
    tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "account"
    account.mkdir()
    for name, text in (("token", "mine"), ("namespace", "serinus\n")):
        (account / name).write_text(text)
    authority.cert_pem.write_to_path(str(account / "ca.crt"))
    async with secured(authority) as (port, came):
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(port))
        async with Client.connect() as client:
            await client.raw_get("/version")

    assert "serinus" == client.namespace
    assert ["authorization: Bearer mine"] == came


async def test_the_variable_names_a_kubeconfig(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", f"/nowhere:{written(tmp_path)}")

    assert "http://127.0.0.1:1" == connection.opened(None, None).server


async def test_without_anything_the_file_of_the_home_is_read(tmp_path: Path) -> None:
    written(tmp_path / ".kube")

    assert "team" == connection.opened(None, "here").namespace


async def test_a_token_file_and_a_program_are_asked_anew(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file")
    login = tmp_path / "login"
    login.write_text("""#!/bin/sh\necho '{"status": {"token": "from-a-program"}}'\n""")
    login.chmod(0o755)
    exec_ = f"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {login}}}}}"
    async with wire.serving(wire.answers(body=b"{}")) as server:
        for user in ("{tokenFile: token}", exec_):
            async with Client.connect(written(tmp_path, server.url, user)) as client:
                await client.raw_get("/version")

    assert ["Bearer from-a-file", "Bearer from-a-program"] == [
        received.headers["authorization"] for received in server.received
    ]


async def test_a_proxy_that_the_file_names_is_asked_and_none_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with wire.serving(wire.answers(body=b"{}")) as server:
        async with Client.connect(written(tmp_path, server.url)) as client:
            await client.raw_get("/version")
        proxied = written(tmp_path, "http://api.invalid", cluster=f', proxy-url: "{server.url}"')
        async with Client.connect(proxied) as client:
            await client.raw_get("/version")

    assert "GET http://api.invalid/version HTTP/1.1" == server.received[1].line


@pytest.mark.parametrize(
    ("user", "cluster"),
    [
        ("{auth-provider: {name: gcp}}", ""),
        ("{token: [1]}", ""),
        ("{}", ", certificate-authority: nowhere"),
        ("{}", ", certificate-authority-data: '%%%'"),
        ("{client-certificate: nowhere, client-key: nowhere}", ""),
        ("{exec: {command: x}}", ""),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, user: str, cluster: str) -> None:
    with pytest.raises(Rejected, match=r"context 'here' cannot be used: |exec of the user"):
        connection.opened(written(tmp_path, "https://127.0.0.1:1", user, cluster), None)


def test_what_is_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="server: 'api:6443' is no address"):
        connection.opened(written(tmp_path, "api:6443"), None)


def test_without_the_extra_its_name_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "lightkube"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lightkube", None)

    with pytest.raises(Rejected, match="lightkube, and it is not installed") as caught:
        connection.opened(written(tmp_path), None)
    assert "pip install 'serinus[kubernetes]'" == caught.value.hint


async def test_the_kernel_looks_after_silent_connections(tmp_path: Path) -> None:
    options = {option: value for _, option, value in connection._KEEPALIVE}

    idle, every, times = (
        options[name] for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    )
    assert idle + every * times <= 60


async def test_what_only_looks_like_an_api_server_needs_no_configuration() -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(500))
    async with Client.connect(transport=transport) as client:
        with pytest.raises(Unavailable):
            await client.raw_get("/version")
