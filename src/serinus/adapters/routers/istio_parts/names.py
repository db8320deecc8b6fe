"""Names of Services as a mesh knows them: by host name, whatever namespace asks."""

from typing import Any

from serinus.adapters.routers.kubernetes_parts.site import Site


def host(site: Site, domain: str, service: str) -> str:
    """Return the full name of a Service of the application's namespace."""
    return f"{service}.{site.namespace}.svc.{domain}"


def service(site: Site, domain: str, named: str, home: str) -> str | None:
    """
    Return the Service of the application's namespace that a host name means, None for any other.

    Args:
        site: where the application is.
        domain: the cluster's own, such as ``cluster.local``.
        named: a host, in full or not.
        home: the namespace of the object that names it, in which short names are found.
    """
    name, _, rest = named.partition(".")
    if not rest:
        return name if home == site.namespace else None
    known = {site.namespace, f"{site.namespace}.svc", f"{site.namespace}.svc.{domain}"}
    return name if rest in known else None


def destination(site: Site, domain: str, service: str) -> dict[str, Any]:
    """Return a Service as a destination."""
    return {"host": host(site, domain, service), "port": {"number": site.port}}
