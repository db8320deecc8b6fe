"""
Tell on environments and templates themselves whether they can be used, and what is wrong if not.

::

    kubectl get senv            READY False
    kubectl describe senv eu    environment eu: spec.router.traefik.prot: unknown field; ...

Whoever writes one sees it there, and not only on the applications that it concerns. The conditions
are those of kstatus, so that ``kubectl wait`` and Argo CD read them, too. What the API server finds
by itself never gets this far.
"""

from collections.abc import Callable, Iterator, Mapping

import anyio
import msgspec
import structlog

from serinus.adapters.kubernetes import library, summary
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.kubernetes.library import Places
from serinus.adapters.kubernetes.objects import Condition, DocumentStatus
from serinus.adapters.kubernetes.summary import Standing
from serinus.core.spec import problems, review
from serinus.ports import clock as clocks
from serinus.ports import failures
from serinus.ports.clock import Clock

ENVIRONMENT = "Environment"
TEMPLATES = ("DeliveryTemplate", "ClusterDeliveryTemplate")
KINDS = (ENVIRONMENT, *TEMPLATES)

AGAIN_S = 60.0
"""How often all is looked at where nothing changed: a router may have been installed."""

log = structlog.get_logger()


class Reviewing:
    """
    Keep the status of environments and templates current.

    ``places``: the environments as they are used. ``namespace``: the only one whose applications
    are delivered; then only what concerns it alone is written about, as another controller may
    know more of the rest.
    """

    def __init__(
        self,
        client: Client,
        caches: Mapping[str, Cache],
        clock: Clock,
        places: Callable[[], Places],
        namespace: str | None = None,
    ) -> None:
        self._client = client
        self._caches = {kind: caches[kind] for kind in KINDS}
        self._clock = clock
        self._places = places
        self._namespace = namespace
        self._changed = anyio.Event()
        for cache in self._caches.values():
            cache.subscribe(self._heard)

    async def run(self) -> None:
        """Look at all of them whenever one changes, and now and then."""
        while True:
            self._changed = anyio.Event()
            await self.look()
            await clocks.until(self._changed, self._clock, AGAIN_S)

    async def look(self) -> None:
        """Write about those whose status says something else."""
        for kind, found, standing in self._standings():
            wanted = self._status(found, standing)
            if wanted is None:
                continue
            meta = found["metadata"]
            patch = {"status": msgspec.to_builtins(wanted)}
            place = (kind, meta["name"], meta.get("namespace"))
            try:
                written = await self._client.patch(*place, patch, subresource="status")
            except failures.Missing:
                continue  # it is gone
            except failures.PortFailure as problem:
                log.warning(
                    "not told on the object", kind=kind, name=meta["name"], why=str(problem)
                )
            else:
                self._caches[kind].absorb({"kind": kind, **written})

    def _standings(self) -> Iterator[tuple[str, Object, Standing]]:
        places = self._places()
        for found in self._caches[ENVIRONMENT].of():
            listed = library.namespaces(found)
            if self._namespace in {None, *listed}:
                problem = places.problem(found["metadata"]["name"])
                yield ENVIRONMENT, found, _standing(problem, _holds(listed))
        for kind in TEMPLATES:
            for found in self._caches[kind].of():
                if self._namespace in {None, found["metadata"].get("namespace")}:
                    yield kind, found, _of_template(found)

    def _status(self, found: Object, standing: Standing) -> DocumentStatus | None:
        """Return the status that an object should have, None where it says so already."""
        generation = found["metadata"].get("generation")
        before = _before(found)
        told = summary.conditions(standing, before, self._clock.now(), generation)
        return None if told == before else DocumentStatus(generation, told)

    def _heard(self, _: str, old: Object | None, new: Object | None) -> None:
        """Look again, unless only the status has changed: that was us."""
        if old is None or new is None or old.get("spec") != new.get("spec"):
            self._changed.set()


def _standing(problem: str, well: str) -> Standing:
    if problem:
        return Standing("Damaged", problem, stalled=True)
    return Standing("Usable", well, ready=True)


def _holds(listed: tuple[str, ...]) -> str:
    names = ", ".join(dict.fromkeys(listed))
    return f"It holds for {names}." if names else "It lists no namespace, and holds for none."


def _of_template(found: Object) -> Standing:
    _, told = review.document(library.plain(found, "DeliveryTemplate"))
    spec = found.get("spec") or {}
    well = f"Applications may refer to {spec.get('template')}@{spec.get('version')}."
    return _standing(problems.text(problems.errors(told)), well)


def _before(found: Object) -> list[Condition]:
    """Return the conditions that an object has; none where they cannot be read."""
    try:
        return msgspec.convert(found.get("status") or {}, DocumentStatus).conditions
    except msgspec.ValidationError:
        return []
