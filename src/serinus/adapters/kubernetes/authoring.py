"""
The Applications of a cluster, for those who write them in a page.

::

    object ──▶ text        what people write of it: no status, no managedFields, no notes of ours
    text ──▶ object        the whole of it, in the place of the one that was read

An object is replaced by its ``resourceVersion``, so that two who write at once never lose what the
other one wrote. A status that is written meanwhile is no change of what people wrote. What Argo CD
or Flux keeps is refused with the patch to commit, because they would undo the change.
"""

import contextlib
import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import msgspec

from serinus.adapters.kubernetes import changing, ending, library, resolved
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.library import Place, Places, Templates
from serinus.adapters.kubernetes.resolved import ACTOR, GENERATION, REASON
from serinus.adapters.kubernetes.specs import Ground
from serinus.core.errors import Problem
from serinus.core.spec import canonical, checker, cluster, effective, problems, review
from serinus.core.spec.application import API, ApplicationSpec, DeliverySpec, RouteSpec, Workload
from serinus.core.spec.effective import Effective
from serinus.core.spec.problems import Positions
from serinus.core.spec.resolve import Library
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.ports import failures
from serinus.ports.documents import Edit, Reviewed, Written

Object = dict[str, Any]

KINDS = ("Environment", "DeliveryTemplate", "ClusterDeliveryTemplate")
"""The kinds whose caches are needed."""

MANAGER = "serinus-ui"
"""The field manager of what people write in pages."""

APPLICATION = "Application"
TRIES = 3

_NOTES = (ACTOR, REASON, GENERATION, "kubectl.kubernetes.io/last-applied-configuration")
"""Annotations that are no part of what people write, and stay as they are."""

_FILE = "this text"
_FIRST = ("name", "use")
_ORDERS: Mapping[str, type[msgspec.Struct]] = {
    "workload": Workload,
    "route": RouteSpec,
    "delivery": DeliverySpec,
}


class Listed(Protocol):
    """The objects of one kind."""

    def of(self, namespace: str | None = None) -> list[Object]:
        """Return the objects of a namespace, or all."""
        ...


class Text(NamedTuple):
    """A text that was read: plain data, what is damaged, and where everything of it stands."""

    documents: tuple[Any, ...]
    problems: tuple[Problem, ...] = ()
    positions: Positions = MappingProxyType({})


class Pen(NamedTuple):
    """How texts are read, written and changed; Rejected where a change is not safe."""

    read: Callable[[str], Text]
    write: Callable[[Mapping[str, Any]], str]
    edit: Callable[[str, Sequence[Edit]], str]


class Documents:
    """
    Read, review and write Applications; see :class:`serinus.ports.documents.Documents`.

    ``caches``: those of :data:`KINDS`. ``namespace``: the only one whose applications are delivered
    (None: all), and the one of texts that name none.
    """

    def __init__(
        self,
        client: Client,
        caches: Mapping[str, Listed],
        ground: Ground,
        pen: Pen,
        namespace: str | None = None,
    ) -> None:
        self._client = client
        self._caches = caches
        self._ground = ground
        self._pen = pen
        self._namespace = namespace or "default"
        self._only = namespace

    async def library(self, application: str = "") -> Library:
        """Return the templates of a namespace, and the environments of the cluster."""
        named = "/" in application
        return self._library(labels.parted(application).namespace if named else self._namespace)

    async def read(self, application: str) -> Written:
        """Return an Application as people write it."""
        name = self._name(application)
        return self._written(await self._client.get(APPLICATION, name.name, name.namespace))

    async def review(self, text: str, environment: str) -> Reviewed:  # noqa: ARG002 - a namespace is in one environment
        """Review a text in the environment of its namespace, whatever was named."""
        return self._review(text)

    def edit(self, text: str, edits: Sequence[Edit]) -> str:
        """Change values of a text, and nothing else in it."""
        return self._pen.edit(text, edits)

    async def write(
        self, text: str, *, version: str | None, actor: str, reason: str = ""
    ) -> Written:
        """Create an Application, or replace the one of that version."""
        reviewed = self._review(text)
        wrong = problems.errors(reviewed.problems)
        if wrong or reviewed.data is None or reviewed.effective is None:
            what = "an application" if reviewed.effective is None else "it"
            raise failures.Rejected(
                f"{what} is not written: {len(wrong)} to mend first", why=problems.text(wrong)
            )
        data = {**reviewed.data}
        name = self._of(data)
        if version is None:
            return await self._create(data, name, actor, reason)
        for _ in range(TRIES):
            found = await self._standing(name, version)
            before = self._text(found)
            new = _replaced(found, data, actor, reason)
            keeper = changing.kept_by(found)
            if keeper:
                raise _refused(name, keeper, before, self._text(new))
            if canonical.text(_plain(new)) == canonical.text(_plain(found)):
                return self._written(found)
            try:
                return self._written(await self._client.replace(new, manager=MANAGER))
            except failures.Conflict:
                continue  # It may have been the status alone: look again.
        raise failures.Conflict(f"{name} changes all the time; nothing was written")

    async def delete(self, application: str, *, version: str, actor: str, reason: str = "") -> None:
        """Delete an Application, which says who does and why; what it holds ends by and by."""
        name = self._name(application)
        for _ in range(TRIES):
            found = await self._standing(name, version)
            with contextlib.suppress(failures.Conflict):  # It may be the status alone: look again.
                await ending.end(self._client, found, _notes(actor, reason, _next(found)))
                return
        raise failures.Conflict(f"{name} changes all the time; nothing was deleted")

    async def _create(self, data: Object, name: Name, actor: str, reason: str) -> Written:
        metadata = {**data["metadata"], "namespace": name.namespace}
        noted = {**(metadata.get("annotations") or {}), **_notes(actor, reason, 1)}
        new = {**data, "metadata": {**metadata, "annotations": noted}}
        try:
            return self._written(await self._client.create(new, manager=MANAGER))
        except failures.Conflict as conflict:
            raise failures.Conflict(
                f"there is an application {name} already",
                hint="give the new one another name, or open that one and change it",
            ) from conflict

    async def _standing(self, name: Name, version: str) -> Object:
        try:
            found = await self._client.get(APPLICATION, name.name, name.namespace)
        except failures.Missing as missing:
            raise failures.Conflict(
                f"there is no application {name} that could be changed",
                why="it was deleted meanwhile, or a name in the text was changed",
                hint=f"set the name back, or write {name} as a new application",
            ) from missing
        if self._version(self._text(found)) != version:
            raise failures.Conflict(
                f"{name} was changed while you wrote; nothing was written",
                hint="compare both, and put your change into the new one",
            )
        return found

    # --- objects and texts ----------------------------------------------------------------------

    def _written(self, found: Object) -> Written:
        name, text = _named(found), self._text(found)
        return Written(
            application=str(name),
            text=text,
            version=self._version(text),
            keeper=changing.kept_by(found),
            place=f"Application {name}",
        )

    def _text(self, found: Object) -> str:
        return self._pen.write(_plain(found))

    @staticmethod
    def _version(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _name(self, application: str) -> Name:
        return labels.parted(
            application if "/" in application else f"{self._namespace}/{application}"
        )

    def _of(self, data: Mapping[str, Any]) -> Name:
        metadata = data.get("metadata")
        said = metadata if isinstance(metadata, Mapping) else {}
        namespace = said.get("namespace")
        return Name(
            namespace if isinstance(namespace, str) and namespace else self._namespace,
            str(said.get("name", "")),
        )

    # --- reviewing ------------------------------------------------------------------------------

    def _library(self, namespace: str) -> Library:
        return Library(self._templates().of(namespace), self._places().documents())

    def _templates(self) -> Templates:
        shared, own = (self._caches[kind].of() for kind in reversed(KINDS[1:]))
        return Templates(self._ground.builtin, shared, own)

    def _places(self) -> Places:
        ground = self._ground
        return Places(self._caches[KINDS[0]].of(), ground.reviewed, ground.environment)

    def _review(self, text: str) -> Reviewed:
        page = self._pen.read(text)
        if page.problems or len(page.documents) != 1:
            return Reviewed(problems=page.problems or (_not_one(len(page.documents)),))
        (data,) = page.documents
        found, told = None, review.read(data)[1]
        if isinstance(data, dict) and data.get("kind") == APPLICATION:
            found, more = self._effective(data)
            told += more
        elif isinstance(data, dict) and not problems.errors(told):
            told += (Problem("kind", f"{checker.shown(data['kind'])} is no Application"),)
        told = tuple(msgspec.structs.replace(p, file=_FILE) for p in told)
        placed = problems.located(told, lambda _file, _index: page.positions)
        bare = tuple(msgspec.structs.replace(p, file="") for p in placed)
        if found is not None:
            found = msgspec.structs.replace(found, problems=bare)
        return Reviewed(
            problems=bare, data=data if isinstance(data, dict) else None, effective=found
        )

    def _effective(self, data: Object) -> tuple[Effective, tuple[Problem, ...]]:
        name = self._of(data)
        place = self._places().of(name.namespace)
        templates = self._templates()
        known = Library(templates.of(name.namespace), self._places().documents())
        document = library.plain(data, APPLICATION) if _is_named(data) else data
        found = effective.effective(
            {**document, "metadata": data.get("metadata")},
            place.name,
            known,
            self._ground.limits(
                place.document,
                resolved.count(document, place.name, None),
                resolved.taken_part_in(document, place.name),
            ),
        )
        told = (*found.problems, *self._placed(name, place))
        told += tuple(_broken(found, templates.broken(name.namespace)))
        if not problems.errors(told):
            told += cluster.review_for(data, known.environments)
        return found, told

    def _placed(self, name: Name, place: Place) -> Iterable[Problem]:
        if self._only not in {None, name.namespace}:
            message = (
                f"the controller delivers the applications of {self._only} alone; "
                f"wanted {self._only}, or a controller for {name.namespace}"
            )
            yield Problem("metadata.namespace", message)
        if place.problem:
            yield Problem("metadata.namespace", place.problem)


def _plain(found: Mapping[str, Any]) -> Object:
    """Return what people write of an object, in the order in which they write it."""
    meta = found["metadata"]
    kept = {"name": meta["name"], "namespace": meta.get("namespace", "default")}
    for key in ("labels", "annotations"):
        said = {k: v for k, v in (meta.get(key) or {}).items() if k not in _NOTES}
        if said:
            kept[key] = said
    spec = _ordered(found.get("spec") or {}, ApplicationSpec)
    for key, type_ in _ORDERS.items():
        if isinstance(spec.get(key), Mapping):
            spec[key] = _ordered(spec[key], type_)
    return {"apiVersion": API, "kind": APPLICATION, "metadata": kept, "spec": _named_first(spec)}


def _named_first(value: Any) -> Any:
    """Put the name of each item of a list before what is said of it: the API server sorts keys."""
    if isinstance(value, list):
        return [_named_first(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    order = dict.fromkeys((*_FIRST, *value))
    return {key: _named_first(value[key]) for key in order if key in value}


def _ordered(data: Mapping[str, Any], type_: type[msgspec.Struct]) -> Object:
    """Put keys in the order of their type; what changes most often comes first."""
    known = ["version", *(field.encode_name for field in msgspec.structs.fields(type_))]
    order = dict.fromkeys((*known, *sorted(data)))
    return {key: data[key] for key in order if key in data}


def _replaced(found: Object, data: Object, actor: str, reason: str) -> Object:
    """Return an object with what people wrote; the rest of it stays, and the notes say who did."""
    meta = {**found["metadata"]}
    meta.pop("managedFields", None)
    written = data["metadata"]
    kept = {k: v for k, v in (meta.get("annotations") or {}).items() if k in _NOTES}
    if canonical.text(found.get("spec")) != canonical.text(data["spec"]):
        kept |= _notes(actor, reason, _next(found))
    meta["annotations"] = {**(written.get("annotations") or {}), **kept}
    meta["labels"] = dict(written.get("labels") or {})
    return {**found, "metadata": meta, "spec": data["spec"]}


def _next(found: Object) -> int:
    return int(found["metadata"].get("generation", 0)) + 1


def _notes(actor: str, reason: str, generation: int) -> dict[str, str]:
    """Return the annotations that say whose change a generation is, and why."""
    return {ACTOR: actor, REASON: reason, GENERATION: str(generation)}


def _refused(name: Name, keeper: str, before: str, after: str) -> failures.Rejected:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, f"a/{name.name}.yaml", f"b/{name.name}.yaml")
    return failures.Rejected(
        f"{name} is kept in Git, and {keeper} would undo a change of it here",
        why="The patch:\n" + "".join(lines),
        hint=f"git commit; {keeper} applies it, and the release begins by itself",
    )


def _named(found: Mapping[str, Any]) -> Name:
    return Name(found["metadata"].get("namespace", "default"), found["metadata"]["name"])


def _is_named(data: Mapping[str, Any]) -> bool:
    metadata = data.get("metadata")
    return isinstance(metadata, Mapping) and isinstance(metadata.get("name"), str)


def _broken(found: Effective, broken: Mapping[str, str]) -> Iterable[Problem]:
    """Say why a template that is not known cannot be used, if somebody wrote one of that name."""
    for name, why in broken.items():
        if any(f"'{name}'" in problem.message for problem in found.problems):
            yield Problem("spec.delivery.template", why)


def _not_one(count: int) -> Problem:
    if not count:
        return Problem("", "nothing is written here; wanted one application")
    return Problem("", f"{count} documents, divided by '---'; wanted one application")
