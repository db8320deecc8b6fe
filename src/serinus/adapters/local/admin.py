"""
Envoy's admin interface, over its socket: what it has, what it counted, how its endpoints are.

Only questions are asked here; Envoy is changed through files alone. It is told one thing: to open
its log files anew, when one of them was put aside.
"""

import contextlib
import os
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import msgspec

from serinus.adapters.local import bootstrap
from serinus.ports.failures import Unavailable

SOCKET = "admin.sock"
_TIMEOUT_S = 3.0
_T = TypeVar("_T")


class HostCounts(msgspec.Struct):
    """One counter of an endpoint."""

    name: str
    value: str = "0"


class Health(msgspec.Struct):
    """What Envoy thinks of an endpoint."""

    eds_health_status: str = "UNKNOWN"
    failed_active_health_check: bool = False
    pending_active_hc: bool = False

    @property
    def takes_requests(self) -> bool:
        """Whether requests may be sent to it, as far as its address list says."""
        return self.eds_health_status != "DRAINING"

    @property
    def is_healthy(self) -> bool:
        """Whether it passed its check."""
        return not self.failed_active_health_check and not self.pending_active_hc


class SocketAddress(msgspec.Struct):
    """An address, in Envoy's words."""

    address: str
    port_value: int


class Address(msgspec.Struct):
    """An address, wrapped."""

    socket_address: SocketAddress


class Host(msgspec.Struct):
    """One endpoint: ``hostname`` is the replica's name."""

    address: Address
    stats: list[HostCounts] = []
    health_status: Health = msgspec.field(default_factory=Health)
    hostname: str = ""

    @property
    def where(self) -> str:
        """``host:port``."""
        return f"{self.address.socket_address.address}:{self.address.socket_address.port_value}"

    def count(self, name: str) -> int:
        """Return one counter."""
        return next((int(s.value) for s in self.stats if s.name == name), 0)


class Cluster(msgspec.Struct):
    """One cluster and its endpoints."""

    name: str
    host_statuses: list[Host] = []


class _Clusters(msgspec.Struct):
    cluster_statuses: list[Cluster] = []


class _Dump(msgspec.Struct):
    configs: list[dict[str, Any]] = []


class Bucket(msgspec.Struct):
    """So many requests took less than ``upper_bound`` milliseconds."""

    upper_bound: float
    cumulative: int


class Histogram(msgspec.Struct):
    """A histogram since Envoy's start."""

    name: str
    buckets: list[Bucket] = []


class _Histograms(msgspec.Struct):
    histograms: list[Histogram] = []


class Stat(msgspec.Struct):
    """A counter, or (without a name) the holder of all histograms."""

    name: str = ""
    value: int | str = 0
    histograms: list[Histogram] | _Histograms = []


class _Stats(msgspec.Struct):
    stats: list[Stat] = []


class Counted(msgspec.Struct, frozen=True):
    """What Envoy counted since its start."""

    failed: dict[str, int]
    histograms: dict[str, list[Bucket]]
    clusters: list[Cluster]


class Admin:
    """Ask Envoy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client: httpx2.AsyncClient | None = None
        self._descriptor = -1

    async def ready(self) -> bool:
        """Tell whether Envoy serves."""
        with contextlib.suppress(Unavailable):
            return (await self._get("/ready")).strip() == b"LIVE"
        return False

    async def listening(self) -> tuple[str, ...]:
        """Return the addresses that Envoy listens on."""
        text = (await self._get("/listeners")).decode()
        return tuple(line.partition("::")[2] for line in text.splitlines())

    async def clusters(self) -> list[Cluster]:
        """Return all clusters with their endpoints: health and counters."""
        return _decode(await self._get("/clusters?format=json"), _Clusters).cluster_statuses

    async def active_clusters(self) -> list[dict[str, Any]]:
        """Return the clusters that may be routed to (those that warm up are not among them)."""
        return await self._dump("dynamic_active_clusters")

    async def routes(self) -> tuple[str, list[dict[str, Any]]]:
        """Return the version of the route table, and its virtual hosts."""
        for config in await self._dump("dynamic_route_configs"):
            table = config.get("route_config", {})
            if table.get("name") == bootstrap.ROUTES:
                return config.get("version_info", ""), table.get("virtual_hosts", [])
        return "", []

    async def counted(self) -> Counted:
        """
        Return all counters.

        The first question only makes Envoy put its histograms together, which it does after it
        has answered. Failures are read before the counts that contain them, so that there are
        never more failures than requests.
        """
        await self._get("/stats?filter=^$")
        pattern = rf"upstream_rq_time$|^serinus\.failed|{bootstrap.LOST}$"
        query = f"/stats?format=json&histogram_buckets=cumulative&filter={pattern}"
        stats = _decode(await self._get(query), _Stats).stats
        clusters = await self.clusters()
        failed, histograms = {}, {}
        for stat in stats:
            if stat.name:
                failed[stat.name] = int(stat.value)
            found = stat.histograms
            for histogram in found if isinstance(found, list) else found.histograms:
                histograms[histogram.name] = histogram.buckets
        return Counted(failed, histograms, clusters)

    async def reopen_logs(self) -> None:
        """Let Envoy open its log files anew."""
        await self._ask("POST", "/reopen_logs")

    async def close(self) -> None:
        """Let go of the socket."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    async def _dump(self, resource: str) -> list[dict[str, Any]]:
        return _decode(await self._get(f"/config_dump?resource={resource}"), _Dump).configs

    async def _get(self, path: str) -> bytes:
        return await self._ask("GET", path)

    async def _ask(self, method: str, path: str) -> bytes:
        try:
            answer = await self._open().request(method, path)
        except (httpx2.HTTPError, OSError) as exc:
            raise Unavailable(f"Envoy does not answer on {self._folder / SOCKET}: {exc!r}") from exc
        if answer.is_error and path != "/ready":
            raise Unavailable(f"Envoy answered {answer.status_code} to {path}")
        return answer.content

    def _open(self) -> httpx2.AsyncClient:
        if self._client is None:
            # Through the directory's descriptor the name stays short, however long the home's is.
            self._descriptor = os.open(self._folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            transport = httpx2.AsyncHTTPTransport(
                uds=f"/proc/self/fd/{self._descriptor}/{SOCKET}", trust_env=False
            )
            self._client = httpx2.AsyncClient(
                transport=transport, base_url="http://envoy", timeout=_TIMEOUT_S, trust_env=False
            )
        return self._client


def _decode(content: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Unavailable(f"Envoy's answer could not be read: {exc}") from exc
