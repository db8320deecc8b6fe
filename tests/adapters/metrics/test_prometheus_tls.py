"""Prometheus behind TLS: who vouches for whom, with certificates made for the test."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from serinus.adapters.metrics.prometheus import Settings, Source
from serinus.ports import failures
from tests.adapters.metrics import server

LACKING = shutil.which("openssl") is None
pytestmark = pytest.mark.skipif(LACKING, reason="there is no openssl to make certificates with")
EMPTY = server.answers('{"status": "success", "data": {"resultType": "vector", "result": []}}')


class Issued:
    """A certificate that vouches for itself, and its key."""

    def __init__(self, folder: Path, name: str, host: str = "IP:127.0.0.1") -> None:
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
        command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        command += ["-addext", f"subjectAltName={host}"]
        command += ["-keyout", str(self.key), "-out", str(self.certificate)]
        subprocess.run(command, check=True, capture_output=True)

    def locked(self, folder: Path) -> Path:
        """Return the key, in a file that a pass phrase opens."""
        path = folder / "locked.key"
        command = ["openssl", "pkey", "-in", str(self.key), "-out", str(path), "-aes128"]
        subprocess.run([*command, "-passout", "pass:hunter2"], check=True, capture_output=True)
        return path

    def serves(self, clients: "Issued | None" = None) -> ssl.SSLContext:
        """Return how a server with this certificate speaks; ``clients``: whom it asks for one."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients.certificate)
        return context


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def own(folder: Path) -> Issued:
    return Issued(folder, "own")


@pytest.fixture(scope="module")
def client(folder: Path) -> Issued:
    return Issued(folder, "client")


async def ask(settings: Settings) -> str:
    """Return how it failed, empty when it did not."""
    try:
        await Source(settings, lambda _: "").instant("up", 1.0)
    except failures.PortFailure as problem:
        return f"{type(problem).__name__}: {problem}"
    return ""


async def test_a_server_that_the_own_authority_vouches_for_is_trusted(own: Issued) -> None:
    async with server.serving(EMPTY, own.serves()) as asked:
        found = await ask(Settings(asked.url, ca=str(own.certificate)))

    assert "" == found


async def test_a_server_that_nobody_vouches_for_is_rejected(own: Issued) -> None:
    async with server.serving(EMPTY, own.serves()) as asked:
        found = await ask(Settings(asked.url))

    assert f"Rejected: {asked.url}: its certificate is not trusted: self-signed" in found
    assert [] == asked.heads


async def test_a_certificate_of_another_host_is_rejected(folder: Path) -> None:
    other = Issued(folder, "other", "DNS:elsewhere.example")
    async with server.serving(EMPTY, other.serves()) as asked:
        found = await ask(Settings(asked.url, ca=str(other.certificate)))

    assert "certificate is not trusted: IP address mismatch" in found


async def test_a_client_shows_its_certificate_where_one_is_asked_for(
    own: Issued, client: Issued
) -> None:
    certificate, key = str(client.certificate), str(client.key)
    async with server.serving(EMPTY, own.serves(client)) as asked:
        settings = Settings(
            asked.url, ca=str(own.certificate), client_cert=certificate, client_key=key
        )
        found = await ask(settings)

    assert "" == found


async def test_a_server_that_refuses_the_handshake_is_told(own: Issued, client: Issued) -> None:
    context = own.serves(client)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # later ones refuse after the handshake
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        refusing = threading.Thread(target=_refuse, args=(listener, context))
        refusing.start()
        found = await ask(Settings(url, ca=str(own.certificate)))
        refusing.join()

    assert found.startswith(f"Rejected: {url} ended the TLS handshake: ")


def _refuse(listener: socket.socket, context: ssl.SSLContext) -> None:
    """Shake hands with one client: its alert is sent before it fails, as Go's servers do."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(ssl.SSLError):
        context.wrap_socket(connection, server_side=True)


async def test_a_server_that_hangs_up_after_the_handshake_may_want_a_certificate(
    own: Issued, client: Issued
) -> None:
    async with server.serving(EMPTY, own.serves(client)) as asked:
        found = await ask(Settings(asked.url, ca=str(own.certificate)))

    assert "TLS handshake" in found or "does it want a client certificate?" in found


async def test_plain_http_where_tls_is_wanted_is_told() -> None:
    async with server.serving(EMPTY) as asked:
        found = await ask(Settings(asked.url.replace("http:", "https:")))

    assert "Unavailable" in found
    assert "does not speak TLS" in found


async def test_a_certificate_that_was_renewed_is_read_again(own: Issued, folder: Path) -> None:
    trusted = folder / "trusted.pem"
    trusted.write_bytes(Issued(folder, "yesterday").certificate.read_bytes())
    async with server.serving(EMPTY, own.serves()) as asked:
        source = Source(Settings(asked.url, ca=str(trusted)), lambda _: "")
        with pytest.raises(failures.Rejected):
            await source.instant("up", 1.0)
        trusted.write_bytes(own.certificate.read_bytes())
        os.utime(trusted, (1, 1))

        assert () == await source.instant("up", 2.0)


@pytest.mark.parametrize("content", [None, "", "no certificate"])
async def test_a_file_that_cannot_be_used_is_named(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)

    found = await ask(Settings("https://127.0.0.1:9", ca=str(path)))

    assert f"Rejected: https://127.0.0.1:9: ca {path} cannot be used" in found


async def test_a_key_with_a_pass_phrase_is_not_asked_for_at_the_terminal(
    client: Issued, tmp_path: Path
) -> None:
    locked = client.locked(tmp_path)
    settings = Settings(
        "https://127.0.0.1:9", client_cert=str(client.certificate), client_key=str(locked)
    )

    found = await ask(settings)

    assert "clientCert" in found
    assert "cannot be used" in found
