import time
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.core.spec import review
from serinus.core.spec.application import API, Application, Environment
from serinus.core.spec.template import DeliveryTemplate
from tests.core.spec import documents


def test_what_is_wrong_with_templates_is_told_where_it_stands(told: SnapshotAssertion) -> None:
    cases = []
    for title, spec in documents.wrong("templates"):
        data = documents.template()
        cases.append((title, documents.reviewed({**data, "spec": {**data["spec"], **spec}})))

    assert told == documents.report(cases)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (None, ["nothing is not a mapping"]),
        ([], ["[] is not a mapping"]),
        ({}, [
            f"apiVersion: 'apiVersion' is missing; wanted {API}",
            "kind: 'kind' is missing; wanted Application, Environment, DeliveryTemplate",
        ]),
        ({"kind": [], "apiVersion": 3}, [
            "kind: [] is not a kind; wanted Application, Environment, DeliveryTemplate",
            f"apiVersion: 3 is not known; wanted {API}",
        ]),
        ({"apiVersion": API, "kind": "Aplication"}, [
            "kind: unknown kind 'Aplication'; did you mean 'Application'?",
        ]),
        ({"apiVersion": API, "kind": "Fleet"}, [
            "kind: the kind Fleet is not on this platform yet",
        ]),
        ({"apiVersion": API, "kind": "Release"}, [
            "kind: a Release is written by the controller alone; ask by a command",
        ]),
        ({"apiVersion": API, "kind": "Application"}, [
            "metadata: 'metadata' is missing; wanted a mapping",
            "spec: 'spec' is missing; wanted a mapping",
        ]),
        ({"apiVersion": API, "kind": "Application", "metadata": None, "spec": None}, [
            "metadata: nothing is not a mapping",
            "spec: nothing is not a mapping",
        ]),
    ],
)  # fmt: skip
def test_a_document_that_is_hardly_one_is_told_what_is_missing(
    data: Any, expected: list[str]
) -> None:
    assert expected == documents.reviewed(data)


def test_an_unknown_version_of_the_format_is_told_with_all_the_rest() -> None:
    data = documents.application({"workload": {"replicas": 0}}) | {"apiVersion": "serinus.dev/v2"}

    assert [
        f"apiVersion: 'serinus.dev/v2' is not known; wanted {API}",
        "spec.workload.replicas: 0 replicas cannot serve; wanted 1 or more",
    ] == documents.reviewed(data)


@pytest.mark.parametrize("name", [None, 3, "", "Shop", "shop_eu", "a" * 53, {"a": 1}])
def test_an_application_has_a_name_that_a_host_can_have(name: object) -> None:
    assert ["metadata.name"] == [
        p.path for p in review.document(documents.application(name=name))[1]
    ]


def test_each_kind_becomes_its_type() -> None:
    kinds = [
        review.document(documents.application())[0],
        review.document(documents.environment())[0],
        review.document(documents.template())[0],
    ]

    assert [Application, Environment, DeliveryTemplate] == [type(kind) for kind in kinds]


def test_a_wrong_document_is_not_handed_out_and_can_be_read_if_it_has_its_form() -> None:
    data = documents.application({"workload": {"replicas": 0}})

    assert review.document(data)[0] is None
    assert isinstance(review.read(data)[0], Application)


def test_a_warning_keeps_nobody_from_using_a_template() -> None:
    found, problems = review.document(documents.template({"parameters": {"x": {"default": "y"}}}))

    assert isinstance(found, DeliveryTemplate)
    assert ["spec.parameters.x: warning: no placeholder asks for it"] == [str(p) for p in problems]


def test_a_template_whose_parameters_have_no_defaults_is_reviewed_by_examples() -> None:
    plan = [{"traffic": {"candidate": "${start}"}}, {"switch": {}}]
    data = documents.template({"parameters": {"start": {"format": "percent"}}, "plan": plan})

    (found,) = documents.reviewed(data)

    assert found.startswith("spec.plan[1].switch: 'switch' is no step of canary; its plan holds")


def test_an_example_that_does_not_fit_is_nobodys_mistake() -> None:
    plan = [{"traffic": {"candidate": "50%"}}, {"traffic": {"candidate": "${next}"}}]
    data = documents.template({"parameters": {"next": {"format": "percent"}}, "plan": plan})

    assert [] == documents.reviewed(data)


def test_an_environment_of_a_cluster_is_no_mistake() -> None:
    data = documents.environment(
        {
            "target": {"namespaces": ["shop", "shop-eu"]},
            "router": {"gatewayapi": {"anything": 1}},
            "metrics": {"prometheus": {"url": "http://prometheus"}},
            "counts": {"dialect": "traefik", "prometheus": "prometheus"},
        }
    )

    assert [] == documents.reviewed(data)


def test_a_template_of_a_whole_cluster_is_called_otherwise_here() -> None:
    data = documents.template() | {"kind": "ClusterDeliveryTemplate"}

    assert [
        "kind: templates of a whole cluster are there; here write kind: DeliveryTemplate"
    ] == documents.reviewed(data)


def test_what_is_wrong_with_environments_is_told_where_it_stands(told: SnapshotAssertion) -> None:
    cases = [
        (title, documents.reviewed(documents.environment(spec)))
        for title, spec in documents.wrong("environments")
    ]

    assert told == documents.report(cases)


def test_a_mistake_of_the_application_is_not_told_again_for_each_environment() -> None:
    data = documents.application(
        {
            "workload": {"replicas": 0, "grace": "long"},
            "environments": {"a": {"version": "v2"}, "b": {"workload": {"env": {"X": "1"}}}},
        }
    )

    assert 2 == len(documents.reviewed(data))


def test_a_mistake_that_an_environment_makes_is_told_there() -> None:
    data = documents.application(
        {"workload": {"replicas": 0}, "environments": {"a": {"workload": {"replicas": 0}}}}
    )

    assert [
        "spec.workload.replicas: 0 replicas cannot serve; wanted 1 or more",
        "spec.environments.a.workload.replicas: 0 replicas cannot serve; wanted 1 or more",
    ] == documents.reviewed(data)


def test_a_thousand_applications_are_reviewed_in_a_moment() -> None:
    documents_ = [documents.application({"version": f"v{n}"}) for n in range(1000)]
    began = time.process_time()
    for data in documents_:
        assert () == review.document(data)[1]

    assert time.process_time() - began < 2.0
