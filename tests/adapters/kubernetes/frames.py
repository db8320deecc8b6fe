"""What goes over the wire of a pretended API server: questions, answers, lines of watches."""

from dataclasses import dataclass
from typing import Any

import httpx2
import msgspec

from serinus.adapters.kubernetes.kinds import Kind
from tests.adapters.kubernetes.selectors import selected, selected_fields
from tests.adapters.kubernetes.shelf import Happened, Object, Refused


@dataclass(frozen=True)
class Asked:
    verb: str
    kind: Kind
    namespace: str
    name: str
    sub: str | None
    params: httpx2.QueryParams
    body: Any
    patch: str

    @property
    def manager(self) -> str:
        return str(self.params.get("fieldManager", "unknown"))


def wanted(obj: Object, asked: Asked) -> bool:
    meta = obj.get("metadata", {})
    return selected(meta.get("labels") or {}, asked.params.get("labelSelector", "")) and (
        selected_fields(obj, asked.params.get("fieldSelector", ""))
    )


def told(one: Happened, asked: Asked) -> bytes:
    """Return what a watch is told of something that happened, if it is told at all."""
    if one.change == "BOOKMARK":
        if asked.params.get("allowWatchBookmarks") != "true":
            return b""
        meta = {"resourceVersion": str(one.version)}
        return line("BOOKMARK", {"kind": asked.kind.name, "metadata": meta})
    if one.kind.name != asked.kind.name:
        return b""
    if asked.namespace and one.new["metadata"].get("namespace") != asked.namespace:
        return b""
    before = one.old is not None and wanted(one.old, asked)
    after = one.change != "DELETED" and wanted(one.new, asked)
    if before and after:
        return line("MODIFIED", one.new)
    if before or after:
        return line("ADDED" if after else "DELETED", one.new)
    return b""


def line(change: str, obj: Object) -> bytes:
    return msgspec.json.encode({"type": change, "object": obj}) + b"\n"


def json(code: int, obj: Object) -> httpx2.Response:
    return httpx2.Response(code, content=msgspec.json.encode(obj))


def refusal(refused: Refused) -> Object:
    details = {"name": refused.name} if refused.name else {}
    return {
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": refused.message,
        "reason": refused.reason, "code": refused.code, "details": details,
    }  # fmt: skip


def status(refused: Refused, pause_s: float | None = None) -> httpx2.Response:
    headers = {"retry-after": f"{pause_s:.0f}"} if pause_s is not None else {}
    content = msgspec.json.encode(refusal(refused))
    return httpx2.Response(refused.code, content=content, headers=headers)
