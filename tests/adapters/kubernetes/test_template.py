from typing import Any

from serinus.adapters.kubernetes import template
from tests.adapters.kubernetes import applications


def made(workload: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return template.of(applications.resolved(workload, **spec), "shop")


def app(**workload: Any) -> dict[str, Any]:
    found: dict[str, Any] = made(workload)["spec"]["containers"][0]
    return found


def env(**workload: Any) -> dict[str, Any]:
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in app(**workload)["env"]}


def test_a_pod_says_whose_it_is_and_that_it_serves() -> None:
    assert {
        "app.kubernetes.io/name": "shop",
        "app.kubernetes.io/managed-by": "serinus",
        "serinus.dev/application": "shop",
        "serinus.dev/serving": "true",
    } == made()["metadata"]["labels"]


def test_the_container_that_serves_runs_the_image_and_is_called_app() -> None:
    found = app(image="shop:${version}", args=["--as", "${version}"], workdir="/srv")

    assert ("app", "shop:v1", ["--as", "v1"], "/srv") == (
        found["name"],
        found["image"],
        found["args"],
        found["workingDir"],
    )
    assert "command" not in found
    assert "workingDir" not in app()


def test_a_replica_is_told_its_port_and_its_name_as_on_one_machine() -> None:
    command = "./shop --port ${port} --name ${replica} --as ${version}"
    found = env(command=command, env={"LISTEN": ":${port}", "A": "b"})

    assert ["./shop", "--port", "9898", "--name", "$(SERINUS_REPLICA)", "--as", "v1"] == app(
        command=command
    )["command"]
    assert ("9898", ":9898", "prod") == (
        found["PORT"],
        found["LISTEN"],
        found["SERINUS_ENVIRONMENT"],
    )
    assert "metadata.name" == found["SERINUS_REPLICA"]["fieldRef"]["fieldPath"]


def test_a_port_that_nobody_says_is_one_that_the_replica_is_told() -> None:
    found = app(port=None, args=["--port", "${port}"])

    assert ["--port", "8080"] == found["args"]
    assert 8080 == found["ports"][0]["containerPort"]


def test_config_maps_and_secrets_become_variables() -> None:
    assert [
        {"configMapRef": {"name": "settings"}},
        {"secretRef": {"name": "keys"}},
    ] == app(configMaps=["settings"], secrets=["keys"])["envFrom"]


def test_memory_is_limited_to_what_is_asked_for_and_cpu_is_not_limited() -> None:
    found = app(resources={"cpu": "500m", "memory": "256Mi", "files": "1024"})["resources"]

    assert {
        "requests": {"cpu": "500m", "memory": "256Mi"},
        "limits": {"memory": "256Mi"},
    } == found
    assert "resources" not in app()


def test_a_replica_is_ready_as_its_health_says_and_alive_while_its_port_is_open() -> None:
    found = app(health={"path": "/readyz", "every": "500ms", "timeout": "1500ms"})
    open_port = app(health={"path": None})["readinessProbe"]

    assert {
        "httpGet": {"path": "/readyz", "port": "http"},
        "periodSeconds": 1,
        "timeoutSeconds": 2,
        "failureThreshold": 3,
    } == found["readinessProbe"]
    assert {"port": "http"} == open_port["tcpSocket"] == found["livenessProbe"]["tcpSocket"]
    alive = found["livenessProbe"]
    assert 300 == alive["periodSeconds"] * alive["failureThreshold"]


def test_a_pod_that_ends_goes_on_until_nobody_sends_anything_to_it() -> None:
    assert {"preStop": {"sleep": {"seconds": 5}}} == app()["lifecycle"]
    assert 25 == made({"grace": "19500ms"})["spec"]["terminationGracePeriodSeconds"]


def test_a_pod_gets_a_token_only_with_an_account_of_its_own() -> None:
    mine = made({"serviceAccount": "shop"})["spec"]

    assert made()["spec"]["automountServiceAccountToken"] is False
    assert ("shop", True) == (mine["serviceAccountName"], mine["automountServiceAccountToken"])


def test_the_pods_of_a_revision_are_spread_where_there_is_room() -> None:
    (node, zone) = made()["spec"]["topologySpreadConstraints"]

    assert ("kubernetes.io/hostname", "ScheduleAnyway") == (
        node["topologyKey"],
        node["whenUnsatisfiable"],
    )
    assert ["serinus.dev/revision"] == zone["matchLabelKeys"]


def test_a_part_of_a_pod_is_merged_and_named_items_by_their_names() -> None:
    pod = {
        "metadata": {"annotations": {"team": "a"}, "labels": {"tier": "web"}},
        "spec": {
            "nodeSelector": {"disk": "fast"},
            "topologySpreadConstraints": None,
            "tolerations": [{"operator": "Exists"}],
            "containers": [
                {
                    "name": "app",
                    "env": [{"name": "PORT", "value": "1"}, {"name": "HOST", "value": "x"}],
                    "livenessProbe": None,
                    "volumeMounts": [{"name": "pages", "mountPath": "/pages"}],
                },
                {"name": "proxy", "image": "proxy:v2", "resources": {"limits": None}},
            ],
            "volumes": [{"name": "pages", "configMap": {"name": "shop-pages"}}],
        },
    }
    found = made({"pod": pod})
    first, second = found["spec"]["containers"]
    variables = {one["name"]: one.get("value") for one in first["env"]}

    assert ("web", "true") == (
        found["metadata"]["labels"]["tier"],
        found["metadata"]["labels"]["serinus.dev/serving"],
    )
    assert {"team": "a"} == found["metadata"]["annotations"]
    assert "topologySpreadConstraints" not in found["spec"]
    assert ("shop:v1", "1", "x") == (first["image"], variables["PORT"], variables["HOST"])
    assert "SERINUS_REPLICA" in variables
    assert "livenessProbe" not in first
    assert {"name": "proxy", "image": "proxy:v2", "resources": {}} == second


def test_equal_workloads_have_equal_templates() -> None:
    assert made({"env": {"A": "1", "B": "2"}}) == made({"env": {"B": "2", "A": "1"}})
    assert made({"replicas": 2}) == made({"replicas": 9})
    assert made() != made({"grace": "1s"})
