"""
What would be written to a cluster for a document: its Deployment, Services and routing objects.

Each of them comes from where it is written from in earnest. What the cluster holds already is read
from what is kept of it; no request is made.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters.kubernetes import deployments
from serinus.adapters.kubernetes.resolved import Answer, Situation
from serinus.adapters.kubernetes.specs import Specs
from serinus.app import outset
from serinus.app.office import Manifest, Manifests, Sought
from serinus.app.outset import Outset
from serinus.boot import drafting, routing
from serinus.boot.routing import Placed
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.observed import Wanted
from serinus.core.state.traffic import Document, Ref
from serinus.ports import Ports
from serinus.ports.failures import Rejected

_OURS = (labels.WORKLOAD, labels.TEMPLATE, labels.ENDPOINTS, labels.GROUP)
"""Annotations that hold once more, as JSON, what stands elsewhere or is not known yet."""

_FIRST = (
    "It stays as it is and keeps its pods: it is marked, and paused, so that each later change "
    "of it becomes a release."
)
_OWNED = "It is the Application's: it goes when that goes."

Object = dict[str, Any]


class Placing:
    """Render documents for a cluster; ``placed`` says by what the requests of one are split."""

    def __init__(
        self,
        specs: Specs,
        ports: Ports,
        placed: Callable[[str, Situation], Placed],
        namespace: str,
    ) -> None:
        self._specs = specs
        self._ports = ports
        self._placed = placed
        self._namespace = namespace

    async def render(self, sought: Sought) -> Manifests:
        """Return the Deployment of the new version, the Services, and what the router is told."""
        shown, whole = self._object(sought.shown), self._object(sought.whole)
        answer = self._specs.draft(shown)
        wanted = drafting.named(
            sought._replace(shown=shown, whole=whole),
            lambda data: _wanted(answer if data is shown else self._specs.draft({**data})),
        )
        name = f"{shown['metadata']['namespace']}/{shown['metadata']['name']}"
        key = Key(name, answer.situation.environment)
        begins = outset.of(key, wanted, await self._ports.store.status(key))
        router = routing.made(key, self._placed(name, answer.situation))
        found = await self._ports.platform.fetch(router.refs(key))
        try:
            documents = router.render(key, begins.route, found)
        except ValueError as problem:
            raise Rejected(str(problem)) from problem
        deployment = () if begins.same else (_deployment(shown, wanted, begins),)
        return Manifests(
            drafting.sentence(begins, wanted), (*deployment, *_routed(documents, found))
        )

    def _object(self, data: Mapping[str, Any]) -> Object:
        metadata = {"namespace": self._namespace, **data["metadata"]}
        return {**data, "metadata": metadata}


def _wanted(answer: Answer) -> Wanted:
    if answer.asked.wanted is None:
        raise Rejected(answer.asked.problem)
    return answer.asked.wanted


def _deployment(application: Object, wanted: Wanted, begins: Outset) -> Manifest:
    """Return the Deployment of the new version; the first one of an adopted one is its own."""
    adopted = (application["spec"].get("workloadRef") or {}).get("name", "")
    if adopted and not begins.step:
        metadata = application["metadata"]
        marked = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": adopted,
                "namespace": metadata["namespace"],
                "labels": {labels.APPLICATION: metadata["name"]},
                "annotations": {labels.ADOPTED: wanted.revision.id},
            },
            "spec": {"paused": True},
        }
        return drafting.manifest(f"Deployment {adopted}", marked, _FIRST)
    group = deployments.Group(tuple(range(begins.replicas)))
    found = deployments.document(application, wanted.revision, group, begins.replicas, owned=False)
    about = "" if adopted else _OWNED
    return drafting.manifest(f"Deployment {found['metadata']['name']}", _bare(found), about)


def _routed(
    documents: Mapping[Ref, Document | None], found: Mapping[Ref, Document]
) -> Iterator[Manifest]:
    for ref, document in documents.items():
        name = f"{ref.kind} {labels.parted(ref.name).name}"
        if document is not None:
            yield drafting.manifest(name, _bare(document))
        elif ref in found:
            yield Manifest(name, "", "It is taken away.")


def _bare(document: Document) -> Object:
    plain: Object = msgspec.to_builtins(document)
    metadata = plain["metadata"]
    notes = {k: v for k, v in (metadata.get("annotations") or {}).items() if k not in _OURS}
    kept = {k: v for k, v in metadata.items() if k != "annotations"}
    return {**plain, "metadata": kept | ({"annotations": notes} if notes else {})}
