"""
A user's HTTPRoute or GRPCRoute in which an application takes part.

Nothing is changed but the targets of those rules that name the application's root Service: see
:mod:`serinus.adapters.routers.kubernetes_parts.shares`. A target's own filters stay with it, and go
with each revision.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.adapters.routers.gatewayapi_parts import rules
from serinus.adapters.routers.kubernetes_parts import seen, services, shares, told
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.traffic import Document, Route
from serinus.ports.failures import Rejected


def divided(site: Site, route: Route, found: Document) -> Document:
    """
    Return the user's route with the revisions in the place of the root Service.

    ``Rejected`` where no rule names the root Service.
    """
    whole = restored(site, found)
    parts = [(services.name(site, b.revision), b.weight) for b in route.backends]
    theirs = whole.get("spec", {}).get("rules") or []
    ours, kept = shares.divided(theirs, site.name, parts, _words(site))
    if not kept:
        kind, name = found.get("kind"), found.get("metadata", {}).get("name")
        raise Rejected(
            f"no rule of {kind} {site.namespace}/{name} sends requests to Service {site.name}",
            hint=f"name Service {site.name} in its backendRefs, with a weight above 0",
        )
    text = msgspec.json.encode({"rules": kept}).decode()
    changed = {**whole, "spec": {**whole["spec"], "rules": ours}}
    return services.marked(changed, {labels.ORIGINAL: text})


def restored(site: Site, found: Document) -> dict[str, Any]:
    """Return the user's route as it was before us, with what the user has changed since."""
    theirs = found.get("spec", {}).get("rules") or []
    before = shares.restored(theirs, site.name, _kept(found), _words(site))
    bare = services.marked(found, {labels.ORIGINAL: None})
    return {**bare, "spec": {**found.get("spec", {}), "rules": list(before)}}


def weights(site: Site, said: Route, found: Document) -> dict[str, int]:
    """Return the weights that the rules carry out, where they are not all as they were told."""
    rules = found.get("spec", {}).get("rules") or []
    each = shares.shares(rules, site.name, _words(site))
    called = services.name(site, services.called(said))
    told_ = seen.weights(site, said.backends)
    return shares.agreed(each, told_, root=site.name, called=called)


def _kept(found: Document) -> tuple[shares.Kept, ...]:
    text = told.annotation(found, labels.ORIGINAL)
    if text is None:
        return ()
    try:
        return msgspec.convert(msgspec.json.decode(text)["rules"], tuple[shares.Kept, ...])
    except (msgspec.MsgspecError, KeyError, TypeError):  # somebody else has written there
        return ()


def _words(site: Site) -> shares.Words:
    def service(target: Mapping[str, Any]) -> str | None:
        here = target.get("namespace") or site.namespace
        kind = (target.get("group") or "", target.get("kind") or services.KIND)
        named = kind == ("", services.KIND) and here == site.namespace
        return str(target.get("name")) if named else None

    def weight(target: Mapping[str, Any], _: int) -> int:
        return int(target.get("weight", 1))

    def made(target: Mapping[str, Any], name: str, share: int) -> dict[str, Any]:
        return {**target, **rules.target(site, name, share)}

    return shares.Words("backendRefs", service, weight, made)
