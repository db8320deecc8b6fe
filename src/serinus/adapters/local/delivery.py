"""
The router's documents, and the files that Envoy reads.

An application's document is kept as it was delivered, and merged with those of all others::

    routes/shop~local.json ──┐
    routes/blog~local.json ──┼──►  eds/<cluster>.json   endpoints, and replicas that drain
                             ├──►  cds.json             clusters
                             └──►  rds.json             virtual hosts: what is routed *now*

Make before break: endpoints and clusters first; the route when Envoy has warmed the clusters that
it needs; then what nobody needs any more is taken away. A replica that is no longer named stays
in its cluster as *draining* until its process is gone: it gets nothing new, its requests end, and
its counters go on.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import msgspec
import structlog

from serinus.adapters.local import bootstrap, refusals, seen
from serinus.adapters.local.admin import Cluster
from serinus.adapters.local.counters import Counters, Owner
from serinus.adapters.local.envoy import Envoy
from serinus.adapters.local.places import Places, folder, write
from serinus.adapters.local.seen import Belief, Endpoints, Sight
from serinus.adapters.routers.envoy_parts import clusters, names, table
from serinus.core.state.counts import Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref
from serinus.ports.failures import Rejected, Unavailable

log = structlog.get_logger()

_WARM_S = 4.0
_HEALTHY_S = 1.0
_TAKEN_S = 2.0
_LOOK_S = 0.02
_FRESH_S = 0.2

Presence = Callable[[str, str], bool | None]
"""Whether a replica (name, address) may serve; None when its process is gone."""


class Kept(msgspec.Struct, frozen=True):
    """One document on disk."""

    kind: str
    name: str
    document: dict[str, Any]


class Delivery:
    """Keep Envoy's files in step with documents and replicas."""

    def __init__(self, places: Places, proxy: Envoy, presence: Presence) -> None:
        self._places = places
        self._proxy = proxy
        self._presence = presence
        self._documents: dict[Key, dict[Ref, Document]] = {}
        self._routed: dict[str, dict[str, Any]] = {}
        self._clusters: dict[str, dict[str, Any]] = {}
        self._endpoints: dict[str, Endpoints] = {}
        self._version = ""
        self._turns: dict[Key, anyio.Lock] = {}
        self._turning: dict[Key, set[str]] = {}
        self._belief = Belief()
        self._applied: tuple[object, dict[Ref, Document]] | None = None
        self._looked: tuple[float, list[Cluster]] = (0.0, [])
        self._counters = Counters()
        self._changes = 0

    # --- documents -----------------------------------------------------------------------------

    def load(self) -> None:
        """Read what was delivered and what was written; make the files whole."""
        for path in sorted(self._places.routes.glob("*.json")):
            kept = _read(path, list[Kept]) or []
            documents = {Ref(k.kind, k.name): k.document for k in kept}
            for document in documents.values():
                told = names.metadata(document.get("virtual_host", {}))
                if told:
                    key = Key(told["application"], told["environment"])
                    self._documents.setdefault(key, {}).update(documents)
        known = _resources(self._places.envoy / "rds.json")
        for host in (h for t in known for h in t.get("virtual_hosts", ()) if names.metadata(h)):
            self._routed[host["name"]] = host
        for cluster in _resources(self._places.envoy / "cds.json"):
            self._clusters[cluster["name"]] = cluster
            for assigned in _resources(self._eds(cluster["name"])):
                self._endpoints[cluster["name"]] = clusters.endpoints_of(assigned)
        self.follow()
        for document in self._all():
            host = document["virtual_host"]
            self._routed.setdefault(host["name"], host)
        self._write_routes()

    def fetch(self, refs: Sequence[Ref]) -> Documents:
        """Return the documents that were delivered."""
        known = {r: d for documents in self._documents.values() for r, d in documents.items()}
        return {r: known[r] for r in refs if r in known}

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the names of the application's documents."""
        return tuple(self._documents.get(key, ()))

    async def deliver(self, key: Key, documents: Mapping[Ref, Document | None]) -> None:
        """
        Carry documents out, make before break.

        One application does not wait for another: between two awaits everything is consistent.
        """
        async with self._turns.setdefault(key, anyio.Lock()):
            self._refuse_taken_hosts(key, documents)
            refusals.check(key, [d["virtual_host"] for d in documents.values() if d is not None])
            self._remember(key, documents)
            hosts = [d["virtual_host"] for d in self._documents.get(key, {}).values()]
            needed = {name for host in hosts for name in table.needed(host)}
            self._turning[key] = needed
            try:
                self.follow()
                await self._warm(needed)
                await self._healthy(needed)
            finally:
                del self._turning[key]
            for ref in documents:
                self._routed.pop(ref.name, None)
            self._routed |= {host["name"]: host for host in hosts}
            self._write_routes()
            await self._taken()
            self.follow()

    def follow(self) -> None:
        """Write endpoints and clusters anew: a document or a replica has changed."""
        wanted: dict[str, Endpoints] = {}
        for document in self._all():
            self._clusters |= {c["name"]: c for c in document["clusters"]}
            wanted |= {e["cluster_name"]: clusters.endpoints_of(e) for e in document["endpoints"]}
        held = self._held()
        before = dict(self._endpoints)
        for name in self._clusters:
            served = before.get(name, ())
            merged = self._merged(wanted.get(name, ()), served, hold=name in held)
            self._endpoints[name] = merged
            if name not in wanted and name not in held and not merged:
                del self._endpoints[name]
        self._clusters = {n: c for n, c in self._clusters.items() if n in self._endpoints}
        for name, endpoints in self._endpoints.items():
            self._put(self._eds(name), [_assigned(name, endpoints)])
        self._put(self._places.envoy / "cds.json", [c for _, c in sorted(self._clusters.items())])
        for name in before.keys() - self._endpoints.keys():
            self._eds(name).unlink(missing_ok=True)
        if before != self._endpoints:
            self._changes += 1

    # --- what is seen --------------------------------------------------------------------------

    async def applied(self) -> Documents:
        """Return what Envoy carries out; it is asked until all that was written is confirmed."""
        moment = (self._changes, self._version, self._proxy.starts)
        if self._applied is not None and self._applied[0] == moment and self._proxy.is_alive:
            return self._applied[1]
        admin = self._proxy.admin
        version, virtual_hosts = await admin.routes()
        warm = {c["cluster"]["name"]: c["cluster"] for c in await admin.active_clusters()}
        sight = Sight(version, virtual_hosts, warm, await self._look(0.0))
        self._belief.learn(sight.hosts, self._endpoints)
        found = seen.documents(sight, self._belief, self._endpoints)
        complete = seen.is_complete(sight, self._belief, self._version, self._endpoints)
        if complete and not self._held():
            self._applied = (moment, found)
        return found

    async def idle(self, address: str) -> bool:
        """Tell whether a replica gets nothing new and has nothing in flight."""
        try:
            looked = await self._look(_FRESH_S)
        except Unavailable:
            return not self._proxy.is_alive
        hosts = [h for c in looked for h in c.host_statuses if h.where == address]
        return not any(h.health_status.takes_requests or h.count("rq_active") for h in hosts)

    def active(self, address: str) -> int:
        """Return the requests in flight at the last look."""
        hosts = (h for c in self._looked[1] for h in c.host_statuses if h.where == address)
        return sum(h.count("rq_active") for h in hosts)

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return the counters of the applications asked for."""
        counted = await self._proxy.admin.counted()
        at = time.time()
        self._looked = (time.monotonic(), counted.clusters)
        owners = {}
        for name, cluster in self._clusters.items():
            told = names.metadata(cluster)
            key = Key(told["application"], told["environment"])
            owners[name] = Owner(key, told["revision"], names.is_mirror(cluster))
        found = self._counters.scrapes(counted, owners, at)
        return {key: found.get(key, Scrape(at=at, revisions={})) for key in keys}

    # --- writing -------------------------------------------------------------------------------

    def _all(self) -> list[Document]:
        return [d for documents in self._documents.values() for d in documents.values()]

    def _held(self) -> set[str]:
        """Return the clusters whose endpoints must go on: a route still needs them."""
        asked = {d["virtual_host"]["name"]: d["virtual_host"] for d in self._all()}
        left = [h for name, h in self._routed.items() if asked.get(name) != h]
        turning = {name for needed in self._turning.values() for name in needed}
        return turning | {name for host in left for name in table.named(host)}

    def _merged(self, wanted: Endpoints, before: Endpoints, *, hold: bool) -> Endpoints:
        """
        Return those who serve, and those who served and still run, as draining.

        A replica that is gone gets nothing, although a document may still name it.
        """
        named = {e[:2] for e in wanted}
        serving = tuple(
            (name, address, present)
            for name, address, _ in wanted
            if (present := self._presence(name, address)) is not None
        )
        leaving = tuple(
            (name, address, hold and served and self._presence(name, address) is True)
            for name, address, served in before
            if (name, address) not in named and self._presence(name, address) is not None
        )
        return serving + leaving

    def _remember(self, key: Key, documents: Mapping[Ref, Document | None]) -> None:
        mine = dict(self._documents.get(key, {}))
        for ref, document in documents.items():
            if document is None:
                mine.pop(ref, None)
            else:
                mine[ref] = document
        path = self._places.routes / f"{folder(key)}.json"
        if mine:
            kept = [Kept(r.kind, r.name, dict(d)) for r, d in mine.items()]
            self._write(path, msgspec.json.encode(kept))
            self._documents[key] = mine
        else:
            path.unlink(missing_ok=True)
            self._documents.pop(key, None)

    def _refuse_taken_hosts(self, key: Key, documents: Mapping[Ref, Document | None]) -> None:
        """Envoy would refuse the whole table for one host that is named twice."""
        asked = {
            domain
            for document in documents.values()
            if document is not None
            for domain in document["virtual_host"]["domains"]
        }
        for name, host in self._routed.items():
            twice = asked & set(host["domains"])
            told = names.metadata(host)
            if twice and Key(told["application"], told["environment"]) != key:
                raise Rejected(
                    f"{key}: the host {min(twice)} belongs to {name.replace('~', '/')} already",
                    hint="give one of them another route.host",
                )

    def _write_routes(self) -> None:
        routed = bootstrap.routes([h for _, h in sorted(self._routed.items())])
        self._version = self._put(self._places.envoy / "rds.json", [routed])

    def _put(self, path: Path, resources: list[Any]) -> str:
        return self._proxy.put(str(path.relative_to(self._places.envoy).with_suffix("")), resources)

    def _write(self, path: Path, content: bytes) -> None:
        if not path.exists() or path.read_bytes() != content:
            write(path, content)

    def _eds(self, cluster: str) -> Path:
        return self._places.envoy / "eds" / f"{cluster}.json"

    # --- waiting for Envoy ---------------------------------------------------------------------

    async def _warm(self, needed: set[str]) -> None:
        """Wait until Envoy could route to all of these clusters."""
        admin = self._proxy.admin
        with anyio.move_on_after(_WARM_S):
            while True:
                warm = {c["cluster"]["name"] for c in await admin.active_clusters()}
                if needed <= warm:
                    return
                await anyio.sleep(_LOOK_S)
        raise Unavailable("Envoy still waits for the first health checks of new replicas", 0.5)

    async def _healthy(self, needed: set[str]) -> None:
        """Give Envoy a moment to check new endpoints, before those that they replace leave."""
        with anyio.move_on_after(_HEALTHY_S):
            while True:
                self._belief.learn(await self._look(0.0), self._endpoints)
                serving = {
                    (name, replica, address)
                    for name in needed
                    for replica, address, serves in self._endpoints.get(name, ())
                    if serves
                }
                if serving <= self._belief.healthy:
                    return
                await anyio.sleep(_LOOK_S)

    async def _taken(self) -> None:
        """Wait until Envoy has taken over the route table, so that old clusters may go."""
        with anyio.move_on_after(_TAKEN_S):
            while True:
                if (await self._proxy.admin.routes())[0] == self._version:
                    return
                await anyio.sleep(_LOOK_S)
        log.warning("envoy has not taken over the routes", log=str(self._proxy.log))
        raise Unavailable(f"Envoy has not taken over the routes; see {self._proxy.log}", 1.0)

    async def _look(self, fresh_s: float) -> list[Cluster]:
        if time.monotonic() - self._looked[0] >= fresh_s:
            self._looked = (time.monotonic(), await self._proxy.admin.clusters())
        return self._looked[1]


def _assigned(cluster: str, endpoints: Endpoints) -> dict[str, Any]:
    kind = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
    return {"@type": kind} | clusters.assignment(cluster, endpoints)


def _resources(path: Path) -> list[dict[str, Any]]:
    content = _read(path, dict[str, Any]) or {}
    found: list[dict[str, Any]] = content.get("resources", [])
    return found


def _read(path: Path, kind: Any) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
