"""Who serves for an application: what the platform knows, told to those who count."""

from collections.abc import Iterator, Mapping

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
        found, addresses = {}, {}
        for one in self._world.held(place):
            for pod, replica, address in self._pods(one):
                found[pod] = (one.revision, replica)
                if address:
                    addresses[pod] = address
        return Crew(dict(self._services(place)), found, addresses)

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

    def _pods(self, held: Held) -> Iterator[tuple[str, str, str]]:
        """Yield the pods of a revision: their name, that of their replica, and where they serve."""
        port = held.workload.port
        for pod in self._world.pods_of(held):
            number = pods.ordinal(pod)
            if number is None:
                continue
            host = (pod.get("status") or {}).get("podIP", "")
            address = f"{host}:{port}" if host and port else ""
            yield pod["metadata"]["name"], f"{held.short}-{number}", address


def _selects(selector: Mapping[str, str], held: Held) -> bool:
    """Tell whether a Service takes the requests of that revision and of no other."""
    if selector.get(labels.REVISION) == held.short:
        return True
    return HASH in held.selector and selector == held.selector
