from typing import Any

import msgspec

from serinus.app import outset
from serinus.core.spec.delivery import (
    Delivery,
    MatchStep,
    MirrorStep,
    PreviewStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
)
from serinus.core.spec.requests import Condition, Edits, Match, Part
from tests import builders
from tests.builders import NEW, OLD, SHOP

BETA = Match((Condition(Part.HEADER, "x-beta", "1"),))


def of(*steps: Step, stable: str | None = OLD, **given: Any) -> outset.Outset:
    wanted = msgspec.structs.replace(
        builders.wanted(), replicas=10, delivery=Delivery(Strategy.CANARY, steps, **given)
    )
    return outset.of(SHOP, wanted, builders.idle(stable=stable))


def test_a_release_begins_with_the_share_of_its_first_step_and_the_replicas_for_it() -> None:
    found = of(TrafficStep(150), TrafficStep(500))

    assert {OLD: 850, NEW: 150} == {b.revision: b.weight for b in found.route.backends}
    assert (2, "15 % of the traffic to the candidate") == (found.replicas, found.step)
    assert ("a1b2c3d4e5-0", "a1b2c3d4e5-1", "a1b2c3d4e5-2") == found.route.serving(OLD)


def test_the_first_version_serves_everybody_at_once() -> None:
    alone = outset.of(SHOP, builders.wanted(), None)
    found = of(TrafficStep(150), stable=None)

    assert [(NEW, 1000)] == [(b.revision, b.weight) for b in found.route.backends]
    assert (10, "", False) == (found.replicas, found.step, found.same)
    assert [NEW] == [b.revision for b in alone.route.backends]


def test_what_serves_already_begins_nothing() -> None:
    assert of(TrafficStep(150), stable=NEW).same


def test_a_step_without_traffic_is_passed_over() -> None:
    assert 20 == of(PreviewStep(), TrafficStep(20)).route.weight(NEW)
    assert 1000 == of(PreviewStep(), SwitchStep()).route.weight(NEW)


def test_copies_matches_cookies_and_headers_are_those_of_the_step() -> None:
    copies = of(MirrorStep(100, ("GET",)), TrafficStep(10)).route
    matched = of(MatchStep((BETA,)), sticky_s=60.0, edits=Edits(set=(("x-new", "1"),))).route

    assert copies.mirror is not None
    assert (100, ("GET",), 0) == (copies.mirror.share, copies.mirror.methods, copies.weight(NEW))
    assert ((BETA,), NEW, True) == (matched.matches, matched.matched, matched.visits)
    assert matched.sticky is not None
    assert (("x-new", "1"),) == matched.backends[-1].edits.set
