"""
The destinations of a user's VirtualService: for requests, for connections, and for TLS by its name.

A destination's own headers stay with it, and go with each revision. A subset does not: it divides
the pods of the root Service, and a revision has a Service of its own. Another port of the root
Service is not ours: those of revisions have one.
"""

from collections.abc import Mapping
from typing import Any

from serinus.adapters.routers.istio_parts import names
from serinus.adapters.routers.kubernetes_parts import guest
from serinus.adapters.routers.kubernetes_parts.shares import Words
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.traffic import Document

_WHOLE = 100
"""The weight of a destination that is alone and says none."""


def lists(site: Site, domain: str, found: Document) -> guest.Lists:
    """Return where a VirtualService has its routes, and how it writes their destinations."""
    home = guest.namespace(site, found)

    def service(target: Mapping[str, Any]) -> str | None:
        where = target.get("destination", {})
        if where.get("port", {}).get("number", site.port) != site.port:
            return None
        return names.service(site, domain, str(where.get("host", "")), home)

    def weight(target: Mapping[str, Any], among: int) -> int:
        return int(target.get("weight", _WHOLE if among == 1 else 0))

    def made(target: Mapping[str, Any], name: str, share: int) -> dict[str, Any]:
        where = names.destination(site, domain, name)
        return {**target, "destination": where, "weight": share}

    words = Words("route", service, weight, made)
    return {"http": words, "tls": words, "tcp": words}
