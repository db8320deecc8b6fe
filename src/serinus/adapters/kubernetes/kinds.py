"""
The kinds of objects that we read or write, and where the API server keeps each.

::

    kinds.of("Deployment").path("team", "shop")   /apis/apps/v1/namespaces/team/deployments/shop
    kinds.of("Pod").path(None)                    /api/v1/pods               all namespaces
    kinds.of("Environment").path(None, "prod")    /apis/serinus.dev/v1alpha1/environments/prod

A kind has one version here, the one that we write. A document of somebody else may be written in an
older version of its group; it is then kept in that version, see :func:`of_object`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from serinus.adapters.kubernetes.objects import GROUP, VERSION
from serinus.ports.failures import Rejected


class Kind(NamedTuple):
    """One kind of object; ``group`` is empty for the oldest kinds (Pod, Service, …)."""

    group: str
    version: str
    plural: str
    name: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """Return what stands in ``apiVersion``: ``apps/v1``, or ``v1`` where there is no group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(
        self, namespace: str | None = None, name: str | None = None, subresource: str | None = None
    ) -> str:
        """Return the path of a collection or of one object; no namespace means all of them."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if self.namespaced and namespace is not None:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        parts += [part for part in (name, subresource) if part is not None]
        return "/" + "/".join(quote(part, safe="") for part in parts)


_KINDS = (
    # ours
    Kind(GROUP, VERSION, "applications", "Application"),
    Kind(GROUP, VERSION, "environments", "Environment", namespaced=False),
    Kind(GROUP, VERSION, "deliverytemplates", "DeliveryTemplate"),
    Kind(GROUP, VERSION, "clusterdeliverytemplates", "ClusterDeliveryTemplate", namespaced=False),
    Kind(GROUP, VERSION, "releases", "Release"),
    Kind(GROUP, VERSION, "intents", "Intent"),
    # Kubernetes' own
    Kind("", "v1", "configmaps", "ConfigMap"),
    Kind("", "v1", "endpoints", "Endpoints"),
    Kind("", "v1", "events", "Event"),
    Kind("", "v1", "limitranges", "LimitRange"),
    Kind("", "v1", "namespaces", "Namespace", namespaced=False),
    Kind("", "v1", "nodes", "Node", namespaced=False),
    Kind("", "v1", "pods", "Pod"),
    Kind("", "v1", "resourcequotas", "ResourceQuota"),
    Kind("", "v1", "secrets", "Secret"),
    Kind("", "v1", "serviceaccounts", "ServiceAccount"),
    Kind("", "v1", "services", "Service"),
    Kind(
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "CustomResourceDefinition",
        namespaced=False,
    ),
    Kind("apps", "v1", "deployments", "Deployment"),
    Kind("apps", "v1", "replicasets", "ReplicaSet"),
    Kind("apps", "v1", "statefulsets", "StatefulSet"),
    Kind(
        "authentication.k8s.io",
        "v1",
        "selfsubjectreviews",
        "SelfSubjectReview",
        namespaced=False,
    ),
    Kind(
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
        namespaced=False,
    ),
    Kind("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
    Kind("coordination.k8s.io", "v1", "leases", "Lease"),
    Kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Kind("metrics.k8s.io", "v1beta1", "nodes", "NodeMetrics", namespaced=False),
    Kind("metrics.k8s.io", "v1beta1", "pods", "PodMetrics"),
    Kind("networking.k8s.io", "v1", "ingresses", "Ingress"),
    Kind("networking.k8s.io", "v1", "ingressclasses", "IngressClass", namespaced=False),
    Kind("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"),
    Kind(
        "rbac.authorization.k8s.io",
        "v1",
        "clusterrolebindings",
        "ClusterRoleBinding",
        namespaced=False,
    ),
    Kind("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False),
    Kind("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    Kind("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    # routers
    Kind("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", namespaced=False),
    Kind("gateway.networking.k8s.io", "v1", "gateways", "Gateway"),
    Kind("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute"),
    Kind("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"),
    Kind("gateway.networking.k8s.io", "v1beta1", "referencegrants", "ReferenceGrant"),
    Kind("networking.istio.io", "v1", "destinationrules", "DestinationRule"),
    Kind("networking.istio.io", "v1", "virtualservices", "VirtualService"),
    Kind("traefik.io", "v1alpha1", "ingressroutes", "IngressRoute"),
    Kind("traefik.io", "v1alpha1", "middlewares", "Middleware"),
    Kind("traefik.io", "v1alpha1", "serverstransports", "ServersTransport"),
    Kind("traefik.io", "v1alpha1", "traefikservices", "TraefikService"),
)

_BY_NAME = {kind.name: kind for kind in _KINDS}
_BY_RESOURCE = {(kind.group, kind.plural): kind for kind in _KINDS}


def of(name: str) -> Kind:
    """Return the kind of that name; Rejected, naming those that are known, for any other."""
    try:
        return _BY_NAME[name]
    except KeyError as exc:
        known = ", ".join(sorted(_BY_NAME))
        raise Rejected(f"no kind of object is called {name!r}; known: {known}") from exc


def of_object(document: Mapping[str, Any]) -> Kind:
    """Return the kind of an object, in the version that it is written in."""
    kind = of(str(document.get("kind", "")))
    group, slash, version = str(document.get("apiVersion", "")).rpartition("/")
    if not version or (group if slash else "") != kind.group:
        raise Rejected(
            f"{kind.name} is of {kind.api_version}, and the object says "
            f"apiVersion: {document.get('apiVersion', '(nothing)')}"
        )
    return kind._replace(version=version)


def of_resource(group: str, plural: str) -> Kind | None:
    """Return the kind that the API server keeps under that name, None for one that is not known."""
    return _BY_RESOURCE.get((group, plural))
