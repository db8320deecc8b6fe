"""
An application as it is in one environment: patches merged, placeholders filled, delivery resolved.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from serinus.core.errors import Problem, Severity
from serinus.core.spec import (
    canonical,
    checker,
    duration,
    formats,
    hours,
    mend,
    problems,
    resolve,
    review,
    workload,
)
from serinus.core.spec.application import (
    Application,
    ApplicationSpec,
    Defaults,
    DeliverySpec,
    Environment,
)
from serinus.core.spec.calendar import Window
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.gating import Surroundings
from serinus.core.spec.health import HealthProbe
from serinus.core.spec.limits import Limits as Limits
from serinus.core.spec.resolve import Layer, Library

Resolve = Callable[[tuple[Layer, ...], Library, Limits, Surroundings], resolve.Resolution]

LOCAL = "local"
FIRST = "v1"
"""What people call a version that they gave no name."""


class Effective(msgspec.Struct, frozen=True):
    """
    One application in one environment, complete; with problems it cannot be used.

    ``windows``, ``freeze`` (why, and until when) and ``roles`` are the environment's. In a cluster
    ``workload_ref`` names the Deployment that says what runs, ``replicas`` 0 means as many as it
    has, and ``route_ref`` is the kind and the name of the routing object to take part in.
    ``written`` is the spec as people wrote it, with the environment's patch.
    """

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
    windows: tuple[Window, ...] = ()
    freeze: tuple[str, datetime | None] | None = None
    roles: Mapping[str, tuple[str, ...]] = {}
    provenance: Mapping[str, str] = {}
    parameters: Mapping[str, Any] = {}
    args: tuple[str, ...] = ()
    config_maps: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    service_account: str | None = None
    pod: Mapping[str, Any] = {}
    workload_ref: str = ""
    route_ref: tuple[str, str] | None = None
    route_port: int = 80
    written: ApplicationSpec | None = None

    @property
    def usable(self) -> bool:
        """Tell whether it can be released: nothing but warnings was found."""
        return self.delivery is not None and not any(
            p.severity is Severity.ERROR for p in self.problems
        )


def effective(
    data: object,
    environment: str,
    library: Library,
    limits: Limits,
    overrides: Mapping[str, Any] | None = None,
    *,
    resolving: Resolve = resolve.resolve,
) -> Effective:
    """
    Resolve an application's document for an environment.

    ``overrides`` are parameters of this release alone, the strongest layer; texts are read by the
    types of the parameters. ``resolving`` lets the layers meet: somebody may remember what came of
    the same ones before.
    """
    document, told = review.read(data)
    name = _name(data)
    if document is not None and not isinstance(document, Application):
        told += (Problem("kind", f"{checker.shown(document.kind)} is no Application"),)
    other = any(p.path == "kind" for p in told)
    if other or not isinstance(data, Mapping) or checker.size(data):
        return Effective(name, environment, told)
    layers = _layers(data, environment, library, overrides or {})
    given = library.environments.get(environment)
    resolution = resolving(layers, library, limits, _surroundings(given))
    spec = review.patched(data, environment).value
    if spec is not None:
        told += tuple(_here(spec, data, environment, limits))
    told = problems.as_written((*told, *resolution.problems), data)
    if spec is None or problems.errors(told):
        return Effective(name, environment, told, provenance=resolution.provenance, written=spec)
    found = _complete(name, environment, spec, resolution, told)
    return found if given is None else _within(found, given)


def _within(found: Effective, given: Environment) -> Effective:
    """Add what an environment says of everything in it."""
    freeze = given.spec.freeze
    until = None if freeze is None or freeze.until is None else hours.instant(freeze.until)
    return msgspec.structs.replace(
        found,
        windows=tuple(
            window
            for window, written in zip(hours.windows(given.spec), given.spec.windows, strict=True)
            if not written.gates_only
        ),
        freeze=None if freeze is None else (freeze.reason, until),
        roles=_roles(given),
    )


def _surroundings(given: Environment | None) -> Surroundings:
    """Return what an environment gives; one that nobody wrote down has no windows."""
    if given is None:
        return Surroundings(windows={})
    windows = {window.name: window for window in hours.windows(given.spec)}
    return Surroundings(given.spec.stage, windows, _roles(given))


def _roles(given: Environment) -> Mapping[str, tuple[str, ...]]:
    return {role: tuple(people) for role, people in given.spec.roles.items()}


def _name(data: object) -> str:
    """Return the name of a document that may be damaged."""
    metadata = data.get("metadata") if isinstance(data, Mapping) else None
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else ""


def _complete(
    name: str,
    environment: str,
    spec: ApplicationSpec,
    resolution: resolve.Resolution,
    told: tuple[Problem, ...],
) -> Effective:
    written = spec.workload
    version = spec.version or label(written.image or "") or FIRST
    ref = spec.workload_ref

    def fill(text: str) -> str:
        return text.replace("${version}", version)

    return Effective(
        application=name,
        environment=environment,
        problems=told,
        version=version,
        command=tuple(fill(word) for word in workload.words(written.command)),
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
        image=None if written.image is None else fill(written.image),
        resources=written.resources,
        replicas=written.replicas or (1 if ref is None else 0),
        host=spec.route.host or f"{name}.localhost",
        timeout_s=duration.seconds(spec.route.timeout),
        delivery=resolution.delivery,
        delivery_hash=canonical.digest(resolution.delivery) if resolution.delivery else "",
        provenance=resolution.provenance,
        parameters=resolution.parameters,
        args=tuple(fill(word) for word in written.args),
        config_maps=tuple(written.config_maps),
        secrets=tuple(written.secrets),
        service_account=written.service_account,
        pod=written.pod,
        workload_ref="" if ref is None else ref.name,
        route_ref=None if spec.route.ref is None else (spec.route.ref.kind, spec.route.ref.name),
        route_port=spec.route.port or 80,
        written=spec,
    )


def label(image: str) -> str:
    """Return what people call an image: its tag, or the first digits of its digest, or nothing."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    found = tag or digest.rpartition(":")[2][:10]
    return "" if formats.wrong("version", found) else found


# --- layers -------------------------------------------------------------------------------------


def _layers(
    data: Mapping[str, Any], environment: str, library: Library, overrides: Mapping[str, Any]
) -> tuple[Layer, ...]:
    """Return the layers, as far as they have their form; what has not is told by review."""
    layers: list[Layer] = []
    surroundings = library.environments.get(environment)
    if surroundings is not None:
        origin = f"environment {environment}"
        defaults = surroundings.spec.defaults
        layers.append(Layer(origin, f"{origin} spec.defaults", defaults, general=True))
    change = _inside(data, "spec", "environments", environment)
    own = change.get("delivery", {}) if isinstance(change, Mapping) else {}
    # A patch of null takes back all that the application says of its delivery.
    written = {} if own is None else _inside(data, "spec", "delivery")
    path = f"spec.environments.{environment}.delivery"
    for origin, where, wish in (
        ("application", "spec.delivery", written),
        (f"application@{environment}", path, own),
    ):
        delivery = mend.check(wish, DeliverySpec).value
        if wish and delivery is not None:
            layers.append(Layer(origin, where, delivery))
    if overrides:
        asked = Defaults(parameters=dict(overrides))
        layers.append(Layer("this release", "--set", asked, texts=True))
    return tuple(layers)


def _inside(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _here(
    spec: ApplicationSpec, data: Mapping[str, Any], environment: str, limits: Limits
) -> list[Problem]:
    """Say what this platform cannot do, where it was written."""
    change = _inside(data, "spec", "environments", environment)
    found = []
    for problem in workload.here(spec, limits):
        keys = problem.path.split(".")
        mine = isinstance(change, Mapping) and _inside(change, *keys) is not None
        base = f"spec.environments.{environment}" if mine else "spec"
        found.append(msgspec.structs.replace(problem, path=f"{base}.{problem.path}"))
    return found
