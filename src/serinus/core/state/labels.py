"""
Names in a cluster: the labels, annotations and object names by which routers and the platform meet.

An application of a cluster is called ``namespace/name``, in a key as on a screen::

    Application shop in namespace team    Key("team/shop", "prod")
    ├─ Deployment  shop-3f2a9c01d4        one for each revision, named after its first ten digits
    ├─ Service     shop-3f2a9c01d4        the serving pods of that revision, for routers
    └─ Service     shop                   what people call: the stable revision
"""

from typing import NamedTuple

DIGITS = 10
"""How many digits of a revision's id are in names and labels."""

MANAGER = "serinus"
"""The field manager of all that is applied, and the value of ``app.kubernetes.io/managed-by``."""

MANAGED_BY = "app.kubernetes.io/managed-by"
APPLICATION = "serinus.dev/application"
"""A label: the application's name, without its namespace."""

REVISION = "serinus.dev/revision"
"""A label: the first digits of the revision."""

ORDINAL = "serinus.dev/ordinal"
"""A label of a pod: its number within the revision."""

SERVING = "serinus.dev/serving"
"""A label of a pod: ``true`` where it may get requests, ``false`` where it is kept without any."""

ENDPOINTS = "serinus.dev/endpoints"
"""An annotation of a Service: the backend that it stands for, with the replicas that serve."""

ROUTE = "serinus.dev/route"
"""An annotation of a routing object: what of the route its own fields cannot say."""

WRITERS = "serinus.dev/writers"
"""An annotation of the root Service: the routers whose documents are there, the newest last."""

ORIGINAL = "serinus.dev/original"
"""An annotation of an object of somebody else: what was there before us, to be put back."""

REVISION_ID = "serinus.dev/revision-id"
"""An annotation of a Deployment: the whole id of the revision that it runs."""

WORKLOAD = "serinus.dev/workload"
"""An annotation of a Deployment: the workload of its revision as JSON, but for the template."""

TEMPLATE = "serinus.dev/template"
"""An annotation of a Deployment: the pod template of its revision as JSON, as it was given."""

GROUP = "serinus.dev/group"
"""An annotation of a Deployment: the replicas that should exist, and how long the others drain."""

DRAINED_AT = "serinus.dev/drained-at"
"""An annotation of a pod that is to end: until when its requests may end."""

RESTARTS = "serinus.dev/restarts"
"""An annotation of a pod: restarts to add to those that the kubelet counts."""

ADOPTED = "serinus.dev/adopted"
"""An annotation of a Deployment of somebody else: the revision that it runs for us, paused."""

PODS = "serinus.dev/pods"
"""An annotation of an adopted Deployment: the ``pod-template-hash`` of the pods that it runs."""

HANDED_BACK = "serinus.dev/handed-back"
"""An annotation of an adopted Deployment that is being left: the revision that it goes on with."""

REPLICAS = "serinus.dev/replicas"
"""An annotation of an adopted Deployment: how many replicas its owner wants, whoever runs them."""

LEAVE = "serinus.dev/leave"
"""An annotation of an Application: let go of it, as if it were deleted."""

TOLD = "serinus.dev/told"
"""An annotation of a Lease: until when each place has been told what happened, as JSON."""

FINALIZER = "serinus.dev/hand-back"
"""A finalizer of an Application: what was there before us is put back before it may go."""


class Name(NamedTuple):
    """The two parts of an application's name in a cluster."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """Write it as people do."""
        return f"{self.namespace}/{self.name}"


def parted(application: str) -> Name:
    """Part an application's name; one without a namespace is in ``default``."""
    namespace, slash, name = application.partition("/")
    return Name(namespace, name) if slash else Name("default", application)


def short(revision: str) -> str:
    """Return the digits of a revision that names and labels hold."""
    return revision[:DIGITS]


def of_revision(application: str, revision: str) -> str:
    """Return the name of a revision's Deployment and of its Service: ``shop-3f2a9c01d4``."""
    return f"{parted(application).name}-{short(revision)}"
