"""Application and Environment: what people write, as types."""

from typing import Any

import msgspec

from serinus.core.spec.formats import (
    Duration,
    Host,
    Name,
    Namespace,
    ObjectName,
    Quantity,
    Version,
)
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
    """
    What one replica is.

    ``args``, ``config_maps`` and ``secrets`` (names; all that they hold becomes variables),
    ``service_account`` and ``pod`` are for a cluster. ``pod``: a part of a pod's template, merged
    into the one that is made; the container that serves is called ``app``.
    """

    command: list[str] | str | None = None
    args: list[str] = []
    image: str | None = None
    workdir: str = "."
    files: list[str] = []
    env: dict[str, str] = {}
    config_maps: list[ObjectName] = []
    secrets: list[ObjectName] = []
    resources: dict[str, Quantity] = {}
    port: int | None = None
    health: Health = Health()
    replicas: int | None = None
    grace: Duration = "10s"
    service_account: ObjectName | None = None
    pod: dict[str, Any] = {}


class WorkloadRef(_Written, frozen=True):
    """A Deployment of the same namespace, which says what one replica is."""

    name: ObjectName
    kind: str = "Deployment"


class RouteRef(_Written, frozen=True):
    """A routing object of the same namespace that is there already: its kind, its name."""

    kind: str
    name: ObjectName


class RouteSpec(_Written, frozen=True):
    """
    Where the application answers.

    ``port``: of the Service in a cluster. ``ref``: the routing object in which the release takes
    part; only its parts that name the application's Service are changed.
    """

    host: Host | None = None
    port: int | None = None
    ref: RouteRef | None = None
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
    judge: Any = msgspec.UNSET
    every: Any = msgspec.UNSET
    strikes: Any = msgspec.UNSET
    warmup: Any = msgspec.UNSET
    start_timeout: Any = msgspec.UNSET
    drain: Any = msgspec.UNSET
    max_surge: Any = msgspec.UNSET
    on_fail: Any = msgspec.UNSET
    on_no_data: Any = msgspec.UNSET
    on_unverified: Any = msgspec.UNSET
    verified: Any = msgspec.UNSET
    retreat: Any = msgspec.UNSET
    sticky: Any = msgspec.UNSET
    headers: Any = msgspec.UNSET
    goals: Any = msgspec.UNSET


class ApplicationSpec(_Written, frozen=True):
    """
    An application's spec.

    ``workload`` says what runs, or ``workload_ref`` names the Deployment that says it.
    ``environments`` holds patches (JSON Merge Patch) of ``version``, ``workload``, ``route`` and
    ``delivery``, by the environment's name.
    """

    workload: Workload = Workload()
    workload_ref: WorkloadRef | None = None
    version: Version | None = None
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


class Hours(_Written, frozen=True):
    """Hours of every week, such as from ``Mon 09:00`` to ``Fri 17:00``."""

    from_: str = msgspec.field(name="from")
    to: str


class Window(_Written, frozen=True):
    """
    A window of time: ``allow`` is open within its hours, ``blackout`` outside of them.

    ``weekly`` comes every week; ``from`` and ``to`` (RFC 3339, such as 2026-12-24T12:00:00Z) once.
    Releases begin while all windows are open; ``gatesOnly``: only steps that name it look at it.
    """

    name: Name
    type: str = "allow"
    tz: str = "UTC"
    weekly: Hours | list[Hours] | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    message: str = ""
    gates_only: bool = False


class Freeze(_Written, frozen=True):
    """Nothing new begins, and why."""

    reason: str
    until: str | None = None


class Target(_Written, frozen=True):
    """The namespaces of a cluster whose applications are in the environment."""

    namespaces: list[Namespace] = []


class PodPages(_Written, frozen=True):
    """The page of metrics of each pod; without a port, the one at which it serves."""

    port: int | None = None
    path: str = "/metrics"


class Counts(_Written, frozen=True):
    """
    Where the counts of requests come from in a cluster.

    ``dialect``: whose counters they are, those of the router if it says nothing; ``settings``: its
    own. They are read at the address ``scrape``, asked of the metric source that ``prometheus``
    names, or read from the page of each of the ``pods``. ``every``: how often there is something
    new.
    """

    dialect: str = ""
    scrape: str = ""
    prometheus: str = ""
    pods: PodPages | None = None
    every: Duration | None = None
    settings: dict[str, Any] = {}


class EnvironmentSpec(_Written, frozen=True):
    """
    An environment's spec.

    ``router``: the settings of the router, by its name; its adapter reviews them.
    ``metrics``: the settings of its metric sources, by their names; their adapters review them.
    ``roles``: who has which, by name.
    """

    stage: str = "dev"
    region: str = ""
    defaults: Defaults = Defaults()
    target: Target | None = None
    router: dict[str, Any] | None = None
    counts: Counts | None = None
    metrics: dict[str, Any] = {}
    windows: list[Window] = []
    freeze: Freeze | None = None
    roles: dict[str, list[str]] = {}
    notify: list[Notify] | None = None


CLUSTER = ("target", "router", "counts")
"""What an environment says to a cluster, and what means nothing on one machine."""


class Environment(_Written, frozen=True):
    """The whole document."""

    api_version: str = msgspec.field(name="apiVersion")
    kind: str
    metadata: Metadata
    spec: EnvironmentSpec
