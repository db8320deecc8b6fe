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

ORIGINAL = "serinus.dev/original"
"""An annotation of an object of somebody else: what was there before us, to be put back."""


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
