"""
Structural schemas (OpenAPI v3, as CRDs take them) from the Struct types.

::

    Struct          object with its properties       X | None      nullable
    list[X]         array                            str | X       kept as it is
    dict[str, X]    object with values of X          Any           kept as it is

A text with a meaning (a duration, a name) gets the pattern of its format.
"""

import inspect
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from serinus.adapters.kubernetes import explained
from serinus.core.spec import formats

Schema = dict[str, Any]

FREE: Schema = {"x-kubernetes-preserve-unknown-fields": True, "nullable": True}
"""What stands there is kept as it is; null means something, where it patches."""

OPAQUE: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
"""A mapping of the controller's own is kept as it is."""

_LONGEST = {
    "duration": 32,
    "percent": 16,
    "quantity": 32,
    "name": 52,
    "host": 253,
    "version": 63,
    "namespace": 63,
    "object": 253,
}
_MOST = 200
"""Rules of the API server look at so many entries of a mapping at most."""

_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int64"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
}
_PORT: Schema = {"minimum": 1, "maximum": 65535, "format": "int32"}
_BY_TYPE: Schema = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
_MORE: Mapping[tuple[str, str], Schema] = {
    ("Workload", "port"): _PORT,
    ("RouteSpec", "port"): _PORT,
    ("PodPages", "port"): _PORT,
    ("Workload", "replicas"): {"minimum": 1, "format": "int32"},
    ("ApplicationStatus", "replicas"): {"minimum": 0, "format": "int32"},
    ("WorkloadRef", "kind"): {"enum": ["Deployment"]},
    ("RouteRef", "kind"): {"pattern": "^[A-Z][A-Za-z0-9]*$", "maxLength": 63},
    ("Window", "type"): {"enum": ["allow", "blackout"]},
    ("Parameter", "type"): {"enum": ["string", "integer", "number", "boolean"]},
    ("Parameter", "format"): {"enum": sorted(formats.FORMATS)},
    ("TemplateSpec", "version"): {"pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$", "maxLength": 32},
    ("TemplateSpec", "plan"): {"minItems": 1, "maxItems": 100},
    ("Condition", "status"): {"enum": ["True", "False", "Unknown"]},
    ("ApplicationStatus", "conditions"): _BY_TYPE,
    ("ReleaseStatus", "conditions"): _BY_TYPE,
    ("Workload", "env"): {"maxProperties": _MOST},
    ("Workload", "resources"): {"maxProperties": 3},
    ("ApplicationSpec", "environments"): {"maxProperties": _MOST},
}
"""What the types do not say of single fields."""


def of(kind: Any) -> Schema:
    """Return the schema of a type."""
    if kind is Any:
        return dict(FREE)
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _annotated(kind)
    if origin in {types.UnionType, typing.Union}:
        return _union(kind)
    if origin is list:
        return {"type": "array", "items": of(typing.get_args(kind)[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": of(typing.get_args(kind)[1])}
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [member.value for member in kind]}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind)
    raise TypeError(f"no schema can be made of {kind}")


def described(kind: type[msgspec.Struct]) -> str:
    """Return the first paragraph of a type's docstring as one line."""
    text = inspect.getdoc(kind) or ""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).replace("``", "")


def _struct(kind: type[msgspec.Struct]) -> Schema:
    properties: Schema = {}
    required = []
    for field in msgspec.structs.fields(kind):
        name = field.encode_name
        properties[name] = _field(kind.__name__, name, field.type)
        if field.required:
            required.append(name)
    found: Schema = {"type": "object", "description": described(kind)}
    if required:
        found["required"] = required
    return found | {"properties": properties}


def _field(kind: str, name: str, written: Any) -> Schema:
    found = of(written) | _MORE.get((kind, name), {})
    return {"description": explained.field(kind, name)} | {
        key: value for key, value in found.items() if key != "description"
    }


def _annotated(kind: Any) -> Schema:
    inner, *metas = typing.get_args(kind)
    found = of(inner)
    for meta in metas:
        extra = meta.extra or {}
        form = str(extra.get("format"))
        if form in formats.PATTERNS:
            found |= {"pattern": formats.PATTERNS[form], "maxLength": _LONGEST[form]}
        if extra.get("opaque"):
            found = dict(OPAQUE)
        limits = {
            "pattern": meta.pattern,
            "minimum": meta.ge,
            "maxItems": meta.max_length,
        }
        found |= {key: value for key, value in limits.items() if value is not None}
    return found


def _union(kind: Any) -> Schema:
    inner = [one for one in typing.get_args(kind) if one is not msgspec.UnsetType]
    rest = [one for one in inner if one is not types.NoneType]
    found = of(rest[0]) if len(rest) == 1 else dict(FREE)
    return found | ({"nullable": True} if len(rest) < len(inner) else {})
