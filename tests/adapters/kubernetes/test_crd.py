import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from serinus.adapters.kubernetes import crd
from serinus.adapters.local.specs import Specs
from serinus.boot import catalogue
from serinus.core.spec import cluster
from tests.adapters.kubernetes import validation
from tests.core.spec import documents

DOCS = Path(__file__).parents[3] / "docs"
EXPORTED = DOCS / "howto" / "take-it-to-kubernetes.md"
BY_KIND = {definition.kind: definition for definition in crd.DEFINITIONS}


def wrong(document: Any) -> list[str]:
    """Return what the schema of a document's kind says of it."""
    found = crd.of(BY_KIND[document["kind"]])["spec"]["versions"][0]
    return list(validation.wrong(document, found["schema"]["openAPIV3Schema"]))


def application(spec: dict[str, Any]) -> dict[str, Any]:
    return documents.application() | {"spec": spec}


def walk(schema: Any) -> Any:
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from walk(inner)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from walk(schema[key])


@pytest.mark.parametrize("definition", crd.DEFINITIONS, ids=lambda one: one.kind)
def test_a_definition_is_structural_and_explains_itself(definition: crd.Definition) -> None:
    found = crd.of(definition)
    (version,) = found["spec"]["versions"]
    whole = version["schema"]["openAPIV3Schema"]

    assert f"{definition.plural}.serinus.dev" == found["metadata"]["name"]
    assert ["serinus"] == found["spec"]["names"]["categories"]
    assert [] == [
        inner
        for inner in walk(whole)
        if "type" not in inner and not inner.get("x-kubernetes-preserve-unknown-fields")
    ]
    properties = (p for inner in walk(whole["properties"]["spec"]) for p in [inner])
    assert all("properties" not in p or "description" in p for p in properties)


def test_the_kinds_that_live_in_a_namespace_are_those_that_are_exported_into_one() -> None:
    namespaced = {one.kind for one in crd.DEFINITIONS if one.namespaced}

    assert namespaced >= cluster.NAMESPACED
    assert not BY_KIND["Environment"].namespaced


def test_an_application_can_be_scaled_and_every_kind_has_a_status() -> None:
    versions = {one.kind: crd.of(one)["spec"]["versions"][0] for one in crd.DEFINITIONS}
    having = {kind for kind, one in versions.items() if "status" in one.get("subresources", {})}

    assert having == {one.kind for one in crd.DEFINITIONS}
    assert {
        "specReplicasPath": ".spec.workload.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    } == versions["Application"]["subresources"]["scale"]


def test_every_column_shows_something_that_is_there() -> None:
    for definition in crd.DEFINITIONS:
        whole = crd.of(definition)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        for column in definition.columns:
            place = whole
            path = re.sub(r"\[.*?\]", "", column.path).removeprefix(".").split(".")
            if path[0] == "metadata":
                continue
            for part in path:
                place = place.get("items", place)["properties"][part]

            assert place


@pytest.mark.parametrize(
    "spec",
    [
        {"workload": {"image": "shop:v1", "port": 80}},
        {"workload": {"command": "./shop", "health": {"path": None}}, "environments": {"a": {}}},
        {"workload": {"command": ["./shop"], "pod": {"spec": {"volumes": [{"name": "a"}]}}}},
        {"workloadRef": {"name": "shop"}, "route": {"ref": {"kind": "HTTPRoute", "name": "a"}}},
        {
            "workload": {"image": "a"},
            "delivery": {"template": {"name": "a"}, "onFail": None, "plan": [{"switch": {}}]},
        },
    ],
)
def test_what_is_right_is_taken(spec: dict[str, Any]) -> None:
    assert [] == wrong(application(spec))


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"workload": {"image": "a", "replicas": 0}}, ".spec.workload.replicas"),
        ({"workload": {"image": "a", "port": 70000}}, ".spec.workload.port"),
        ({"workload": {"image": "a", "grace": "soon"}}, ".spec.workload.grace"),
        ({"workload": {"image": "a", "imgae": "b"}}, ".spec.workload.imgae"),
        ({"workload": {"image": "a"}, "environments": {"prod": 3}}, ".spec.environments.prod"),
        ({"workloadRef": {"kind": "Pod", "name": "a"}}, ".spec.workloadRef.kind"),
    ],
)
def test_what_is_wrong_is_refused(spec: dict[str, Any], path: str) -> None:
    assert [path] == [text.partition(":")[0] for text in wrong(application(spec))]


@pytest.mark.parametrize("name", catalogue.names())
def test_every_template_of_ours_is_taken_by_namespace_and_by_cluster(name: str) -> None:
    document = YAML(typ="safe").load(catalogue.text(name))

    assert [] == wrong(document)
    assert [] == wrong(document | {"kind": "ClusterDeliveryTemplate"})


def test_what_is_exported_is_taken(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", EXPORTED.read_text(), re.DOTALL)
    (tmp_path / "shop.yaml").write_text(blocks[0])
    (tmp_path / "prod.yaml").write_text(
        json.dumps(documents.environment({"stage": "prod"}, "prod"))
    )
    exported = Specs(tmp_path, tmp_path / "home", catalogue.builtin()).export("team")
    found = [YAML(typ="safe").load(one.text) for one in exported.manifests]

    assert ["Environment", "Application"] == [one["kind"] for one in found]
    assert [[], []] == [wrong(one) for one in found]


@pytest.mark.parametrize(
    "page",
    [
        "reference/application.md",
        "reference/cluster-objects.md",
        "howto/take-it-to-kubernetes.md",
    ],
)
def test_every_document_of_the_documentation_is_taken(page: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    found = [
        document
        for block in blocks
        for document in YAML(typ="safe").load_all(block)
        if isinstance(document, dict) and document.get("kind") in BY_KIND
    ]

    assert found
    assert [[]] * len(found) == [wrong(document) for document in found]
