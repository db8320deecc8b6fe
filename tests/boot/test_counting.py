from typing import Any

import msgspec
import pytest

from serinus.adapters.kubernetes import origins, pages
from serinus.adapters.memory.clock import Clock
from serinus.boot import counting
from serinus.boot.counting import Counters
from serinus.core.spec import problems
from serinus.core.spec.application import Environment, EnvironmentSpec
from serinus.core.spec.template import Metadata
from serinus.core.state.notice import Key
from serinus.ports import failures, metrics

KEY = Key("team/shop", "prod")


class Place:
    """The environments of a test, and the metric sources that they name."""

    def __init__(self) -> None:
        self.environments: dict[str, Environment] = {}

    def write(self, **spec: Any) -> Environment:
        found = msgspec.convert(spec, EnvironmentSpec)
        made = Environment("serinus.dev/v1alpha1", "Environment", Metadata("prod"), found)
        self.environments["prod"] = made
        return made

    def counters(self) -> Counters:
        return Counters(lambda: self.environments, metrics.NOWHERE, pages.Pages(), Clock())


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_router_counts_in_its_own_dialect(place: Place) -> None:
    assert "nginx" == counting.dialect(place.write(router={"nginx": {}}))
    assert "application" == counting.dialect(None)


def test_people_are_told_what_is_counted(place: Place) -> None:
    counts = {"scrape": "http://traefik:9100/metrics"}
    found = counting.counted(place.write(router={"traefik": {}}, counts=counts))

    assert "traefik_service_requests_total" in found["errors"]
    assert "lines of each pod's log that match" == found["logs"]
    assert ["logs"] == list(counting.counted(None))
    assert ["logs"] == list(counting.counted(place.write(router={"traefik": {}})))


def test_a_page_of_the_router_is_scraped(place: Place) -> None:
    place.write(router={"traefik": {}}, counts={"scrape": "http://traefik:9100/metrics"})

    assert isinstance(place.counters().source(KEY), origins.Router)


def test_without_a_router_pods_are_asked_for_their_own_counts(place: Place) -> None:
    place.write(target={"namespaces": ["team"]})

    assert isinstance(place.counters().source(KEY), origins.Each)


def test_a_router_whose_counts_are_nowhere_counts_nothing(place: Place) -> None:
    place.write(router={"traefik": {}})

    assert place.counters().source(KEY) is None


def test_nobody_counts_for_an_environment_that_is_not_written(place: Place) -> None:
    assert place.counters().source(KEY) is None


def test_a_source_stays_until_its_environment_changes(place: Place) -> None:
    place.write(router={"traefik": {}}, counts={"scrape": "http://traefik:9100/metrics"})
    counters = place.counters()
    first = counters.source(KEY)

    assert first is counters.source(KEY)

    place.write(router={"traefik": {}}, counts={"scrape": "http://traefik:9200/metrics"})
    assert first is not counters.source(KEY)


def test_an_unknown_dialect_is_refused_with_its_place(place: Place) -> None:
    environment = place.write(counts={"dialect": "trafik", "scrape": "http://t:9100/metrics"})

    assert "dialect: no dialect 'trafik'" in problems.text(counting.review(environment))
    with pytest.raises(failures.Rejected, match=r"environment 'prod': spec\.counts\.dialect"):
        place.counters().source(KEY)


def test_a_metric_source_that_is_not_there_is_refused(place: Place) -> None:
    place.write(router={"traefik": {}}, counts={"prometheus": "prometheus"})

    with pytest.raises(failures.Rejected, match="has no metric source 'prometheus'"):
        place.counters().source(KEY)
