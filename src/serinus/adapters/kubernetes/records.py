"""
A release as an object of the cluster, and back: the whole memory of the controller.

::

    Release shop-7
    ├─ spec                 what is released, and how; it never changes
    └─ status
       ├─ phase … decisions for people
       ├─ state             the planner's memory: progress, the application's status, answers
       └─ judge             the judge's memory

The newest Release of an application holds its current status, in flight and at rest; the older ones
keep how they ended. A Release without a status is one that never began: the controller died in
between, and the next one replaces it. Everything here is pure.
"""

import base64
import functools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from serinus.adapters.kubernetes import objects
from serinus.adapters.kubernetes.objects import Decision, ReleaseSpec, ReleaseStatus
from serinus.core.spec.delivery import FULL, Delivery
from serinus.core.state import labels
from serinus.core.state.intent import Answer
from serinus.core.state.labels import Name
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Progress, Release
from serinus.core.state.workload import Revision, Workload
from serinus.ports.failures import Rejected
from serinus.ports.store import Snapshot

Object = dict[str, Any]
T = TypeVar("T")

OWNER = "serinus.dev/application-uid"
"""An annotation of a Release: which Application it was, so that its end is seen."""

_NAMES = ("name", "namespace", "uid", "resourceVersion")

ANSWERS = 20
"""How many answers are remembered with the status, until they stand on their intents."""


class State(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """
    What ``status.state`` holds: all that a decision goes on from.

    ``status``: the application's status without its release; None where a newer release holds it,
    or where the application was forgotten. ``current``: this release is the one of that status.
    ``delivery``, ``delivery_hash`` and ``replicas``: where they differ from the spec, because a
    release that waits to begin takes the plan that is asked for when it begins.
    """

    progress: Progress
    status: Status | None = None
    current: bool = True
    delivery: Delivery | None = None
    delivery_hash: str | None = None
    replicas: int | None = None
    answers: tuple[Answer, ...] = ()
    seen: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One Release object as it is kept in memory: what is asked for all the time, and the rest packed.

    ``began``: it has a status. ``owner``: the uid of its Application, empty where it had none.
    """

    place: Name
    name: str
    uid: str
    version: str
    number: int
    candidate: str
    created: str
    ended: bool
    began: bool
    owner: str
    packed: bytes

    @property
    def reference(self) -> Object:
        """The object with nothing but what names it, in the version that was read."""
        return named(self.place.namespace, self.name, uid=self.uid, version=self.version)


@dataclass(frozen=True, slots=True)
class Account:
    """
    What the newest Release says of its application.

    ``status`` None: it was forgotten. ``judge``: the judge's memory of the release in flight.
    ``seen``: what was seen with the decision before, replicas aside, for people alone.
    """

    status: Status | None
    answers: tuple[Answer, ...]
    decisions: tuple[Decision, ...]
    judge: bytes | None
    seen: Snapshot | None = None


def release_name(application: str, number: int) -> str:
    """Return the name of a Release object: ``shop-7``."""
    return f"{labels.parted(application).name}-{number}"


def named(namespace: str, name: str, *, uid: str = "", version: str = "") -> Object:
    """Return a Release object that only says which one is meant."""
    meta = {"namespace": namespace, "name": name, "uid": uid, "resourceVersion": version}
    return {
        "apiVersion": objects.API,
        "kind": "Release",
        "metadata": {key: value for key, value in meta.items() if value},
    }


# --- writing ----------------------------------------------------------------------------------


def begun(release: Release, revision: Revision | None, owner: str) -> Object:
    """Return the Release object of a release that begins, without a status."""
    place = labels.parted(release.application)
    obj = named(place.namespace, release_name(release.application, release.number))
    obj["metadata"]["labels"] = {
        labels.MANAGED_BY: labels.MANAGER,
        labels.APPLICATION: place.name,
        labels.REVISION: labels.short(release.candidate),
    }
    if owner:
        obj["metadata"]["annotations"] = {OWNER: owner}
    spec = ReleaseSpec(
        application=place.name,
        environment=release.environment,
        number=release.number,
        candidate=release.candidate,
        version=release.version,
        delivery=msgspec.to_builtins(release.delivery),
        delivery_hash=release.delivery_hash,
        replicas=release.replicas,
        created_at=release.created_at,
        stable=release.stable,
        stable_version=release.stable_version,
        actor=release.actor,
        reason=release.reason,
        workload=msgspec.to_builtins(revision.workload) if revision else {},
    )
    return {**obj, "spec": msgspec.to_builtins(spec)}


def written(
    release: Release,
    spec: ReleaseSpec,
    account: Account,
    *,
    current: bool,
    conditions: Sequence[objects.Condition] = (),
) -> Object:
    """
    Return the status of a Release object.

    ``spec``: of the object, which says what need not be said again. ``current``: see
    :class:`State`.
    """
    progress = release.progress
    delivery = msgspec.to_builtins(release.delivery)
    status = account.status
    state = State(
        progress=progress,
        status=None if status is None else replace(status, release=None),
        current=current,
        delivery=None if delivery == spec.delivery else release.delivery,
        delivery_hash=_other(release.delivery_hash, spec.delivery_hash),
        replicas=_other(release.replicas, spec.replicas),
        answers=account.answers[-ANSWERS:],
        seen={} if account.seen is None else msgspec.to_builtins(account.seen),
    )
    found = ReleaseStatus(
        phase=progress.phase.value,
        sentence=progress.sentence,
        share=percent(progress.share),
        step=f"{min(progress.step + 1, len(release.delivery.steps))}/{len(release.delivery.steps)}",
        result=progress.phase.value if release.ended_at else "",
        ended_at=release.ended_at,
        decisions=list(account.decisions),
        conditions=list(conditions),
        state=msgspec.to_builtins(state),
        judge=packed(account.judge) if account.judge else "",
    )
    body: Object = msgspec.to_builtins(found)
    return body


def percent(share: int) -> str:
    """Write a share of the traffic, given in per mille."""
    return f"{share * 100 / FULL:g} %"


def packed(memory: bytes) -> str:
    """Write the judge's memory as text."""
    return base64.b64encode(zlib.compress(memory)).decode()


# --- reading ----------------------------------------------------------------------------------


def trim(obj: Object) -> Object:
    """
    Return what is kept of a Release object: what names it, and its content packed.

    An application has some ten of them and only the newest is looked at all the time; packed they
    take a tenth of the room.
    """
    meta, spec, status = (obj.get(part) or {} for part in ("metadata", "spec", "status"))
    kept = {
        key: meta[key] for key in ("name", "namespace", "uid", "resourceVersion") if key in meta
    }
    return {
        "apiVersion": obj.get("apiVersion", objects.API),
        "kind": "Release",
        "metadata": kept,
        "application": spec.get("application", ""),
        "number": spec.get("number", 0),
        "candidate": spec.get("candidate", ""),
        "created": spec.get("createdAt", ""),
        "ended": bool(status.get("endedAt")),
        "began": bool(status.get("state")),
        "owner": (meta.get("annotations") or {}).get(OWNER, ""),
        "packed": zlib.compress(msgspec.json.encode({"spec": spec, "status": status})),
    }


def entry(obj: Object) -> Entry:
    """Return a Release object, trimmed or whole, as it is kept."""
    kept = obj if "packed" in obj else trim(obj)
    meta = kept["metadata"]
    return Entry(
        place=Name(meta.get("namespace", ""), kept["application"]),
        name=meta["name"],
        uid=meta.get("uid", ""),
        version=meta.get("resourceVersion", ""),
        number=kept["number"],
        candidate=kept["candidate"],
        created=kept["created"],
        ended=kept["ended"],
        began=kept["began"],
        owner=kept["owner"],
        packed=kept["packed"],
    )


@dataclass(frozen=True, slots=True)
class Read:
    """A Release object that was read, in its three parts; without a state it never began."""

    spec: ReleaseSpec
    status: ReleaseStatus
    state: State | None

    def release(self, key: Key) -> Release | None:
        """
        Put the release together.

        ``key``: of its application, whose environment may have another name by now.
        """
        spec, state = self.spec, self.state
        if state is None:
            return None
        delivery = state.delivery or _delivery(msgspec.json.encode(spec.delivery))
        digest = state.delivery_hash
        return Release(
            application=key.application,
            environment=key.environment,
            number=spec.number,
            candidate=spec.candidate,
            stable=spec.stable,
            version=spec.version,
            stable_version=spec.stable_version,
            delivery=delivery,
            delivery_hash=spec.delivery_hash if digest is None else digest,
            replicas=spec.replicas if state.replicas is None else state.replicas,
            actor=spec.actor,
            reason=spec.reason,
            created_at=spec.created_at,
            progress=state.progress,
            ended_at=self.status.ended_at,
        )


def read(found: Entry) -> Read:
    """Read a Release object; ``Rejected`` when it is damaged."""
    content: Mapping[str, Any] = msgspec.json.decode(zlib.decompress(found.packed))
    status = _convert(found, content["status"], ReleaseStatus)
    return Read(
        spec=_convert(found, content["spec"], ReleaseSpec),
        status=status,
        state=_convert(found, status.state, State) if status.state else None,
    )


def account_of(found: Entry, key: Key) -> Account:
    """Return what a Release object says of its application; ``Rejected`` when it is damaged."""
    one = read(found)
    decisions = tuple(one.status.decisions)
    if one.state is None:
        return Account(None, (), decisions, None)
    status = one.state.status
    if status is not None:
        release = one.release(key) if one.state.current else None
        status = replace(status, key=key, release=release)
    judge = _memory(found, one.status.judge)
    return Account(status, one.state.answers, decisions, judge, seen_of(one.state))


def seen_of(state: State) -> Snapshot | None:
    """Return what was seen, None where nothing was, or where it cannot be read."""
    try:
        return msgspec.convert(state.seen, Snapshot) if state.seen else None
    except msgspec.ValidationError:  # of another version, or a number that JSON does not have
        return None


def revision_of(found: Entry) -> Revision | None:
    """Return the revision that a Release object is about, None where it does not hold it."""
    spec = read(found).spec
    if not spec.workload:
        return None
    workload = _convert(found, spec.workload, Workload)
    return Revision(id=spec.candidate, version=spec.version, workload=workload)


@functools.lru_cache(maxsize=512)
def _delivery(body: bytes) -> Delivery:
    """Read a plan: thousands of releases share the one of their template."""
    return msgspec.json.decode(body, type=Delivery)


def _memory(found: Entry, text: str) -> bytes | None:
    if not text:
        return None
    try:
        return zlib.decompress(base64.b64decode(text, validate=True))
    except (ValueError, zlib.error) as exc:
        raise _damaged(found, f"status.judge: {exc}") from exc


def _convert(found: Entry, content: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as exc:
        raise _damaged(found, f"{kind.__name__}: {exc}") from exc


def _damaged(found: Entry, why: str) -> Rejected:
    return Rejected(
        f"Release {found.place.namespace}/{found.name} cannot be read",
        why=why,
        hint=f"kubectl get release {found.name} -n {found.place.namespace} -o yaml",
    )


def _other(value: T, than: object) -> T | None:
    return None if value == than else value
