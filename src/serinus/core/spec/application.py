"""Application and Environment: what people write, as types."""

from typing import Any

import msgspec

from serinus.core.spec.formats import Duration, Host, Quantity, Version
from serinus.core.spec.notify import Notify
from serinus.core.spec.steps import _Written
from serinus.core.spec.template import Metadata

API = "serinus.dev/v1alpha1"


class Health(_Written, frozen=True):
    """How a replica says that it is ready; ``path: null`` means that its port is open."""

    path: str | None = "/"
    every: Duration = "1s"
    timeout: Duration = "1s"


class Workload(_Written, frozen=True):
    """What one replica is."""

    command: list[str] | str | None = None
    image: str | None = None
    workdir: str = "."
    files: list[str] = []
    env: dict[str, str] = {}
    resources: dict[str, Quantity] = {}
    port: int | None = None
    health: Health = Health()
    replicas: int = 1
    grace: Duration = "10s"


class RouteSpec(_Written, frozen=True):
    """Where the application answers."""

    host: Host | None = None
    timeout: Duration = "15s"


class TemplateRef(_Written, frozen=True):
    """A template by name and version: ``"1"`` is the newest 1.x, ``"1.2.0"`` exactly that one."""

    name: str
    version: str = ""


class DeliverySpec(_Written, frozen=True):
    """
    How the application is delivered: a template, its parameters, and patches of its body.

    ``null`` deletes what a layer below says (JSON Merge Patch); what is unset patches nothing.
    """

    template: str | TemplateRef | None = None
    parameters: dict[str, Any] = {}
    plan: Any = msgspec.UNSET
    checks: Any = msgspec.UNSET
    every: Any = msgspec.UNSET
    strikes: Any = msgspec.UNSET
    warmup: Any = msgspec.UNSET
    start_timeout: Any = msgspec.UNSET
    drain: Any = msgspec.UNSET
    on_fail: Any = msgspec.UNSET
    on_no_data: Any = msgspec.UNSET
    on_unverified: Any = msgspec.UNSET
    verified: Any = msgspec.UNSET
    retreat: Any = msgspec.UNSET


class ApplicationSpec(_Written, frozen=True):
    """
    An application's spec.

    ``environments`` holds patches (JSON Merge Patch) of ``version``, ``workload``, ``route`` and
    ``delivery``, by the environment's name.
    """

    workload: Workload
    version: Version = "v1"
    route: RouteSpec = RouteSpec()
    delivery: DeliverySpec = DeliverySpec()
    environments: dict[str, Any] = {}


class Application(_Written, frozen=True):
    """The whole document."""

    api_version: str = msgspec.field(name="apiVersion")
    kind: str
    metadata: Metadata
    spec: ApplicationSpec


class Defaults(_Written, frozen=True):
    """What an environment gives to every delivery in it."""

    template: str | TemplateRef | None = None
    parameters: dict[str, Any] = {}


class EnvironmentSpec(_Written, frozen=True):
    """An environment's spec."""

    stage: str = "dev"
    region: str = ""
    defaults: Defaults = Defaults()
    target: Any = None
    router: Any = None
    metrics: Any = None
    windows: Any = None
    freeze: Any = None
    notify: list[Notify] | None = None


LATER = ("target", "router", "metrics", "windows", "freeze")
"""What an environment may say and what is not carried out on this platform yet."""


class Environment(_Written, frozen=True):
    """The whole document."""

    api_version: str = msgspec.field(name="apiVersion")
    kind: str
    metadata: Metadata
    spec: EnvironmentSpec
