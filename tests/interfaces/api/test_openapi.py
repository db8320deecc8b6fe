import json
import re
from typing import Any

import pytest
from starlette.routing import Route

from serinus.interfaces.api import openapi, operations
from tests.interfaces import offices

pytestmark = pytest.mark.anyio


def served() -> set[tuple[str, str]]:
    found = set()
    for route in offices.app().routes:
        if isinstance(route, Route) and route.path.startswith(operations.ROOT):
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
            found |= {(method, path) for method in route.methods or () if method != "HEAD"}
    return found - {("GET", f"{operations.ROOT}/openapi.json")}


def described() -> set[tuple[str, str]]:
    paths = openapi.described()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_what_is_served_is_described_and_nothing_else() -> None:
    assert served() == described()


def test_every_reference_of_the_description_leads_somewhere() -> None:
    document = openapi.described()
    text = json.dumps(document)
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))

    assert names <= set(document["components"]["schemas"])


def test_every_operation_has_a_name_of_its_own_and_a_sentence() -> None:
    found: list[dict[str, Any]] = [
        one for methods in openapi.described()["paths"].values() for one in methods.values()
    ]

    assert len(found) == len({one["operationId"] for one in found})
    assert all(re.fullmatch(r"[A-Z].*\.", one["summary"]) for one in found)


async def test_the_description_is_served() -> None:
    async with offices.program(offices.app()) as visitor:
        found = await visitor.get("/api/v1/openapi.json")

    assert (200, "3.1.0") == (found.status_code, found.json()["openapi"])
