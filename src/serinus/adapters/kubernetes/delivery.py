"""
Documents: written to the API server, and seen to be carried out.

::

    pods that are named    may get requests          first, so that nobody finds an empty Service
    documents, in order    ours are applied whole; of a user's only what differs is patched
    all other pods         get no requests any more  last
       │
       ▼
    seen                   the EndpointSlices hold those pods, and no others
                           the data plane was counted to follow, where somebody counts
                           (until then: the documents of before, and nobody at the host)

What others change is seen as they left it, so that it is delivered anew.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import structlog

from serinus.adapters.kubernetes import deployments, pods
from serinus.adapters.kubernetes.deployments import HASH, Held
from serinus.adapters.kubernetes.world import World
from serinus.adapters.routers.kubernetes_parts import drift, services, told
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref, Route
from serinus.ports.failures import Unavailable

Object = dict[str, Any]

log = structlog.get_logger()

PARTS = ("apiVersion", "kind", "metadata", "spec")
_META = ("name", "namespace", "labels", "annotations")


class Following(Protocol):
    """Who can tell from counts whether the data plane does what it was told."""

    def changed(self, key: Key, before: Route | None, after: Route | None) -> None:
        """Note that a route was delivered. The same again begins nothing anew."""
        ...

    def follows(self, key: Key) -> bool:
        """Tell whether requests were seen to go as was delivered last, or cannot be seen."""
        ...

    def lag(self, key: Key) -> str:
        """Say why the router does not carry out what was delivered; empty when it does, or may."""
        ...

    def forget(self, key: Key) -> None:
        """Watch an application no longer."""
        ...


SETTLED = timedelta(seconds=2)
"""How long after a Service was made, or got its first pod, it may be named to a router."""


class Sent(NamedTuple):
    """What was delivered last for an application, as long as it was not seen carried out."""

    before: dict[Ref, Document | None]
    after: dict[Ref, bool]
    """Whether each document is there since."""


def document(found: Mapping[str, Any]) -> Document:
    """Return what a router reads of an object: nothing that the cluster itself wrote."""
    meta = found["metadata"]
    result = {k: found[k] for k in PARTS if k in found}
    return result | {"metadata": {k: meta[k] for k in _META if k in meta}}


def difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Object:
    """Return the merge patch that makes one object the other; what is left out is removed."""
    result: Object = {name: None for name in found if name not in wanted}
    for name, value in wanted.items():
        there = found.get(name)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            inner = difference(there, value)
            if inner:
                result[name] = inner
        elif value != there:
            result[name] = value
    return result


class Delivery:
    """Deliver documents, and tell which are carried out."""

    def __init__(self, world: World, kinds: tuple[str, ...], following: Following | None) -> None:
        self._world = world
        self._kinds = kinds
        self._following = following
        self._sent: dict[Key, Sent] = {}
        self._made: dict[Ref, datetime] = {}

    # --- what is there --------------------------------------------------------------------------

    def fetch(self, asked: tuple[Ref, ...]) -> Documents:
        """Return the documents among those asked for that are there."""
        found: dict[Ref, Document] = {}
        for ref in asked:
            for one in self._matching(ref):
                meta = one["metadata"]
                if not meta.get("deletionTimestamp"):
                    there = Ref(ref.kind, f"{meta['namespace']}/{meta['name']}")
                    found[there] = document(one)
        return found

    def _matching(self, ref: Ref) -> list[Object]:
        cache = self._world.caches.get(ref.kind)
        if cache is None:
            return []
        place = labels.parted(ref.name)
        if not place.name.endswith("*"):
            one = cache.get(*place)
            return [] if one is None else [one]
        begins = place.name[:-1]
        if ref.kind == services.KIND:
            found = self._world.services.of(place.namespace, begins.rstrip("-"))
        else:
            found = cache.of(place.namespace)
        return [one for one in found if one["metadata"]["name"].startswith(begins)]

    def applied(self) -> Documents:
        """Return the documents that are carried out; they are looked up one by one."""
        stale = [c for c in self._world.caches.values() if not c.ready.is_set()]
        if stale:
            raise Unavailable(f"{stale[0].kind.name} objects were not read yet", 1.0)
        problem = self._world.services.cache.problem or self._world.slices.cache.problem
        if problem:
            raise Unavailable(f"what routers do cannot be seen: {problem}")
        waiting = {key for key in list(self._sent) if not self._carried(key)}
        before: dict[Ref, Document | None] = {}
        for key in waiting:
            before |= {r: _unsure(d) for r, d in self._sent[key].before.items()}
        return _Carried(self, before)

    def _carried(self, key: Key) -> bool:
        sent = self._sent[key]
        for ref, there in sent.after.items():
            one = self._one(ref)
            if not there and one is not None and not one["metadata"].get("deletionTimestamp"):
                return False
            if there and one is not None and ref.kind == services.KIND and not self._selects(one):
                return False
        if self._following is not None and not self._following.follows(key):
            return False
        del self._sent[key]
        return True

    def _selects(self, service: Object) -> bool:
        """Tell whether the slices of a Service hold the pods that it selects, all of them ours."""
        meta = service["metadata"]
        selector = (service.get("spec") or {}).get("selector") or {}
        if not {labels.APPLICATION, labels.REVISION, labels.SERVING} & selector.keys():
            return True  # nor is known which pods a user's own words select
        application = (meta.get("labels") or {}).get(labels.APPLICATION, meta["name"])
        wanted = {
            pods.name(p)
            for p in self._world.pods.of(meta["namespace"], application)
            if pods.living(p)
            and (p.get("status") or {}).get("podIP")
            and selector.items() <= p["metadata"]["labels"].items()
        }
        held = {
            endpoint["targetRef"]["name"]
            for found in self._world.slices.of(meta["namespace"], meta["name"])
            for endpoint in found.get("endpoints") or ()
            if endpoint.get("targetRef") and not endpoint.get("conditions", {}).get("terminating")
        }
        return wanted == held

    def _one(self, ref: Ref) -> Object | None:
        cache = self._world.caches.get(ref.kind)
        return None if cache is None else cache.get(*labels.parted(ref.name))

    # --- writing --------------------------------------------------------------------------------

    async def deliver(self, key: Key, documents: dict[Ref, Document | None]) -> None:
        """Write documents in their order; the caller holds the application's lock."""
        place = labels.parted(key.application)
        adopted = [h for h in self._world.held(place) if h.adopted and h.group.ordinals]
        wanted = {
            ref: None if d is None else _selecting(d, adopted[0] if adopted else None)
            for ref, d in documents.items()
        }
        await self._let_in(place, wanted)
        sent = self._sent.get(key)
        before = {} if sent is None else dict(sent.before)
        after = {} if sent is None else dict(sent.after)
        changed = moved = False
        for ref, one in wanted.items():
            there = self._one(ref)
            if ref.kind != services.KIND and there is not None and not self._settled(wanted):
                break  # asked again in the next turn, because the route of before is still seen
            if one is None and ref.kind == services.KIND and moved and not self.ends(key, wanted):
                continue  # a router may hear of this before it hears that it is not named any more
            written = await self._written(place, ref, there, one)
            if written is not None and there is None and ref.kind == services.KIND:
                self._made[ref] = self._world.clock.now()
            moved = moved or (written is not None and ref.kind != services.KIND)
            if written is not None or (one is None and there is not None):
                changed = True
                before.setdefault(ref, None if there is None else document(there))
                after[ref] = written is not None
        if changed:
            self._sent[key] = Sent(before, after)
            if self._following is not None:
                root = Ref(services.KIND, str(place))
                self._following.changed(key, _told(before.get(root)), _told(wanted.get(root)))

    def _settled(self, documents: Mapping[Ref, Document | None]) -> bool:
        """Tell whether routers have heard of all Services; one unknown costs the whole route."""
        now = self._world.clock.now()
        self._made = {ref: at for ref, at in self._made.items() if now - at < SETTLED}
        return not any(ref in self._made for ref, one in documents.items() if one is not None)

    async def _written(
        self, place: Name, ref: Ref, there: Object | None, wanted: Document | None
    ) -> Object | None:
        """Write one document where it differs; return what it is now, None where nothing was."""
        name = labels.parted(ref.name)
        if wanted is None:
            if there is not None and services.ours(there):
                await self._world.client.delete(ref.kind, name.name, name.namespace)
            elif there is not None:
                log.warning("what is not ours is not deleted", document=ref.name, kind=ref.kind)
            return None
        if there is not None and not services.ours(there):
            patch = difference(document(there), wanted)
            if not patch:
                return None
            version = there["metadata"]["resourceVersion"]
            patch.setdefault("metadata", {})["resourceVersion"] = version
            return await self._world.patch(ref.kind, name, patch)
        there = there or {}
        if _within(wanted, there) and drift.same(wanted.get("spec"), there.get("spec")):
            return None  # nor has anybody written more into lists of ours
        return self._world.absorb(await self._world.client.apply(self._owned(place, wanted)))

    def _owned(self, place: Name, wanted: Document) -> Object:
        """Return a document of ours that goes with the Application, unless that hands back."""
        application = self._world.application(place)
        result = dict(wanted)
        if application is not None and "workloadRef" not in (application.get("spec") or {}):
            owners = [deployments.owner(application)]
            result["metadata"] = {**wanted["metadata"], "ownerReferences": owners}
        return result

    async def _let_in(self, place: Name, documents: Mapping[Ref, Document | None]) -> None:
        """Let the pods that are named have requests, before anybody is sent there."""
        named: dict[str, list[Ref]] = {}
        for ref, one in documents.items():
            backing = services.backing(one)
            if backing is not None:
                every = [e.replica for e in backing.endpoints]
                for name in every if backing.serving is None else backing.serving:
                    named.setdefault(name, []).append(ref)
        for pod in self._world.pods.of(*place):
            said = pod["metadata"]["labels"]
            name = f"{said.get(labels.REVISION)}-{said.get(labels.ORDINAL)}"
            ends = not pods.living(pod) or pods.drained_at(pod) is not None
            if name in named and not pods.serving(pod) and not ends:
                patch = {"metadata": {"labels": {labels.SERVING: "true"}}}
                await self._world.patch("Pod", Name(place.namespace, pods.name(pod)), patch)
                now = self._world.clock.now()
                self._made |= {ref: now for ref in named[name] if not self._peopled(ref)}

    def _peopled(self, ref: Ref) -> bool:
        """Tell whether a Service has pods already that routers may have heard of."""
        slices = self._world.slices.of(*labels.parted(ref.name))
        return any(found.get("endpoints") for found in slices)

    def lag(self, key: Key) -> str:
        """Say why the data plane does not carry out what was delivered, as far as can be told."""
        return "" if self._following is None else self._following.lag(key)

    def serving(self, key: Key) -> str:
        """Return the revision that most requests go to, empty when there is no route."""
        root = self._one(Ref(services.KIND, str(labels.parted(key.application))))
        route = _told(root)
        return "" if route is None or not route.backends else services.called(route)

    def ends(self, key: Key, documents: Mapping[Ref, Document | None]) -> bool:
        """Tell whether documents take the whole route away."""
        root = Ref(services.KIND, str(labels.parted(key.application)))
        one = documents.get(root)
        routed = one is not None and told.annotation(one, labels.ROUTE) is not None
        return bool(documents) and not routed

    def forget(self, key: Key) -> None:
        """Forget an application that is gone."""
        self._sent.pop(key, None)
        if self._following is not None:
            self._following.forget(key)


class _Carried(Mapping[Ref, Document]):
    """The documents that are carried out, each looked up when it is asked for."""

    def __init__(self, delivery: Delivery, before: Mapping[Ref, Document | None]) -> None:
        self._delivery = delivery
        self._before = before

    def __getitem__(self, ref: Ref) -> Document:
        if ref in self._before:
            found = self._before[ref]
            if found is None:
                raise KeyError(ref)
            return found
        one = self._delivery._one(ref)  # noqa: SLF001  it is a part of it
        if one is None or one["metadata"].get("deletionTimestamp"):
            raise KeyError(ref)
        return document(one)

    def __iter__(self) -> Iterator[Ref]:
        there = {
            Ref(kind, f"{one['metadata']['namespace']}/{one['metadata']['name']}")
            for kind in self._delivery._kinds  # noqa: SLF001  it is a part of it
            for one in self._delivery._world.caches[kind].of()  # noqa: SLF001  it is a part of it
        }
        return iter(sorted((there | self._before.keys()) - {*self._gone(there)}))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _gone(self, there: set[Ref]) -> Iterator[Ref]:
        for ref in there | self._before.keys():
            if ref not in self:
                yield ref


def _told(root: Document | None) -> Route | None:
    """Return the route that a root Service tells of."""
    return None if root is None else told.read(told.annotation(root, labels.ROUTE))


def _unsure(found: Document | None) -> Document | None:
    """
    Return a document of before as long as it is not sure that it still holds.

    Its root selects nobody, which is no route that anybody wants: whoever wants the old one back
    delivers it again.
    """
    if found is None or found["kind"] != services.KIND:
        return found
    return {**found, "spec": {k: v for k, v in found["spec"].items() if k != "selector"}}


def _selecting(wanted: Document, adopted: Held | None) -> Document:
    """
    Return a Service that finds the pods of an adopted Deployment by that one's own labels.

    Its pods of tomorrow do not have ours, as long as nobody is there who marks them.
    """
    spec = wanted.get("spec") or {}
    selector = spec.get("selector") or {}
    if adopted is None or HASH not in adopted.selector or wanted["kind"] != services.KIND:
        return wanted
    alone = labels.REVISION not in selector and _alone(wanted, adopted)
    if selector.get(labels.REVISION) != adopted.short and not alone:
        return wanted
    return {**wanted, "spec": {**spec, "selector": dict(adopted.selector)}}


def _alone(wanted: Document, adopted: Held) -> bool:
    """Tell whether a root Service stands for the adopted revision and for no other."""
    route = _told(wanted)
    if route is None or labels.APPLICATION not in (wanted["spec"].get("selector") or {}):
        return False
    return {b.revision for b in route.backends if b.weight} == {adopted.revision}


def _within(wanted: Any, found: Any) -> bool:
    """Tell whether an object says all that a document does, beside what the cluster wrote."""
    if isinstance(wanted, Mapping):
        if not isinstance(found, Mapping):
            return False
        return all(
            name in found
            and (value == found[name] if name in _WHOLE else _within(value, found[name]))
            for name, value in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(wanted, found, strict=False)
        return len(wanted) == len(found) and all(_within(a, b) for a, b in pairs)
    return bool(wanted == found)


_WHOLE = frozenset({"selector", "trafficPolicy"})
"""What is compared as a whole: who adds to it, or leaves something of it out, changes all of it."""
