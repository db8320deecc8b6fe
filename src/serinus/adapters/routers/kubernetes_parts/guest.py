"""
An application that takes part in a routing object of a user's.

Nothing is changed but the targets of those rules that name the application's root Service: see
:mod:`serinus.adapters.routers.kubernetes_parts.shares`. What was there stands in an annotation of
the object, until it is put back.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.adapters.routers.kubernetes_parts import seen, services, shares, told
from serinus.adapters.routers.kubernetes_parts.shares import Kept, Words
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.traffic import Document, Ref, Route
from serinus.ports.failures import Missing, Rejected

Lists = Mapping[str, Words]
"""The fields of a spec that hold rules, each with the words of its targets."""


def demand(ref: Ref, found: Document | None, *kinds: str) -> None:
    """
    Check that a user's object is of a kind that a router takes part in, and is there.

    ``Rejected`` for another kind, ``Missing`` where it is not there.
    """
    if ref.kind not in kinds:
        known = " or ".join(kinds)
        raise Rejected(f"route.ref is {ref.kind} {ref.name}; this router takes part in {known}")
    if found is None:
        raise Missing(f"{ref.kind} {ref.name} is not there, want the object that route.ref names")


def divided(site: Site, route: Route, found: Document, lists: Lists) -> Document:
    """
    Return the user's object with the revisions in the place of the root Service.

    ``Rejected`` where no rule names the root Service.
    """
    whole = restored(site, found, lists)
    parts = [(services.name(site, b.revision), b.weight) for b in route.backends]
    spec = dict(whole.get("spec", {}))
    memory: dict[str, tuple[Kept, ...]] = {}
    for name, words in lists.items():
        rules, kept = shares.divided(spec.get(name) or [], site.name, parts, words)
        if kept:
            spec[name], memory[name] = rules, kept
    if not memory:
        raise Rejected(
            f"no rule of {_called(found)} sends requests to Service "
            f"{site.namespace}/{site.name}, port {site.port}",
            hint=f"name Service {site.name} among its targets, with a weight above 0",
        )
    text = msgspec.json.encode(memory).decode()
    return services.marked({**whole, "spec": spec}, {labels.ORIGINAL: text})


def restored(site: Site, found: Document, lists: Lists) -> dict[str, Any]:
    """Return the user's object as it was before us, with what the user has changed since."""
    spec, memory = dict(found.get("spec", {})), _memory(found)
    for name, words in lists.items():
        if spec.get(name):
            kept = memory.get(name, ())
            spec[name] = list(shares.restored(spec[name], site.name, kept, words))
    return {**services.marked(found, {labels.ORIGINAL: None}), "spec": spec}


def weights(site: Site, said: Route, found: Document, lists: Lists) -> dict[str, int]:
    """Return the weights that the rules carry out, where they are not all as they were told."""
    spec = found.get("spec", {})
    each = [
        one
        for name, words in lists.items()
        for one in shares.shares(spec.get(name) or [], site.name, words)
    ]
    called = services.name(site, services.called(said))
    return shares.agreed(each, seen.weights(site, said.backends), root=site.name, called=called)


def namespace(site: Site, found: Document) -> str:
    """Return the namespace of a user's object, in which the names that it calls are found."""
    return str(found.get("metadata", {}).get("namespace") or site.namespace)


def _memory(found: Document) -> dict[str, tuple[Kept, ...]]:
    text = told.annotation(found, labels.ORIGINAL)
    if text is None:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, tuple[Kept, ...]])
    except msgspec.MsgspecError:  # somebody else has written there
        return {}


def _called(found: Document) -> str:
    metadata = found.get("metadata", {})
    return f"{found.get('kind')} {metadata.get('namespace')}/{metadata.get('name')}"
