"""
What Envoy was seen to carry out, as the router's documents.

Three of Envoy's own answers are put together: its route table, the clusters that are warm, and the
endpoints with their health. An endpoint belongs to what is carried out once it has been seen
healthy: a weight that counts on it has to wait for that. What becomes of it later is a matter of
health, not of configuration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from serinus.adapters.local.admin import Cluster
from serinus.adapters.routers.envoy_parts import clusters, names, table
from serinus.core.state.traffic import Document, Ref

Endpoints = tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at Envoy."""

    version: str
    virtual_hosts: Sequence[Mapping[str, Any]]
    clusters: Mapping[str, Mapping[str, Any]]
    hosts: Sequence[Cluster]


@dataclass(slots=True)
class Belief:
    """Which endpoints (cluster, replica, address) have been seen healthy since they were added."""

    healthy: set[tuple[str, str, str]] = field(default_factory=set)

    def learn(self, hosts: Sequence[Cluster], written: Mapping[str, Endpoints]) -> None:
        """Take in a look; forget what is no longer written."""
        for cluster in hosts:
            for host in cluster.host_statuses:
                if host.health_status.takes_requests and host.health_status.is_healthy:
                    self.healthy.add((cluster.name, host.hostname, host.where))
        self.healthy &= {
            (name, replica, address)
            for name, endpoints in written.items()
            for replica, address, serves in endpoints
            if serves
        }


def documents(
    sight: Sight, belief: Belief, written: Mapping[str, Endpoints]
) -> dict[Ref, Document]:
    """Return a document for each virtual host of ours."""
    hosts = {cluster.name: cluster for cluster in sight.hosts}
    found: dict[Ref, Document] = {}
    for virtual_host in sight.virtual_hosts:
        if not names.metadata(virtual_host):
            continue
        named = table.named(virtual_host)
        found[Ref(names.KIND, virtual_host["name"])] = {
            "virtual_host": virtual_host,
            "clusters": [sight.clusters[n] for n in named if n in sight.clusters],
            "endpoints": [
                clusters.assignment(n, _endpoints(hosts.get(n), belief, written.get(n, ())))
                for n in named
            ],
        }
    return found


def is_complete(
    sight: Sight, belief: Belief, version: str, written: Mapping[str, Endpoints]
) -> bool:
    """Tell whether Envoy carries out all that was written, so that it need not be asked again."""
    hosts = {cluster.name: cluster for cluster in sight.hosts}
    return (
        sight.version == version
        and written.keys() <= sight.clusters.keys()
        and all(
            _endpoints(hosts.get(name), belief, endpoints) == tuple(e for e in endpoints if e[2])
            for name, endpoints in written.items()
        )
    )


def _endpoints(cluster: Cluster | None, belief: Belief, written: Endpoints) -> Endpoints:
    """Return the endpoints that serve, in the order in which they were written."""
    if cluster is None:
        return ()
    order = {replica: index for index, (replica, _, _) in enumerate(written)}
    serving = [
        (host.hostname, host.where, True)
        for host in cluster.host_statuses
        if host.health_status.takes_requests
        and (
            (cluster.name, host.hostname, host.where) in belief.healthy
            or host.hostname not in order  # not written any more, but still there
        )
    ]
    return tuple(sorted(serving, key=lambda e: (order.get(e[0], len(order)), e[0])))
