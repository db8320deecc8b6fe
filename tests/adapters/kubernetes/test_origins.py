"""Where counts are read: what may be written, and what comes of it."""

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from serinus.adapters.kubernetes import origins, pages, tally
from serinus.adapters.kubernetes.tally import Crew
from serinus.adapters.memory import metrics
from serinus.adapters.memory.clock import Clock
from serinus.core.state.notice import Key
from serinus.core.state.sample import Series
from tests.adapters.kubernetes import router

pytestmark = pytest.mark.anyio

KEY = Key("team/shop", "prod")
REVISION = "3f2a9c01d4" + "0" * 54
NAME = "shop-3f2a9c01d4"
WHO = tally.known(
    {
        KEY: Crew(
            {NAME: REVISION},
            {"pod-a": (REVISION, "3f2a9c01d4-0"), "pod-b": (REVISION, "3f2a9c01d4-1")},
            {"pod-a": "10.0.0.1:9898", "pod-b": "10.0.0.2:9898"},
        )
    }
)
TRAEFIK = b'traefik_service_requests_total{code="200",service="team-shop-3f2a9c01d4-80@x"} 12\n'


def chosen(written: Mapping[str, Any], default: str = "traefik") -> origins.Choice:
    found, wrong = origins.read(written, default)
    assert () == wrong
    assert found is not None
    return found


def problems(written: Mapping[str, Any]) -> list[str]:
    return [str(problem) for problem in origins.read(written, "traefik")[1]]


def test_the_dialect_is_the_routers_unless_another_is_written() -> None:
    where = {"scrape": "http://router.test/metrics"}

    assert "nginx" == chosen(where, "nginx").dialect
    assert "istio" == chosen({**where, "dialect": "istio", "reporter": "waypoint"}).dialect


def test_all_that_is_wrong_is_found_at_once() -> None:
    assert ["dialect: no dialect 'hawk'; known: " + ", ".join(origins.dialects())] == problems(
        {"dialect": "hawk"}
    )
    assert 1 == len(problems({}))
    assert 1 == len(problems({"prometheus": "p", "scrape": "http://router.test/"}))
    assert ["scrape"] == [one.partition(":")[0] for one in problems({"scrape": "router.test"})]
    assert ["pods.port"] == [one.partition(":")[0] for one in problems({"pods": {"port": 70000}})]
    assert ["every"] == [
        one.partition(":")[0] for one in problems({"prometheus": "p", "every": "5m"})
    ]
    assert 1 == len(problems({"prometheus": "p", "reporter": "source"}))


def test_how_often_there_is_something_new_follows_from_who_is_asked() -> None:
    assert 1.0 == chosen({"scrape": "http://router.test/"}).every_s
    assert 15.0 == chosen({"prometheus": "p"}).every_s
    assert 30.0 == chosen({"prometheus": "p", "every": "30s"}).every_s


async def test_the_page_of_a_router_is_added_up() -> None:
    asked = pages.Pages(httpx2.MockTransport(lambda _: router.page(TRAEFIK)))
    source = origins.Router(chosen({"scrape": "http://127.0.0.1:9100/metrics"}), asked)
    await source.look(WHO)
    found = source.tally.revisions(KEY, WHO)[REVISION]

    assert 12 == found.replicas["3f2a9c01d4-all"].completed


async def test_a_long_page_is_read_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origins, "LARGE", 1)
    asked = pages.Pages(httpx2.MockTransport(lambda _: router.page(TRAEFIK)))
    source = origins.Router(chosen({"scrape": "http://127.0.0.1:9100/metrics"}), asked)
    await source.look(WHO)

    assert 12 == source.tally.revisions(KEY, WHO)[REVISION].replicas["3f2a9c01d4-all"].completed


async def test_each_pod_says_what_it_did_and_one_without_a_page_is_left_out() -> None:
    def say(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "10.0.0.2":
            return router.page(b"", 404)
        return router.page(b'http_requests_total{status="200"} 9\n')

    choice = chosen({"dialect": "application", "pods": {"port": 9797}})
    source = origins.Each(choice, pages.Pages(httpx2.MockTransport(say)))
    await source.look(WHO)
    found = source.tally.revisions(KEY, WHO)[REVISION]

    assert {"3f2a9c01d4-0": 9} == {name: one.completed for name, one in found.replicas.items()}


async def test_a_prometheus_is_asked_for_counters_as_they_are() -> None:
    labels = {
        "__name__": "traefik_service_requests_total",
        "code": "200",
        "instance": "10.0.0.9:9100",
        "service": "team-shop-3f2a9c01d4-80@kubernetescrd",
    }
    said = metrics.Source(lambda _, at: (Series(labels, ((at, 31.0),)),))
    source = origins.Asked(chosen({"prometheus": "p"}), said, Clock())
    await source.look(WHO)
    question = said.asked[0][0]
    found = source.tally.revisions(KEY, WHO)[REVISION]

    assert 31 == found.replicas["3f2a9c01d4-all"].completed
    assert question.startswith("sum by (__name__, instance, service")
    assert "rate(" not in question
    assert 'service=~"(.*-)?team-(.*-)?shop-.*"' in question


async def test_many_applications_are_asked_for_in_several_questions() -> None:
    many = tally.known({Key(f"team/shop{number}", "prod"): Crew() for number in range(25)})
    said = metrics.Source(lambda _, _at: ())
    await origins.Asked(chosen({"prometheus": "p"}), said, Clock()).look(many)

    assert 3 == len(said.asked)
