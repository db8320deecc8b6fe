import copy
from typing import Any

import pytest

from serinus.adapters.kubernetes import existing
from serinus.core.spec.health import HealthProbe

WRITTEN: dict[str, Any] = {
    "metadata": {"labels": {"app": "shop"}},
    "spec": {
        "containers": [
            {
                "name": "web",
                "image": "shop:v1",
                "ports": [{"containerPort": 8080}],
                "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
                "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
            }
        ],
        "volumes": [
            {"name": "cache", "emptyDir": {}},
            {"name": "pages", "configMap": {"name": "pages"}},
        ],
    },
}
"""What somebody wrote."""

STORED: dict[str, Any] = {
    "metadata": {"creationTimestamp": None, "labels": {"app": "shop"}},
    "spec": {
        "containers": [
            {
                "name": "web",
                "image": "shop:v1",
                "imagePullPolicy": "IfNotPresent",
                "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                "env": [
                    {
                        "name": "A",
                        "valueFrom": {
                            "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}
                        },
                    }
                ],
                "resources": {},
                "readinessProbe": {
                    "httpGet": {"path": "/ready", "port": 8080, "scheme": "HTTP"},
                    "timeoutSeconds": 1,
                    "periodSeconds": 10,
                    "successThreshold": 1,
                    "failureThreshold": 3,
                },
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
            }
        ],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
        "volumes": [
            {"name": "cache", "emptyDir": {}},
            {"name": "pages", "configMap": {"name": "pages", "defaultMode": 420}},
        ],
    },
}
"""What an API server has of it."""


def deployment(template: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "shop"}, "spec": {"template": template, **spec}}


def with_(*path: str | int, value: Any) -> dict[str, Any]:
    found = copy.deepcopy(WRITTEN)
    place: Any = found
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return found


def test_what_the_api_server_filled_in_is_taken_out_again() -> None:
    assert WRITTEN == existing.of_deployment(deployment(STORED))
    assert WRITTEN == existing.of_deployment(deployment(WRITTEN))


def test_what_somebody_wrote_stays_though_it_looks_like_a_default() -> None:
    labels = with_("metadata", "labels", value={"type": "", "protocol": "TCP"})
    account = with_("spec", "serviceAccountName", value="shop")
    stored = copy.deepcopy(account)
    stored["spec"]["serviceAccount"] = "shop"

    assert labels == existing.of_deployment(deployment(labels))
    assert account == existing.of_deployment(deployment(stored))


def test_what_we_put_there_is_no_part_of_it() -> None:
    marked = with_("metadata", "labels", value={"app": "shop", "serinus.dev/serving": "true"})

    assert WRITTEN == existing.of_deployment(deployment(marked))


def test_a_restart_that_somebody_asks_for_makes_another_revision() -> None:
    asked = with_(
        "metadata", "annotations", value={"kubectl.kubernetes.io/restartedAt": "2026-01-01"}
    )

    assert WRITTEN != existing.of_deployment(deployment(asked))


@pytest.mark.parametrize(
    ("image", "policy", "usual"),
    [
        ("shop", "Always", True),
        ("shop:latest", "Always", True),
        ("registry:5000/shop:v1", "IfNotPresent", True),
        ("shop@sha256:ab", "IfNotPresent", True),
        ("shop:v1", "Always", False),
        ("shop", "IfNotPresent", False),
    ],
)
def test_when_an_image_is_pulled_is_kept_where_somebody_said_it(
    image: str, policy: str, *, usual: bool
) -> None:
    written = with_(
        "spec", "containers", value=[{"name": "a", "image": image, "imagePullPolicy": policy}]
    )
    found = existing.of_deployment(deployment(written))

    assert usual == ("imagePullPolicy" not in found["spec"]["containers"][0])


def test_the_container_that_serves_is_marked_or_called_app_or_the_first() -> None:
    several = with_("spec", "containers", value=[{"name": "proxy"}, {"name": "app"}, {"name": "x"}])
    marked = copy.deepcopy(several)
    marked["metadata"]["annotations"] = {existing.MAIN: "x"}

    assert ("web", "app", "x") == tuple(
        existing.container(one)["name"] for one in (WRITTEN, several, marked)
    )


def test_a_template_tells_port_health_and_grace() -> None:
    named = with_(
        "spec",
        "containers",
        0,
        "ports",
        value=[{"containerPort": 9090, "name": "metrics"}, {"containerPort": 80, "name": "http"}],
    )
    probed = with_("spec", "containers", 0, "ports", value=[])
    silent = with_("spec", "containers", value=[{"name": "web"}])

    assert (8080, 80, 8080, None) == tuple(map(existing.port, (WRITTEN, named, probed, silent)))
    assert HealthProbe("/ready", 10.0, 1.0) == existing.health(WRITTEN)
    assert existing.health(silent).path is None
    assert 30.0 == existing.grace_s(WRITTEN)


def test_its_owner_wants_as_many_replicas_as_he_wrote_whoever_runs_them() -> None:
    taken = deployment(WRITTEN, replicas=0)
    taken["metadata"]["annotations"] = {"serinus.dev/replicas": "7"}

    assert 4 == existing.replicas(deployment(WRITTEN, replicas=4))
    assert 1 == existing.replicas(deployment(WRITTEN))
    assert 7 == existing.replicas(taken)
