"""
Tokens that change while the program runs: those in a file, and those that a program prints.

::

    in a pod           the kubelet writes a new token into the file, long before the old one ends
    in a kubeconfig    exec: {command: aws, args: [eks, get-token, …]}    some minutes each

lightkube knows both, but the one asks for a new token only after a refusal and lets a file that is
missing for a moment fall out as an error of its own; the other speaks no ``v1`` of the protocol,
takes no certificates, and starts its program once for each request that waits.
"""

import json
import os
import ssl
import tempfile
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx2
import msgspec

from serinus.ports.failures import Rejected, Unavailable

EXEC_S = 60.0
"""How long a program may take to print credentials; some of them ask another service."""

_EARLY = timedelta(seconds=30)  # before the end of a token a new one is asked for
_VERSIONS = tuple(f"client.authentication.k8s.io/{v}" for v in ("v1", "v1beta1", "v1alpha1"))
_UNAUTHORIZED = 401
_SAID = 300
_TOLD = (
    *("server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url"),
    "certificate-authority-data",
)


class TokenFile(httpx2.Auth):
    """Read the token again whenever its file was written, and after a refusal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark: tuple[int, int] | None = None
        self._token = ""

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Put the token into the request."""
        request.headers["authorization"] = f"Bearer {self._current()}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            before, self._mark = self._token, None
            if self._current() != before:
                request.headers["authorization"] = f"Bearer {self._token}"
                yield request

    def _current(self) -> str:
        try:
            found = self._path.stat()
            mark = (found.st_mtime_ns, found.st_ino)
            if mark != self._mark:
                self._token = self._path.read_text().strip()
                self._mark = mark
        except (OSError, ValueError) as exc:
            if not self._token:
                raise Unavailable(f"the token in {self._path} cannot be read: {exc}") from exc
        if not self._token:
            raise Unavailable(f"the token in {self._path} is empty")
        return self._token


class _Status(msgspec.Struct, frozen=True, rename="camel"):
    token: str | None = None
    expiration_timestamp: datetime | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None


class _Credential(msgspec.Struct, frozen=True, rename="camel"):
    status: _Status
    api_version: str = ""


class Exec(httpx2.Auth):
    """
    Ask a program for credentials, and again when they end or are refused.

    ``settings`` is ``exec`` of a kubeconfig's user, ``cluster`` the part that it goes with. A
    certificate counts for connections that are made from then on. The program has no terminal.
    """

    def __init__(
        self, settings: Mapping[str, Any], cluster: Mapping[str, Any], trust: ssl.SSLContext
    ) -> None:
        version, command = settings.get("apiVersion"), settings.get("command")
        if version not in _VERSIONS or not isinstance(command, str) or not command:
            raise Rejected(
                f"exec of the user: found apiVersion {version!r} and command {command!r}; "
                f"wanted a command and one of {', '.join(_VERSIONS)}"
            )
        if settings.get("interactiveMode") == "Always":
            raise Rejected(f"exec of the user: {command} wants a terminal (interactiveMode Always)")
        self._command = [command, *map(str, settings.get("args") or ())]
        self._hint = str(settings.get("installHint") or "")
        self._env = {str(e["name"]): str(e["value"]) for e in settings.get("env") or ()}
        self._env["KUBERNETES_EXEC_INFO"] = _info(version, settings, cluster)
        self._trust = trust
        self._turn = anyio.Lock()
        self._status: _Status | None = None

    async def async_auth_flow(
        self, request: httpx2.Request
    ) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Put the token into the request, if there is one."""
        used = await self._current(None)
        _bear(request, used)
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            _bear(request, await self._current(used))
            yield request

    async def _current(self, refused: _Status | None) -> _Status:
        """Return credentials that have not ended and are not those that were refused."""
        async with self._turn:
            now = datetime.now(UTC)
            found = self._status
            ends = found.expiration_timestamp if found is not None else None
            if found is None or found is refused or (ends is not None and ends - _EARLY <= now):
                found = await self._asked()
                if found.client_certificate_data and found.client_key_data:
                    _load(self._trust, found.client_certificate_data, found.client_key_data)
                self._status = found
            return found

    async def _asked(self) -> _Status:
        name = self._command[0]
        try:
            with anyio.fail_after(EXEC_S):
                done = await anyio.run_process(
                    self._command, check=False, env=os.environ | self._env, stdin=None
                )
        except TimeoutError as exc:
            raise Unavailable(f"{name} printed no credentials within {EXEC_S:g} s") from exc
        except OSError as exc:
            raise Rejected(f"{name} gives the credentials and cannot be started: {exc}",
                           hint=self._hint) from exc  # fmt: skip
        if done.returncode:
            said = " ".join(done.stderr.decode(errors="replace").split())[:_SAID]
            raise Unavailable(
                f"{name} gave no credentials: it ended with {done.returncode}: {said}"
            )
        try:
            found = msgspec.json.decode(done.stdout, type=_Credential).status
        except (msgspec.DecodeError, ValueError) as exc:  # what it printed may be a secret
            raise Unavailable(f"{name} printed something that is no ExecCredential") from exc
        if not found.token and not found.client_certificate_data:
            raise Unavailable(f"{name} printed neither a token nor a certificate")
        return found


def _info(version: str, settings: Mapping[str, Any], cluster: Mapping[str, Any]) -> str:
    """Return what the program is told: the protocol, and where it shall lead."""
    spec: dict[str, Any] = {"interactive": False}
    if settings.get("provideClusterInfo"):
        spec["cluster"] = {name: cluster[name] for name in _TOLD if name in cluster}
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "spec": spec})


def _bear(request: httpx2.Request, status: _Status) -> None:
    if status.token:
        request.headers["authorization"] = f"Bearer {status.token}"


def _load(trust: ssl.SSLContext, certificate: str, key: str) -> None:
    """Take a certificate for new connections; it has to be in a file for the moment."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
        both.write(f"{certificate}\n{key}\n")
        both.flush()
        try:
            trust.load_cert_chain(both.name, password=lambda: "")
        except ssl.SSLError as exc:
            raise Unavailable(f"the certificate that was printed cannot be used: {exc}") from exc
