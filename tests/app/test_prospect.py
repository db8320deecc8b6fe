import itertools
from typing import Any

import pytest

from serinus.app import exposure, prospect
from serinus.app.basis import Counted, Given
from serinus.boot import catalogue
from serinus.core.spec import effective
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    Check,
    Compared,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    Look,
    NewLinesCheck,
    QueryCheck,
    Threshold,
    UsageCheck,
)
from serinus.core.spec.effective import Effective


def resolved(**delivery: Any) -> Effective:
    data = {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop"},
        "spec": {"version": "v2", "workload": {"command": "./shop"}, "delivery": delivery},
    }
    return effective.effective(data, "local", catalogue.builtin(), effective.Limits())


def test_a_prospect_tells_how_long_it_takes_and_where_each_value_is_from() -> None:
    found = prospect.of(
        resolved(
            template="canary-standard",
            parameters={"bake": "1m"},
            onFail={"keepCandidate": "1m"},
        )
    )

    assert ("shop", "v2", "shop.localhost", "canary") == (
        found.application,
        found.version,
        found.host,
        found.strategy,
    )
    assert found.template.startswith("canary-standard ")
    assert 240 <= found.fastest <= 300
    values = {value.name: (value.value, value.origin) for value in found.values}
    assert ("1m", "application") == values["bake"]
    assert ("1%", "template default") == values["start"]
    assert ("patched", "application") == values["onFail.keepCandidate"]
    assert [] == [name for name in values if name.startswith("plan")]


def test_a_prospect_tells_what_is_set_beside_the_steps() -> None:
    assert ("users stay on their side for 1h, by a cookie",) == prospect.of(
        resolved(sticky="1h")
    ).asides
    assert () == prospect.of(resolved()).asides


def test_shares_rise_and_times_follow_each_other() -> None:
    stages = prospect.of(resolved(template="canary-standard")).stages

    assert sorted(stage.share for stage in stages) == [stage.share for stage in stages]
    assert all(b.at >= a.at + a.seconds for a, b in itertools.pairwise(stages))


def test_who_meets_the_new_version_is_told_by_the_rate_that_is_given_or_came_today() -> None:
    found = resolved(template="canary-standard")
    given = Given(rate=100.0)
    asked = Given(rate=100.0, sources=("prometheus", "", ""))

    assert prospect.of(found).exposure is None
    assert found.delivery is not None
    assert exposure.of(found.delivery, None) == prospect.of(found, Counted()).exposure
    told = [prospect.of(found, Counted(), one).exposure for one in (given, asked)]
    assert [exposure.of(found.delivery, 100.0, whose) for whose in ("the given", "today's")] == told


def test_what_cannot_be_released_has_no_prospect() -> None:
    with pytest.raises(ValueError, match="shop has no delivery"):
        prospect.of(resolved(template="no-such-template"))


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (
            ErrorsCheck("errors", AgainstStable()),
            "errors: failed requests, at most 1.25 × stable's + 0.02 %",
        ),
        (
            LatencyCheck("slow", AgainstSlo(0.01), bounds_ms=(250, 500)),
            "slow: requests slower than 250 or 500 ms, at most 1 %",
        ),
        (
            LatencyCheck("slow", AgainstStable()),
            (
                "slow: requests slower than bounds taken from stable's own history, "
                "at most 1.25 × stable's + 0.02 %"
            ),
        ),
        (
            LogCheck("logs", AgainstStable(), "ERROR|FATAL"),
            (
                'logs: log lines matching "ERROR|FATAL", for each request, '
                "at most 1.25 × stable's + 0.02 %"
            ),
        ),
    ],
)
def test_a_check_is_told_in_one_line(check: Check, sentence: str) -> None:
    assert sentence == prospect.check(check)


@pytest.mark.parametrize(
    ("look", "sentence"),
    [
        (
            QueryCheck("queue", Threshold(max=100.0), "max(queue)"),
            (
                "queue: prometheus query max(queue) every 30s, at most 100; "
                "outside of it 3 looks in a row: rolled back"
            ),
        ),
        (
            QueryCheck("rate", Compared(higher=False, plus=2.0), "rate($revision)", every_s=90.0),
            (
                "rate: prometheus query rate($revision) every 1m30s, "
                "at least stable's / 1.25 − 2 (approximate)"
            ),
        ),
        (
            UsageCheck("memory", Compared(plus=2.0**20), "memory"),
            "memory: memory of each replica, at most 1.25 × stable's + 1 MiB (approximate)",
        ),
        (
            UsageCheck("cpu", Threshold(max=0.01, strikes=1), "cpu"),
            "cpu: CPU for each request, at most 10 ms; outside of it 1 look in a row: rolled back",
        ),
        (
            NewLinesCheck("new", "ERROR"),
            (
                'new: kinds of log lines matching "ERROR" that stable never wrote, '
                "held at 3 of one kind"
            ),
        ),
    ],
)
def test_a_look_is_told_in_one_line(look: Look, sentence: str) -> None:
    assert sentence == prospect.look(look)


def test_every_built_in_template_is_shown_with_its_timeline() -> None:
    library = catalogue.builtin()
    found = [template for versions in library.templates.values() for template in versions]
    views = prospect.templates(found, library)

    assert len(found) == len(views)
    for view in views:
        assert view.about
        assert view.stages
        assert 0 <= view.fastest
        assert all(parameter.kind for parameter in view.parameters)
