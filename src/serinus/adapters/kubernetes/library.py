"""
Templates and environments of a cluster: what applications refer to, by namespace.

::

    built-in ◀─ ClusterDeliveryTemplate ◀─ DeliveryTemplate     of one version, the last one holds
    Environment, whose target lists a namespace                  holds for all that is in it

An environment that is damaged keeps its applications from changing: without it there would be no
window, no freeze, and another router.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from serinus.core.errors import Problem
from serinus.core.spec import mend, problems, review, versions
from serinus.core.spec.application import API, Environment
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate

Object = Mapping[str, Any]
Review = Callable[[Environment], Iterable[Problem]]
"""Finds what is wrong with the settings of an environment's router and metric sources."""

DEFAULT = "kubernetes"
"""The environment of namespaces that none lists."""


class Place(NamedTuple):
    """
    The environment of a namespace.

    ``document`` None: nobody wrote it down; of a damaged one it is what can be read, so that what
    serves keeps its router and its counts. ``problem``: why nothing may change in it, for people.
    """

    name: str
    document: Environment | None = None
    problem: str = ""


def plain(found: Object, kind: str) -> dict[str, Any]:
    """Return an object of the API server as the document of that kind that people wrote."""
    return {
        "apiVersion": API,
        "kind": kind,
        "metadata": {"name": found["metadata"]["name"]},
        "spec": found.get("spec"),
    }


def namespaces(environment: Object) -> tuple[str, ...]:
    """Return the namespaces that an environment lists, damaged or not."""
    spec = environment.get("spec")
    target = spec.get("target") if isinstance(spec, Mapping) else None
    listed = target.get("namespaces") if isinstance(target, Mapping) else None
    return tuple(name for name in listed if isinstance(name, str)) if listed else ()


def no_review(_: Environment) -> Iterable[Problem]:
    """Find nothing wrong."""
    return ()


class Places:
    """The environments of a cluster, by namespace."""

    def __init__(
        self, environments: Iterable[Object], reviewed: Review = no_review, default: str = DEFAULT
    ) -> None:
        self._default = default
        self._found: dict[str, Place] = {}
        self._listed: dict[str, list[str]] = {}
        for one in sorted(environments, key=_since):
            name = one["metadata"]["name"]
            self._found[name] = _place(name, one, reviewed)
            for namespace in namespaces(one):
                self._listed.setdefault(namespace, []).append(name)

    def of(self, namespace: str) -> Place:
        """Return the environment of a namespace."""
        names = tuple(dict.fromkeys(self._listed.get(namespace, ())))
        name = names[0] if names else self._default
        place = self._found.get(name, Place(name))
        if len(names) > 1:
            both = " and ".join(sorted(names))
            problem = f"environments {both} both list namespace {namespace}; keep one of them"
            return place._replace(problem=problem)
        return place

    def problem(self, name: str) -> str:
        """Return what is wrong with an environment, its claims on namespaces included."""
        found = [self._found[name].problem] if name in self._found else []
        claimed = [space for space, names in self._listed.items() if name in names]
        found += [self.of(space).problem for space in claimed]
        return "; ".join(dict.fromkeys(filter(None, found)))

    def documents(self) -> Mapping[str, Environment]:
        """Return the environments that people wrote, as far as they can be read, by name."""
        found = self._found.items()
        return {name: one.document for name, one in found if one.document is not None}


def _since(environment: Object) -> tuple[str, str]:
    """Order environments by age: where two list a namespace, it stays where it was."""
    metadata = environment["metadata"]
    return str(metadata.get("creationTimestamp", "")), metadata["name"]


def _place(name: str, written: Object, reviewed: Review) -> Place:
    document = plain(written, "Environment")
    found, told = review.document(document)
    if isinstance(found, Environment):
        told = tuple(reviewed(found))
    errors = problems.errors(told)
    if errors or not isinstance(found, Environment):
        legible = mend.check(document, Environment).value
        return Place(name, legible, f"environment {name}: {problems.text(errors)}")
    return Place(name, found)


class Templates:
    """Templates by namespace; ``broken`` says which ones cannot be used, and why."""

    def __init__(self, builtin: Library, shared: Iterable[Object], own: Iterable[Object]) -> None:
        self._base, self._broken = _laid(builtin.templates, shared, {})
        spaces: dict[str, list[Object]] = {}
        for one in own:
            spaces.setdefault(one["metadata"]["namespace"], []).append(one)
        self._own = {
            namespace: _laid(self._base, found, self._broken) for namespace, found in spaces.items()
        }

    def of(self, namespace: str) -> Mapping[str, tuple[DeliveryTemplate, ...]]:
        """Return the templates that the applications of a namespace may use."""
        return self._own[namespace][0] if namespace in self._own else self._base

    def broken(self, namespace: str) -> Mapping[str, str]:
        """Return what is wrong with templates that cannot be used, by the name that they have."""
        return self._own[namespace][1] if namespace in self._own else self._broken


_Laid = tuple[Mapping[str, tuple[DeliveryTemplate, ...]], Mapping[str, str]]


def _laid(
    base: Mapping[str, tuple[DeliveryTemplate, ...]],
    over: Iterable[Object],
    broken: Mapping[str, str],
) -> _Laid:
    """Lay templates over others: of one name and version the upper one holds."""
    found = {
        name: {one.spec.version: one for one in versions_of} for name, versions_of in base.items()
    }
    wrong = dict(broken)
    for one in over:
        read, told = review.document(plain(one, "DeliveryTemplate"))
        if isinstance(read, DeliveryTemplate):
            found.setdefault(read.spec.template, {})[read.spec.version] = read
        else:
            name = one["metadata"]["name"]
            where = f"{one.get('kind', 'DeliveryTemplate')} {name}"
            wrong[called(one)] = f"{where}: {problems.text(problems.errors(told))}"
    return {name: tuple(sorted(known.values(), key=_age)) for name, known in found.items()}, wrong


def _age(template: DeliveryTemplate) -> tuple[int, ...]:
    return versions.key(template.spec.version) or (0, 0, 0)


def called(written: Object) -> str:
    """Return the name by which applications refer to a template, damaged or not."""
    spec = written.get("spec")
    name = spec.get("template") if isinstance(spec, Mapping) else None
    return name if isinstance(name, str) else str(written["metadata"]["name"])
