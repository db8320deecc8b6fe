"""
Ask an API server: objects come and go as plain mappings, as they are written in YAML.

::

    async with Client.connect(kubeconfig, context) as client:
        shop = await client.get("Deployment", "shop", "team")
        await client.apply({"apiVersion": "v1", "kind": "Service", …})
        async for change, pod in client.watch("Pod", "team", version):
            …

Everything that goes wrong is one of the four failures of :mod:`serinus.ports.failures`; the one
more that a watch knows, :class:`.answers.Gone`, is an Unavailable. Nothing is tried twice here: who
asks knows better whether it is still wanted.
"""

import collections
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import httpx2
import msgspec

from serinus.adapters.kubernetes import answers, connection, exchange, kinds
from serinus.adapters.kubernetes.answers import Gone
from serinus.adapters.kubernetes.exchange import Exchange
from serinus.adapters.kubernetes.kinds import Kind
from serinus.core.state import labels
from serinus.ports.failures import Missing, Rejected, Unavailable

Object = dict[str, Any]
Objects = list[Object]
Trim = Callable[[Object], Object]

PAGE = 500
"""Objects of one answer to a list."""

WATCH_S = 300
"""After so long the API server ends a watch, if nothing else is asked; it is then resumed."""

_LONGEST_LINE = 64 << 10
_PATCHES = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}


class _Meta(msgspec.Struct, frozen=True):
    resource_version: str = msgspec.field(name="resourceVersion", default="")
    more: str = msgspec.field(name="continue", default="")


class _Page(msgspec.Struct, frozen=True):
    items: list[msgspec.Raw] | None = None
    metadata: _Meta = _Meta()


class _Change(msgspec.Struct, frozen=True):
    type: str
    object: msgspec.Raw


class Client:
    """Ask one API server. ``namespace`` is the one that the context of the kubeconfig names."""

    def __init__(self, way: connection.Connection) -> None:
        self.server = way.server
        self.namespace = way.namespace
        self._exchange = Exchange(way)

    @classmethod
    def connect(
        cls,
        kubeconfig: Path | None = None,
        context: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> Self:
        """
        Return a client; nothing is sent yet. See :func:`.connection.opened` for what is looked for.

        ``transport`` stands in for the network: no configuration is read then.
        """
        if transport is not None:
            return cls(connection.pretended(transport))
        return cls(connection.opened(kubeconfig, context))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End all connections."""
        await self._exchange.close()

    @property
    def requests(self) -> "collections.Counter[tuple[str, str]]":
        """What was asked so far, by verb and kind: ``("watch", "Pod")``."""
        return self._exchange.requests

    # --- reading --------------------------------------------------------------------------------

    async def get(self, kind: Kind | str, name: str, namespace: str | None = None) -> Object:
        """Return one object; ``Missing`` when it is not there."""
        known = _kind(kind)
        path = known.path(namespace, name)
        return await self._object("get", known, f"get {_shown(known, name, namespace)}", path)

    async def list(
        self,
        kind: Kind | str,
        namespace: str | None = None,
        labels: str | None = None,
        *,
        trim: Trim | None = None,
    ) -> tuple[Objects, str]:
        """
        Return all objects of a kind, and the moment of the history that they are of.

        ``namespace`` None: of all namespaces. ``labels``: a selector such as ``app=shop``. ``trim``
        is given each object as soon as it came, so that less of it is kept. ``Missing`` when the
        API server knows no such kind.
        """
        for _ in range(3):
            try:
                return await self._list(_kind(kind), namespace, labels, trim)
            except Gone:  # the history moved on while the pages were read: begin again
                continue
        raise Unavailable(f"list {_kind(kind).plural}: the list was never read to its end")

    async def _list(
        self, kind: Kind, namespace: str | None, selector: str | None, trim: Trim | None
    ) -> tuple[Objects, str]:
        found: Objects = []
        more = ""
        asked = f"list {kind.plural}" + (f" in {namespace}" if namespace else "")
        while True:
            params: dict[str, str] = {"limit": str(PAGE)}
            params |= {"labelSelector": selector} if selector else {}
            params |= {"continue": more} if more else {}
            content = await self._exchange.ask(
                "list", kind, asked, kind.path(namespace), params=params
            )
            page = exchange.read(content, _Page, asked)
            for raw in page.items or ():  # one by one: the whole of hundreds is never there
                item = exchange.read(raw, Object, asked)
                item.setdefault("apiVersion", kind.api_version)  # a list leaves them out
                item.setdefault("kind", kind.name)
                found.append(item if trim is None else trim(item))
            more = page.metadata.more
            if not more:
                return found, page.metadata.resource_version

    async def watch(
        self,
        kind: Kind | str,
        namespace: str | None = None,
        resource_version: str = "",
        labels: str | None = None,
        *,
        timeout_s: float = WATCH_S,
    ) -> AsyncGenerator[tuple[str, Object]]:
        """
        Tell what changes after a moment: ``ADDED``, ``MODIFIED``, ``DELETED``, or ``BOOKMARK``.

        It ends when the API server ends it, which it does every few minutes, or when the connection
        seems half open. Go on with the ``resourceVersion`` that came last, a bookmark's included.
        ``Gone`` when that moment is no longer known, ``Unavailable`` when the connection broke.
        """
        known = _kind(kind)
        asked = f"watch {known.plural}" + (f" in {namespace}" if namespace else "")
        params = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(round(timeout_s)),
        }
        params |= {"resourceVersion": resource_version} if resource_version else {}
        params |= {"labelSelector": labels} if labels else {}
        came = self._exchange.lines("watch", known, asked, known.path(namespace), params)
        async with aclosing(came) as lines:
            async for line in lines:
                change = exchange.read(line, _Change, asked)
                if change.type == "ERROR":
                    refusal = exchange.read(bytes(change.object), answers.Refusal, asked)
                    raise answers.told(asked, refusal.code, refusal)
                yield change.type, exchange.read(bytes(change.object), Object, asked)

    async def logs(
        self,
        namespace: str,
        pod: str,
        container: str | None = None,
        *,
        since: datetime | None = None,
        since_s: float | None = None,
        lines: int | None = None,
        follow: bool = False,
    ) -> AsyncGenerator[bytes]:
        """
        Return the lines of a container's log, each after its instant (RFC 3339) and a space.

        ``since`` and ``since_s`` leave out what is older, to the second, ``lines`` all but so many
        that are there. With ``follow`` it goes on
        until the container ends or the connection falls silent for long; go on with the instant of
        the last line. A line is cut after 64 KiB.
        """
        known = kinds.of("Pod")
        params = {"timestamps": "true", "follow": "true" if follow else "false"}
        params |= {"container": container} if container else {}
        if since is not None:
            params["sinceTime"] = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        elif since_s is not None:
            params["sinceSeconds"] = str(max(1, round(since_s)))
        params |= {} if lines is None else {"tailLines": str(lines)}
        asked = f"read the log of pod {namespace}/{pod}"
        path = known.path(namespace, pod, "log")
        async with aclosing(self._exchange.lines("log", known, asked, path, params)) as stream:
            async for line in stream:
                yield line[:_LONGEST_LINE]

    async def raw_get(
        self, path: str, params: Mapping[str, str] | None = None, *, most: int = 8 << 20
    ) -> bytes:
        """
        Return the body of an answer, for paths that hold no object: ``/proxy``, ``/metrics``.

        What answers may be somebody's application: more than ``most`` bytes are ``Rejected``.
        """
        return await self._exchange.ask("get", None, f"get {path}", path, params=params, most=most)

    # --- writing --------------------------------------------------------------------------------

    async def create(self, obj: Mapping[str, Any], *, manager: str = labels.MANAGER) -> Object:
        """Create an object; ``Conflict`` when there is one of that name."""
        known, name, namespace = _place(obj)
        asked = f"create {_shown(known, name, namespace)}"
        params = {"fieldManager": manager}
        return await self._object(
            "create", known, asked, known.path(namespace), method="POST", body=obj, params=params
        )

    async def apply(
        self, obj: Mapping[str, Any], *, force: bool = True, manager: str = labels.MANAGER
    ) -> Object:
        """
        Make the fields of an object so, by server-side apply: created if absent, else merged.

        What the manager applied before and leaves out now is removed. ``force`` takes fields from
        other managers; without it ``Conflict`` names them.
        """
        return await self._apply(obj, None, force=force, manager=manager)

    async def apply_status(
        self, obj: Mapping[str, Any], *, force: bool = True, manager: str = labels.MANAGER
    ) -> Object:
        """Make the fields of an object's status so; all else in ``obj`` only names the object."""
        return await self._apply(obj, "status", force=force, manager=manager)

    async def replace(self, obj: Mapping[str, Any], *, manager: str = labels.MANAGER) -> Object:
        """Write a whole object; ``Conflict`` when it is not of the version that is there."""
        return await self._replace(obj, None, manager)

    async def replace_status(self, obj: Mapping[str, Any]) -> Object:
        """Write the status of an object; ``Conflict`` when it is not of the version there."""
        return await self._replace(obj, "status")

    async def patch(
        self,
        kind: Kind | str,
        name: str,
        namespace: str | None,
        patch: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        type: Literal["merge", "json", "strategic"] = "merge",  # noqa: A002 - the API's own word
        subresource: str | None = None,
        manager: str = labels.MANAGER,
    ) -> Object:
        """Change some fields of an object; ``Missing`` when it is not there."""
        known = _kind(kind)
        asked = f"patch {_shown(known, name, namespace)}"
        return await self._object(
            "patch",
            known,
            asked,
            known.path(namespace, name, subresource),
            method="PATCH",
            body=patch,
            params={"fieldManager": manager},
            content_type=_PATCHES[type],
        )

    async def delete(
        self,
        kind: Kind | str,
        name: str,
        namespace: str | None = None,
        *,
        propagation: Literal["Background", "Foreground", "Orphan"] = "Background",
        missing_ok: bool = True,
        uid: str | None = None,
        version: str | None = None,
    ) -> None:
        """
        Begin to delete an object; with ``uid`` only that one, not one of the same name.

        ``version``: its ``resourceVersion``; ``Conflict`` when it has another one.
        """
        known = _kind(kind)
        asked = f"delete {_shown(known, name, namespace)}"
        body: Object = {"apiVersion": "v1", "kind": "DeleteOptions"}
        body["propagationPolicy"] = propagation
        known_by = {"uid": uid, "resourceVersion": version}
        wanted = {name: value for name, value in known_by.items() if value is not None}
        if wanted:
            body["preconditions"] = wanted
        path = known.path(namespace, name)
        try:
            await self._exchange.ask("delete", known, asked, path, method="DELETE", body=body)
        except Missing:
            if not missing_ok:
                raise

    async def _apply(
        self, obj: Mapping[str, Any], subresource: str | None, *, force: bool, manager: str
    ) -> Object:
        known, name, namespace = _place(obj)
        meta = {k: v for k, v in obj["metadata"].items() if k != "managedFields"}
        return await self._object(
            "apply",
            known,
            f"apply {_shown(known, name, namespace)}",
            known.path(namespace, name, subresource),
            method="PATCH",
            body={**obj, "metadata": meta},
            params={"fieldManager": manager, "force": "true" if force else "false"},
            content_type=_PATCHES["apply"],
        )

    async def _replace(
        self, obj: Mapping[str, Any], subresource: str | None, manager: str = labels.MANAGER
    ) -> Object:
        known, name, namespace = _place(obj)
        return await self._object(
            "replace",
            known,
            f"replace {_shown(known, name, namespace)}",
            known.path(namespace, name, subresource),
            method="PUT",
            body=obj,
            params={"fieldManager": manager},
        )

    async def _object(self, verb: str, kind: Kind, asked: str, path: str, **more: Any) -> Object:
        content = await self._exchange.ask(verb, kind, asked, path, **more)
        return exchange.read(content, Object, asked)


def _kind(kind: Kind | str) -> Kind:
    return kinds.of(kind) if isinstance(kind, str) else kind


def _shown(kind: Kind, name: str, namespace: str | None) -> str:
    return f"{kind.name} {namespace}/{name}" if namespace else f"{kind.name} {name}"


def _place(obj: Mapping[str, Any]) -> tuple[Kind, str, str | None]:
    """Return the kind of an object, its name (empty where one is to be made up) and namespace."""
    known = kinds.of_object(obj)
    meta = obj.get("metadata") or {}
    namespace = meta.get("namespace")
    if known.namespaced and not namespace:
        raise Rejected(f"{known.name} {meta.get('name', '')}: metadata.namespace is missing")
    return known, str(meta.get("name", "")), namespace if known.namespaced else None
