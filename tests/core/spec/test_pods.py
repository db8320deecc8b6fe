from typing import Any

import msgspec
import pytest

from serinus.core.spec import effective, pods, workload
from serinus.core.spec.application import ApplicationSpec
from serinus.core.spec.limits import Limits
from tests.core.spec import documents

CLUSTER = Limits(images=True, cluster=True, enforced=("cpu", "memory"))
RUNS = {"image": "shop:v1", "port": 8080}


def spec(workload: dict[str, Any], **rest: Any) -> ApplicationSpec:
    return msgspec.convert({"workload": workload, **rest}, ApplicationSpec)


def refused(found: ApplicationSpec, limits: Limits = CLUSTER) -> list[str]:
    return [p.path for p in (*workload.review(found), *workload.here(found, limits))]


@pytest.mark.parametrize(
    "given",
    [
        RUNS,
        RUNS | {"replicas": 12, "workdir": "/srv", "args": ["--fast"]},
        {"image": "shop:v1", "args": ["--port", "${port}"]},
        {"image": "shop:v1", "env": {"LISTEN": "0.0.0.0:$(PORT)"}},
        {"image": "shop:v1", "command": "sh -c 'exec shop $PORT'"},
        RUNS | {"configMaps": ["a.b"], "secrets": ["c"], "serviceAccount": "shop"},
        RUNS | {"pod": {"metadata": {"labels": {"team": "a"}}, "spec": {"volumes": []}}},
        RUNS | {"pod": {"spec": {"containers": [{"name": "app", "stdin": True}]}}},
    ],
)
def test_a_cluster_takes_what_a_pod_can_be(given: dict[str, Any]) -> None:
    assert [] == refused(spec(given))


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"command": "./shop --port ${port}"}, "workload.image"),
        ({"image": "shop:v1"}, "workload.port"),
        (RUNS | {"files": ["shop.conf"]}, "workload.files"),
        (RUNS | {"workdir": "../shop"}, "workload.workdir"),
        (RUNS | {"command": ["shop", "${files}/shop.conf"]}, "workload.command[1]"),
        (RUNS | {"env": {"CONF": "${files}"}}, "workload.env.CONF"),
    ],
)
def test_a_cluster_refuses_what_no_pod_can_be(given: dict[str, Any], path: str) -> None:
    assert [path] == refused(spec(given))


def test_a_deployment_that_is_adopted_says_what_runs() -> None:
    adopted = {"name": "shop"}
    beside = {"replicas": 3, "port": 80, "health": {"path": "/ready"}, "grace": "5s"}

    assert [] == refused(spec({}, workloadRef=adopted))
    assert [] == refused(spec(beside, workloadRef=adopted))
    assert ["workload.image", "workload.port"] == refused(spec({}))[1:]


def test_a_deployment_and_a_workload_do_not_both_say_what_runs() -> None:
    both = spec(RUNS | {"env": {"A": "b"}}, workloadRef={"name": "shop"})

    assert ["workload.image", "workload.env"] == refused(both)


def test_a_machine_refuses_what_is_for_a_cluster_and_says_what_to_do_instead() -> None:
    found = spec({"command": "./shop", "args": ["x"]}, route={"ref": {"kind": "A", "name": "b"}})
    told = [p.message for p in workload.here(found, Limits())]

    assert "on this machine 'command' says all the words" in told[0]
    assert "which routes by Envoy" in told[1]


def test_what_is_for_a_cluster_is_carried_to_it_whole() -> None:
    data = documents.application(
        {
            "workload": RUNS
            | {"command": None, "image": "registry:5000/shop:${version}", "args": ["${version}"]}
            | {"configMaps": ["a"], "secrets": ["b"], "serviceAccount": "c", "pod": {"spec": {}}},
            "version": "v9",
            "route": {"port": 8000, "ref": {"kind": "HTTPRoute", "name": "web"}},
        }
    )
    found = effective.effective(data, "prod", documents.library(), CLUSTER)

    assert found.usable
    assert ("registry:5000/shop:v9", ("v9",)) == (found.image, found.args)
    assert (("a",), ("b",), "c") == (found.config_maps, found.secrets, found.service_account)
    assert ({"spec": {}}, 8000, ("HTTPRoute", "web")) == (
        found.pod,
        found.route_port,
        found.route_ref,
    )


def test_an_adopted_deployment_has_its_own_number_of_replicas_until_somebody_says_another() -> None:
    data = documents.application({"workload": None, "workloadRef": {"name": "web"}})
    library = documents.library()
    del data["spec"]["workload"]
    found = effective.effective(data, "prod", library, CLUSTER)
    data["spec"]["workload"] = {"replicas": 4}
    said = effective.effective(data, "prod", library, CLUSTER)

    assert ("web", 0, 4) == (found.workload_ref, found.replicas, said.replicas)


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("shop:v1", "v1"),
        ("registry.example:5000/team/shop:2.0.1", "2.0.1"),
        ("registry.example:5000/team/shop", ""),
        (f"shop@sha256:{'ab' * 32}", "ababababab"),
        (f"shop:v3@sha256:{'ab' * 32}", "v3"),
        ("", ""),
        ("shop:_odd", ""),
    ],
)
def test_people_call_an_image_by_its_tag(image: str, label: str) -> None:
    assert label == effective.label(image)


def test_a_version_without_a_name_is_called_after_its_image() -> None:
    data = documents.application({"workload": {"command": None, "image": "shop:v3", "port": 80}})
    data["spec"].pop("version", None)
    found = effective.effective(data, "prod", documents.library(), CLUSTER)

    assert "v3" == found.version
    assert "v1" == documents.resolved(documents.application()).version


def test_the_container_that_serves_has_one_name_everywhere() -> None:
    assert "app" == pods.APP
