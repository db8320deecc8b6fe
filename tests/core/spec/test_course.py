from typing import Any

import msgspec
import pytest

from serinus.core.errors import Severity
from serinus.core.spec import course, wayback
from serinus.core.spec import delivery as d
from serinus.core.spec.calendar import Window
from serinus.core.spec.limits import Limits
from serinus.core.spec.requests import Condition, Edits, Goal, Match, Part
from serinus.core.spec.template import Body


def compiled(plan: list[dict[str, Any]], strategy: str = "canary", **given: Any) -> d.Delivery:
    body = msgspec.convert({"strategy": strategy, "plan": plan, **given}, Body)
    found, problems = course.compile_body(body, Limits())
    assert [] == [problem for problem in problems if problem.severity is not Severity.WARNING]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("strategy", "step", "expected"),
    [
        (
            "canary",
            {"traffic": {"candidate": "2.5%"}, "hold": {"for": "1m", "minSamples": 9}},
            d.TrafficStep(25, d.Hold(60.0, 9)),
        ),
        (
            "canary",
            {"traffic": {"candidate": "5%"}, "manual": True},
            d.TrafficStep(50, manual=True),
        ),
        ("rolling", {"replace": {"maxSurge": "50%"}}, d.ReplaceStep(500, 0)),
        ("recreate", {"recreate": {}}, d.RecreateStep(60.0)),
        (
            "blueGreen",
            {"switch": {}, "gates": [{"approval": {"roles": ["sre"], "timeout": "4h"}}]},
            d.SwitchStep((d.Approval(("sre",), 1, 14_400.0),)),
        ),
    ],
)
def test_a_step_is_resolved(strategy: str, step: dict[str, Any], expected: d.Step) -> None:
    assert (expected, d.SettleStep(600.0)) == compiled([step, {"settle": {}}], strategy).steps


@pytest.mark.parametrize(
    ("strategy", "step", "expected"),
    [
        (
            "mirror",
            {"mirror": "2.5%", "hold": {"for": "1h", "minSamples": 9}},
            d.MirrorStep(25, ("GET", "HEAD", "OPTIONS"), d.Hold(3600.0, 9)),
        ),
        (
            "mirror",
            {"mirror": {"share": "100%", "methods": ["GET"]}, "hold": {"for": "1h"}},
            d.MirrorStep(1000, ("GET",), d.Hold(3600.0)),
        ),
        (
            "abTest",
            {"match": {"share": "49.9%"}, "hold": {"for": "1h"}},
            d.MatchStep((), 499, d.Hold(3600.0)),
        ),
        (
            "abTest",
            {"match": {"cookie": "beta"}, "hold": {"for": "1h"}, "gates": [{"window": "any"}]},
            d.MatchStep(
                (Match((Condition(Part.COOKIE, "beta"),)),),
                hold=d.Hold(3600.0),
                gates=(d.WindowGate(Window("any")),),
            ),
        ),
    ],
)
def test_a_step_that_chooses_requests_is_resolved(
    strategy: str, step: dict[str, Any], expected: d.Step
) -> None:
    assert (expected,) == compiled([step], strategy, sticky="1h").steps


def test_what_is_told_of_users_and_requests_is_resolved() -> None:
    found = compiled(
        [{"match": {"share": "50%"}, "hold": {"for": "1h"}}],
        "abTest",
        sticky="30d",
        headers={"set": {"X-Version": "v2"}, "remove": ["x-debug"]},
        goals=[{"name": "paid", "path": "/thanks", "methods": ["GET"]}],
        checks=[{"newLines": {"pattern": "ERROR"}}],
    )

    assert 2_592_000.0 == found.sticky_s
    assert Edits((("x-version", "v2"),), ("x-debug",)) == found.edits
    assert (Goal("paid", "/thanks", ("GET",)),) == found.goals
    assert ((), (d.NewLinesCheck("new-lines", "ERROR"),)) == (found.checks, found.looks)


def test_a_preview_runs_beside() -> None:
    plan: list[dict[str, Any]] = [
        {"preview": {"replicas": "50%"}, "hold": {"for": "30s"}},
        {"switch": {}},
    ]

    assert d.PreviewStep(500, d.Hold(30.0)) == compiled(plan, "blueGreen").steps[0]


@pytest.mark.parametrize(
    ("by", "shares"),
    [("15%", [250, 400, 550, 700, 850, 1000]), ("50%", [250, 750, 1000]), ("90%", [250, 1000])],
)
def test_a_ramp_is_expanded_and_always_arrives(by: str, shares: list[int]) -> None:
    ramp = {"from": "25%", "to": "100%", "by": by, "hold": {"for": "3m"}}
    plan = [{"ramp": ramp, "gates": [{"approval": {}}], "manual": True}]
    steps = [s for s in compiled(plan).steps if isinstance(s, d.TrafficStep)]

    assert shares == [s.share for s in steps]
    assert {(180.0, True)} == {(s.hold.for_s, s.manual) for s in steps}
    assert [1] + [0] * (len(shares) - 1) == [len(s.gates) for s in steps]


def test_the_numbers_of_the_body_are_resolved() -> None:
    found = compiled(
        [{"traffic": {"candidate": "5%"}}],
        every="10s",
        warmup="1m",
        startTimeout="3m",
        drain="0s",
        onFail={"keepCandidate": "1m", "quarantine": False},
        onNoData={"hold": "1m", "then": "rollback"},
        onUnverified="hold",
        verified={"ratio": 2, "plus": "1%"},
        retreat={
            "alarm": 20,
            "probes": 3,
            "trial": "2m",
            "probeTarget": "30s",
            "maxRetreats": 1,
            "maxProbes": 4,
            "age": "5m",
        },
    )

    assert (10.0, 60.0, 180.0, 0.0) == (
        found.every_s,
        found.warmup_s,
        found.start_timeout_s,
        found.drain_s,
    )
    assert (60.0, False) == (found.keep_candidate_s, found.quarantine)
    assert wayback.NoDataPolicy(60.0, "rollback") == found.on_no_data
    assert wayback.Unverified.HOLD is found.on_unverified
    assert wayback.Margin(2.0, 0.01) == found.margin
    wanted = wayback.RetreatPolicy(
        alarm=20.0,
        probes=3,
        trial_s=120.0,
        probe_target_s=30.0,
        max_retreats=1,
        max_probes=4,
        age_s=300.0,
    )
    assert wanted == found.retreat


def test_how_many_probes_and_retreats_there_may_be_is_learnt_where_nobody_says_it() -> None:
    found = compiled([{"traffic": {"candidate": "5%"}}], retreat={"trial": "2m"})

    assert found.retreat.probes is None
    assert found.retreat.max_retreats is None


def test_what_is_not_said_is_as_the_delivery_has_it() -> None:
    found = compiled([{"traffic": {"candidate": "5%"}}])
    expected = d.Delivery(d.Strategy.CANARY, (d.TrafficStep(50),))

    assert expected == found


def test_a_split_by_replicas_rounds_shares_up_and_says_so_once() -> None:
    plan = [{"traffic": {"candidate": share}} for share in ("1%", "30%", "100%")]
    body = msgspec.convert({"strategy": "canary", "plan": plan}, Body)
    found, told = course.compile_body(body, Limits(finest=250, rounds=True))

    assert found is not None
    assert (d.TrafficStep(250), d.TrafficStep(500), d.TrafficStep(1000)) == found.steps
    (once,) = told
    assert (
        "plan[0].traffic.candidate: warning: this split does steps of 25% only, so that it gives "
        "25% in place of 1%, 50% in place of 30%; add replicas, or choose a router that has "
        "weights"
    ) == str(once)
