import msgspec
import pytest

from serinus.adapters.routers import linkerd
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.traffic import Feature, Ref
from tests.adapters.routers.kubernetes_parts.documents import KEY, apply, split

OURS = Ref("HTTPRoute", "team/shop")


def test_the_parent_of_a_route_is_the_service_that_others_call() -> None:
    found = apply({}, linkerd.Router(site=Site(port=8080)).render(KEY, split(70), {}))

    assert [
        {"group": "", "kind": "Service", "namespace": "team", "name": "shop", "port": 8080}
    ] == found[OURS]["spec"]["parentRefs"]
    assert "hostnames" not in found[OURS]["spec"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(15.0, "15s"), (2.5, "2500ms"), (0.0001, "1ms"), (3600.0, "3600s")]
)
def test_the_timeout_is_one_number_with_its_unit(seconds: float, text: str) -> None:
    assert text == linkerd._duration(seconds)


def test_a_timeout_that_somebody_has_changed_is_read_as_another_route() -> None:
    router = linkerd.Router()
    found = apply({}, router.render(KEY, split(70), {}))
    spoiled = msgspec.json.decode(msgspec.json.encode(found[OURS]))
    spoiled["metadata"]["annotations"][linkerd.TIMEOUT] = "1s"

    assert split(70) == router.read(KEY, found)
    assert split(70) != router.read(KEY, {**found, OURS: spoiled})


def test_nothing_is_copied_and_calls_have_no_parameters() -> None:
    features = linkerd.Router().features
    calls = linkerd.Router(linkerd.Settings("GRPCRoute")).features

    assert not features & (Feature.MIRROR | Feature.STICKY)
    assert Feature.QUERY == features & ~calls


def test_in_a_route_of_a_user_there_are_weights_alone() -> None:
    guest = linkerd.Router(site=Site(ref=Ref("HTTPRoute", "web")))

    assert Feature.WEIGHT | Feature.MANY == guest.features
    assert Ref("HTTPRoute", "team/web") in guest.refs(KEY)
