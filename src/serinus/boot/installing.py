"""What ``serinus install`` prints: the manifests of the controller, checked and written as YAML."""

import io
import re
from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from serinus.adapters.kubernetes import crd, installation, rights
from serinus.adapters.kubernetes.installation import Installation
from serinus.core.errors import Problem, SpecError
from serinus.core.spec import checker, cluster

SYSTEM = installation.SYSTEM
ENVIRONMENT = "kubernetes"

_IMAGE = re.compile(r"[a-z0-9]([-a-z0-9._:/]*[A-Za-z0-9_.-])?(@sha256:[0-9a-f]{64})?")
_MOST = 5


def wanted(
    image: str,
    *,
    namespace: str = SYSTEM,
    namespaces: Sequence[str] = (),
    routers: Sequence[str] | None = None,
    environment: str = ENVIRONMENT,
    replicas: int = 2,
    kubelet: bool = False,
    dashboard: bool = True,
) -> Installation:
    """Return what is to be installed. Raises SpecError with everything that is wrong with it."""
    told = []
    if image and not _IMAGE.fullmatch(image):
        message = f"{checker.shown(image)} is not an image; wanted such as registry.example/a:1.2"
        told.append(Problem("image", message))
    for name in (namespace, *namespaces):
        wrong = cluster.namespace(name)
        if wrong:
            told.append(Problem("--namespace", wrong))
    for router in routers or ():
        if router not in rights.ROUTERS:
            known = tuple(rights.ROUTERS)
            told.append(Problem("--router", checker.unknown(router, known, "router")))
    if cluster.namespace(environment):
        message = f"{checker.shown(environment)} is not the name of an environment"
        told.append(Problem("--environment", message))
    if not 1 <= replicas <= _MOST:
        message = f"{replicas} replicas; wanted 1 to {_MOST}: one works, the others stand by"
        told.append(Problem("--replicas", message))
    if told:
        raise SpecError(tuple(told))
    return Installation(
        image=image,
        namespace=namespace,
        namespaces=tuple(dict.fromkeys(namespaces)),
        routers=tuple(rights.ROUTERS if routers is None else dict.fromkeys(routers)),
        environment=environment,
        replicas=replicas,
        kubelet=kubelet,
        dashboard=dashboard,
    )


def text(found: Installation) -> str:
    """Return the manifests as YAML documents."""
    made = installation.manifests(found, crd.every(), controller=bool(found.image))
    return "---\n".join(_document(one) for one in made)


def _document(manifest: installation.Manifest) -> str:
    yaml = YAML()
    yaml.width = 4096  # no line of a description is broken
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(_readable(manifest), out)
    return out.getvalue()


def _readable(value: object) -> object:
    """Write texts of several lines as such."""
    if isinstance(value, dict):
        return {key: _readable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(one) for one in value]
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return value
