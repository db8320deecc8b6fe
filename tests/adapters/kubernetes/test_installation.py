from collections.abc import Iterable
from typing import Any

import msgspec

from serinus.adapters.kubernetes import installation
from serinus.adapters.kubernetes.installation import Installation

EVERYWHERE = Installation(image="registry.example/serinus:1")
DEFINITION = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CRD", "metadata": {"name": "x"}}


def made(
    wanted: Installation = EVERYWHERE, *, controller: bool = True
) -> tuple[dict[str, Any], ...]:
    return installation.manifests(wanted, [DEFINITION], controller=controller)


def named(found: Iterable[dict[str, Any]], kind: str, name: str = "") -> list[dict[str, Any]]:
    return [o for o in found if o["kind"] == kind and name in {"", o["metadata"]["name"]}]


def container(found: Iterable[dict[str, Any]]) -> dict[str, Any]:
    (deployment,) = named(found, "Deployment")
    (one,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(one)


def test_definitions_and_the_namespace_come_before_what_needs_them() -> None:
    kinds = [o["kind"] for o in made()]

    assert "CRD" == kinds[0]
    assert kinds.index("Namespace") < kinds.index("ServiceAccount") < kinds.index("Deployment")


def test_the_controller_is_left_out_where_only_the_kinds_are_wanted() -> None:
    found = made(controller=False)

    assert not named(found, "Deployment")
    assert named(found, "ClusterRole", "serinus-viewer")
    assert not named(found, "ClusterRole", "serinus-controller")


def test_the_controller_runs_as_nobody_on_a_read_only_disk() -> None:
    security = container(made())["securityContext"]

    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    assert ["ALL"] == security["capabilities"]["drop"]


def test_secrets_come_from_a_secret_that_may_be_made_later() -> None:
    (deployment,) = named(made(), "Deployment")
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    (mount,) = [m for m in container(made())["volumeMounts"] if m["name"] == "secrets"]

    assert {"secretName": "serinus-secrets", "optional": True, "defaultMode": 0o440} in [
        volume.get("secret") for volume in volumes
    ]
    assert ("/var/lib/serinus/secrets", True) == (mount["mountPath"], mount["readOnly"])


def test_a_secret_that_is_missing_is_given_with_kubectl() -> None:
    assert "kubectl create secret generic serinus-secrets -n sys --from-file=chat" == (
        installation.secret("sys", "chat")
    )


def test_without_namespaces_the_rights_are_those_of_a_cluster() -> None:
    (role,) = named(made(), "ClusterRole", "serinus-controller")

    assert any("secrets" in rule["resources"] for rule in role["rules"])


def test_with_namespaces_nothing_of_another_one_can_be_read() -> None:
    found = made(Installation(image="x", namespaces=("team-a", "team-b")))

    (shared,) = named(found, "ClusterRole", "serinus-controller")
    roles = named(found, "Role", "serinus-controller")

    assert not any("secrets" in rule["resources"] for rule in shared["rules"])
    assert ["team-a", "team-b"] == [role["metadata"]["namespace"] for role in roles]
    arguments = container(found)["args"]
    assert ["--namespace", "team-a"] == arguments[arguments.index("--namespace") :][:2]


def test_a_second_controller_takes_no_right_from_the_first() -> None:
    def shared(wanted: Installation) -> set[tuple[str, str]]:
        kinds = {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
        found = (o for o in made(wanted) if o["kind"] in kinds)
        return {
            (o["kind"], o["metadata"]["name"])
            for o in found
            if o["metadata"].get("namespace") in {None, "team-a"}
            and "controller" in o["metadata"]["name"]
        }

    first = shared(Installation(image="x", namespaces=("team-a",)))
    second = shared(Installation(image="x", namespace="other", namespaces=("team-a",)))

    assert first
    assert not first & second


def test_the_dashboard_is_served_within_the_pod_and_may_steer_for_people() -> None:
    found, plain = made(), made(msgspec.structs.replace(EVERYWHERE, dashboard=False))
    asking = [
        verb
        for kinds in (found, plain)
        for rule in named(kinds, "ClusterRole", "serinus-controller")[0]["rules"]
        if "intents/actor" in rule["resources"]
        for verb in rule["verbs"]
    ]

    assert ["create"] == asking
    assert ["--dashboard", "127.0.0.1:7070"] == container(found)["args"][5:7]
    assert "--no-dashboard" in container(plain)["args"]


def test_kubelets_are_read_only_where_that_is_asked_for() -> None:
    def rules(wanted: Installation) -> list[str]:
        (role,) = named(made(wanted), "ClusterRole", "serinus-controller")
        return [one for rule in role["rules"] for one in rule["resources"]]

    assert "nodes/proxy" not in rules(EVERYWHERE)
    assert "nodes/proxy" in rules(Installation(image="x", kubelet=True))


def test_one_replica_needs_no_disruption_budget() -> None:
    assert named(made(), "PodDisruptionBudget")
    assert not named(made(Installation(image="x", replicas=1)), "PodDisruptionBudget")


def test_all_of_it_is_found_by_one_label() -> None:
    assert all("serinus" == o["metadata"]["labels"]["app.kubernetes.io/part-of"] for o in made())
