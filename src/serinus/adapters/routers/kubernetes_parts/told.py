"""
What the fields of a product cannot say about a route, in an annotation of the root Service.

It is the route as it was wanted, without the endpoints, which stand in the Services of their
revisions. What fields do say is read from the fields: this is only believed where they agree.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from serinus.core.state.traffic import Route


def write(route: Route) -> str:
    """Return the text of the annotation."""
    backends = tuple(replace(b, endpoints=(), health_path=None) for b in route.backends)
    mirror = route.mirror
    if mirror is not None:
        mirror = replace(mirror, endpoints=(), health_path=None)
    bare = replace(route, backends=backends, mirror=mirror)
    return msgspec.json.encode(_pruned(msgspec.to_builtins(bare))).decode()


def read(text: str | None) -> Route | None:
    """Return the route that an annotation tells; None where nobody can read one."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Route)
    except msgspec.MsgspecError:  # somebody else has written there: we shall write again
        return None


def annotation(document: Mapping[str, Any], name: str) -> str | None:
    """Return an annotation of an object, None where it has none."""
    found = document.get("metadata", {}).get("annotations") or {}
    text: str | None = found.get(name)
    return text


def _pruned(value: Any) -> Any:
    """Leave out what says nothing: people read annotations too."""
    if isinstance(value, dict):
        inner = {name: _pruned(v) for name, v in value.items()}
        return {n: v for n, v in inner.items() if n == "backends" or not _silent(v)}
    return [_pruned(v) for v in value] if isinstance(value, list | tuple) else value


def _silent(value: Any) -> bool:
    return value is None or value is False or value in ([], {}, ())
