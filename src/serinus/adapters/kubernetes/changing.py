"""
Ask for a version in a cluster: the field ``spec.version`` of an Application, and nothing else.

An Application that Git owns is not touched, because whoever keeps it in step with Git would undo
the change: the refusal holds the patch to commit.
"""

from collections.abc import Mapping
from typing import NamedTuple

from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.kubernetes.resolved import ACTOR, GENERATION, REASON
from serinus.core.state import labels
from serinus.ports import failures

MANAGER = "serinus-cli"
"""The field manager of what people ask for with commands."""

TRIES = 3

_TRACKING = "argocd.argoproj.io/tracking-id"
_FLUX = ("kustomize.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/name")
_ARGO_MANAGERS = frozenset({"argocd-controller", "argocd-application-controller"})
_FLUX_MANAGERS = frozenset({"kustomize-controller", "helm-controller"})


class Change(NamedTuple):
    """A version that is asked for, with parameters of the delivery; by whom, and why."""

    version: str
    parameters: Mapping[str, str]
    actor: str
    reason: str


async def ask(client: Client, application: str, change: Change) -> int:
    """
    Ask for a version and return the generation of the Application that asks for it.

    Missing without such an Application; Rejected, with the patch to commit, when Git owns it, and
    when the API server refuses it; Conflict when others change it all the time.
    """
    place = labels.parted(application)
    for _ in range(TRIES):
        found = await client.get("Application", place.name, place.namespace)
        keeper = kept_by(found)
        if keeper:
            raise _refused(application, keeper, change)
        if _same(found, change):
            return int(found["metadata"].get("generation", 0))
        try:
            written = await client.patch(
                "Application", place.name, place.namespace, _patch(found, change), manager=MANAGER
            )
        except failures.Conflict:
            continue
        return int(written["metadata"].get("generation", 0))
    raise failures.Conflict(f"{application} changes all the time; nothing was changed here")


def kept_by(found: Object) -> str:
    """Return who keeps an object in step with Git, empty when nobody does."""
    meta = found["metadata"]
    marks = {*(meta.get("labels") or {}), *(meta.get("annotations") or {})}
    managers = {one.get("manager") for one in meta.get("managedFields") or ()}
    if _TRACKING in marks or managers & _ARGO_MANAGERS:
        return "Argo CD"
    return "Flux" if marks & set(_FLUX) or managers & _FLUX_MANAGERS else ""


def _same(found: Object, change: Change) -> bool:
    spec = found.get("spec") or {}
    parameters = (spec.get("delivery") or {}).get("parameters") or {}
    wanted = {**parameters, **change.parameters}
    return bool(spec.get("version") == change.version and wanted == parameters)


def _patch(found: Object, change: Change) -> Object:
    """Return the patch; it is refused when the object was changed meanwhile."""
    meta = found["metadata"]
    notes = {
        ACTOR: change.actor,
        REASON: change.reason,
        GENERATION: str(int(meta.get("generation", 0)) + 1),
    }
    return {
        "metadata": {"resourceVersion": meta["resourceVersion"], "annotations": notes},
        "spec": _spec(change),
    }


def _spec(change: Change) -> Object:
    spec: Object = {"version": change.version}
    if change.parameters:
        spec["delivery"] = {"parameters": dict(change.parameters)}
    return spec


def _refused(application: str, keeper: str, change: Change) -> failures.Rejected:
    lines = ["spec:", f"  version: {change.version}"]
    if change.parameters:
        lines += ["  delivery:", "    parameters:"]
        lines += [f"      {name}: {value}" for name, value in change.parameters.items()]
    return failures.Rejected(
        f"{application} is kept in Git, and {keeper} would undo a change of it here",
        why="commit this instead:\n" + "\n".join(lines),
        hint=f"git commit; {keeper} applies it, and the release begins by itself",
    )
