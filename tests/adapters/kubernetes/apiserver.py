"""
An API server that is only pretended: in this process, without a network, the same in every run.

::

    server = FakeApiServer()
    server.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {…}})
    client = Client.connect(transport=server)
    …
    server.settle()                            # controllers make pods of Deployments, and so on
    server.fail("apply", "Service", times=2)   # the next two answers are 503
    server.compact()                           # watches that come back too late are told 410

It is near enough to the real one for unit tests: versions and conflicts, watches with selectors and
bookmarks, the status as a part of its own, finalizers, owners, patches of all types, server-side
apply with owners of fields. It checks no schema but those of ``admit``, and no rights.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import anyio
import anyio.lowlevel
import httpx2
import msgspec

from serinus.adapters.kubernetes import kinds
from serinus.adapters.memory.clock import START
from tests.adapters.kubernetes import fields, frames, pods
from tests.adapters.kubernetes.frames import Asked
from tests.adapters.kubernetes.shelf import WITH_STATUS, Happened, Object, Refused, Shelf

_PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[^/]+)"
    r"(?:/(?P<name>[^/]+))?(?:/(?P<sub>[^/]+))?"
)
_PATCHES = {
    "strategic": "strategic",
    "merge-patch": "merge",
    "json-patch": "json",
    "apply": "apply",
}


@dataclass
class _Fault:
    verb: str
    kind: str
    times: int
    status: int
    done: bool
    pause_s: float | None


class FakeApiServer(httpx2.AsyncBaseTransport):
    """
    Answer as an API server does. ``installed`` leaves out kinds: they are as if without a CRD.

    ``requests`` lists what was asked, as ``(verb, kind, namespace/name)``. ``admit`` is called with
    each object before it is written and may raise :class:`.shelf.Refused`. ``log`` gives the log of
    a pod, ``paths`` the answers to paths that hold no object.
    """

    def __init__(self, now: datetime = START, absent: Iterable[str] = ()) -> None:
        self.shelf = Shelf(now)
        self.requests: list[tuple[str, str, str]] = []
        self.absent = set(absent)
        self.admit: Callable[[str, Object], None] = lambda _verb, _obj: None
        self.log: Callable[[str, str, dict[str, str]], bytes] = lambda *_: b""
        self.paths: dict[str, bytes] = {}
        self.watching = 0
        self._faults: list[_Fault] = []
        self._stirred = anyio.Event()
        self._era = 0

    # --- what a test does to it -----------------------------------------------------------------

    def add(self, *objects: Object, manager: str = "kubectl") -> None:
        """Create objects, their status included."""
        for obj in objects:
            kind = kinds.of_object(obj)
            namespace = obj["metadata"].get("namespace", "default") if kind.namespaced else ""
            new = self.shelf.create(kind, namespace, obj, manager)
            if "status" in obj:
                self.shelf.change(kind, new, obj, manager, "status")
        self._stir()

    def edit(
        self, kind: str, name: str, namespace: str, patch: Object, manager: str = "kubectl"
    ) -> Object:
        """Merge a patch into an object as somebody else; a ``status`` in it counts too."""
        known = kinds.of(kind)
        for sub in (None, "status") if "status" in patch else (None,):
            old = self.shelf.get(known, namespace, name)
            new = fields.merged(old, patch)
            self.shelf.change(known, old, new, manager, sub)
        self._stir()
        return self.find(kind, name, namespace)

    def find(self, kind: str, name: str, namespace: str = "") -> Object:
        """Return an object; Refused when it is not there."""
        return self.shelf.get(kinds.of(kind), namespace, name)

    def all(self, kind: str, namespace: str | None = None) -> list[Object]:
        return self.shelf.all(kinds.of(kind), namespace)

    def names(self, kind: str, namespace: str | None = None) -> list[str]:
        return [obj["metadata"]["name"] for obj in self.all(kind, namespace)]

    def remove(self, kind: str, name: str, namespace: str = "") -> None:
        self.shelf.delete(kinds.of(kind), namespace, name)
        self._stir()

    def settle(self, broken: dict[str, str] | None = None) -> None:
        """
        Do at once what the controllers and the kubelet of a cluster do in seconds.

        ``broken`` maps images to why their containers wait: ``{"shop:3": "ImagePullBackOff"}``.
        """
        pods.settle(self.shelf, broken or {})
        self._stir()

    def fail(
        self,
        verb: str = "*",
        kind: str = "*",
        times: int = 1,
        status: int = 503,
        *,
        done: bool = False,
        pause_s: float | None = None,
    ) -> None:
        """
        Let requests fail: with a status, or (0) by hanging up. ``done``: after they were done.

        Verbs: get, list, watch, create, replace, patch, apply, delete, log; ``*`` stands for all.
        """
        self._faults.append(_Fault(verb, kind, times, status, done, pause_s))

    def heal(self) -> None:
        """Let nothing fail any more."""
        self._faults.clear()

    def compact(self) -> None:
        """Forget the history up to now."""
        self.shelf.history.clear()
        self.shelf.oldest = self.shelf.version

    def bookmark(self) -> None:
        """Tell every watch how far the history is."""
        self.shelf.version += 1
        self.shelf.history.append(
            Happened(self.shelf.version, kinds.of("Namespace"), "BOOKMARK", {}, None)
        )
        self._stir()

    def end_watches(self) -> None:
        """End every watch, as the real one does after some minutes."""
        self._era += 1
        self._stir()

    def move(self, seconds: float) -> None:
        """Let time pass for what is created from now on."""
        self.shelf.now += timedelta(seconds=seconds)

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = anyio.Event()

    # --- what it answers ------------------------------------------------------------------------

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await anyio.lowlevel.checkpoint()
        try:
            body = msgspec.json.decode(await request.aread()) if request.method != "GET" else None
            if request.url.path in self.paths:
                return httpx2.Response(200, content=self.paths[request.url.path])
            return self._answered(request, self._read(request, body))
        except Refused as refused:
            return frames.status(refused)

    def _read(self, request: httpx2.Request, body: Any) -> Asked:
        found = _PATH.fullmatch(request.url.path)
        kind = kinds.of_resource(found["group"] or "", found["plural"]) if found else None
        if found is None or kind is None or kind.name in self.absent:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        name, params = unquote(found["name"] or ""), request.url.params
        content_type = request.headers.get("content-type", "")
        patch = next((known for word, known in _PATCHES.items() if word in content_type), "")
        verb = {"POST": "create", "PUT": "replace", "DELETE": "delete", "PATCH": "patch"}.get(
            request.method, "get" if name else "list"
        )
        verb = {"apply": "apply"}.get(patch, verb)
        verb = "watch" if params.get("watch") == "true" else verb
        verb = "log" if found["sub"] == "log" else verb
        kind = kind._replace(version=found["version"])
        namespace, sub = unquote(found["namespace"] or ""), found["sub"]
        if sub == "scale":  # of an Application, whose definition says where the number is
            sub, body = None, {"spec": {"workload": body["spec"]}}
        return Asked(verb, kind, namespace, name, sub, params, body, patch)

    def _answered(self, request: httpx2.Request, asked: Asked) -> httpx2.Response:
        place = "/".join(part for part in (asked.namespace, asked.name) if part)
        self.requests.append((asked.verb, asked.kind.name, place))
        fault = next((f for f in self._faults if _meant(f, asked)), None)
        if fault is not None:
            fault.times -= 1
            if fault.done:
                self._done(asked)
            if not fault.status:
                raise httpx2.ReadError("hung up", request=request)
            refused = Refused(fault.status, "Injected", "injected by the test", asked.name)
            return frames.status(refused, fault.pause_s)
        return self._done(asked)

    def _done(self, asked: Asked) -> httpx2.Response:
        if asked.verb == "watch":
            return httpx2.Response(200, stream=_Stream(self._changes(asked)))
        if asked.verb == "log":
            self.shelf.get(asked.kind, asked.namespace, asked.name)
            return httpx2.Response(
                200, content=self.log(asked.namespace, asked.name, dict(asked.params))
            )
        if asked.verb == "list":
            return httpx2.Response(200, json=self._listed(asked))
        if asked.verb == "get":
            return frames.json(200, self.shelf.get(asked.kind, asked.namespace, asked.name))
        code, obj = self._written(asked)
        self._stir()
        return frames.json(code, obj)

    def _written(self, asked: Asked) -> tuple[int, Object]:
        shelf, kind, namespace, sub = self.shelf, asked.kind, asked.namespace, asked.sub
        if sub == "status" and kind.name not in WITH_STATUS:
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        if asked.verb == "delete":
            wanted = (asked.body or {}).get("preconditions")
            return 200, shelf.delete(kind, namespace, asked.name, wanted)
        if asked.verb == "create":
            self.admit("create", asked.body)
            return 201, shelf.create(kind, namespace, asked.body, asked.manager)
        if asked.verb == "replace":
            self.admit("replace", asked.body)
            return 200, shelf.replace(kind, namespace, asked.body, asked.manager, sub)
        if asked.verb == "apply":
            self.admit("apply", asked.body)
            if asked.body["metadata"].get("managedFields") is not None:
                raise Refused(400, "BadRequest", "metadata.managedFields must be nil")
            force = asked.params.get("force") == "true"
            obj, new = shelf.apply(kind, namespace, asked.body, asked.manager, sub, force=force)
            return (201 if new else 200), obj
        old = shelf.get(kind, namespace, asked.name)
        try:
            match asked.patch:
                case "json":
                    new_obj = fields.rewritten(old, asked.body)
                case "strategic":
                    new_obj = fields.strategic(old, asked.body)
                case _:
                    new_obj = fields.merged(old, asked.body)
        except ValueError as exc:
            raise Refused(422, "Invalid", str(exc), asked.name) from exc
        self.admit("patch", new_obj)
        return 200, shelf.replace(kind, namespace, new_obj, asked.manager, sub)

    # --- lists and watches ----------------------------------------------------------------------

    def _listed(self, asked: Asked) -> Object:
        found = [
            o
            for o in self.shelf.all(asked.kind, asked.namespace or None)
            if frames.wanted(o, asked)
        ]
        start, version = 0, str(self.shelf.version)
        if more := asked.params.get("continue"):
            version, _, text = more.partition("-")
            start = int(text)
            if int(version) < self.shelf.oldest:
                raise Refused(410, "Expired", "The provided continue parameter is too old")
        limit = int(asked.params.get("limit", 0)) or len(found)
        meta = {"resourceVersion": version}
        if start + limit < len(found):
            meta["continue"] = f"{version}-{start + limit}"
        items = [{k: v for k, v in o.items() if k not in {"kind", "apiVersion"}} for o in found]
        return {
            "kind": f"{asked.kind.name}List",
            "apiVersion": asked.kind.api_version,
            "metadata": meta,
            "items": items[start : start + limit],
        }

    async def _changes(self, asked: Asked) -> AsyncIterator[bytes]:
        era = self._era
        since = int(asked.params.get("resourceVersion") or 0)
        self.watching += 1
        try:
            if since and since < self.shelf.oldest:
                refused = Refused(410, "Expired", f"too old resource version: {since}")
                yield frames.line("ERROR", frames.refusal(refused))
                return
            if not since:
                for obj in self._listed(asked)["items"]:
                    yield frames.line("ADDED", {**obj, "kind": asked.kind.name})
                since = self.shelf.version
            while era == self._era:
                stirred = self._stirred
                for one in [one for one in self.shelf.history if one.version > since]:
                    since = one.version
                    if line := frames.told(one, asked):
                        yield line
                if stirred is self._stirred and era == self._era:
                    await stirred.wait()
        finally:
            self.watching -= 1


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, lines: AsyncIterator[bytes]) -> None:
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for line in self._lines:
            yield line

    async def aclose(self) -> None:
        await self._lines.aclose()  # type: ignore[attr-defined]  # it is a generator


def _meant(fault: _Fault, asked: Asked) -> bool:
    return (
        fault.times > 0 and fault.verb in {"*", asked.verb} and fault.kind in {"*", asked.kind.name}
    )
