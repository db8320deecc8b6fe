"""
An application as it is in one environment: patches merged, placeholders filled, delivery resolved.
"""

import shlex
from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.core.errors import Problem, Severity
from serinus.core.spec import canonical, checker, duration, place, resolve, review
from serinus.core.spec.application import (
    Application,
    ApplicationSpec,
    Defaults,
    DeliverySpec,
    Environment,
)
from serinus.core.spec.course import Limits as Limits
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.health import HealthProbe
from serinus.core.spec.resolve import Layer, Library

LOCAL = "local"


class Effective(msgspec.Struct, frozen=True):
    """One application in one environment, complete; with problems it cannot be used."""

    application: str
    environment: str
    problems: tuple[Problem, ...]
    version: str = ""
    command: tuple[str, ...] = ()
    workdir: str = "."
    env: Mapping[str, str] = {}
    files: tuple[str, ...] = ()
    port: int | None = None
    health: HealthProbe = HealthProbe()
    grace_s: float = 10.0
    image: str | None = None
    resources: Mapping[str, str] = {}
    replicas: int = 1
    host: str = ""
    timeout_s: float = 15.0
    delivery: Delivery | None = None
    delivery_hash: str = ""
    provenance: Mapping[str, str] = {}
    parameters: Mapping[str, Any] = {}

    @property
    def usable(self) -> bool:
        """Tell whether it can be released: nothing but warnings was found."""
        return self.delivery is not None and not any(
            p.severity is Severity.ERROR for p in self.problems
        )


def effective(
    data: Mapping[str, Any],
    environment: str,
    library: Library,
    limits: Limits,
    overrides: Mapping[str, Any] | None = None,
) -> Effective:
    """
    Resolve an application's document for an environment.

    ``overrides`` are parameters of this release alone, the strongest layer.
    """
    found, problems = review.document(data)
    if not isinstance(found, Application):
        name = str((data.get("metadata") or {}).get("name", ""))
        return Effective(name, environment, problems)
    name = found.metadata.name
    spec, problems = _patched(data, found, environment)
    if spec is None:
        return Effective(name, environment, problems)
    surroundings = library.environments.get(environment)
    layers, more = _layers(found, spec, environment, surroundings, overrides or {})
    problems += more
    resolution = resolve.resolve(
        layers,
        library,
        limits,
        stage=surroundings.spec.stage if surroundings else "dev",
    )
    problems += (*_workload(spec, limits), *resolution.problems)
    return _complete(name, environment, spec, resolution, problems)


def _complete(
    name: str,
    environment: str,
    spec: ApplicationSpec,
    resolution: resolve.Resolution,
    problems: tuple[Problem, ...],
) -> Effective:
    written = spec.workload
    command = written.command
    words = shlex.split(command) if isinstance(command, str) else command or []

    def fill(text: str) -> str:
        return text.replace("${version}", spec.version)

    return Effective(
        application=name,
        environment=environment,
        problems=problems,
        version=spec.version,
        command=tuple(fill(word) for word in words),
        workdir=written.workdir,
        env={key: fill(value) for key, value in written.env.items()},
        files=tuple(fill(file) for file in written.files),
        port=written.port,
        health=HealthProbe(
            path=written.health.path,
            every_s=duration.seconds(written.health.every),
            timeout_s=duration.seconds(written.health.timeout),
        ),
        grace_s=duration.seconds(written.grace),
        image=written.image,
        resources=written.resources,
        replicas=written.replicas,
        host=spec.route.host or f"{name}.localhost",
        timeout_s=duration.seconds(spec.route.timeout),
        delivery=resolution.delivery,
        delivery_hash=canonical.digest(resolution.delivery) if resolution.delivery else "",
        provenance=resolution.provenance,
        parameters=resolution.parameters,
    )


# --- layers -------------------------------------------------------------------------------------


def _patched(
    data: Mapping[str, Any], found: Application, environment: str
) -> tuple[ApplicationSpec | None, tuple[Problem, ...]]:
    """Return the spec with the environment's patch, but for ``delivery``, which is layered."""
    patch = found.spec.environments.get(environment)
    if patch is None:
        return found.spec, ()
    path = f"spec.environments.{environment}"
    if not isinstance(patch, Mapping):
        return None, (Problem(path, f"{checker.shown(patch)} is not a mapping"),)
    stray = [k for k in patch if k not in {"version", "workload", "route", "delivery"}]
    if stray:
        known = ["version", "workload", "route", "delivery"]
        found_problems = (
            Problem(f"{path}.{k}", checker.unknown(str(k), known, "field")) for k in stray
        )
        return None, tuple(found_problems)
    written = data["spec"]
    rest = {k: v for k, v in patch.items() if k != "delivery"}
    merged = resolve.merge({k: v for k, v in written.items() if k != "environments"}, rest)
    merged = {**merged, "delivery": written.get("delivery", {})}
    spec, problems = checker.check(merged, ApplicationSpec, place.parse(path))
    return spec, problems


def _layers(
    found: Application,
    spec: ApplicationSpec,
    environment: str,
    surroundings: Environment | None,
    overrides: Mapping[str, Any],
) -> tuple[tuple[Layer, ...], tuple[Problem, ...]]:
    layers: list[Layer] = []
    problems: tuple[Problem, ...] = ()
    if surroundings is not None:
        path = f"environment {environment} spec.defaults"
        layers.append(Layer(f"environment {environment}", path, surroundings.spec.defaults))
    layers.append(Layer("application", "spec.delivery", spec.delivery))
    patch = found.spec.environments.get(environment)
    if isinstance(patch, Mapping) and patch.get("delivery") is not None:
        path = f"spec.environments.{environment}.delivery"
        own, problems = checker.check(patch["delivery"], DeliverySpec, place.parse(path))
        if own is not None:
            layers.append(Layer(f"application@{environment}", path, own))
    if overrides:
        layers.append(Layer("this release", "--set", Defaults(parameters=dict(overrides))))
    return tuple(layers), problems


def _workload(spec: ApplicationSpec, limits: Limits) -> tuple[Problem, ...]:
    written, path = spec.workload, "spec.workload"
    problems = []
    if written.image is not None and not limits.images:
        message = (
            "images do not run on this machine; give 'command' instead (Kubernetes runs images)"
        )
        problems.append(Problem(f"{path}.image", message))
    if written.port is not None and written.replicas > 1:
        message = (
            f"{written.replicas} replicas cannot share port {written.port}; leave 'port' away: "
            "each replica gets a free one in ${port} and $PORT"
        )
        problems.append(Problem(f"{path}.port", message))
    if isinstance(written.command, str):
        try:
            shlex.split(written.command)
        except ValueError as problem:
            problems.append(Problem(f"{path}.command", f"cannot be split into words: {problem}"))
    return tuple(problems)
