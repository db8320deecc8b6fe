from typing import Any

from serinus.adapters.local import seen
from serinus.adapters.local.admin import Address, Cluster, Health, Host, SocketAddress
from serinus.adapters.local.seen import Belief, Endpoints, Sight
from serinus.adapters.routers import envoy
from serinus.adapters.routers.envoy_parts import clusters, names
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Route

KEY = Key("shop", "local")
REVISION = "a" * 64
NAME = names.cluster_name(KEY, REVISION)
ROUTE = Route(
    "shop",
    "local",
    "shop.localhost",
    (
        Backend(
            REVISION,
            1000,
            (
                Endpoint("aaaaaaaaaa-0", "127.0.0.1:20000"),
                Endpoint("aaaaaaaaaa-1", "127.0.0.1:20001"),
            ),
            "/",
        ),
    ),
)
DOCUMENT: Any = envoy.Router().render(KEY, ROUTE, {})[names.ref(KEY)]
WRITTEN: dict[str, Endpoints] = {NAME: clusters.endpoints_of(DOCUMENT["endpoints"][0])}
HEALTHY = Health("HEALTHY")
PENDING = Health("HEALTHY", pending_active_hc=True)
SICK = Health("HEALTHY", failed_active_health_check=True)
DRAINING = Health("DRAINING")


def sight(*health: Health, version: str = "1") -> Sight:
    hosts = [
        Host(Address(SocketAddress("127.0.0.1", 20000 + n)), [], h, f"aaaaaaaaaa-{n}")
        for n, h in enumerate(health)
    ]
    return Sight(
        version,
        [DOCUMENT["virtual_host"], {"name": "nobody", "domains": ["*"], "routes": []}],
        {NAME: DOCUMENT["clusters"][0]},
        [Cluster(NAME, hosts)],
    )


def route(found: Sight, belief: Belief, written: dict[str, Endpoints] = WRITTEN) -> Route | None:
    belief.learn(found.hosts, written)
    return envoy.Router().read(KEY, seen.documents(found, belief, written))


def serving(found: Route | None) -> tuple[str, ...]:
    assert found is not None
    return found.serving(REVISION)


def test_what_was_written_is_seen_when_all_endpoints_are_healthy() -> None:
    found, belief = sight(HEALTHY, HEALTHY), Belief()

    assert ROUTE == route(found, belief)
    assert seen.is_complete(found, belief, "1", WRITTEN)


def test_an_endpoint_that_was_not_checked_yet_is_not_seen() -> None:
    found, belief = sight(HEALTHY, PENDING), Belief()

    assert ("aaaaaaaaaa-0",) == serving(route(found, belief))
    assert not seen.is_complete(found, belief, "1", WRITTEN)


def test_an_endpoint_that_was_healthy_once_stays_part_of_the_route() -> None:
    belief = Belief()

    route(sight(HEALTHY, HEALTHY), belief)

    assert ROUTE == route(sight(HEALTHY, SICK), belief)


def test_an_endpoint_that_left_and_came_back_must_be_seen_healthy_again() -> None:
    belief = Belief()
    route(sight(HEALTHY, HEALTHY), belief)

    route(sight(HEALTHY, DRAINING), belief, {NAME: WRITTEN[NAME][:1]})

    assert ("aaaaaaaaaa-0",) == serving(route(sight(HEALTHY, PENDING), belief))


def test_a_draining_endpoint_serves_nobody() -> None:
    assert ("aaaaaaaaaa-0",) == serving(route(sight(HEALTHY, DRAINING), Belief()))


def test_an_endpoint_that_is_still_there_is_seen_although_it_is_not_written() -> None:
    written = {NAME: WRITTEN[NAME][:1]}

    assert ROUTE == route(sight(HEALTHY, HEALTHY), Belief(), written)
    assert not seen.is_complete(sight(HEALTHY, HEALTHY), Belief(), "1", written)


def test_another_version_of_the_table_is_not_complete() -> None:
    found, belief = sight(HEALTHY, HEALTHY, version="0"), Belief()
    belief.learn(found.hosts, WRITTEN)

    assert not seen.is_complete(found, belief, "1", WRITTEN)


def test_a_cluster_that_still_warms_up_is_not_seen() -> None:
    cold = Sight("1", [DOCUMENT["virtual_host"]], {}, [])

    found = route(cold, Belief())

    assert found is not None
    assert () == found.backends
    assert not seen.is_complete(cold, Belief(), "1", WRITTEN)
