from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.adapters.kubernetes import deployments
from serinus.core.state import labels, revision
from serinus.core.state.workload import Revision, Workload

APPLICATION = {
    "apiVersion": "serinus.dev/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "shop", "namespace": "team", "uid": "u1"},
}
TEMPLATE = {
    "metadata": {"labels": {"app": "shop"}, "annotations": {"note": "mine"}},
    "spec": {
        "volumes": [{"name": "prices", "configMap": {"name": "prices"}}],
        "containers": [{"name": "app", "image": "shop:1"}],
    },
}


def made(version: str = "1", /, **changes: Any) -> Revision:
    fields: dict[str, Any] = {
        "command": (),
        "port": 8080,
        "template": TEMPLATE,
        "files": {"ConfigMap/prices": "a" * 64},
    }
    return revision.of(Workload(**(fields | changes)), version)


def test_a_deployment_tells_the_revision_that_it_was_made_from() -> None:
    wanted = made()
    group = deployments.Group((0, 3), 5.0, datetime(2026, 11, 1, tzinfo=UTC))

    found = deployments.document(APPLICATION, wanted, group, 3, owned=True)
    told = deployments.held(found)

    assert wanted == deployments.revision(found)
    assert told is not None
    assert ("team", f"shop-{wanted.short}", "shop", wanted.id) == (
        *(told.namespace, told.name, told.application, told.revision),
    )
    assert (group, 3, False, "", wanted.short) == (
        *(told.group, told.replicas, told.adopted, told.failure, told.short),
    )


def test_pods_have_the_templates_labels_and_ours_and_use_the_copies() -> None:
    wanted = made()

    found = deployments.template("shop", wanted)

    assert {
        "app": "shop",
        labels.APPLICATION: "shop",
        labels.REVISION: wanted.short,
        labels.SERVING: "true",
    } == found["metadata"]["labels"]
    assert {"note": "mine"} == found["metadata"]["annotations"]
    assert "prices-aaaaaaaaaa" == found["spec"]["volumes"][0]["configMap"]["name"]
    assert {"labels": {"app": "shop"}, "annotations": {"note": "mine"}} == TEMPLATE["metadata"]


def test_a_container_goes_on_for_a_while_after_its_last_new_request() -> None:
    own = {"preStop": {"exec": {"command": ["bye"]}}}
    containers = [{"name": "app"}, {"name": "side", "lifecycle": own}]
    spec = {"containers": containers, "terminationGracePeriodSeconds": 2}

    found = deployments.template("shop", made(template={"spec": spec}))["spec"]

    assert {"preStop": {"sleep": {"seconds": 5}}} == found["containers"][0]["lifecycle"]
    assert own == found["containers"][1]["lifecycle"]
    assert 7 == found["terminationGracePeriodSeconds"]
    assert 35 == deployments.template("shop", made())["spec"]["terminationGracePeriodSeconds"]


def test_the_deployment_of_an_adopted_application_outlives_it() -> None:
    group = deployments.Group()

    mine = deployments.document(APPLICATION, made(), group, 1, owned=True)
    adopted = deployments.document(APPLICATION, made(), group, 1, owned=False)

    assert ["u1"] == [o["uid"] for o in mine["metadata"]["ownerReferences"]]
    assert "ownerReferences" not in adopted["metadata"]


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_deployment_that_does_not_say_runs_nothing_for_us(text: str) -> None:
    found = deployments.document(APPLICATION, made(), deployments.Group(), 1, owned=True)
    found["metadata"]["annotations"][labels.GROUP] = text

    assert deployments.held(found) is None
    assert deployments.held({"metadata": {"name": "shop", "namespace": "team"}}) is None
    assert deployments.revision(found) is None


def test_what_is_kept_at_hand_still_tells_the_replicas_but_not_the_template() -> None:
    found = deployments.document(APPLICATION, made(), deployments.Group((1,)), 1, owned=True)
    found["metadata"]["managedFields"] = [{}]

    kept = deployments.trimmed(found)

    assert deployments.held(found) == deployments.held(kept)
    assert deployments.revision(kept) is None
    assert "managedFields" not in kept["metadata"]
    assert "template" not in kept["spec"]
    assert "template" in found["spec"]


def test_the_deployment_of_somebody_else_is_kept_with_its_template() -> None:
    found: dict[str, Any] = {"metadata": {"name": "x"}, "spec": {"template": {"spec": {}}}}
    found["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}

    kept = deployments.trimmed(found)

    assert {"metadata": {"name": "x", "annotations": {}}, "spec": found["spec"]} == kept


@pytest.mark.parametrize(
    ("generation", "counts", "over"),
    [
        (2, (3, 3, 3), 1),
        (3, (3, 3, 3), 0),
        (2, (4, 3, 3), 0),
        (2, (3, 2, 3), 0),
        (2, (3, 3, 2), 0),
    ],
)
def test_a_rollout_is_over_when_all_pods_are_new_and_ready(
    generation: int, counts: tuple[int, int, int], over: int
) -> None:
    names = ("replicas", "updatedReplicas", "availableReplicas")
    status = {"observedGeneration": 2, **dict(zip(names, counts, strict=True))}
    found = {"metadata": {"generation": generation}, "spec": {"replicas": 3}, "status": status}

    assert bool(over) is deployments.rolled_out(found)
