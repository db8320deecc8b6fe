"""
The targets of a user's HTTPRoute or GRPCRoute.

A target's own filters stay with it, and go with each revision. Another port of the root Service is
not ours: those of revisions have one.
"""

from collections.abc import Mapping
from typing import Any

from serinus.adapters.routers.gatewayapi_parts import rules
from serinus.adapters.routers.kubernetes_parts import guest, services
from serinus.adapters.routers.kubernetes_parts.shares import Words
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.traffic import Document


def lists(site: Site, found: Document) -> guest.Lists:
    """Return where a route has its rules, and how it writes their targets."""
    home = guest.namespace(site, found)

    def service(target: Mapping[str, Any]) -> str | None:
        kind = (target.get("group") or "", target.get("kind") or services.KIND)
        here = ((target.get("namespace") or home), target.get("port")) == (
            site.namespace,
            site.port,
        )
        return str(target.get("name")) if here and kind == ("", services.KIND) else None

    def weight(target: Mapping[str, Any], _: int) -> int:
        return int(target.get("weight", 1))

    def made(target: Mapping[str, Any], name: str, share: int) -> dict[str, Any]:
        return {**target, **rules.target(site, name, share)}

    return {"rules": Words("backendRefs", service, weight, made)}
