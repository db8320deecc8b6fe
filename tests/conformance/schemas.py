"""
Documents of other products against the schemas of those products.

``crds/*.json`` are the schemas of the kinds that routers write, as in the products' own CRDs.
A small part of OpenAPI is enough for them: what a structural schema of Kubernetes may use, without
its rules in CEL, which the real API server checks in the tests that start one.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parent / "crds"
_TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


@functools.cache
def known() -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the schemas of specs, by apiVersion and kind."""
    found = [msgspec.json.decode(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]
    return {(schema["apiVersion"], schema["kind"]): schema["spec"] for schema in found}


def problems(document: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a document; nothing where its kind has no schema here."""
    schema = known().get((document.get("apiVersion", ""), document.get("kind", "")))
    return [] if schema is None else list(_problems(document.get("spec"), schema, "spec"))


def _problems(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if value is None and schema.get("nullable"):
        return
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        yield f"{place}: {value!r} is no {kind}"
        return
    yield from _bounds(value, schema, place)
    yield from _choices(value, schema, place)
    if isinstance(value, dict):
        yield from _fields(value, schema, place)
    if isinstance(value, list):
        yield from _entries(value, schema, place)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _bounds(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{place}: {value!r} does not match {schema['pattern']}"
        yield from _between(len(value), schema, "Length", place)
    if isinstance(value, list):
        yield from _between(len(value), schema, "Items", place)
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        if not low <= value <= high:
            yield f"{place}: {value} is not within {low} and {high}"


def _between(count: int, schema: Mapping[str, Any], what: str, place: str) -> Iterator[str]:
    low, high = schema.get(f"min{what}", count), schema.get(f"max{what}", count)
    if not low <= count <= high:
        yield f"{place}: {count} is not a {what.lower()} within {low} and {high}"


def _choices(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    # A part of a choice speaks of fields whose own schemas stand beside it.
    def fits(part: Mapping[str, Any]) -> bool:
        bare = {"type": "object", "additionalProperties": True} if "type" not in part else {}
        return not list(_problems(value, {**bare, **part}, place))

    if "oneOf" in schema and sum(map(fits, schema["oneOf"])) != 1:
        yield f"{place}: not exactly one of {schema['oneOf']} holds"
    if "anyOf" in schema and not any(map(fits, schema["anyOf"])):
        yield f"{place}: none of {schema['anyOf']} holds"
    if "not" in schema and fits(schema["not"]):
        yield f"{place}: {schema['not']} holds"


def _fields(value: dict[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}: {name} is missing"
    others = schema.get("additionalProperties")
    open_ = others is True or schema.get("x-kubernetes-preserve-unknown-fields")
    for name, found in value.items():
        inner = schema.get("properties", {}).get(name, others)
        if isinstance(inner, dict):
            yield from _problems(found, inner, f"{place}.{name}")
        elif not open_:
            yield f"{place}: {name} is not known"


def _entries(value: list[Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    for index, found in enumerate(value):
        yield from _problems(found, schema.get("items", {}), f"{place}[{index}]")
    keys = schema.get("x-kubernetes-list-map-keys")
    if keys:
        named = [tuple(entry.get(key) for key in keys) for entry in value]
        if len(set(named)) != len(named):
            yield f"{place}: two entries have the same {', '.join(keys)}"
