"""
What one Application comes to: the revision that is wanted, or what keeps it from being known.

Pure: everything that it depends on is asked of ``Facts``, so that a change of anything tells which
applications have to be looked at again.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from serinus.adapters.kubernetes import existing, library, references, template
from serinus.adapters.kubernetes.library import Place
from serinus.adapters.kubernetes.references import Reference
from serinus.core.spec import effective, problems, resolve
from serinus.core.spec.application import ApplicationSpec, Environment, Health
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.effective import Effective, Resolve
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate
from serinus.core.state import revision as runs
from serinus.core.state.labels import Name
from serinus.core.state.observed import Freeze, Wanted
from serinus.core.state.traffic import Ref
from serinus.core.state.workload import Workload
from serinus.ports.store import Asked

Object = Mapping[str, Any]

ACTOR = "serinus.dev/actor"
"""An annotation of an Application: who changed it last; the doors of Serinus write it."""

REASON = "serinus.dev/reason"
"""An annotation of an Application: why."""

GENERATION = "serinus.dev/generation"
"""An annotation of an Application: the change that the actor is meant for, by its generation."""

_GRACE = "10s"


class Facts(NamedTuple):
    """
    What an application depends on, as it is now.

    ``limits`` says what the router of an environment can do for so many replicas, in a routing
    object of a user's or in one of its own. ``digest`` is of
    what a ConfigMap or Secret holds, None when it is not there. ``adopters``: the applications
    that name a Deployment.
    """

    templates: Mapping[str, tuple[DeliveryTemplate, ...]]
    broken: Mapping[str, str]
    environments: Mapping[str, Environment]
    limits: Callable[[Environment | None, int, Ref | None], Limits]
    digest: Callable[[Reference], str | None]
    deployment: Callable[[str], Object | None]
    adopters: Callable[[str], tuple[str, ...]]
    resolving: Resolve = resolve.resolve


class Situation(NamedTuple):
    """Where an application is: what routers have to know, also while its spec is damaged."""

    environment: str
    document: Environment | None
    host: str
    port: int = 80
    target_port: int = 8080
    ref: Ref | None = None


class Answer(NamedTuple):
    """
    What an application comes to, and what that depends on.

    ``template``: the name of the delivery template, empty while it is not known.
    """

    asked: Asked
    situation: Situation
    references: frozenset[Reference] = frozenset()
    template: str = ""
    warnings: tuple[str, ...] = ()


def answer(found: Object, name: Name, place: Place, facts: Facts) -> Answer:
    """Resolve an Application in its environment."""
    document = library.plain(found, "Application")
    deployment = _adopted(document, facts)
    many = count(document, place.name, deployment)
    resolved = effective.effective(
        document,
        place.name,
        Library(facts.templates, facts.environments),
        facts.limits(place.document, many, taken_part_in(document, place.name)),
        resolving=facts.resolving,
    )
    told = _Told(found, name, place, resolved, deployment)
    errors = problems.errors(resolved.problems)
    situation = told.situation()
    if place.problem:
        return Answer(Asked(problem=place.problem), situation)
    if errors or resolved.delivery is None or resolved.written is None:
        said = problems.text(errors) or "it cannot be resolved"
        return Answer(Asked(problem=_with_broken(said, facts.broken)), situation)
    chosen = resolved.delivery.template
    problem = told.unfound(facts)
    if problem:
        return Answer(Asked(problem=problem), situation, template=chosen)
    made = told.template()
    hashes, lacking = _hashes(made, name.namespace, facts)
    needed = frozenset(references.of(made))
    if lacking:
        return Answer(Asked(problem=lacking), situation, needed, chosen)
    wanted = told.wanted(made, hashes, resolved.delivery)
    warnings = tuple(str(p) for p in resolved.problems)
    return Answer(Asked(wanted=wanted), situation, needed, chosen, warnings)


def adopts(found: Object) -> str:
    """Return the Deployment that an Application names, damaged or not; empty if none."""
    spec = found.get("spec")
    ref = spec.get("workloadRef") if isinstance(spec, Mapping) else None
    name = ref.get("name") if isinstance(ref, Mapping) else None
    return name if isinstance(name, str) else ""


def _adopted(document: Object, facts: Facts) -> Object | None:
    named = adopts(document)
    return facts.deployment(named) if named else None


def count(document: Object, environment: str, deployment: Object | None) -> int:
    """Return how many replicas are wanted, as far as that can be told already."""
    said = _said(document, environment, "workload", "replicas")
    many = next((n for n in said if isinstance(n, int) and n > 0), None)
    if many is not None:
        return many
    return 1 if deployment is None else existing.replicas(deployment)


def taken_part_in(document: Object, environment: str) -> Ref | None:
    """Return the routing object of a user's, as far as that can be told already."""
    kinds, names = (_said(document, environment, "route", "ref", w) for w in ("kind", "name"))
    kind, name = (next((s for s in said if isinstance(s, str)), "") for said in (kinds, names))
    return Ref(kind, name) if kind and name else None


def _said(document: Object, environment: str, *fields: str) -> list[Any]:
    """Return what a field says in the environment, and what it says for all."""
    result = []
    for path in (("environments", environment), ()):
        said: Any = document
        for key in ("spec", *path, *fields):
            said = said.get(key) if isinstance(said, Mapping) else None
        result.append(said)
    return result


def _with_broken(said: str, broken: Mapping[str, str]) -> str:
    """Say why a template cannot be used, where that is what a problem is about."""
    why = [text for name, text in broken.items() if f"'{name}'" in said or f" {name} " in said]
    return "; ".join([said, *why])


def _hashes(made: Mapping[str, Any], namespace: str, facts: Facts) -> tuple[Mapping[str, str], str]:
    """Return the digests of what a template refers to, and a sentence about what is not there."""
    hashes, lacking = {}, []
    for reference, required in references.of(made).items():
        digest = facts.digest(reference)
        if digest is not None:
            hashes[str(reference)] = digest
        elif required:
            lacking.append(f"{reference.kind} {namespace}/{reference.name}")
    if not lacking:
        return hashes, ""
    verb, it = ("is", "it") if len(lacking) == 1 else ("are", "them")
    return hashes, f"{' and '.join(lacking)} {verb} not there; create {it}, or refer to another"


class _Told:
    """One resolved application, and what is made of it."""

    def __init__(
        self,
        found: Object,
        name: Name,
        place: Place,
        resolved: Effective,
        deployment: Object | None,
    ) -> None:
        self._found = found
        self._name = name
        self._place = place
        self._resolved = resolved
        self._deployment = deployment
        self._spec = resolved.written or ApplicationSpec()

    def situation(self) -> Situation:
        """Return what routers have to know."""
        route = self._spec.route
        ref = route.ref
        return Situation(
            self._place.name,
            self._place.document,
            self._host(),
            route.port or 80,
            self._port() or template.port(self._resolved),
            None if ref is None else Ref(ref.kind, f"{self._name.namespace}/{ref.name}"),
        )

    def unfound(self, facts: Facts) -> str:
        """Say what keeps a Deployment from being adopted; empty if nothing does."""
        ref = self._resolved.workload_ref
        if not ref:
            return ""
        where = f"Deployment {self._name.namespace}/{ref}"
        if self._deployment is None:
            return f"{where} is not there (spec.workloadRef); create it, or name another"
        others = [name for name in facts.adopters(ref) if name != self._name.name]
        if others:
            return f"{where} is adopted by {' and '.join(others)} too; keep one (spec.workloadRef)"
        if self._port() is None:
            return f"{where} does not say which port serves; say it in spec.workload.port"
        return ""

    def template(self) -> dict[str, Any]:
        """Return the pod template."""
        if self._deployment is not None:
            return existing.of_deployment(self._deployment)
        return template.of(self._resolved, self._name.name)

    def wanted(self, made: dict[str, Any], hashes: Mapping[str, str], delivery: Delivery) -> Wanted:
        """Return what is wanted."""
        found, metadata = self._resolved, self._found["metadata"]
        notes = metadata.get("annotations") or {}
        signed = notes.get(GENERATION, "") in {"", str(metadata.get("generation"))}
        main = existing.container(made)
        work = Workload(
            command=(),
            files=dict(hashes),
            port=self._port(),
            health=self._health(made),
            grace_s=self._grace_s(made),
            image=main.get("image"),
            resources=dict((main.get("resources") or {}).get("limits") or {}),
            template=made,
        )
        return Wanted(
            revision=runs.of(work, self._version(main)),
            replicas=found.replicas or self._owners(),
            host=self._host(),
            delivery=delivery,
            delivery_hash=found.delivery_hash,
            actor=notes.get(ACTOR, "") if signed else "",
            reason=notes.get(REASON, "") if signed else "",
            timeout_s=found.timeout_s,
            windows=found.windows,
            freeze=None if found.freeze is None else Freeze(*found.freeze),
            roles=found.roles,
        )

    # --- parts ----------------------------------------------------------------------------------

    def _host(self) -> str:
        """Return the host; an application that names none has the one of its Service."""
        return self._spec.route.host or f"{self._name.name}.{self._name.namespace}"

    def _owners(self) -> int:
        return 1 if self._deployment is None else existing.replicas(self._deployment)

    def _port(self) -> int | None:
        if self._deployment is None or self._resolved.port is not None:
            return template.port(self._resolved)
        return existing.port(existing.of_deployment(self._deployment))

    def _health(self, made: Mapping[str, Any]) -> Any:
        said = self._spec.workload.health != Health()
        if self._deployment is None or said:
            return self._resolved.health
        return existing.health(made)

    def _grace_s(self, made: Mapping[str, Any]) -> float:
        said = self._spec.workload.grace != _GRACE
        if self._deployment is None or said:
            return self._resolved.grace_s
        return existing.grace_s(made)

    def _version(self, main: Mapping[str, Any]) -> str:
        if self._deployment is None or self._spec.version is not None:
            return self._resolved.version
        return effective.label(str(main.get("image", ""))) or effective.FIRST
