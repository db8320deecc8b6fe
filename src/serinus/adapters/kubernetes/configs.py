"""
ConfigMaps and Secrets that a revision uses: part of it, so copied with it.

A change of a ConfigMap reaches a running pod half (files) or not at all (variables), and a rollback
would not bring the old one back. So a revision's pods refer to copies that never change, named
after their content::

    ConfigMap prices               what people edit
    ConfigMap prices-5f1c88a0d3    what it held when a revision came to be; its pods use this

A copy is owned by the Deployments of all revisions that use it, and goes with the last of them.
"""

import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from serinus.core.spec import canonical
from serinus.core.state import labels

Object = dict[str, Any]

KINDS = ("ConfigMap", "Secret")


def digest(found: Mapping[str, Any]) -> str:
    """Return the sha256 of what a ConfigMap or Secret holds, in hexadecimal."""
    held = {k: found[k] for k in ("data", "binaryData", "type") if found.get(k)}
    return hashlib.sha256(canonical.text(held)).hexdigest()


def copied(name: str, digest: str) -> str:
    """Return the name of the copy of a ConfigMap or Secret."""
    return f"{name}-{digest[: labels.DIGITS]}"


def with_copies(template: Mapping[str, Any], files: Mapping[str, str]) -> Object:
    """Return a pod template that refers to the copies of what ``files`` lists by kind and name."""

    def renamed(kind: str, name: str) -> str:
        digest = files.get(f"{kind}/{name}")
        return name if digest is None else copied(name, digest)

    result = copy.deepcopy(dict(template))
    _rename(result, renamed)
    return result


def references(template: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the kind and name of every ConfigMap and Secret of a pod template, each once."""
    found: dict[tuple[str, str], None] = {}

    def noted(kind: str, name: str) -> str:
        found[kind, name] = None
        return name

    _rename(copy.deepcopy(dict(template)), noted)
    return list(found)


def document(
    source: Mapping[str, Any], application: str, digest: str, owners: list[Object]
) -> Object:
    """Return the copy of a ConfigMap or Secret, which cannot be changed."""
    meta = source["metadata"]
    result: Object = {
        "apiVersion": "v1",
        "kind": source["kind"],
        "metadata": {
            "name": copied(meta["name"], digest),
            "namespace": meta["namespace"],
            "labels": {labels.MANAGED_BY: labels.MANAGER, labels.APPLICATION: application},
            "ownerReferences": owners,
        },
        "immutable": True,
    }
    return result | {k: source[k] for k in ("type", "data", "binaryData") if source.get(k)}


def _rename(template: Object, renamed: Callable[[str, str], str]) -> None:
    """Rename in place."""
    for kind, holder, field in _places(template.get("spec") or {}):
        if holder.get(field):
            holder[field] = renamed(kind, holder[field])


def _places(spec: Object) -> Iterator[tuple[str, Object, str]]:
    """Yield where a pod's spec names a ConfigMap or a Secret: the kind, the mapping, its field."""
    for volume in spec.get("volumes") or ():
        if "secret" in volume:
            yield "Secret", volume["secret"], "secretName"
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            if "configMap" in source:
                yield "ConfigMap", source["configMap"], "name"
            if source is not volume and "secret" in source:
                yield "Secret", source["secret"], "name"
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for source in container.get("envFrom") or ():
            yield "ConfigMap", source.get("configMapRef") or {}, "name"
            yield "Secret", source.get("secretRef") or {}, "name"
        for variable in container.get("env") or ():
            origin = variable.get("valueFrom") or {}
            yield "ConfigMap", origin.get("configMapKeyRef") or {}, "name"
            yield "Secret", origin.get("secretKeyRef") or {}, "name"
