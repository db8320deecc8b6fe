"""
The way to an API server: its address, whom we trust, and who we are.

Reading kubeconfig files, certificates, tokens and login programs is lightkube's work. This is the
only module that imports it, and only when a cluster is wanted, because the extra may be absent and
because the import takes longer than ``serinus --help`` may.
"""

import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from serinus.ports.failures import Rejected

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import KubeConfig, SingleConfig

CONNECT_S = 5.0
REQUEST_S = 30.0
"""How long an API server may say nothing. Streams have a limit of their own."""

WHOLE_S = 60.0
"""How long a request may take from end to end; the API server itself gives up after as long."""

IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_HOME = "~/.kube/config"

# A peer that vanished (a node that lost its network, a NAT that forgot us) is noticed by the kernel
# within a minute, also on a connection on which nobody speaks.
_KEEPALIVE: tuple[tuple[int, int, int], ...] = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 20),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 50_000),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """An HTTP client for one API server; ``namespace`` is the one that its context names."""

    http: httpx2.AsyncClient
    server: str
    namespace: str = "default"


def pretended(transport: httpx2.AsyncBaseTransport) -> Connection:
    """Return a way to something that only looks like an API server; no configuration is read."""
    server = "http://apiserver"
    return Connection(httpx2.AsyncClient(transport=transport, base_url=server), server)


def opened(kubeconfig: Path | None, context: str | None) -> Connection:
    """
    Return the way to the API server that was named, or else that is found.

    Looked for, in this order: ``kubeconfig``, the variable KUBECONFIG, the service account of a
    pod, ``~/.kube/config``. ``Rejected`` says what is wrong with what was found.
    """
    try:
        from lightkube.config import client_adapter  # noqa: PLC0415 - it takes 0.2 s, see above
    except ImportError as exc:
        raise Rejected(
            "a cluster needs the package lightkube, and it is not installed",
            hint="pip install 'serinus[kubernetes]'",
        ) from exc
    try:
        single = _found(kubeconfig).get(context)
        if single is None or single.user is None:
            raise KeyError("the context names no user")  # noqa: TRY301 - told below with all others
        trust = client_adapter.verify_cluster(single.cluster, single.user, single.abs_file)
        auth = client_adapter.user_auth(single.user)
    except Exception as exc:  # whatever lightkube and YAML say to somebody's file
        raise Rejected(
            f"{_place(kubeconfig)} does not lead to a cluster: {exc}",
            hint="name a kubeconfig with --kubeconfig and, where it has several, a --context",
        ) from exc
    return _connected(single, trust, auth)


def _connected(
    single: "SingleConfig", trust: ssl.SSLContext, auth: httpx2.Auth | None
) -> Connection:
    transport = httpx2.AsyncHTTPTransport(
        verify=trust,
        trust_env=False,
        socket_options=_KEEPALIVE,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20),
    )
    server = single.cluster.server.rstrip("/")
    timeout = httpx2.Timeout(REQUEST_S, connect=CONNECT_S)
    http = httpx2.AsyncClient(transport=transport, base_url=server, auth=auth, timeout=timeout)
    return Connection(http, server, single.namespace)


def _found(kubeconfig: Path | None) -> "KubeConfig":
    from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415 - see above

    named = kubeconfig or os.environ.get("KUBECONFIG")
    if named:
        return KubeConfig.from_file(named)
    if "KUBERNETES_SERVICE_HOST" in os.environ and (IN_CLUSTER / "token").is_file():
        return KubeConfig.from_service_account(IN_CLUSTER)
    return KubeConfig.from_file(_HOME)


def _place(kubeconfig: Path | None) -> str:
    return str(kubeconfig or os.environ.get("KUBECONFIG") or _HOME)
