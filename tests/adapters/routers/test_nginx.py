from typing import Any

import pytest
from msgspec.structs import replace

from serinus.adapters.routers import nginx
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.traffic import Documents, Ref, Route
from serinus.ports.failures import Rejected
from tests.adapters.routers.kubernetes_parts.documents import KEY, NEW, OLD, apply, split

MAIN = Ref("Ingress", "team/shop")
CANARY = Ref("Ingress", "team/shop-serinus")
WEB = Ref("Ingress", "team/web")
HEADER = (Match((Condition(Part.HEADER, "x-canary", "yes"),)),)
WEIGHT = "nginx.ingress.kubernetes.io/canary-weight"


def delivered(
    route: Route, router: nginx.Router | None = None, found: Documents | None = None
) -> dict[Ref, Any]:
    before: Documents = found or {}
    return apply(before, (router or nginx.Router()).render(KEY, route, before))


def read(found: Documents, router: nginx.Router | None = None) -> Route:
    route = (router or nginx.Router()).read(KEY, found)
    assert route is not None
    return route


def called(document: Any) -> str:
    path = document["spec"]["rules"][0]["http"]["paths"][0]
    return str(path["backend"]["service"]["name"])


def user() -> Any:
    path = {"path": "/", "backend": {"service": {"name": "shop", "port": {"name": "web"}}}}
    return {
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "team"},
        "spec": {"rules": [{"host": "shop.example.org", "http": {"paths": [path]}}]},
    }


@pytest.mark.parametrize(
    ("route", "main", "canary", "weight"),
    [
        (split(0), OLD, None, ""),
        (split(10), OLD, NEW, "10"),
        (split(1000), NEW, None, ""),
        (replace(split(0), matches=HEADER, matched=NEW), OLD, NEW, "0"),
        (replace(split(300), matches=HEADER, matched=NEW), OLD, NEW, "300"),
        (replace(split(300), matches=HEADER, matched=OLD), NEW, OLD, "700"),
        (replace(split(0), matches=HEADER, matched=OLD), OLD, None, ""),
    ],
)
def test_whom_requests_are_chosen_for_is_the_canary(
    route: Route, main: str, canary: str | None, weight: str
) -> None:
    found = delivered(route)

    assert f"shop-{main[:10]}" == called(found[MAIN])
    assert (canary is not None) == (CANARY in found)
    if canary is not None:
        assert f"shop-{canary[:10]}" == called(found[CANARY])
        assert weight == found[CANARY]["metadata"]["annotations"][WEIGHT]
    assert route == read(found)


def test_the_canary_goes_after_the_other_ingress_leads_to_the_same() -> None:
    found = delivered(split(500))

    order = list(nginx.Router().render(KEY, split(1000), found))

    assert order.index(MAIN) < order.index(CANARY)


def test_a_weight_that_somebody_has_changed_is_seen() -> None:
    found = delivered(split(10))
    found[CANARY]["metadata"]["annotations"][WEIGHT] = "250"

    assert split(250) == read(found)


def test_a_canary_that_somebody_has_removed_is_seen() -> None:
    found = delivered(replace(split(10), matches=HEADER, matched=NEW))
    del found[CANARY]

    seen = read(found)

    assert ((1000, 0), (), "") == (tuple(b.weight for b in seen.backends), seen.matches, seen.host)


def test_a_canary_that_chooses_otherwise_is_seen() -> None:
    found = delivered(replace(split(10), matches=HEADER, matched=NEW))
    found[CANARY]["metadata"]["annotations"][f"{WEIGHT[:-7]}-by-header-value"] = "no"

    assert ((), "", "") == (read(found).matches, read(found).matched, read(found).host)


def test_an_ingress_that_leads_elsewhere_is_seen() -> None:
    found = delivered(split(10))
    without = {ref: d for ref, d in found.items() if ref != MAIN}
    found[MAIN]["spec"]["rules"][0]["host"] = "other.example.org"

    assert "" == read(found).host
    assert "" == read(without).host


def test_a_users_object_takes_part_and_is_put_back() -> None:
    router = nginx.Router(site=Site(ref=Ref("Ingress", "web")))
    before = {WEB: user()}

    during = delivered(split(10), router, before)
    later = delivered(split(1000), router, during)

    assert split(10) == read(during, router)
    assert split(1000) == read(later, router)
    assert "shop-9876543210" == called(later[WEB])
    assert MAIN not in later
    assert before == apply(later, router.render(KEY, None, later))


def test_a_users_object_that_git_has_put_back_is_seen() -> None:
    router = nginx.Router(site=Site(ref=Ref("Ingress", "web")))
    during = delivered(split(0), router, {WEB: user()})

    seen = read({**during, WEB: user()}, router)

    assert split(0) != seen
    assert "" == seen.host


def test_timeouts_are_whole_seconds_and_at_least_one() -> None:
    found = delivered(replace(split(0), timeout_s=0.25))

    assert (
        "1"
        == found[MAIN]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-read-timeout"]
    )


def test_the_class_and_the_certificate_are_those_of_the_settings() -> None:
    router = nginx.Router(nginx.Settings(ingress_class="internal", tls_secret="shop-tls"))
    spec = delivered(split(0), router)[MAIN]["spec"]

    assert "internal" == spec["ingressClassName"]
    assert [{"hosts": ["shop.example.org"], "secretName": "shop-tls"}] == spec["tls"]


def test_an_ingress_of_that_name_that_is_the_users_is_never_written_over() -> None:
    with pytest.raises(Rejected, match="Ingress team/shop is there and was not made by Serinus"):
        nginx.Router().render(KEY, split(10), {MAIN: user()})
