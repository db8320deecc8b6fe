"""
A user's traffic policy for the revisions.

A DestinationRule concerns one host. What a user has written for the host of the application (pools
of connections, outlier detection, TLS) would not hold for the hosts of its revisions. So each gets
a DestinationRule of its own, with the same policy.
"""

from typing import Any

from serinus.adapters.routers.istio_parts import names
from serinus.adapters.routers.kubernetes_parts import services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.traffic import Document, Documents, Ref, Route

KIND = "DestinationRule"
VERSION = "networking.istio.io/v1"


def refs(site: Site, name: str) -> tuple[Ref, ...]:
    """Return the name of the user's rule, and what those of the revisions begin with."""
    return site.named(KIND, name), site.named(KIND, f"{site.name}-*")


def wanted(
    site: Site, domain: str, route: Route, name: str, found: Documents
) -> dict[Ref, Document | None]:
    """Return the rules of the revisions, with the policy of the user's as it is now."""
    theirs = found.get(site.named(KIND, name), {})
    policy = theirs.get("spec", {}).get("trafficPolicy")
    if not policy:
        return {}
    return {
        site.named(KIND, service): _rule(site, domain, service, policy)
        for service in services.backings(site, route)
    }


def same(site: Site, domain: str, route: Route, name: str, found: Documents) -> bool:
    """Tell whether the rules of the revisions say what the user's says now, no more and no less."""
    asked = wanted(site, domain, route, name, found)
    for service in services.backings(site, route):
        ref = site.named(KIND, service)
        rule, there = asked.get(ref), found.get(ref)
        if rule is None and there is not None and _ours(site, ref, there):
            return False
        if rule is not None and (there is None or rule["spec"] != there.get("spec")):
            return False
    return True


def unneeded(
    site: Site, wanted: dict[Ref, Document | None], found: Documents
) -> dict[Ref, Document | None]:
    """Return the removal of rules that were made for revisions and are wanted no more."""
    return {
        ref: None
        for ref, document in found.items()
        if _ours(site, ref, document) and ref not in wanted
    }


def _ours(site: Site, ref: Ref, document: Document) -> bool:
    labelled = document.get("metadata", {}).get("labels") or {}
    mine = labelled.get(labels.APPLICATION) == site.name and services.ours(document)
    return mine and site.named(KIND, f"{site.name}-*").covers(ref)


def _rule(site: Site, domain: str, service: str, policy: dict[str, Any]) -> Document:
    spec = {"host": names.host(site, domain, service), "trafficPolicy": policy}
    return site.document(VERSION, KIND, service, spec)
