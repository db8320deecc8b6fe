"""
What people ask for, as Intent objects; and the wish that a deleted Application is.

::

    serinus pause shop               ──▶ Intent ──▶ a turn ──▶ its status: done, or refused
    kubectl delete application shop  ──▶ deletionTimestamp, held by our finalizer ──▶ a turn

An answer is written with the status of the release first and on the Intent after it, so that a wish
is carried out once also when the controller dies between the two.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Annotated, Any

import msgspec
import structlog

from serinus.adapters.kubernetes import objects
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.kubernetes.objects import IntentSpec, IntentStatus
from serinus.adapters.kubernetes.resolved import ACTOR, GENERATION, REASON
from serinus.core.state import labels
from serinus.core.state.intent import Answer, Intent, Verb
from serinus.core.state.labels import Name
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.clock import Clock

AT = "serinus.dev/at"
"""An annotation of an Intent: when it was left; its creation is rounded to seconds."""

SOMEBODY = "somebody"

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]

log = structlog.get_logger()


class Wishes:
    """Read, leave and answer intents. ``stirred`` is called when somebody left one."""

    def __init__(
        self, client: Client, cache: Cache, clock: Clock, stirred: Callable[[], None]
    ) -> None:
        self._client = client
        self._cache = cache
        self._clock = clock
        self._stirred = stirred
        self._known: dict[str, Object] = {}
        self._open: dict[Name, dict[str, Object]] = {}
        for obj in cache.of():
            self._changed("ADDED", None, obj)
        cache.subscribe(self._changed)

    def open(self, key: Key, answered: Collection[str]) -> tuple[Intent, ...]:
        """Return the intents without an answer, oldest first."""
        found = []
        waiting = self._open.get(labels.parted(key.application), {})
        for name, obj in sorted(waiting.items(), key=lambda item: _age(item[1])):
            intent = None if name in answered else _intent(obj, key)
            if intent is not None:
                found.append(intent)
        return tuple(found)

    def answer(self, intent: str) -> Answer | None:
        """Return the answer to an intent, None while there is none."""
        obj = self._known.get(intent)
        status = _status(obj) if obj is not None else None
        if status is None or status.done is None:
            return None
        return Answer(intent=intent, done=status.done, sentence=status.sentence)

    async def ask(self, intent: Intent) -> None:
        """Leave an intent; the same id twice is one intent."""
        place = labels.parted(intent.application)
        spec = IntentSpec(
            application=place.name,
            verb=intent.verb,
            actor=intent.actor,
            reason=intent.reason,
            expect_release=intent.expect_release,
            expect_step=intent.expect_step,
        )
        meta = {
            "name": intent.id,
            "namespace": place.namespace,
            "labels": {labels.MANAGED_BY: labels.MANAGER, labels.APPLICATION: place.name},
            "annotations": {AT: intent.at.isoformat()},
        }
        obj = {"apiVersion": objects.API, "kind": "Intent", "metadata": meta}
        try:
            left = await self._client.create({**obj, "spec": msgspec.to_builtins(spec)})
        except failures.Conflict:
            return
        self._take(left)

    async def settle(self, key: Key, answer: Answer) -> bool:
        """
        Write an answer on its intent, and tell whether that is done.

        It is done as well when there is no such object, or when it has an answer: the first stays.
        """
        place, obj = labels.parted(key.application), self._known.get(answer.intent)
        if obj is None or self.answer(answer.intent) is not None:
            return True
        status = IntentStatus(done=answer.done, sentence=answer.sentence, at=self._clock.now())
        patch = {"status": msgspec.to_builtins(status)}
        try:
            written = await self._client.patch(
                "Intent", answer.intent, place.namespace, patch, subresource="status"
            )
        except failures.Missing:
            return True
        except failures.PortFailure as problem:
            log.warning("an answer waits", intent=answer.intent, problem=str(problem))
            return False
        self._take(written)
        return True

    async def prune(self, before: datetime) -> None:
        """Remove intents that were left before a moment and have their answer."""
        for name, obj in list(self._known.items()):
            if _age(obj)[0] < before and self.answer(name) is not None:
                await self._client.delete("Intent", name, obj["metadata"]["namespace"])
                self._drop(obj)

    # --- what is here ---------------------------------------------------------------------------

    def _take(self, obj: Object) -> None:
        self._cache.absorb(obj)
        self._keep(obj)

    def _keep(self, obj: Object) -> None:
        meta = obj["metadata"]
        name, known = meta["name"], self._known.get(meta["name"])
        same = known is not None and known["metadata"].get("uid") == meta.get("uid")
        if known is not None and same and _answered(known) and not _answered(obj):
            return  # What the watch tells now is older than what was written here.
        self._known[name] = obj
        place = Name(meta.get("namespace", ""), (obj.get("spec") or {}).get("application", ""))
        if _answered(obj):
            self._open.get(place, {}).pop(name, None)
        else:
            self._open.setdefault(place, {})[name] = obj
        if known is None and not _answered(obj):
            self._stirred()

    def _drop(self, obj: Object) -> None:
        name = obj["metadata"]["name"]
        self._known.pop(name, None)
        for waiting in self._open.values():
            waiting.pop(name, None)

    def _changed(self, change: str, old: Object | None, new: Object | None) -> None:
        del change
        if new is not None:
            self._keep(new)
        elif old is not None:
            self._drop(old)


def farewell(app: Object | None, owner: str, key: Key, now: datetime) -> Intent:
    """
    Return the wish that the deletion of an Application is; ``app`` None: it is gone already.

    ``owner``: the uid of the Application, which makes it one wish.
    """
    metadata = (app or {}).get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    # Who changed it last has not deleted it: that is another generation.
    if annotations.get(GENERATION, "") not in {"", str(metadata.get("generation"))}:
        annotations = {}
    return Intent(
        id=owner,
        application=key.application,
        environment=key.environment,
        verb=Verb.DELETE,
        actor=annotations.get(ACTOR) or SOMEBODY,
        at=now,
        reason=annotations.get(REASON, ""),
    )


def _answered(obj: Object) -> bool:
    return (obj.get("status") or {}).get("done") is not None


def _status(obj: Object) -> IntentStatus | None:
    try:
        return msgspec.convert(obj.get("status") or {}, IntentStatus)
    except msgspec.ValidationError:
        return None


def _intent(obj: Object, key: Key) -> Intent | None:
    meta: dict[str, Any] = obj["metadata"]
    try:
        spec = msgspec.convert(obj.get("spec"), IntentSpec)
    except msgspec.ValidationError as problem:
        log.warning("an intent cannot be read", intent=meta["name"], problem=str(problem))
        return None
    return Intent(
        id=meta["name"],
        application=key.application,
        environment=key.environment,
        verb=spec.verb,
        actor=spec.actor or SOMEBODY,
        at=_age(obj)[0],
        reason=spec.reason,
        expect_release=spec.expect_release,
        expect_step=spec.expect_step,
    )


def _age(obj: Object) -> tuple[datetime, str]:
    """Return when an intent was left, and its name: the order of intents."""
    meta = obj["metadata"]
    created = msgspec.convert(meta.get("creationTimestamp"), _Instant)
    text = (meta.get("annotations") or {}).get(AT)
    try:
        return msgspec.convert(text, _Instant) if text else created, meta["name"]
    except msgspec.ValidationError:
        return created, meta["name"]
