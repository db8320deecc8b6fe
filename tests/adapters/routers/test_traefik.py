from typing import Any

import pytest
from msgspec.structs import replace

from serinus.adapters.routers import traefik
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Document, Documents, Mirror, Ref, Route
from serinus.ports.failures import Missing, Rejected
from tests.adapters.routers.kubernetes_parts.documents import KEY, NEW, OLD, apply, split

SPLIT = Ref("TraefikService", "team/shop")
ENTRY = Ref("IngressRoute", "team/shop")
WEB = Ref("IngressRoute", "team/web")
HEADER = (Match((Condition(Part.HEADER, "x-canary"),)),)
CHOSEN = replace(split(100), matches=HEADER, matched=NEW)


def delivered(route: Route, router: traefik.Router | None = None, **found: Any) -> dict[Ref, Any]:
    before: Documents = found.get("found", {})
    return apply(before, (router or traefik.Router()).render(KEY, route, before))


def user() -> Document:
    return {
        "kind": "IngressRoute",
        "metadata": {"name": "web", "namespace": "team"},
        "spec": {"routes": [{"match": "Path(`/`)", "services": [{"name": "shop", "port": 80}]}]},
    }


def read(found: Documents, router: traefik.Router | None = None) -> Route:
    route = (router or traefik.Router()).read(KEY, found)
    assert route is not None
    return route


def test_services_stand_before_what_names_them_and_go_after_it() -> None:
    first = traefik.Router().render(KEY, replace(split(100), mirror=Mirror(NEW, 10)), {})
    found = apply({}, first)
    last = traefik.Router().render(KEY, None, found)

    kinds = list(dict.fromkeys(ref.kind for ref in first))
    assert ["Service", "ServersTransport", "TraefikService", "IngressRoute"] == kinds
    assert "IngressRoute" == next(iter(last)).kind
    assert "Service" == list(last)[-1].kind
    assert set(found) == set(last)


def test_weights_that_somebody_has_changed_are_seen() -> None:
    found = delivered(split(100))
    found[SPLIT]["spec"]["weighted"]["services"][1]["weight"] = 300

    assert (750, 250) == tuple(b.weight for b in read(found).backends)


def test_a_split_that_somebody_has_removed_gives_nobody_a_weight() -> None:
    found = delivered(split(100))
    del found[SPLIT]

    assert replace(split(100), host="").host == read(found).host
    assert (0, 0) == tuple(b.weight for b in read(found).backends)


def test_matches_that_somebody_has_changed_are_seen_as_none() -> None:
    found = delivered(CHOSEN)
    found[ENTRY]["spec"]["routes"][0]["match"] = "PathPrefix(`/`)"

    assert ((), "", "") == (read(found).matches, read(found).matched, read(found).host)


def test_fields_that_the_api_server_has_added_do_not_matter() -> None:
    found = delivered(CHOSEN)
    found[ENTRY]["spec"]["routes"][0]["observability"] = {"traceVerbosity": "minimal"}

    assert CHOSEN == read(found)


def test_edits_that_the_route_no_longer_has_are_removed() -> None:
    backends = (split(10).backends[0], replace(split(10).backends[1], edits=Edits(remove=("a",))))
    found = delivered(replace(split(10), backends=backends))
    middleware = Ref("Middleware", "team/shop-9876543210")

    after = traefik.Router().render(KEY, split(10), found)

    assert middleware in found
    assert after[middleware] is None


def test_copies_are_whole_per_cents_and_at_least_one() -> None:
    found = delivered(replace(split(0), mirror=Mirror(NEW, 3)))
    copied = found[Ref("TraefikService", "team/shop-serinus-copied")]

    assert 1 == copied["spec"]["mirroring"]["mirrors"][0]["percent"]


def test_matches_come_before_copies_and_both_before_the_rest() -> None:
    found = delivered(replace(CHOSEN, mirror=Mirror(NEW, 10)))
    routes = found[ENTRY]["spec"]["routes"]

    assert [2, 1, 0] == [r["priority"] - len("Host(`shop.example.org`)") for r in routes]


def test_a_users_object_takes_part_and_is_put_back() -> None:
    router = traefik.Router(site=Site(ref=Ref("IngressRoute", "web")))
    before = {WEB: user()}

    during = delivered(CHOSEN, router, found=before)

    assert CHOSEN == read(during, router)
    assert ENTRY not in during
    assert before == apply(during, router.render(KEY, None, during))


def test_a_users_object_that_no_longer_leads_to_us_is_seen() -> None:
    router = traefik.Router(site=Site(ref=Ref("IngressRoute", "web")))
    during = delivered(split(10), router, found={WEB: user()})

    assert "" == read({**during, WEB: user()}, router).host
    assert "" == read({r: d for r, d in during.items() if r != WEB}, router).host


def test_a_users_object_that_is_not_there_is_named() -> None:
    router = traefik.Router(site=Site(ref=Ref("IngressRoute", "web")))

    with pytest.raises(Missing, match="IngressRoute team/web"):
        router.render(KEY, split(10), {})


def test_a_priority_that_the_user_has_given_is_the_one_to_come_before() -> None:
    router = traefik.Router(site=Site(ref=Ref("IngressRoute", "web")))
    web: Any = user()
    web["spec"]["routes"][0] |= {"priority": 7, "middlewares": [{"name": "compress"}]}

    found = delivered(CHOSEN, router, found={WEB: web})

    (route,) = found[Ref("IngressRoute", "team/shop-serinus")]["spec"]["routes"]
    assert (9, [{"name": "compress"}]) == (route["priority"], route["middlewares"])


def test_a_transport_of_the_user_is_the_one_used() -> None:
    router = traefik.Router(site=Site(ref=Ref("IngressRoute", "web")))
    web: Any = user()
    web["spec"]["routes"][0]["services"][0] |= {"serversTransport": "mtls"}

    found = delivered(split(10), router, found={WEB: web})

    entries = found[SPLIT]["spec"]["weighted"]["services"]
    assert ["mtls", "mtls"] == [e["serversTransport"] for e in entries]
    assert Ref("ServersTransport", "team/shop") not in found


def test_a_revision_without_weight_is_not_named_as_traefik_would_need_its_pods() -> None:
    found = delivered(split(0))

    assert [1000] == [e["weight"] for e in found[SPLIT]["spec"]["weighted"]["services"]]
    assert (OLD, NEW) == tuple(b.revision for b in read(found).backends)


@pytest.mark.parametrize("kind", ["IngressRoute", "TraefikService", "ServersTransport"])
def test_an_object_of_that_name_that_is_the_users_is_never_written_over(kind: str) -> None:
    found = {Ref(kind, "team/shop"): {"kind": kind, "metadata": {"name": "shop"}}}

    with pytest.raises(Rejected, match=f"{kind} team/shop is there and was not made by Serinus"):
        traefik.Router().render(KEY, split(10), found)
