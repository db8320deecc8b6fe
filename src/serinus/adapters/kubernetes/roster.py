"""Who serves for an application: what the platform knows, told to those who count."""

from collections.abc import Iterator, Mapping
from typing import Any

from serinus.adapters.kubernetes import pods
from serinus.adapters.kubernetes.deployments import HASH, Held
from serinus.adapters.kubernetes.tally import Crew
from serinus.adapters.kubernetes.world import World
from serinus.adapters.routers.kubernetes_parts import services
from serinus.core.state import labels
from serinus.core.state.counts import MIRRORED
from serinus.core.state.labels import Name
from serinus.core.state.notice import Key

_COPIES = "-copies"


class Roster:
    """Read it from the objects at hand; see :class:`serinus.adapters.kubernetes.tally.Roster`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def crew(self, key: Key) -> Crew:
        """Return who serves for an application now; nobody for one that is not known."""
        place = labels.parted(key.application)
        found: dict[str, tuple[str, str]] = {}
        addresses: dict[str, str] = {}
        containers: dict[str, str] = {}
        for one in self._world.held(place):
            for pod, replica, address in self._pods(one):
                name = pods.name(pod)
                found[name] = (one.revision, replica)
                if address:
                    addresses[name] = address
                for first in pod["spec"]["containers"][:1]:
                    containers[name] = first["name"]
        named = dict(self._services(place))
        return Crew(named | self._canary(place, named), found, addresses, containers)

    def _canary(self, place: Name, named: Mapping[str, str]) -> dict[str, str]:
        """
        Return the other name that Traefik, where it reads canary annotations, has for a Service.

        It is made of the Service of the main Ingress, wherever the canary one leads.
        """
        cache = self._world.caches.get("Ingress")
        ingress = None if cache is None else cache.get(place.namespace, f"{place.name}-serinus")
        for name in () if ingress is None else _backends(ingress):
            if name in named:
                return {f"{service}-canary": named[name] for service in named}
        return {}

    def _services(self, place: Name) -> Iterator[tuple[str, str]]:
        """Yield each Service, and Deployment, whose requests are those of one revision."""
        held = self._world.held(place)
        for one in held:
            yield one.name, one.revision
        for service in self._world.services.of(*place):
            name = service["metadata"]["name"]
            backing = services.backing(service)
            if backing is not None:
                copies = MIRRORED if name.endswith(_COPIES) else ""
                yield name, f"{backing.revision}{copies}"
                continue
            selector = (service.get("spec") or {}).get("selector") or {}
            yield from ((name, one.revision) for one in held if _selects(selector, one))

    def _pods(self, held: Held) -> Iterator[tuple[Mapping[str, Any], str, str]]:
        """Yield the pods of a revision, their replicas' names, and where they serve if they do."""
        port = held.workload.port
        for pod in self._world.pods_of(held):
            number = pods.ordinal(pod)
            if number is None:
                continue
            host = (pod.get("status") or {}).get("podIP", "")
            address = f"{host}:{port}" if host and port and pods.ready(pod) else ""
            yield pod, f"{held.short}-{number}", address


def _backends(ingress: Mapping[str, Any]) -> Iterator[str]:
    """Yield the Services that an Ingress leads to."""
    for rule in (ingress.get("spec") or {}).get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield ((path.get("backend") or {}).get("service") or {}).get("name", "")


def _selects(selector: Mapping[str, str], held: Held) -> bool:
    """Tell whether a Service takes the requests of that revision and of no other."""
    if selector.get(labels.REVISION) == held.short:
        return True
    return HASH in held.selector and selector == held.selector
