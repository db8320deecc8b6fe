import pytest

from serinus.adapters.kubernetes import kinds
from serinus.ports.failures import Rejected


def test_paths_are_those_of_the_api_server() -> None:
    deployment, pod, environment = map(kinds.of, ("Deployment", "Pod", "Environment"))

    assert "/apis/apps/v1/namespaces/team/deployments/shop" == deployment.path("team", "shop")
    assert "/api/v1/pods" == pod.path()
    assert "/api/v1/namespaces/team/pods/a/log" == pod.path("team", "a", "log")
    assert "/apis/serinus.dev/v1alpha1/environments/prod" == environment.path("team", "prod")


def test_a_name_cannot_leave_its_place_in_a_path() -> None:
    assert "/api/v1/namespaces/team/pods/..%2Fsecrets" == kinds.of("Pod").path("team", "../secrets")


def test_an_unknown_kind_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Rejected, match=r"no kind of object is called 'Depolyment'; known: Appl.*"):
        kinds.of("Depolyment")


def test_an_object_of_an_older_version_stays_in_it() -> None:
    route = {"apiVersion": "networking.istio.io/v1beta1", "kind": "VirtualService"}

    assert "networking.istio.io/v1beta1" == kinds.of_object(route).api_version


@pytest.mark.parametrize("version", ["networking.istio.io/v1", "v1", ""])
def test_an_object_of_another_group_is_refused(version: str) -> None:
    with pytest.raises(Rejected, match=r"Gateway is of gateway\.networking\.k8s\.io/v1, and"):
        kinds.of_object({"apiVersion": version, "kind": "Gateway"})


def test_a_kind_is_found_by_the_name_of_its_collection() -> None:
    assert kinds.of("PodMetrics") == kinds.of_resource("metrics.k8s.io", "pods")
    assert kinds.of_resource("metrics.k8s.io", "podz") is None
