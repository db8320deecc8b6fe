"""
What every dialect of counters promises, found by folder listing.

A dialect is a file of ``serinus/adapters/counters``. Its folder in ``tests/adapters/counters`` has
``recorded.txt``, a page of the product's metrics, and ``world.yaml``: settings, who serves, and the
requests that were sent. Where the product could not be run, its first line says so.
"""

import importlib
import pkgutil
import random
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from serinus.adapters import counters
from serinus.adapters.kubernetes import exposition, tally
from serinus.core.state.counts import NETWORK, RevisionCounters
from serinus.core.state.notice import Key
from serinus.ports.dialect import Dialect

FOLDERS = Path(__file__).parent.parent / "adapters" / "counters"
NAMES = sorted(module.name for module in pkgutil.iter_modules(counters.__path__))
KEY = Key("team/shop", "prod")


def world(name: str) -> Any:
    path = FOLDERS / name / "world.yaml"
    assert path.exists(), f"want {path}"
    return YAML(typ="safe", pure=True).load(path)


def dialect(name: str) -> Dialect:
    module = importlib.import_module(f"serinus.adapters.counters.{name}")
    made: Dialect = module.Dialect(msgspec.convert(world(name)["settings"], module.Settings))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_dialect_says_what_it_counts_by_metrics_that_it_reads(name: str) -> None:
    made = dialect(name)
    metric = re.compile(made.metrics)

    assert {"errors", "latency"} | ({"network"} if made.network else set()) == set(made.counted)
    for kind in ("errors", "latency"):
        assert any(metric.fullmatch(word) for word in re.findall(r"\w+", made.counted[kind])), kind


def series(name: str) -> list[tuple[str, dict[str, str], float]]:
    """Return the series of a recorded page, whatever they are, with the labels of a pod's page."""
    page = exposition.Page("[a-zA-Z_:][a-zA-Z0-9_:]*")
    content = (FOLDERS / name / "recorded.txt").read_bytes()
    extra = world(name).get("page", {})
    found = []
    for written, value in page.samples(content):
        metric, labels = exposition.labelled(written)
        found.append((metric, {**labels, **extra}, value))
    return found


def added(name: str, found: list[tuple[str, dict[str, str], float]]) -> dict[str, RevisionCounters]:
    made = dialect(name)
    told = world(name)
    crew = tally.Crew(
        told.get("services", {}), {pod: tuple(of) for pod, of in told.get("pods", {}).items()}
    )
    who = tally.known({KEY: crew})
    means = {place: made.meaning(metric, labels) for place, (metric, labels, _) in enumerate(found)}
    adding = tally.Tally(network=made.network)
    adding.add({"": [(place, one[2]) for place, one in enumerate(found)]}, who, means.__getitem__)
    return adding.revisions(KEY, who)


@pytest.mark.parametrize("name", NAMES)
def test_its_settings_are_found_right(name: str) -> None:
    module = importlib.import_module(f"serinus.adapters.counters.{name}")

    assert [] == list(module.review(module.Settings()))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_recorded_adds_up_to_the_requests_that_were_sent(name: str) -> None:
    found = added(name, series(name))
    told = {
        replica: {
            "ended": one.completed,
            "failed": one.errors,
            **({"broken": one.lines[NETWORK]} if NETWORK in one.lines else {}),
        }
        for revision in found.values()
        for replica, one in revision.replicas.items()
    }

    assert world(name)["expected"] == told


@pytest.mark.parametrize("name", NAMES)
def test_buckets_are_cumulative_and_none_holds_more_than_all(name: str) -> None:
    for revision, one in added(name, series(name)).items():
        wanted = world(name).get("latency", {}).get(revision)
        if wanted:
            assert tuple(wanted["bounds"]) == one.bounds_ms
            assert tuple(wanted["within"]) == one.buckets
            assert wanted["timed"] == one.timed
        assert list(one.buckets) == sorted(one.buckets)
        assert all(bucket <= one.timed for bucket in one.buckets)


@pytest.mark.parametrize("name", NAMES)
def test_somebody_timed_the_requests_of_the_stable_revision(name: str) -> None:
    found = added(name, series(name))["3f2a9c01d4"]

    assert found.timed > 0
    assert 100 in found.bounds_ms


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_series_and_labels_does_not_matter(name: str) -> None:
    found = series(name)
    shuffled = [(metric, dict(reversed(labels.items())), value) for metric, labels, value in found]
    random.Random(7).shuffle(shuffled)

    assert added(name, found) == added(name, shuffled)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_understood_has_no_meaning(name: str) -> None:
    made = dialect(name)
    metric = made.metrics.partition("|")[0]

    assert made.meaning("go_goroutines", {}) is None
    assert made.meaning(metric, {}) is None
    assert made.meaning("", {"service": "team-shop-3f2a9c01d4-80@file"}) is None


@pytest.mark.parametrize("name", NAMES)
def test_series_are_told_apart_by_the_labels_that_it_names(name: str) -> None:
    made = dialect(name)
    full = added(name, series(name))
    kept = {*made.labels, *world(name).get("page", {})}
    sums: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for metric, labels, value in series(name):
        place = (metric, frozenset((k, v) for k, v in labels.items() if k in kept))
        sums[place] = sums.get(place, 0.0) + value
    summed = [(metric, dict(labels), value) for (metric, labels), value in sums.items()]

    assert full == added(name, summed)


@pytest.mark.parametrize("name", NAMES)
def test_the_wanted_metrics_are_those_that_mean_something(name: str) -> None:
    made = dialect(name)
    wanted = exposition.Page(made.metrics)
    content = (FOLDERS / name / "recorded.txt").read_bytes()
    read = {exposition.labelled(written)[0] for written, _ in wanted.samples(content)}
    meant = {m for m, labels, _ in series(name) if made.meaning(m, labels) is not None}

    assert meant
    assert meant <= read


@pytest.mark.parametrize("name", NAMES)
def test_every_matcher_is_one_of_promql(name: str) -> None:
    for matcher in dialect(name).matchers("team", "shop"):
        assert matcher.count('"') % 2 == 0
        assert "=" in matcher
