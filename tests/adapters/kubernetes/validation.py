"""Reads structural schemas: what an API server would say of an object, but for rules."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def wrong(value: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield what is wrong with a value."""
    if value is None:
        if not schema.get("nullable"):
            yield f"{path}: null"
        return
    kind = schema.get("type")
    if kind is not None and not isinstance(value, _KINDS[kind]):
        yield f"{path}: {value!r} is no {kind}"
        return
    yield from _plain(value, schema, path)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from wrong(item, schema["items"], f"{path}[{index}]")
    elif isinstance(value, dict):
        yield from _object(value, schema, path)


def _plain(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match {schema['pattern']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{path}: {value} is less than {schema['minimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{path}: {value} is more than {schema['maximum']}"
    for bound in ("maxLength", "maxItems", "maxProperties"):
        if bound in schema and len(value) > schema[bound]:
            yield f"{path}: {len(value)} is more than {bound}"
    for bound in ("minItems", "minProperties"):
        if bound in schema and len(value) < schema[bound]:
            yield f"{path}: {len(value)} is less than {bound}"


def _object(value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name}: missing"
    properties = schema.get("properties", {})
    rest = schema.get("additionalProperties")
    for name, inner in value.items():
        found = properties.get(name, rest)
        if found is not None:
            yield from wrong(inner, found, f"{path}.{name}")
        elif properties and not schema.get("x-kubernetes-preserve-unknown-fields"):
            yield f"{path}.{name}: unknown"
