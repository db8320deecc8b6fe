from dataclasses import dataclass

from serinus.boot import watched
from serinus.core.spec.application import API, Environment, EnvironmentSpec
from serinus.core.spec.template import Metadata


@dataclass
class Kept:
    absent: bool = False


def environment(router: str | None = "traefik") -> Environment:
    spec = EnvironmentSpec(router=None if router is None else {router: {}})
    return Environment(
        api_version=API, kind="Environment", metadata=Metadata(name="prod"), spec=spec
    )


def told(router: str | None, **caches: Kept) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in watched.review(environment(router), caches)]


def test_a_router_whose_objects_are_watched_can_be_used() -> None:
    assert [] == told("traefik", TraefikService=Kept())
    assert [] == told("replicas")
    assert [] == told(None)


def test_a_router_that_is_not_installed_is_named_with_what_to_do() -> None:
    wanted = "the cluster does not know the kind TraefikService; install it, or name another router"

    assert [("router.traefik", wanted)] == told("traefik", TraefikService=Kept(absent=True))


def test_a_router_that_the_controller_was_not_told_of_is_named_with_what_to_do() -> None:
    wanted = "this controller does not watch the kind VirtualService; start it with --router istio"

    assert [("router.istio", wanted)] == told("istio", TraefikService=Kept())


def test_without_a_choice_the_objects_of_every_router_are_watched() -> None:
    assert ("TraefikService",) == watched.routing_kinds(["traefik"])[:1]
    assert {"HTTPRoute", "Ingress", "VirtualService"} <= {*watched.routing_kinds(())}


def test_kinds_that_the_cluster_does_not_know_are_found() -> None:
    assert {"HTTPRoute"} == watched.absent({"HTTPRoute": Kept(absent=True), "Pod": Kept()})
