"""Where an application is in a cluster, and what of its routing belongs to somebody else."""

from typing import Any

import msgspec
from msgspec.structs import replace

from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref


class Site(msgspec.Struct, frozen=True):
    """
    What a router of a cluster knows about one application.

    ``namespace`` and ``name`` are those of the key where they are empty. ``port`` is where the
    Services listen, ``target_port`` where the pods do, unless their addresses say otherwise.
    ``host`` is where the application is reached from outside; empty: the route's own. ``ref`` is
    the routing object of a user that we take part in; its name may come with its namespace
    (``team/shop``). None: the object is made by us.
    """

    namespace: str = ""
    name: str = ""
    port: int = 80
    target_port: int = 8080
    host: str = ""
    ref: Ref | None = None

    def of(self, key: Key) -> "Site":
        """Return the site of the application that the key names, with nothing left open."""
        named = labels.parted(key.application)
        namespace, name = self.namespace or named.namespace, self.name or named.name
        ref = self.ref
        if ref is not None and "/" not in ref.name:
            ref = Ref(ref.kind, f"{namespace}/{ref.name}")
        return replace(self, namespace=namespace, name=name, ref=ref)

    def named(self, kind: str, name: str) -> Ref:
        """Return the name of a document in the application's namespace."""
        return Ref(kind, f"{self.namespace}/{name}")

    def document(self, version: str, kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Return an object of ours, with the labels that say so."""
        return {
            "apiVersion": version,
            "kind": kind,
            "metadata": {
                "name": name,
                "namespace": self.namespace,
                "labels": {labels.MANAGED_BY: labels.MANAGER, labels.APPLICATION: self.name},
            },
            "spec": spec,
        }
