from typing import Any

from serinus.adapters.kubernetes import world
from serinus.adapters.kubernetes.deployments import held
from serinus.core.state.labels import Name
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import application, made, started


def test_what_is_kept_of_a_pod_tells_its_state() -> None:
    container = {"name": "app", "image": "shop:1", "env": [{}], "resources": {"requests": {}}}
    limited = {**container, "resources": {"limits": {"memory": "1Gi"}, "requests": {}}}
    pod = {
        "metadata": {"name": "a", "labels": {"x": "y"}, "managedFields": [{}]},
        "spec": {"nodeName": "n", "containers": [limited], "initContainers": [container]},
        "status": {"phase": "Running", "qosClass": "Burstable"},
    }

    assert {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "labels": {"x": "y"}},
        "spec": {
            "nodeName": "n",
            "containers": [
                {"name": "app", "image": "shop:1", "resources": {"limits": {"memory": "1Gi"}}}
            ],
            "initContainers": [{"name": "app", "image": "shop:1"}],
        },
        "status": {"phase": "Running"},
    } == world.trimmed_pod(pod)


def test_what_is_kept_of_a_slice_tells_its_pods() -> None:
    said = {"kubernetes.io/service-name": "shop", "more": "x"}
    endpoint: dict[str, Any] = {"addresses": ["10.0.0.1"], "targetRef": {"name": "a"}}
    found = {
        "metadata": {"name": "s", "namespace": "team", "labels": said, "generation": 3},
        "endpoints": [{**endpoint, "zone": "z"}],
        "ports": [{}],
    }

    kept = world.trimmed_slice(found)

    assert [endpoint] == kept["endpoints"]
    assert {"name": "s", "namespace": "team", "labels": {"kubernetes.io/service-name": "shop"}} == (
        kept["metadata"]
    )


async def test_the_pods_of_a_revision_are_those_of_its_own_deployment() -> None:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        one = made()
        await found.run((one, [0]))
        (mine,) = found.platform.world.held(Name("team", "shop"))
        (pod,) = server.all("Pod")
        foreign = {**pod, "metadata": {**pod["metadata"], "name": "x", "uid": "u"}}
        owner = {**pod["metadata"]["ownerReferences"][0], "name": "other-1", "uid": "o"}
        foreign["metadata"]["ownerReferences"] = [owner]
        server.add(foreign)
        await found.breathe()

        assert [pod["metadata"]["name"]] == [
            p["metadata"]["name"] for p in found.platform.world.pods_of(mine)
        ]
        assert held(server.find("Deployment", mine.name, "team")) == mine


async def test_what_we_wrote_is_known_before_the_watch_tells() -> None:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        patch = {"metadata": {"labels": {"a": "b"}}}

        await found.platform.world.patch("Application", Name("team", "shop"), patch)

        known = found.platform.world.application(Name("team", "shop"))
        assert known is not None
        assert {"a": "b"} == known["metadata"]["labels"]
