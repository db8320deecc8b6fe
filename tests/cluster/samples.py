"""Objects for tests on a cluster: the sample application, and routes that lead to it."""

from typing import Any

from cluster import traefik

PORT = 9898


def podinfo(
    namespace: str, version: str = "6.0.0", *, name: str = "shop", replicas: int = 1
) -> list[dict[str, Any]]:
    """Return a Deployment of a version of podinfo and the Service before it."""
    labels = {"app": name}
    container = {
        "name": "app",
        "image": f"podinfo:{version}",
        "ports": [{"name": "http", "containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": PORT}, "periodSeconds": 1},
        "lifecycle": {"preStop": {"sleep": {"seconds": 3}}},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    about = {"name": name, "namespace": namespace}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": about,
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": template,
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": about,
            "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": PORT}]},
        },
    ]


def ingress_route(namespace: str, host: str, service: str = "shop") -> dict[str, Any]:
    """Return a route of Traefik's own kind."""
    rule = {
        "kind": "Rule",
        "match": f"Host(`{host}`)",
        "services": [{"name": service, "port": 80}],
    }
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {"name": service, "namespace": namespace},
        "spec": {"entryPoints": ["web"], "routes": [rule]},
    }


def http_route(namespace: str, host: str, service: str = "shop") -> dict[str, Any]:
    """Return a route of the Gateway API behind Traefik's Gateway."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": service, "namespace": namespace},
        "spec": {
            "parentRefs": [{"name": traefik.NAME, "namespace": traefik.NAMESPACE}],
            "hostnames": [host],
            "rules": [{"backendRefs": [{"name": service, "port": 80}]}],
        },
    }


def virtual_service(namespace: str, host: str, service: str = "shop") -> dict[str, Any]:
    """Return a route of Istio's, in the mesh."""
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": service, "namespace": namespace},
        "spec": {
            "hosts": [host],
            "http": [{"route": [{"destination": {"host": service, "port": {"number": 80}}}]}],
        },
    }


def ingress(namespace: str, host: str, service: str = "shop") -> dict[str, Any]:
    """Return an Ingress of the class `nginx`."""
    backend = {"service": {"name": service, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": service, "namespace": namespace},
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": host, "http": {"paths": [path]}}],
        },
    }
