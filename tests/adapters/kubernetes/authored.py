"""The Applications of a cluster, for the tests that all places of documents meet."""

from typing import Any

from serinus.adapters.kubernetes.authoring import KINDS, Documents
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.specs import Ground
from serinus.adapters.local import documents as texts
from serinus.boot import authoring, catalogue
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.local import written
from tests.conformance.desks import Desk

SHOP = (
    written.SHOP.replace("  name: shop\n", "  name: shop\n  namespace: team\n")
    .replace('    command: [./shop, --port, "${port}"]\n', "    image: shop:1\n    port: 8080\n")
    .replace("    env:", "    health: {path: /}\n    env:")
)


class Listing:
    """The objects of one kind, as they are now."""

    def __init__(self, server: FakeApiServer, kind: str) -> None:
        self._server = server
        self._kind = kind

    def of(self, namespace: str | None = None) -> list[dict[str, Any]]:
        return self._server.all(self._kind, namespace)


def made(server: FakeApiServer, namespace: str | None = "team") -> Documents:
    """The documents of a cluster that is only pretended, of one namespace or (None) of all."""
    caches = {kind: Listing(server, kind) for kind in KINDS}
    client = Client.connect(transport=server)
    return authoring.of_cluster(client, caches, Ground(catalogue.builtin()), namespace)


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = texts.parse(text).documents[0].data
    return found


def desk() -> Desk:
    """An empty cluster, and what others do in it."""
    server = FakeApiServer()

    def put(text: str) -> None:
        data = read(text)
        name = data["metadata"]["name"]
        if name in server.names("Application", "team"):
            server.edit("Application", name, "team", data)
        else:
            server.add(data)

    def keep(name: str) -> None:
        tracking = {"argocd.argoproj.io/tracking-id": "shop:serinus.dev/Application:team/shop"}
        server.edit("Application", name, "team", {"metadata": {"annotations": tracking}})

    def everything() -> dict[str, str]:
        found = server.all("Application")
        return {one["metadata"]["name"]: str((one["metadata"], one["spec"])) for one in found}

    return Desk(made(server), put, keep, everything, SHOP, "team/shop", "kubernetes")
