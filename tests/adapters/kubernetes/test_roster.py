from serinus.adapters.kubernetes.roster import Roster
from serinus.adapters.kubernetes.tally import Crew
from serinus.core.state import labels
from serinus.core.state.notice import Key
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import application, made, started

KEY = Key("team/shop", "prod")


def service(name: str, revision: str = "", **selector: str) -> dict[str, object]:
    """Return a Service of the application; of a revision if that is named."""
    said = {labels.ENDPOINTS: f'{{"revision":"{revision}"}}'} if revision else {}
    metadata = {
        "name": name,
        "namespace": "team",
        "labels": {labels.APPLICATION: "shop"},
        "annotations": said,
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": selector},
    }


async def test_nobody_serves_for_an_application_that_is_not_known() -> None:
    server = FakeApiServer()
    async with started(server) as found:
        assert Crew() == Roster(found.platform.world).crew(KEY)


async def test_pods_count_for_their_revision_under_their_replicas_names() -> None:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        one = made()
        await found.run((one, [0, 1]))

        crew = Roster(found.platform.world).crew(KEY)

        pods = [pod["metadata"]["name"] for pod in server.all("Pod")]
        assert set(pods) == set(crew.pods)
        assert {(one.id, f"{one.short}-0"), (one.id, f"{one.short}-1")} == set(crew.pods.values())
        assert set(pods) == set(crew.addresses)
        assert one.id == crew.services[f"shop-{one.short}"]


async def test_services_count_for_the_revision_that_they_stand_for() -> None:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        one = made()
        await found.run((one, [0]))
        server.add(service(f"shop-{one.short}-copies", one.id))
        server.add(service("shop", app="shop"))
        await found.breathe()
        roster = Roster(found.platform.world)

        assert f"{one.id}~mirror" == roster.crew(KEY).services[f"shop-{one.short}-copies"]
        assert "shop" not in roster.crew(KEY).services


async def test_what_people_call_counts_for_the_one_revision_that_it_selects() -> None:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        one = made()
        await found.run((one, [0]))
        root = service("shop")
        root["spec"] = {"selector": {labels.REVISION: one.short}}
        server.add(root)
        await found.breathe()

        assert one.id == Roster(found.platform.world).crew(KEY).services["shop"]


async def test_the_canary_of_an_ingress_counts_for_whom_it_leads_to() -> None:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        one = made()
        await found.run((one, [0]))
        server.add(service(f"shop-{one.short}", one.id))
        backend = {"service": {"name": f"shop-{one.short}", "port": {"number": 80}}}
        server.add(
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": "shop-serinus", "namespace": "team"},
                "spec": {"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}]},
            }
        )
        await found.breathe()
        crew = Roster(found.platform.world).crew(KEY)

        assert one.id == crew.services[f"shop-{one.short}-canary"]


async def test_a_pod_that_is_not_ready_serves_nowhere_and_its_container_is_known() -> None:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        one = made()
        await found.run((one, [0]))
        (pod,) = server.all("Pod")
        name = pod["metadata"]["name"]
        before = Roster(found.platform.world).crew(KEY)
        unready = {"conditions": [{"type": "Ready", "status": "False"}]}
        server.edit("Pod", name, "team", {"status": unready})
        await found.breathe()
        after = Roster(found.platform.world).crew(KEY)

        assert ({name}, set()) == (set(before.addresses), set(after.addresses))
        assert {name: pod["spec"]["containers"][0]["name"]} == after.containers
