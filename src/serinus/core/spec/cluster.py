"""
What a Kubernetes cluster asks of documents beyond what this machine asks.

Nothing here keeps a document from being used on this machine: problems are warnings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from serinus.core.errors import Problem, Severity
from serinus.core.spec import checker, formats, place, pods, review
from serinus.core.spec.application import ApplicationSpec
from serinus.core.spec.effective import LOCAL

NAMESPACED = frozenset({"Application", "DeliveryTemplate"})
"""The kinds that live in a namespace; an Environment belongs to the whole cluster."""

_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
)


def namespace(text: str) -> str:
    """Say what is wrong with the name of a namespace (RFC 1123: a label), empty if nothing is."""
    return formats.wrong("namespace", text)


def review_for(data: Mapping[str, Any], environments: Iterable[str]) -> tuple[Problem, ...]:
    """
    Return what a cluster would not take, or not run, of a document that has no errors.

    ``environments``: those that there are; the one of this machine does not count.
    """
    found = [*_metadata(data.get("metadata"))]
    if data.get("kind") == "Application":
        found += _application(data, environments)
    return tuple(dict.fromkeys(found))


def _metadata(data: Any) -> Iterator[Problem]:
    written = data if isinstance(data, Mapping) else {}
    for key, value in (written.get("labels") or {}).items():
        path = place.text(("metadata", "labels", key))
        if not _KEY.fullmatch(key):
            yield _warning(path, f"{checker.shown(key)} cannot be the key of a label in Kubernetes")
        elif not _VALUE.fullmatch(value):
            message = (
                f"{checker.shown(value)} cannot be a label in Kubernetes; "
                "wanted at most 63 letters, digits and . _ -"
            )
            yield _warning(path, message)
    for key in written.get("annotations") or {}:
        if not _KEY.fullmatch(key):
            path = place.text(("metadata", "annotations", key))
            message = f"{checker.shown(key)} cannot be the key of an annotation in Kubernetes"
            yield _warning(path, message)


def _application(data: Mapping[str, Any], environments: Iterable[str]) -> Iterator[Problem]:
    patches = data["spec"].get("environments") or {}
    others = [name for name in dict.fromkeys((*patches, *environments)) if name != LOCAL]
    lacking = []
    for name in others or [""]:
        spec = review.patched(data, name).value
        if spec is None:
            continue
        if spec.workload.image is None and spec.workload_ref is None:
            lacking.append(name)
        for problem in _foreign(spec):
            path = f"spec.environments.{name}.{problem.path}"
            patched = _written(data, ("spec", "environments", name, *problem.path.split(".")))
            yield _warning(path if patched else f"spec.{problem.path}", problem.message)
    if lacking:
        yield _imageless(lacking)


def _imageless(lacking: list[str]) -> Problem:
    named = [name for name in lacking if name]
    where = f" in {' and '.join(named)}" if named else ""
    message = (
        f"Kubernetes runs images, and this application has none{where}; "
        f"add environments: {{{named[0] if named else 'prod'}: {{workload: {{image: …}}}}}}"
    )
    return _warning("spec.workload", message)


def _foreign(spec: ApplicationSpec) -> Iterator[Problem]:
    """Tell what a workload takes from this machine."""
    if spec.workload.files:
        yield _warning("workload.files", pods.NO_FILES)
    if pods.relative(spec.workload.workdir):
        yield _warning("workload.workdir", pods.no_workdir(spec.workload.workdir))


def _written(data: Any, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(data, Mapping) or key not in data:
            return False
        data = data[key]
    return True


def _warning(path: str, message: str) -> Problem:
    return Problem(path, message, Severity.WARNING)
