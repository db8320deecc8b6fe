"""Which ConfigMaps and Secrets a pod template refers to: what is in them is part of a revision."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Reference(NamedTuple):
    """One ConfigMap or Secret of the same namespace."""

    kind: str
    name: str

    def __str__(self) -> str:
        """Write it as the files of a workload are called: ``ConfigMap/name``."""
        return f"{self.kind}/{self.name}"


def of(template: Mapping[str, Any]) -> Mapping[Reference, bool]:
    """Return what a template refers to, and whether it has to be there."""
    found: dict[Reference, bool] = {}
    spec = template.get("spec") or {}
    for kind, name, optional in (*_volumes(spec), *_variables(spec)):
        if name:
            reference = Reference(kind, name)
            found[reference] = found.get(reference, False) or not optional
    return dict(sorted(found.items()))


_Found = tuple[str, str, bool]


def _volumes(spec: Mapping[str, Any]) -> Iterator[_Found]:
    for volume in spec.get("volumes") or ():
        if "secret" in volume:
            secret = volume["secret"]
            yield "Secret", secret.get("secretName", ""), bool(secret.get("optional"))
        if "configMap" in volume:
            yield _named("ConfigMap", volume["configMap"])
        for source in (volume.get("projected") or {}).get("sources") or ():
            if "secret" in source:
                yield _named("Secret", source["secret"])
            if "configMap" in source:
                yield _named("ConfigMap", source["configMap"])


def _variables(spec: Mapping[str, Any]) -> Iterator[_Found]:
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for source in container.get("envFrom") or ():
            yield _named("ConfigMap", source.get("configMapRef"))
            yield _named("Secret", source.get("secretRef"))
        for variable in container.get("env") or ():
            origin = variable.get("valueFrom") or {}
            yield _named("ConfigMap", origin.get("configMapKeyRef"))
            yield _named("Secret", origin.get("secretKeyRef"))


def _named(kind: str, written: Mapping[str, Any] | None) -> _Found:
    said = written or {}
    return kind, said.get("name", ""), bool(said.get("optional"))
