import pytest

from serinus.adapters.local import refusals
from serinus.adapters.routers import envoy
from serinus.adapters.routers.envoy_parts import names
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Mirror, Route, Sticky
from serinus.ports.failures import Rejected

KEY = Key("shop", "local")
REVISION = "a" * 64


def check(*conditions: Condition, edits: Edits | None = None) -> None:
    changed = edits or Edits()
    route = Route(
        *("shop", "local", "shop.localhost"),
        (Backend(REVISION, 1000, edits=changed),),
        matches=(Match(conditions),) if conditions else (),
        matched=REVISION,
        sticky=Sticky("who", 60.0),
        mirror=Mirror(REVISION, 100, ("GET",), edits=changed),
    )
    document = envoy.Router().render(KEY, route, {})[names.ref(KEY)]
    assert document is not None
    refusals.check(KEY, [document["virtual_host"]])


def test_what_envoy_can_use_passes() -> None:
    check(
        Condition(Part.HEADER, "x-canary", "[a-z]+", pattern=True),
        Condition(Part.COOKIE, "a"),
        Condition(Part.QUERY, "b c", "d e"),
        edits=Edits(set=(("x-a", "50 % \t ü"), ("x-b", "")), remove=("x-c",)),
    )


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("pattern", ["(", "a{1001}", "(?=a)", "\\1", "[z-a]"])
def test_a_pattern_that_is_none_in_re2_is_refused(part: Part, pattern: str) -> None:
    with pytest.raises(Rejected, match=r"shop/local: the pattern .* cannot be used"):
        check(Condition(part, "x", pattern, pattern=True))


def test_a_pattern_that_is_too_large_is_refused() -> None:
    with pytest.raises(Rejected, match=r"is too large: [0-9]+ instructions, at most 10000"):
        check(Condition(Part.HEADER, "x", "[^a]{900}[^b]{900}", pattern=True))


@pytest.mark.parametrize("name", ["", "x y", "x:y", "x\n", "ü", "a; Domain=b"])
def test_what_is_no_header_or_cookie_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="is not the name of a header"):
        check(Condition(Part.HEADER, name))
    with pytest.raises(Rejected, match="is not the name of a cookie"):
        check(Condition(Part.COOKIE, name))


@pytest.mark.parametrize("name", ["", "a\n", "x" * 1025])
def test_what_is_no_parameter_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="is not the name of a parameter"):
        check(Condition(Part.QUERY, name))


@pytest.mark.parametrize("name", ["x y", "host", ":path", ""])
def test_headers_that_cannot_be_changed_are_refused(name: str) -> None:
    with pytest.raises(Rejected, match="cannot be set"):
        check(edits=Edits(set=((name, "1"),)))
    with pytest.raises(Rejected, match="cannot be removed"):
        check(edits=Edits(remove=(name,)))


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\n", "\x00", "\x7f"])
def test_a_value_that_would_end_the_header_is_refused(value: str) -> None:
    with pytest.raises(Rejected, match="the value of the header x-a has control characters"):
        check(edits=Edits(set=(("x-a", value),)))
