"""
The description of the API, OpenAPI 3.1: made from the table of operations and the types.

What is described is what is served: both come from the same rows.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from serinus.interfaces.api import (
    activity,
    applications,
    logs,
    operations,
    problems,
    releases,
    templates,
)
from serinus.interfaces.api.operations import ROOT, Operation
from serinus.interfaces.api.problems import Problem

TABLE: Sequence[Operation] = (
    *releases.OPERATIONS,
    *logs.OPERATIONS,
    *applications.OPERATIONS,
    *templates.OPERATIONS,
    *activity.OPERATIONS,
)

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")


async def document(request: Request) -> Response:
    """Show this description."""
    await releases.office(request)
    return operations.answer(request, described())


@cache
def described() -> dict[str, Any]:
    """Return the description."""
    wanted = [Problem, *(one.answer for one in TABLE), *(one.body for one in TABLE if one.body)]
    schemas, components = msgspec.json.schema_components(
        wanted, ref_template="#/components/schemas/{name}"
    )
    known = dict(zip(map(str, wanted), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in TABLE:
        address = ROOT + _PARAMETER.sub(r"{\1}", one.path)
        paths.setdefault(address, {})[one.method.lower()] = _operation(one, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Serinus", "version": metadata.version("serinus"), "license": _LICENCE},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


_LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _operation(one: Operation, known: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": one.endpoint.__name__ + ("_latest" if one.path.endswith("latest") else ""),
        "summary": one.summary,
        "parameters": [*_parameters(one)],
        "responses": {
            "200": {
                "description": "So it is.",
                "content": {one.media: {"schema": known[str(one.answer)]}},
            },
            **{str(status): _failure(status, known) for status in one.errors},
        },
    }
    if one.body is str:
        schema = {"schema": {"type": "string"}}
        told["requestBody"] = {"required": True, "content": {"application/yaml": schema}}
    elif one.body is not None:
        schema = {"schema": known[str(one.body)]}
        told["requestBody"] = {"required": True, "content": {one.media: schema}}
    return told


def _parameters(one: Operation) -> Sequence[dict[str, Any]]:
    path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if kind == "int" else "string"},
        }
        for name, kind in _PARAMETER.findall(one.path)
    ]
    rest = [
        {
            "name": name,
            "in": where,
            "required": False,
            "description": meaning,
            "schema": {"type": "string"},
        }
        for where, names in (("query", one.query), ("header", one.headers))
        for name, meaning in names.items()
    ]
    return [*path, *rest]


def _failure(status: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": problems.problem(status, "").title + ".",
        "content": {problems.MEDIA_TYPE: {"schema": known[str(Problem)]}},
    }
