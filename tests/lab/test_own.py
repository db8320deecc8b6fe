from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
import pytest

from serinus.core.spec.delivery import AgainstStable, LatencyCheck
from serinus.lab import own, play
from serinus.lab.play import End, Played
from serinus.lab.scenario import Kind, Scenario, Wish

PLAN = ((0.05, 60.0), (0.5, 120.0))


def service(candidate: float, *, stable: float = 0.001, missing: int = 0) -> Any:
    """Ten replicas at 100 requests a second; every ``missing``-th scrape does not come."""

    def run(rng: np.random.Generator) -> Generator[Mapping[str, Any] | None, Wish, None]:
        wish = yield {}
        for number in range(10_000):
            if missing and number % missing == 1:
                wish = yield None
                continue
            n = int(500 * (1 - wish.weight)) // 10
            tick: dict[str, Any] = {
                "stable": {f"s{i}": (n, int(rng.binomial(n, stable))) for i in range(10)},
                "truth": {"stable": stable, "candidate": candidate},
            }
            if wish.weight:
                k = len(wish.candidate_pods)
                mine = max(1, int(500 * wish.weight / k))
                tick["candidate"] = {
                    pod: (mine, int(rng.binomial(mine, candidate))) for pod in wish.candidate_pods
                }
            if wish.twin_pods:
                tick["twin"] = {pod: (n, int(rng.binomial(n, stable))) for pod in wish.twin_pods}
            wish = yield tick

    return run


def scenario(candidate: float, kind: Kind, **given: Any) -> Scenario:
    return Scenario("shop", kind, service(candidate, **given), history_s=1800.0, plan=PLAN)


def played(found: Scenario, *, forgetful: bool = False, seed: int = 1) -> tuple[Played, own.Own]:
    policy = own.Own(found, forgetful=forgetful)
    return play.play(found, policy, np.random.default_rng(seed)), policy


def test_a_healthy_release_is_promoted_without_a_retreat() -> None:
    found, policy = played(scenario(0.001, Kind.NULL))

    assert (End.PROMOTED, 0, None) == (found.end, found.retreats, found.off_s)
    assert policy.events[-1].startswith("Promoting")
    assert found.delay_s < 120


def test_a_bad_one_loses_its_traffic_within_a_minute_and_is_rolled_back() -> None:
    found, policy = played(scenario(0.05, Kind.REGRESSION))

    assert End.ROLLED_BACK is found.end
    assert found.off_s is not None
    assert found.off_s <= 60
    assert found.bad < 20
    assert any(event.startswith("ProbesFailed") for event in policy.events)


def test_an_outage_costs_a_handful_of_requests() -> None:
    found, _ = played(scenario(1.0, Kind.REGRESSION))

    assert End.ROLLED_BACK is found.end
    assert found.bad <= 15


@pytest.mark.parametrize("candidate", [0.001, 0.02, 1.0])
def test_a_policy_that_is_restarted_after_every_tick_decides_the_same(candidate: float) -> None:
    whole, told = played(scenario(candidate, Kind.NULL))
    again, retold = played(scenario(candidate, Kind.NULL), forgetful=True)

    assert whole == again
    assert told.events == retold.events


def test_missing_scrapes_hold_nothing_up_and_take_nothing_back() -> None:
    found, _ = played(scenario(0.001, Kind.NULL, missing=3))

    assert (End.PROMOTED, 0) == (found.end, found.retreats)
    assert found.delay_s < 120


def test_latency_is_a_check_of_its_kind() -> None:
    found = Scenario("slow", Kind.NULL, service(0.0), checks={"latency": (1.05, 0.0005)})

    assert (LatencyCheck("latency", AgainstStable(1.05, 0.0005)),) == own.checks(found)
