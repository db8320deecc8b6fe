"""What routers write for other products is what those products' own schemas allow."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conformance import schemas

FOLDER = Path(__file__).parent.parent / "adapters" / "routers"
CASES = sorted(FOLDER.glob("*/cases/*.yaml"))
FOREIGN = {"gatewayapi", "istio", "linkerd"}


def documents(path: Path) -> list[Any]:
    case = YAML(typ="safe", pure=True).load(path)
    return [entry["document"] for entry in case["expected"]]


def route(**rule: Any) -> dict[str, Any]:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "spec": {"rules": [rule]},
    }


def virtual(**match: Any) -> dict[str, Any]:
    found = {"match": [match], "route": [{"destination": {"host": "shop"}}]}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "spec": {"hosts": ["shop"], "http": [found]},
    }


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.parent.name}-{p.stem}")
def test_expected_documents_fit_the_schemas_of_their_products(path: Path) -> None:
    found = {index: schemas.problems(d) for index, d in enumerate(documents(path))}

    assert {} == {index: wrong for index, wrong in found.items() if wrong}


@pytest.mark.parametrize("name", sorted(FOREIGN & {p.parent.parent.name for p in CASES}))
def test_every_router_of_another_product_has_a_case_that_is_checked(name: str) -> None:
    found = [d for path in CASES if path.parent.parent.name == name for d in documents(path)]

    assert [d for d in found if (d.get("apiVersion"), d.get("kind")) in schemas.known()]


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        (route(backendRefs=[{"name": "shop", "weight": -1}]), "-1 is not within"),
        (route(backendRefs=[{"name": "shop", "weight": True}]), "True is no integer"),
        (route(backendRefs=[{"port": 80}]), "name is missing"),
        (route(backends=[]), "backends is not known"),
        (route(timeouts={"request": "0.25s"}), "does not match"),
        (route(matches=[{"headers": [{"name": "x", "value": "1"}] * 2}]), "have the same name"),
        (route(matches=[{}] * 65), "65 is not a items within"),
        (route(matches=[{"method": "get"}]), "'get' is none of"),
        (virtual(uri={"exact": "/", "prefix": "/"}), "not exactly one of"),
    ],
)
def test_what_does_not_fit_is_told(document: dict[str, Any], wrong: str) -> None:
    (problem,) = schemas.problems(document)

    assert wrong in problem


def test_a_choice_may_be_left_open() -> None:
    assert [] == schemas.problems(virtual(headers={"x-group": {}}))
    assert [] == schemas.problems(virtual(headers={"x-group": {"regex": "b.*"}}))
