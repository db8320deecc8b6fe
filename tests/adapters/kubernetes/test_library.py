from typing import Any

from serinus.adapters.kubernetes import library
from serinus.ports.store import Asked
from tests.adapters.kubernetes.cluster import ENV, Cluster
from tests.core.spec import documents


def test_an_environment_holds_for_the_namespaces_that_it_lists() -> None:
    cluster = Cluster()
    cluster.application()
    cluster.quiet()
    spec = {"target": {"namespaces": ["team"]}, "defaults": {"template": "canary-fast"}}
    cluster.put("Environment", "prod", "", spec=spec)

    assert cluster.specs.changed()
    assert Asked() == cluster.specs.asked("team/shop", ENV)
    assert "canary-fast" == cluster.wanted(environment="prod").delivery.template
    assert ("prod", ENV) == tuple(map(cluster.specs.environment, ("team/shop", "other/shop")))
    cluster.put("Environment", "prod", "", spec={"target": {"namespaces": []}})
    assert cluster.wanted().revision.id


def test_an_environments_patch_makes_another_application_of_it() -> None:
    cluster = Cluster()
    cluster.put("Environment", "prod", "", spec={"target": {"namespaces": ["team"]}})
    patch = {"workload": {"replicas": 5}, "route": {"host": "shop.example"}}
    cluster.application(environments={"prod": patch})
    found = cluster.wanted(environment="prod")

    assert (5, "shop.example") == (found.replicas, found.host)


def test_a_damaged_environment_keeps_its_applications_from_changing() -> None:
    cluster = Cluster()
    cluster.application()
    cluster.put("Environment", ENV, "", spec={"windows": [{"name": "a", "weekly": "Mon"}]})
    damaged = cluster.problem()
    cluster.put("Environment", ENV, "", spec={"stage": "prod"})

    assert damaged.startswith("environment kubernetes: spec.windows[0].weekly: ")
    assert cluster.wanted().revision.id


def test_a_damaged_environment_keeps_the_router_and_the_counts_of_what_serves() -> None:
    cluster = Cluster()
    cluster.application()
    spec = {"router": {"traefik": {}}, "windows": [{"name": "a", "weekly": "Mon"}], "stage": 3}
    cluster.put("Environment", ENV, "", spec=spec)
    document = cluster.specs.situation("team/shop").document

    assert document is not None
    assert {"traefik": {}} == document.spec.router
    assert {ENV: document} == cluster.specs.environments()


def test_a_namespace_that_a_second_environment_lists_stays_where_it_was() -> None:
    metadata = [("prod", "2026-01-01T00:00:00Z"), ("blue", "2026-02-01T00:00:00Z")]
    environments = [
        {
            "metadata": {"name": name, "creationTimestamp": created},
            "spec": {"target": {"namespaces": ["team"]}, "region": name},
        }
        for name, created in reversed(metadata)
    ]
    place = library.Places(environments).of("team")

    assert "prod" == place.name
    assert place.document is not None
    assert "prod" == place.document.spec.region
    assert place.problem.startswith("environments blue and prod both list namespace team")


def test_a_namespace_is_in_one_environment() -> None:
    cluster = Cluster()
    cluster.application()
    for name in ("prod", "test"):
        cluster.put("Environment", name, "", spec={"target": {"namespaces": ["team"]}})
    found = cluster.specs.asked("team/shop", "prod")

    assert "environments prod and test both list namespace team; keep one of them" == found.problem


def template(version: str, *, steps: int = 1) -> dict[str, Any]:
    plan = [{"traffic": {"candidate": f"{n + 1}%"}} for n in range(steps)]
    spec: dict[str, Any] = documents.template({"plan": plan}, version=version)["spec"]
    return spec


def test_a_namespaces_own_template_stands_before_that_of_the_cluster() -> None:
    cluster = Cluster()
    cluster.put("ClusterDeliveryTemplate", "ours-1.0.0", "", spec=template("1.0.0", steps=1))
    cluster.put("DeliveryTemplate", "ours-1.0.0", "team", spec=template("1.0.0", steps=2))
    for namespace in ("team", "other"):
        cluster.application(namespace=namespace, delivery={"template": "ours"})
    found = [cluster.wanted(f"{namespace}/shop") for namespace in ("team", "other")]

    assert [2, 1] == [len(one.delivery.steps) for one in found]


def test_a_new_version_of_a_template_touches_those_that_use_it() -> None:
    cluster = Cluster()
    cluster.application("shop", delivery={"template": "ours"})
    cluster.application("till")
    cluster.put("ClusterDeliveryTemplate", "ours-1.0.0", "", spec=template("1.0.0"))
    cluster.quiet()
    till = cluster.specs.asked("team/till", ENV)
    cluster.put("ClusterDeliveryTemplate", "ours-1.1.0", "", spec=template("1.1.0"))

    assert cluster.specs.changed()
    assert "1.1.0" == cluster.wanted().delivery.template_version
    assert till is cluster.specs.asked("team/till", ENV)
    assert "ours" in cluster.specs.library("team").templates


def test_a_damaged_template_is_told_where_it_is_missed() -> None:
    cluster = Cluster()
    cluster.application(delivery={"template": "ours"})
    spec = template("1.0.0") | {"strategy": "canarry"}
    cluster.put("DeliveryTemplate", "ours-1.0.0", spec=spec)

    assert (
        "DeliveryTemplate ours-1.0.0: spec.strategy: unknown strategy 'canarry'"
        in cluster.problem()
    )
