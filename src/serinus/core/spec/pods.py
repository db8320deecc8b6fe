"""
What a workload says to a cluster: references, and a part of a pod's template.

Paths are relative to the spec (``workload.pod.spec``). See :mod:`serinus.core.spec.workload` for
what holds on every platform.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import checker, formats, place
from serinus.core.spec.application import ApplicationSpec, Workload

APP = "app"
"""The container that serves."""

DEFAULT_PORT = 8080
"""Where a replica listens that takes its port from ``${port}`` and is told none."""

PORT_TAKEN = re.compile(r"\$\{port\}|\$\(PORT\)|\$\{?PORT\b")
"""How a command shows that it listens where it is told to."""

_BESIDE = ("replicas", "port", "health", "grace")
"""What may stand in a workload beside a reference to a Deployment."""

_INSTEAD = {
    "args": "'command' says all the words",
    "configMaps": "'env' gives variables",
    "secrets": "'env' gives variables",
    "serviceAccount": "replicas run as the one who started Serinus",
    "pod": "there are no pods",
}
_KINDS = ("Deployment",)
_METADATA = ("labels", "annotations")
_OURS = "serinus.dev/"
_OWN = ("image", "command", "args")
"""What of the container that serves has its own place in the workload."""


def review(spec: ApplicationSpec) -> Iterator[Problem]:
    """Review what a spec says to a cluster, wherever it is read."""
    if spec.workload_ref is not None:
        if spec.workload_ref.kind not in _KINDS:
            message = checker.unknown(spec.workload_ref.kind, _KINDS, "kind of a workload")
            yield Problem("workloadRef.kind", message)
        yield from _twice(spec)
    yield from _fragment(spec.workload.pod)
    if spec.route.port is not None:
        yield from _port(spec.route.port)
    if spec.route.ref is not None and not re.fullmatch(r"[A-Z][A-Za-z0-9]{0,62}", _kind(spec)):
        message = f"{checker.shown(_kind(spec))} is not a kind; wanted one such as HTTPRoute"
        yield Problem("route.ref.kind", message)


def elsewhere(spec: ApplicationSpec) -> Iterator[Problem]:
    """Refuse on this machine what only a cluster can do."""
    if spec.workload_ref is not None:
        message = (
            "there is no Deployment on this machine; give 'workload.command' instead "
            "(a cluster adopts Deployments)"
        )
        yield Problem("workloadRef", message)
    for key in _written(spec.workload):
        if key in _INSTEAD:
            message = f"'{key}' is for a cluster; on this machine {_INSTEAD[key]}"
            yield Problem(f"workload.{key}", message)
    if spec.route.ref is not None:
        message = "there are no routing objects on this machine, which routes by Envoy; leave it"
        yield Problem("route.ref", f"{message} away")


def here(spec: ApplicationSpec) -> Iterator[Problem]:
    """Refuse in a cluster what only one machine can do, and what a pod lacks."""
    if spec.workload_ref is not None:
        return
    written = spec.workload
    if written.image is None:
        message = "'image' is missing; Kubernetes runs images, such as registry.example/shop:v7"
        yield Problem("workload.image", message)
    if written.port is None and not takes_port(written):
        message = (
            "'port' is missing; wanted the one that the container listens at, such as "
            f"{DEFAULT_PORT}; or tell it one by ${{port}}"
        )
        yield Problem("workload.port", message)
    if written.files:
        yield Problem("workload.files", NO_FILES)
    if relative(written.workdir):
        yield Problem("workload.workdir", no_workdir(written.workdir))
    for path, text in _texts(written):
        if "${files}" in text:
            message = "${files} is a directory of one machine; name a directory of the image"
            yield Problem(path, message)


NO_FILES = "files of this machine are not in a cluster; put them into the image, or a ConfigMap"


def relative(workdir: str) -> bool:
    """Tell whether a directory is relative to something, and so means nothing in an image."""
    return workdir != "." and not workdir.startswith("/")


def no_workdir(workdir: str) -> str:
    """Say that a directory means nothing in an image."""
    return (
        f"{checker.shown(workdir)} is beside a file of this machine; "
        "Kubernetes wants an absolute directory of the image, or none"
    )


def takes_port(written: Workload) -> bool:
    """Tell whether a workload listens at the port that it is told."""
    return any(PORT_TAKEN.search(text) for _, text in _texts(written))


# --- parts --------------------------------------------------------------------------------------


def _kind(spec: ApplicationSpec) -> str:
    return "" if spec.route.ref is None else spec.route.ref.kind


def _port(port: int) -> Iterator[Problem]:
    if not 1 <= port <= 65_535:  # noqa: PLR2004  the ports that there are
        yield Problem("route.port", f"{port} is not a port; wanted 1–65535")


def _twice(spec: ApplicationSpec) -> Iterator[Problem]:
    """See to it that a Deployment and the workload do not both say what runs."""
    for key in _written(spec.workload):
        if key not in _BESIDE:
            message = (
                f"the Deployment of workloadRef says what runs; leave '{key}' away, or workloadRef "
                f"(beside it: {', '.join(_BESIDE)})"
            )
            yield Problem(f"workload.{key}", message)


def _written(found: Workload) -> Iterator[str]:
    """Return the keys that say something else than their defaults."""
    usual = Workload()
    for field in msgspec.structs.fields(Workload):
        if getattr(found, field.name) != getattr(usual, field.name):
            yield field.encode_name


def _texts(written: Workload) -> Iterator[tuple[str, str]]:
    for key in ("command", "args"):
        words = getattr(written, key)
        if isinstance(words, str):
            yield f"workload.{key}", words
        else:
            yield from ((f"workload.{key}[{n}]", word) for n, word in enumerate(words or ()))
    for name, value in written.env.items():
        yield place.text(("workload", "env", name)), value


def _fragment(pod: Mapping[str, Any]) -> Iterator[Problem]:
    """Review a part of a pod's template as far as it concerns us; the API server does the rest."""
    for key, value in pod.items():
        if key not in {"metadata", "spec"}:
            message = checker.unknown(key, ("metadata", "spec"), "field of a pod's template")
            yield Problem(place.text(("workload", "pod", key)), message)
        elif not isinstance(value, Mapping):
            yield Problem(f"workload.pod.{key}", f"{checker.shown(value)} is not a mapping")
        elif key == "metadata":
            yield from _metadata(value)
        else:
            yield from _spec(value)


def _metadata(value: Mapping[str, Any]) -> Iterator[Problem]:
    for key, inner in value.items():
        path = ("workload", "pod", "metadata", key)
        if key not in _METADATA:
            yield Problem(place.text(path), checker.unknown(key, _METADATA, "field of a pod"))
        elif not isinstance(inner, Mapping):
            yield Problem(place.text(path), f"{checker.shown(inner)} is not a mapping")
        else:
            for name, text in inner.items():
                wrong = "" if isinstance(text, str) else f"{checker.shown(text)} is not a text"
                if name.startswith(_OURS):
                    wrong = f"labels and annotations of {_OURS} are set by Serinus; choose another"
                if wrong:
                    yield Problem(place.text((*path, name)), wrong)


def _spec(value: Mapping[str, Any]) -> Iterator[Problem]:
    if value.get("restartPolicy", "Always") != "Always":
        message = f"{checker.shown(value['restartPolicy'])} ends replicas for good; wanted Always"
        yield Problem("workload.pod.spec.restartPolicy", message)
    for key in ("containers", "initContainers", "volumes"):
        if key in value:
            yield from _named(value[key], f"workload.pod.spec.{key}")


def _named(items: object, path: str) -> Iterator[Problem]:
    """Review a list whose items are told apart by their names."""
    if not isinstance(items, list):
        yield Problem(path, f"{checker.shown(items)} is not a list")
        return
    seen: set[str] = set()
    for index, item in enumerate(items):
        here = f"{path}[{index}]"
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or formats.wrong("namespace", name):
            message = f"'name' is missing; what is merged is known by it (ours is '{APP}')"
            yield Problem(here, message)
            continue
        if name in seen:
            yield Problem(f"{here}.name", f"'{name}' stands there twice; keep one")
        seen.add(name)
        if name == APP and path.endswith(".containers"):
            for key in _OWN:
                if key in item:
                    yield Problem(f"{here}.{key}", f"say it in workload.{key}")
