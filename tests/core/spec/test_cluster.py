from typing import Any

import pytest

from serinus.core.errors import Severity
from serinus.core.spec import cluster
from tests.core.spec import documents


def told(data: Any, *environments: str) -> list[tuple[str, str]]:
    found = cluster.review_for(data, environments)
    assert all(problem.severity is Severity.WARNING for problem in found)
    return [(problem.path, problem.message) for problem in found]


@pytest.mark.parametrize("name", ["a", "shop-eu", "1", "a" * 63])
def test_a_label_is_the_name_of_a_namespace(name: str) -> None:
    assert "" == cluster.namespace(name)


@pytest.mark.parametrize("name", ["", "Shop", "shop.eu", "-a", "a-", "a" * 64, "a b", "a\n"])
def test_what_is_no_label_is_refused_with_what_is_wanted(name: str) -> None:
    assert "wanted at most 63 of a–z, 0–9 and '-'" in cluster.namespace(name)


def test_an_application_with_an_image_in_every_other_environment_is_fine() -> None:
    image = {"workload": {"image": "registry/shop:1"}}

    assert [] == told(documents.application({"environments": {"prod": image, "local": {}}}))
    assert [] == told(documents.application({"environments": {"prod": image}}), "prod", "local")


def test_a_command_without_an_image_is_told_for_each_environment_that_lacks_it() -> None:
    image = {"workload": {"image": "registry/shop:1"}}
    ((path, message),) = told(
        documents.application({"environments": {"prod": image, "eu": {}}}), "local", "us"
    )

    assert "spec.workload" == path
    assert "this application has none in eu and us; add environments: {eu:" in message
    assert "has none; add environments: {prod:" in told(documents.application())[0][1]


def test_what_a_workload_takes_from_this_machine_is_told_where_it_is_written() -> None:
    base = {"image": "registry/shop:1", "workdir": "../app"}
    patch = {"workload": {"files": ["pages"]}}
    found = told(documents.application({"workload": base, "environments": {"prod": patch}}))

    assert ["spec.environments.prod.workload.files", "spec.workload.workdir"] == [
        path for path, _ in found
    ]
    absolute = {"image": "registry/shop:1", "workdir": "/app"}
    assert [] == told(documents.application({"workload": absolute}))


def test_labels_and_annotations_have_the_form_that_kubernetes_wants() -> None:
    data = documents.environment()
    data["metadata"] |= {
        "labels": {"team": "checkout", "a/b": "", "no key": "x", "note": "two words"},
        "annotations": {"example.org/why": "any text", "-": ""},
    }

    assert [
        'metadata.labels["no key"]',
        "metadata.labels.note",
        'metadata.annotations["-"]',
    ] == [path for path, _ in told(data)]
