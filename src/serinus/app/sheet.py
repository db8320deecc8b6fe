"""The plain inputs of an application's form: one value of the document each."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from serinus.app import inputs
from serinus.app.inputs import Field
from serinus.app.level import ABSENT, Level
from serinus.core.spec import place
from serinus.core.spec.application import API
from serinus.core.spec.place import Place

WHO, WHAT, SIZE, HEALTH, WHERE = "who", "what", "size", "health", "where"
"""Headings."""


class Plain(NamedTuple):
    """
    One input: its place below the spec, its title, its heading, what it takes.

    ``default``: what holds where nobody says anything. ``cluster``: it is there in a cluster alone
    (False: on a machine alone; None: on both). ``adopts``: it is there where a Deployment says what
    runs (False: where none does; None: in both cases). ``abroad``: what is said about it in a
    cluster, where that is something else. ``needed``: nothing runs there without it.
    """

    path: str
    title: str
    group: str
    kind: str = "text"
    default: str = ""
    about: str = ""
    cluster: bool | None = None
    adopts: bool | None = None
    abroad: str = ""
    needed: bool = False

    @property
    def keys(self) -> Place:
        """Its place below the spec."""
        return place.parse(self.path)


PLAIN = (
    Plain(
        "workloadRef.name",
        "Deployment",
        WHAT,
        about="The one that is adopted: it goes on saying what a replica is.",
        cluster=True,
        adopts=True,
        needed=True,
    ),
    Plain(
        "workload.image",
        "Image",
        WHAT,
        about="Such as registry/shop:1.4.2; another one begins a release.",
        cluster=True,
        adopts=False,
        needed=True,
    ),
    Plain(
        "version",
        "Version",
        WHAT,
        about="What people call it; a new one begins a release.",
        abroad="What people call it; else the tag of its image.",
    ),
    Plain(
        "workload.command",
        "Command",
        WHAT,
        "words",
        about="Starts one replica, without a shell; ${port} is where it listens.",
        adopts=False,
        abroad="In place of the image's own; without a shell.",
    ),
    Plain(
        "workload.args",
        "Arguments",
        WHAT,
        "words",
        about="In place of the image's own, behind the command.",
        cluster=True,
        adopts=False,
    ),
    Plain("workload.workdir", "Directory", WHAT, default=".", cluster=False),
    Plain(
        "workload.files",
        "Files",
        WHAT,
        "lines",
        about="One a line; each version reads its own copy, in ${files}.",
        cluster=False,
    ),
    Plain("workload.port", "Port", WHAT, "integer", about="At which a replica serves."),
    Plain(
        "workload.serviceAccount",
        "Service account",
        WHAT,
        default="default",
        cluster=True,
        adopts=False,
    ),
    Plain(
        "workload.configMaps",
        "ConfigMaps",
        WHAT,
        "lines",
        about="Names, one a line; all that they hold becomes variables.",
        cluster=True,
        adopts=False,
    ),
    Plain(
        "workload.secrets",
        "Secrets",
        WHAT,
        "lines",
        about="Names, one a line; all that they hold becomes variables.",
        cluster=True,
        adopts=False,
    ),
    Plain("workload.replicas", "Replicas", SIZE, "integer", "1"),
    Plain(
        "workload.resources.cpu",
        "CPU",
        SIZE,
        "quantity",
        about="Of one replica: 500m.",
        adopts=False,
    ),
    Plain(
        "workload.resources.memory",
        "Memory",
        SIZE,
        "quantity",
        about="Of one replica: 256Mi.",
        adopts=False,
    ),
    Plain(
        "workload.resources.files",
        "Open files",
        SIZE,
        "quantity",
        about="Of each process: 1024.",
        cluster=False,
    ),
    Plain(
        "workload.health.path",
        "Health path",
        HEALTH,
        default="/",
        about="Ready when it answers with 2xx or 3xx; '-': when the port is open.",
    ),
    Plain("workload.health.every", "Asked every", HEALTH, "duration", "1s"),
    Plain("workload.health.timeout", "Answers within", HEALTH, "duration", "1s"),
    Plain("workload.grace", "Time to end", HEALTH, "duration", "10s"),
    Plain("route.host", "Host", WHERE),
    Plain("route.port", "Port of the Service", WHERE, "integer", "80", cluster=True),
    Plain("route.timeout", "A request may take", WHERE, "duration", "15s"),
)

ADOPTED = "as the Deployment says"
"""What holds of a replica where a Deployment says what it is, and nobody says otherwise."""

_MACHINE = f"""\
apiVersion: {API}
kind: Application
metadata:
  name: ""
spec:
  version: v1
  workload:
    # Starts one replica. No shell reads it; ${{port}} is the port to listen on, as is $PORT.
    command: []
    # A replica is ready when this path answers with 2xx or 3xx (null: when its port opens).
    health:
      path: /
    replicas: 1
  delivery:
    template: canary-standard
"""

_CLUSTER = f"""\
apiVersion: {API}
kind: Application
metadata:
  name: ""
  namespace: %s
spec:
  workload:
    image: ""
    port: 8080
    # A replica is ready when this path answers with 2xx or 3xx (null: when its port opens).
    health:
      path: /
    replicas: 2
  delivery:
    template: canary-standard
"""


_ADOPTED = f"""\
apiVersion: {API}
kind: Application
metadata:
  name: ""
  namespace: %s
spec:
  # A Deployment of this namespace, which goes on saying what a replica is.
  workloadRef:
    name: ""
  delivery:
    template: canary-standard
"""


def blank(*, namespace: str = "", adopts: bool = False) -> str:
    """
    Return the document that a new application's form begins with.

    ``namespace``: of a cluster; empty: on one machine. ``adopts``: a Deployment says what runs.
    """
    if not namespace:
        return _MACHINE
    return (_ADOPTED if adopts else _CLUSTER) % namespace


def who(level: Level, *, cluster: bool, new: bool) -> Iterator[Field]:
    """Return the inputs for the application's name, which it keeps once it is there."""
    locked = "" if new else "an application keeps its name"
    metadata = level.data.get("metadata")
    said = metadata if isinstance(metadata, dict) else {}
    yield Field(
        name="metadata.name",
        title="Name",
        group=WHO,
        value=inputs.shown(said.get("name", ABSENT)),
        required=True,
        locked=locked,
    )
    if cluster:
        yield Field(
            name="metadata.namespace",
            title="Namespace",
            group=WHO,
            value=inputs.shown(said.get("namespace", ABSENT)),
            inherited="default",
            locked=locked,
        )


def adopts(level: Level) -> bool:
    """Tell whether a Deployment says what runs, not the document."""
    return any(isinstance(one("workloadRef"), Mapping) for one in (level.own, level.inherited))


def fields(level: Level, *, cluster: bool) -> Iterator[Field]:
    """Return the plain inputs of a place; what is written is shown in every place."""
    adopted = adopts(level)
    for plain in PLAIN:
        own, above = level.own(*plain.keys), level.inherited(*plain.keys)
        there = own is not ABSENT or above is not ABSENT
        fits = plain.cluster in {None, cluster} and plain.adopts in {None, adopted}
        if fits or there:
            default = ADOPTED if adopted and plain.keys[0] == "workload" else plain.default
            yield Field(
                name=place.text(level.at(*plain.keys)),
                title=plain.title,
                group=plain.group,
                kind=plain.kind,
                value=inputs.shown(own, plain.kind),
                inherited=default if above is ABSENT else inputs.shown(above, plain.kind),
                origin="default" if above is ABSENT else "application",
                about=(cluster and plain.abroad) or plain.about,
                required=plain.needed and cluster and not level.environment,
                overrides=level.overriding(*plain.keys),
            )
