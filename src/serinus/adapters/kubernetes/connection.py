"""
The way to an API server: its address, whom we trust, and who we are.

What a kubeconfig or a service account says of certificates and users is lightkube's work. This is
the only module that imports it, and only when a cluster is wanted, because the extra may be absent
and because the import takes longer than ``serinus --help`` may.
"""

import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from serinus.adapters.kubernetes import kubeconfig
from serinus.adapters.kubernetes.credentials import Exec, TokenFile
from serinus.adapters.kubernetes.kubeconfig import Chosen
from serinus.ports.failures import Rejected

CONNECT_S = 5.0
REQUEST_S = 30.0
"""How long an API server may say nothing. Streams have a limit of their own."""

WHOLE_S = 60.0
"""How long a request may take from end to end; the API server itself gives up after as long."""

KEPT = 16
"""Connections that wait for the next request: as many as are used at once, so none is made anew."""

IDLE_S = 60.0
"""So long a connection waits: a Lease is renewed every few seconds, with no new handshake."""

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
    extensions: Mapping[str, Any] = field(default_factory=dict)


def pretended(transport: httpx2.AsyncBaseTransport) -> Connection:
    """Return a way to something that only looks like an API server; no configuration is read."""
    server = "http://apiserver"
    return Connection(httpx2.AsyncClient(transport=transport, base_url=server), server)


def opened(named: Path | None, context: str | None) -> Connection:
    """
    Return the way to the API server that was named, or else that is found.

    Looked for, in this order: the kubeconfig ``named``, those of the variable KUBECONFIG, the
    service account of a pod, ``~/.kube/config``. ``Rejected`` says what is wrong with it. No proxy
    of the environment is asked, only one that the kubeconfig names (``proxy-url``).
    """
    chosen = _chosen(named, context)
    try:
        from lightkube.config import client_adapter  # noqa: PLC0415 - it takes 0.2 s, see above
        from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415 - the same
    except ImportError as exc:
        raise Rejected(
            "a cluster needs the package lightkube, and it is not installed",
            hint="pip install 'serinus[kubernetes]'",
        ) from exc
    parts = {"cluster": chosen.cluster, "user": chosen.user}
    lists: dict[str, Any] = {f"{k}s": [{"name": "it", k: part}] for k, part in parts.items()}
    lists["contexts"] = [{"name": "it", "context": {"cluster": "it", "user": "it"}}]
    try:
        single = KubeConfig.from_dict(lists).get("it")
        assert single is not None  # noqa: S101 - it was named two lines above
        assert single.user is not None  # noqa: S101 - the same
        trust = client_adapter.verify_cluster(single.cluster, single.user, single.abs_file)
        auth = _auth(chosen, trust) or client_adapter.user_auth(single.user)
    except Rejected:
        raise
    except Exception as exc:  # whatever lightkube and OpenSSL say to what somebody wrote
        raise Rejected(
            f"context {chosen.context!r} cannot be used: {exc}",
            hint="name another with --context, or another file with --kubeconfig",
        ) from exc
    return _connected(chosen, trust, auth)


def _auth(chosen: Chosen, trust: ssl.SSLContext) -> httpx2.Auth | None:
    """Return who we are, where that changes with time."""
    if path := chosen.user.get("tokenFile"):
        return TokenFile(Path(path))
    if not chosen.user.get("token") and (settings := chosen.user.get("exec")):
        return Exec(settings, chosen.cluster, trust)
    return None


def _connected(chosen: Chosen, trust: ssl.SSLContext, auth: httpx2.Auth | None) -> Connection:
    transport = httpx2.AsyncHTTPTransport(
        verify=trust,
        trust_env=False,
        proxy=chosen.cluster.get("proxy-url") or None,
        socket_options=_KEEPALIVE,
        limits=httpx2.Limits(
            max_connections=None, max_keepalive_connections=KEPT, keepalive_expiry=IDLE_S
        ),
    )
    server = str(chosen.cluster.get("server") or "").rstrip("/")
    if not server.startswith(("https://", "http://")):
        raise Rejected(f"context {chosen.context!r}: server: {server!r} is no address")
    timeout = httpx2.Timeout(REQUEST_S, connect=CONNECT_S)
    http = httpx2.AsyncClient(
        transport=transport, base_url=server, auth=auth, timeout=timeout, trust_env=False
    )
    name = chosen.cluster.get("tls-server-name")
    return Connection(http, server, chosen.namespace, {"sni_hostname": name} if name else {})


def _chosen(named: Path | None, context: str | None) -> Chosen:
    if named is not None:
        return kubeconfig.chosen([named.expanduser()], context)
    if several := os.environ.get("KUBECONFIG"):
        paths = [Path(one).expanduser() for one in several.split(os.pathsep) if one]
        return kubeconfig.chosen(paths, context)
    host = os.environ.get("KUBERNETES_SERVICE_HOST")
    if host and context is None and (IN_CLUSTER / "token").is_file():
        return _account(host, os.environ.get("KUBERNETES_SERVICE_PORT", "443"))
    return kubeconfig.chosen([Path(_HOME).expanduser()], context)


def _account(host: str, port: str) -> Chosen:
    """Return what a pod is given by its service account."""
    address = f"[{host}]" if ":" in host else host
    try:
        namespace = (IN_CLUSTER / "namespace").read_text().strip()
    except OSError:
        namespace = "default"
    cluster = {
        "server": f"https://{address}:{port}",
        "certificate-authority": str(IN_CLUSTER / "ca.crt"),
    }
    return Chosen("in the cluster", namespace, cluster, {"tokenFile": str(IN_CLUSTER / "token")})
