import json
import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import trustme

from serinus.adapters.kubernetes import credentials
from serinus.adapters.kubernetes.credentials import Exec, TokenFile
from serinus.ports.failures import Rejected, Unavailable

V1 = "client.authentication.k8s.io/v1"


class Door:
    """A server that lets in whoever has one of the tokens; ``came`` lists who tried."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = {f"Bearer {token}" for token in tokens}
        self.came: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.came.append(request.headers.get("authorization", "nobody"))
        return httpx2.Response(200 if self.came[-1] in self.tokens else 401)

    async def knock(self, auth: httpx2.Auth, times: int = 1) -> int:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(self), auth=auth) as client:
            answers = [await client.get("http://door/") for _ in range(times)]
        return answers[-1].status_code


# --- a token in a file ----------------------------------------------------------------------------


async def test_a_token_that_is_written_anew_counts_from_the_next_request_on(tmp_path: Path) -> None:
    path, door = tmp_path / "token", Door("first", "second")
    path.write_text("first\n")
    auth = TokenFile(path)
    await door.knock(auth)
    path.write_text("second\n")
    os.utime(path, (1, 1))
    await door.knock(auth)

    assert ["Bearer first", "Bearer second"] == door.came


async def test_a_token_that_the_kubelet_swaps_by_a_link_counts_too(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "token").write_text(name)
    (tmp_path / "..data").symlink_to("first")
    (tmp_path / "token").symlink_to("..data/token")
    auth, door = TokenFile(tmp_path / "token"), Door("second")
    before = await door.knock(auth)
    (tmp_path / "new").symlink_to("second")
    (tmp_path / "new").rename(tmp_path / "..data")

    assert 401 == before
    assert 200 == await door.knock(auth)


async def test_after_a_refusal_the_file_is_read_again_and_the_same_token_is_not_tried_twice(
    tmp_path: Path,
) -> None:
    path, door = tmp_path / "token", Door("good")
    path.write_text("good")
    auth = TokenFile(path)
    auth._token, auth._mark = "old", (path.stat().st_mtime_ns, path.stat().st_ino)
    status = await door.knock(auth)
    door.tokens = set()
    refused = await door.knock(auth)

    assert (200, 401) == (status, refused)
    assert ["Bearer old", "Bearer good", "Bearer good"] == door.came


async def test_a_file_that_is_away_for_a_moment_leaves_the_token_that_we_have(
    tmp_path: Path,
) -> None:
    path, door = tmp_path / "token", Door("good")
    path.write_text("good")
    auth = TokenFile(path)
    await door.knock(auth)
    path.unlink()

    assert 200 == await door.knock(auth)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
async def test_without_any_token_it_is_unavailable(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Unavailable, match=r"the token in .*/token"):
        await Door().knock(TokenFile(path))


# --- a program that prints one --------------------------------------------------------------------


def program(tmp_path: Path, body: str) -> str:
    path = tmp_path / "login"
    path.write_text(f"#!/bin/sh\necho run >> {tmp_path}/runs\n{body}\n")
    path.chmod(0o755)
    return str(path)


def printing(tmp_path: Path, **status: Any) -> str:
    (tmp_path / "out").write_text(json.dumps({"apiVersion": V1, "status": status}))
    return program(tmp_path, f"cat {tmp_path}/out")


def runs(tmp_path: Path) -> int:
    return len((tmp_path / "runs").read_text().splitlines())


def made(command: str, cluster: Mapping[str, Any] | None = None, **more: Any) -> Exec:
    settings = {"apiVersion": V1, "command": command, "args": None, "env": None, **more}
    return Exec(settings, cluster or {}, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


async def test_a_program_is_asked_once_for_all_that_wait(tmp_path: Path) -> None:
    door, auth = Door("t"), made(printing(tmp_path, token="t"))
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(door.knock, auth, 3)

    assert 15 == len(door.came)
    assert {"Bearer t"} == set(door.came)
    assert 1 == runs(tmp_path)


async def test_a_token_is_renewed_before_it_ends(tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=20)).isoformat()
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    door = Door("t")
    await door.knock(made(printing(tmp_path, token="t", expirationTimestamp=soon)), 3)
    short = runs(tmp_path)
    await door.knock(made(printing(tmp_path, token="t", expirationTimestamp=later)), 3)

    assert (3, 4) == (short, runs(tmp_path))


async def test_a_token_that_is_refused_is_renewed_once(tmp_path: Path) -> None:
    auth, door = made(printing(tmp_path, token="old")), Door("new")
    await door.knock(auth)
    (tmp_path / "out").write_text(json.dumps({"status": {"token": "new"}}))
    status = await door.knock(auth)

    assert 200 == status
    assert ["Bearer old", "Bearer old", "Bearer old", "Bearer new"] == door.came


async def test_the_program_is_told_the_protocol_and_its_environment(tmp_path: Path) -> None:
    command = program(
        tmp_path,
        f'echo "$MINE $1 $KUBERNETES_EXEC_INFO" > {tmp_path}/told\n'
        """echo '{"status": {"token": "t"}}'""",
    )
    auth = made(
        command,
        {"server": "https://one", "other": "x"},
        args=["first"],
        env=[{"name": "MINE", "value": "7"}],
        provideClusterInfo=True,
    )
    await Door("t").knock(auth)
    mine, first, info = (tmp_path / "told").read_text().split(" ", 2)

    assert ("7", "first") == (mine, first)
    assert {"interactive": False, "cluster": {"server": "https://one"}} == json.loads(info)["spec"]


async def test_a_certificate_counts_for_new_connections(tmp_path: Path) -> None:
    leaf = trustme.CA().issue_cert("admin")
    key, chain = leaf.private_key_pem.bytes().decode(), leaf.cert_chain_pems[0].bytes().decode()
    auth = made(printing(tmp_path, clientCertificateData=chain, clientKeyData=key))
    door = Door()
    await door.knock(auth)
    broken = made(printing(tmp_path, clientCertificateData=chain, clientKeyData="no key"))

    assert "nobody" == door.came[0]
    with pytest.raises(Unavailable, match="the certificate that was printed cannot be used"):
        await door.knock(broken)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo no login >&2; exit 3", "it ended with 3: no login"),
        ("echo secret", "printed something that is no ExecCredential$"),
        ("""echo '{"status": {}}'""", "printed neither a token nor a certificate"),
        ("exec sleep 60", "printed no credentials within 0.2 s"),
    ],
)
async def test_a_program_that_gives_nothing_is_unavailable(
    tmp_path: Path, body: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "EXEC_S", 0.2 if "sleep" in body else 10.0)
    with pytest.raises(Unavailable, match=said):
        await Door().knock(made(program(tmp_path, body)))


async def test_a_program_that_is_not_there_is_rejected_with_its_own_hint(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="cannot be started") as caught:
        await Door().knock(made(str(tmp_path / "absent"), installHint="install it"))

    assert "install it" == caught.value.hint


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"apiVersion": V1},
        {"apiVersion": "client.authentication.k8s.io/v9", "command": "a"},
        {"apiVersion": V1, "command": "a", "interactiveMode": "Always"},
    ],
)
def test_a_program_that_we_cannot_talk_to_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="exec of the user: "):
        Exec(settings, {}, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
