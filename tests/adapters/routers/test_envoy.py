import pytest

from serinus.adapters.routers import envoy
from serinus.adapters.routers.envoy_parts import names
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Route

KEY = Key("shop", "local")


def route(*weights: int) -> Route:
    backends = (
        Backend(f"{n}" * 64, weight, (Endpoint(f"{n}" * 10 + "-0", "127.0.0.1:20000"),))
        for n, weight in enumerate(weights)
    )
    return Route("shop", "local", "shop.localhost", tuple(backends))


@pytest.mark.parametrize("weights", [(999,), (500, 501), (0, 0)])
def test_weights_that_do_not_sum_to_the_whole_are_refused(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"the weights sum to {sum(weights)}, want 1000"):
        envoy.Router().render(KEY, route(*weights), {})


def test_clusters_and_endpoints_of_one_revision_never_depend_on_the_weights() -> None:
    router = envoy.Router()

    first = router.render(KEY, route(999, 1), {})[names.ref(KEY)]
    second = router.render(KEY, route(0, 1000), {})[names.ref(KEY)]

    assert first is not None
    assert second is not None
    assert first["clusters"] == second["clusters"]
    assert first["endpoints"] == second["endpoints"]
    assert first["virtual_host"] != second["virtual_host"]


def test_removing_what_is_not_there_delivers_nothing() -> None:
    assert {} == envoy.Router().render(KEY, None, {})


def test_the_bounds_of_the_histogram_rise() -> None:
    assert sorted(set(envoy.BOUNDS_MS)) == list(envoy.BOUNDS_MS)


def test_changes_of_health_reach_the_workers_at_once_and_the_sick_get_nothing() -> None:
    rendered = envoy.Router().render(KEY, route(1000), {})[names.ref(KEY)]

    assert rendered is not None
    (cluster,) = rendered["clusters"]
    assert {
        "healthy_panic_threshold": {"value": 0},
        "update_merge_window": "0s",
    } == cluster["common_lb_config"]
