from hypothesis import given
from msgspec.structs import replace

from serinus.adapters.routers.kubernetes_parts import told
from serinus.core.state.traffic import Route
from tests.adapters.routers.kubernetes_parts.documents import split
from tests.conformance.routes import routes


@given(route=routes())
def test_what_is_told_is_the_route_without_its_endpoints(route: Route) -> None:
    bare = tuple(replace(b, endpoints=(), health_path=None) for b in route.backends)
    mirror = route.mirror and replace(route.mirror, endpoints=(), health_path=None)

    assert replace(route, backends=bare, mirror=mirror) == told.read(told.write(route))


def test_what_is_empty_is_left_out() -> None:
    assert (
        '{"application":"team/shop","environment":"prod","host":"shop.example.org","backends":'
        '[{"revision":"0123456789' + "a" * 54 + '","weight":900},'
        '{"revision":"9876543210' + "b" * 54 + '","weight":100}],"timeout_s":15.0,"matched":""}'
    ) == told.write(split(100))


def test_what_nobody_can_read_tells_nothing() -> None:
    assert told.read(None) is None
    assert told.read("{") is None
    assert told.read('{"host": 5}') is None


def test_an_annotation_is_found_or_not() -> None:
    document = {"metadata": {"annotations": {"a": "b"}}}

    assert "b" == told.annotation(document, "a")
    assert told.annotation(document, "c") is None
    assert told.annotation({}, "a") is None
