"""
The specs of a cluster: Applications, and all that they refer to, read as what is wanted.

::

    specs       which answers hold, and which a change touches      (this module)
    resolved    one Application: what it comes to                   (pure)
    library     templates and environments, by namespace            (pure)
    template    a workload as a pod template                        (pure)
    existing    an adopted Deployment as a pod template             (pure)
    references  ConfigMaps and Secrets of a pod template            (pure)
    remembered  deliveries that were resolved before

An answer is made once. A change of an object forgets the answers that depend on it, and no other:
what is at rest costs nothing, however much of it there is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from serinus.adapters.kubernetes import configs, existing, library, resolved
from serinus.adapters.kubernetes.library import Places, Review, Templates
from serinus.adapters.kubernetes.references import Reference
from serinus.adapters.kubernetes.remembered import Remembered
from serinus.adapters.kubernetes.resolved import Answer, Facts, Situation
from serinus.core.spec import resolve
from serinus.core.spec.application import Environment
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Library
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.core.state.traffic import Ref
from serinus.ports import failures
from serinus.ports.store import Asked

Object = dict[str, Any]

KINDS = (
    *("Application", "Environment", "DeliveryTemplate", "ClusterDeliveryTemplate"),
    *("ConfigMap", "Secret", "Deployment"),
)
"""The kinds whose caches are needed."""

DIGEST = "digest"
"""Where :func:`trimmed` keeps what it takes the place of."""

_NOTED = (resolved.ACTOR, resolved.REASON, resolved.GENERATION, labels.LEAVE)


class Cached(Protocol):
    """The objects of one kind, as far as they are needed here."""

    def get(self, namespace: str | None, name: str) -> Object | None:
        """Return one object, None when it is not there."""
        ...

    def of(self, namespace: str | None = None) -> list[Object]:
        """Return the objects of a namespace, or all."""
        ...

    def subscribe(self, callback: "Heard") -> Callable[[], None]:
        """Tell of each change from now on; returns how to end it."""
        ...


Heard = Callable[[Any, Object | None, Object | None], None]
_LIMITS = Limits(images=True, cluster=True, replicas=10_000, enforced=("cpu", "memory"))


def unlimited(_: Environment | None, __: int, ___: Ref | None) -> Limits:
    """Return the limits of a cluster whose router can do everything."""
    return _LIMITS


class Ground(NamedTuple):
    """
    What does not come from the API server.

    ``builtin``: the templates that ship with the program. ``limits``: what the router of an
    environment can do for so many replicas, in a routing object of a user's if one is named.
    ``reviewed``: finds what is wrong with the settings of an environment's router and sources.
    ``environment``: the one of namespaces that none lists.
    """

    builtin: Library
    limits: Callable[[Environment | None, int, Ref | None], Limits] = unlimited
    reviewed: Review = library.no_review
    environment: str = library.DEFAULT


class Specs:
    """
    See :class:`serinus.ports.store.Specs` for the contract; applications are ``namespace/name``.

    ``caches``: those of :data:`KINDS`, which should be ready before anything is asked: what is not
    there yet counts as missing.
    """

    def __init__(self, caches: Mapping[str, Cached], ground: Ground) -> None:
        self._caches = caches
        self._ground = ground
        self._answers: dict[Name, Answer] = {}
        self._situations: dict[Name, Situation] = {}
        self._needing: dict[tuple[str, Reference], set[Name]] = {}
        self._adopting: dict[Name, set[str]] = {}
        self._places: Places | None = None
        self._templates: Templates | None = None
        self._remembered = Remembered()
        self._news = True
        for found in caches["Application"].of():
            self._adopts(_name(found), found, add=True)
        heard: Mapping[str, Heard] = {
            "Application": self._application,
            "Environment": self._environment,
            "DeliveryTemplate": self._template,
            "ClusterDeliveryTemplate": self._template,
            "ConfigMap": self._configuration,
            "Secret": self._configuration,
            "Deployment": self._deployment,
        }
        for kind, callback in heard.items():
            caches[kind].subscribe(callback)

    # --- the port -------------------------------------------------------------------------------

    def asked(self, name: str, environment: str) -> Asked:
        """Return what is asked for; nothing for one that is to be let go of, or is elsewhere."""
        found = self._found(labels.parted(name))
        if found is None or leaving(found):
            return Asked()
        answer = self._answer(labels.parted(name), found)
        return answer.asked if answer.situation.environment == environment else Asked()

    def applications(self) -> Sequence[str]:
        """Return the names of all applications, sorted, those with problems included."""
        found = self._caches["Application"].of()
        return sorted(str(_name(one)) for one in found if not leaving(one))

    def changed(self) -> bool:
        """Tell whether anything was written since the last call; the first call always does."""
        news, self._news = self._news, False
        return news

    def again(self) -> None:
        """Forget every answer: what is known beside the objects has changed."""
        self._places = None
        self._forget(self._answers)
        self._news = True

    # --- what others have to know ---------------------------------------------------------------

    def environment(self, name: str) -> str:
        """Return the environment that an application is in, there or not."""
        return self.places().of(labels.parted(name).namespace).name

    def environments(self) -> Mapping[str, Environment]:
        """Return the environments that people wrote, as far as they can be read, by name."""
        return self.places().documents()

    def situation(self, name: str) -> Situation:
        """
        Return what routers have to know of an application; Missing for one that never was.

        An application that is gone is where it was last.
        """
        key = labels.parted(name)
        found = self._found(key)
        if found is not None:
            return self._answer(key, found).situation
        if key not in self._situations:
            raise failures.Missing(f"there is no Application {name}", hint="kubectl get sapp -A")
        return self._situations[key]

    def draft(self, found: Object) -> Answer:
        """Return what an Application comes to that nobody has written; nothing is kept of it."""
        name = _name(found)
        facts = self._facts(name.namespace)._replace(resolving=resolve.resolve)
        return resolved.answer(found, name, self.places().of(name.namespace), facts)

    def warnings(self, name: str) -> tuple[str, ...]:
        """Return what is worth reading about an application that can be released."""
        key = labels.parted(name)
        found = self._found(key)
        return () if found is None else self._answer(key, found).warnings

    def library(self, namespace: str) -> Library:
        """Return the templates and environments that applications of a namespace may refer to."""
        return Library(self.templates().of(namespace), self.places().documents())

    def places(self) -> Places:
        """Return the environments, by namespace."""
        if self._places is None:
            written = self._caches["Environment"].of()
            self._places = Places(written, self._ground.reviewed, self._ground.environment)
        return self._places

    def templates(self) -> Templates:
        """Return the templates, by namespace."""
        if self._templates is None:
            shared = self._caches["ClusterDeliveryTemplate"].of()
            own = self._caches["DeliveryTemplate"].of()
            self._templates = Templates(self._ground.builtin, shared, own)
        return self._templates

    # --- answering ------------------------------------------------------------------------------

    def _found(self, name: Name) -> Object | None:
        return self._caches["Application"].get(*name)

    def _answer(self, name: Name, found: Object) -> Answer:
        known = self._answers.get(name)
        if known is not None:
            return known
        place = self.places().of(name.namespace)
        answer = resolved.answer(found, name, place, self._facts(name.namespace))
        self._answers[name] = answer
        self._situations[name] = answer.situation
        for reference in answer.references:
            self._needing.setdefault((name.namespace, reference), set()).add(name)
        return answer

    def _facts(self, namespace: str) -> Facts:
        templates = self.templates()
        return Facts(
            templates=templates.of(namespace),
            broken=templates.broken(namespace),
            environments=self.places().documents(),
            limits=self._ground.limits,
            digest=lambda reference: self._digest(namespace, reference),
            deployment=lambda name: self._caches["Deployment"].get(namespace, name),
            adopters=lambda name: tuple(sorted(self._adopting.get(Name(namespace, name), ()))),
            resolving=self._remembered,
        )

    def _digest(self, namespace: str, reference: Reference) -> str | None:
        found = self._caches[reference.kind].get(namespace, reference.name)
        return None if found is None else _digest(found)

    # --- what a change touches ------------------------------------------------------------------

    def _forget(self, names: Iterable[Name]) -> None:
        """Forget answers; what nobody asked for yet was not answered, and is news all the same."""
        for name in tuple(names):
            answer = self._answers.pop(name, None)
            for reference in answer.references if answer else ():
                self._needing.get((name.namespace, reference), set()).discard(name)
            self._news = True

    def _application(self, _: str, old: Object | None, new: Object | None) -> None:
        if old is not None and new is not None and same(old, new):
            return
        name = _name(old or new or {})
        touched = {name}
        if old is not None:
            touched |= self._adopts(name, old, add=False)
        if new is not None:
            touched |= self._adopts(name, new, add=True)
        self._forget(touched)

    def _adopts(self, name: Name, found: Object, *, add: bool) -> set[Name]:
        """Note which Deployment an application names; return who names the same."""
        named = resolved.adopts(found)
        if not named:
            return set()
        key = Name(name.namespace, named)
        others = self._adopting.setdefault(key, set())
        before = {Name(name.namespace, other) for other in others}
        if add and not leaving(found):
            others.add(name.name)
        else:
            others.discard(name.name)
        if not others:
            del self._adopting[key]
        return before

    def _environment(self, _: str, old: Object | None, new: Object | None) -> None:
        if old is not None and new is not None and old.get("spec") == new.get("spec"):
            return
        self._places = None
        touched = {one for found in (old, new) if found for one in library.namespaces(found)}
        named = {found["metadata"]["name"] for found in (old, new) if found}
        self._forget(
            name
            for name, answer in self._answers.items()
            if name.namespace in touched or answer.situation.environment in named
        )
        self._news = True

    def _template(self, _: str, old: Object | None, new: Object | None) -> None:
        if old is not None and new is not None and old.get("spec") == new.get("spec"):
            return
        self._templates, self._remembered = None, Remembered()
        named = {library.called(found) for found in (old, new) if found}
        namespace = (old or new or {})["metadata"].get("namespace")
        self._forget(
            name
            for name, answer in self._answers.items()
            if namespace in {None, "", name.namespace}
            and (answer.template in named or not answer.template)
        )

    def _configuration(self, _: str, old: Object | None, new: Object | None) -> None:
        if old is not None and new is not None and _digest(old) == _digest(new):
            return
        found = old or new or {}
        metadata = found["metadata"]
        reference = Reference(_kind(found), metadata["name"])
        self._forget(self._needing.get((metadata.get("namespace") or "", reference), ()))

    def _deployment(self, _: str, old: Object | None, new: Object | None) -> None:
        name = _name(old or new or {})
        adopters = self._adopting.get(name, ())
        if not adopters:
            return
        if old is not None and new is not None and _runs(old) == _runs(new):
            return
        self._forget(Name(name.namespace, other) for other in adopters)


def leaving(application: Object) -> bool:
    """Tell whether an Application is to be let go of: deleted, or asked to be left."""
    metadata = application["metadata"]
    return "deletionTimestamp" in metadata or labels.LEAVE in (metadata.get("annotations") or {})


def trimmed(found: Object) -> Object:
    """Return what is kept of a ConfigMap or Secret: a digest in the place of what it holds."""
    metadata = found["metadata"]
    kept = ("name", "namespace", "resourceVersion", "uid")
    return {
        "kind": _kind(found),
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        DIGEST: _digest(found),
    }


# --- parts --------------------------------------------------------------------------------------


def _name(found: Object) -> Name:
    metadata = found["metadata"]
    return Name(metadata.get("namespace") or "", metadata["name"])


def _kind(found: Object) -> str:
    """Return the kind; items of a list do not always say it, and only Secrets have a type."""
    return str(found.get("kind") or ("Secret" if "type" in found else "ConfigMap"))


def _digest(found: Object) -> str:
    return str(found[DIGEST]) if DIGEST in found else configs.digest(found)


def same(old: Object, new: Object) -> bool:
    """Tell whether a change of an Application leaves what it asks for as it was."""
    return _says(old) == _says(new)


def _says(found: Object) -> tuple[Any, ...]:
    metadata = found["metadata"]
    notes = metadata.get("annotations") or {}
    return (
        found.get("spec"),
        "deletionTimestamp" in metadata,
        metadata.get("uid"),
        *(notes.get(key) for key in _NOTED),
    )


def _runs(found: Object) -> tuple[Any, ...]:
    """Return what of a Deployment makes a revision, and how many it wants."""
    return found["spec"].get("template"), existing.replicas(found)
