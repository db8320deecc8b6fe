"""Routes and documents of one application of a cluster, for the tests of what routers share."""

from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Document, Documents, Endpoint, Ref, Route

KEY = Key("team/shop", "prod")
SITE = Site().of(KEY)
OLD = "0123456789" + "a" * 54
NEW = "9876543210" + "b" * 54
ROOT = Ref("Service", "team/shop")
OLDS = Ref("Service", "team/shop-0123456789")
NEWS = Ref("Service", "team/shop-9876543210")


def split(new: int) -> Route:
    """Return a route that gives the new revision its part, in per mille."""
    return Route(
        application=KEY.application,
        environment=KEY.environment,
        host="shop.example.org",
        backends=(
            Backend(OLD, 1000 - new, (Endpoint("0123456789-0", "10.0.0.1:8080"),), "/ready"),
            Backend(NEW, new, (Endpoint("9876543210-0", "10.0.0.2:9090"),), "/ready"),
        ),
    )


def theirs() -> Document:
    """Return a Service that a user had before us."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "shop",
            "namespace": "team",
            "labels": {"team": "shop"},
            "annotations": {"example.org/owner": "them"},
        },
        "spec": {
            "clusterIP": "10.96.0.7",
            "selector": {"app": "shop"},
            "ports": [{"port": 80, "targetPort": "web"}],
        },
    }


def apply(found: Documents, changes: dict[Ref, Document | None]) -> dict[Ref, Document]:
    """Return the documents after a delivery."""
    merged = {**found, **changes}
    return {ref: document for ref, document in merged.items() if document is not None}
