"""Strategies without a way to probe: what is seen after the switch, and the one way back."""

import pytest

from serinus.boot.simulation import Film, ended
from serinus.core.spec.delivery import (
    AgainstStable,
    Delivery,
    ErrorsCheck,
    Hold,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Strategy,
    SwitchStep,
)
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import WELL, canary, changed, only_v2, served

CHECKS = (ErrorsCheck("errors", AgainstStable()),)
SETTLE = SettleStep(keep_old_s=300)


def blue_green() -> Delivery:
    steps = (PreviewStep(hold=Hold(for_s=30)), SwitchStep(), SETTLE)
    return Delivery(Strategy.BLUE_GREEN, steps, CHECKS)


def rolling() -> Delivery:
    return Delivery(Strategy.ROLLING, (ReplaceStep(), SETTLE), CHECKS)


def recreate() -> Delivery:
    return Delivery(Strategy.RECREATE, (RecreateStep(), SETTLE), CHECKS)


def results(text: str) -> list[str]:
    """The reasons of the results, in their order, without the first release's."""
    found = [line.split()[2] for line in text.splitlines() if line.split()[1] == "result"]
    return found[1:]


def told(text: str, reason: str) -> str:
    """The only line with this reason."""
    (line,) = [line for line in text.splitlines() if line.split()[2] == reason]
    return line


async def test_blue_green_that_fails_more_requests_switches_back_once() -> None:
    text = await scenes.told(changed, scenes.failing(0.04), blue_green())

    assert results(text) == ["Succeeded", "Regressed", "RolledBack"]
    line = told(text, "Regressed")
    assert "Switched back: errors 3.8 % against 0.12 % before the switch, allowed " in line
    assert line.endswith("approximate: compared with history).")


async def test_what_was_switched_back_is_not_tried_again() -> None:
    film = Film(scenes.failing(0.3), blue_green())
    await changed(film)
    before = len(film.lines)
    await film.run(1800)
    status = await film.status()

    assert status.stable_version == "v1"
    assert len(status.quarantine) == 1
    assert not [line for line in film.lines[before:] if " Started " in line]


async def test_a_total_outage_after_the_switch_lasts_no_longer_than_half_a_minute() -> None:
    film = Film(scenes.failing(1.0), blue_green())
    await changed(film)
    release = (await film.status()).release

    assert release is not None
    assert release.progress.phase is Phase.ROLLED_BACK
    assert release.progress.bad <= 3000


@pytest.mark.parametrize("delivery", [blue_green(), rolling(), recreate()])
async def test_a_healthy_release_settles(delivery: Delivery) -> None:
    text = await scenes.told(changed, scenes.good, delivery)

    assert results(text) == ["Succeeded", "Settled"]
    assert told(text, "Settled").endswith("Settled. The old replicas stop.")


async def test_without_a_past_the_release_settles_unverified_and_says_so() -> None:
    async def script(film: Film) -> None:
        film.platform.rate = 0.0
        await served(film)
        film.deploy("v2")
        await film.run(600, until=scenes.within(Phase.SETTLING))
        film.platform.rate = 100.0
        await film.finish()

    text = await scenes.told(script, scenes.failing(0.3), blue_green())

    assert results(text) == ["Succeeded", "Settled"]
    assert "unverified, nothing is known of stable before the switch" in told(text, "Settled")


async def test_without_any_request_the_release_settles_unverified_and_says_so() -> None:
    text = await scenes.told(changed, scenes.good, blue_green(), rate=0.0)

    assert "unverified, no requests came since the switch" in told(text, "Settled")


async def test_a_canary_that_fails_after_its_promotion_is_switched_back() -> None:
    late = only_v2(lambda c: WELL._replace(errors=0.05 if c.share == 1000 else 0.001))
    text = await scenes.told(changed, late, canary(100, 500, hold_s=60, checks=CHECKS))

    assert results(text) == ["Succeeded", "Regressed", "RolledBack"]
    assert "Switched back: errors " in told(text, "Regressed")
    assert "before the switch" in told(text, "Regressed")


async def test_rolling_that_fails_half_way_is_compared_with_stable_and_taken_back() -> None:
    text = await scenes.told(changed, scenes.failing(0.1), rolling(), replicas=4)

    assert results(text) == ["Regressed", "RolledBack"]
    assert "Rolled back: errors " in told(text, "Regressed")
    assert " on stable, " in told(text, "Regressed")


async def test_recreate_that_fails_more_requests_brings_the_old_version_back() -> None:
    film = Film(scenes.failing(0.1), recreate())
    await changed(film)

    assert results(film.text()) == ["Succeeded", "Regressed", "RolledBack"]
    assert (await film.status()).stable_version == "v1"
    replicas = await film.platform.replicas(film.key)
    assert sum(r.revision.startswith("v1") for r in replicas) == film.replicas


async def test_what_a_person_promoted_for_a_reason_is_not_switched_back() -> None:
    film = Film(scenes.failing(0.05), canary(50, 500, checks=CHECKS))
    await served(film)
    film.deploy("v2")
    await film.run(600, until=scenes.at(50))
    await film.ask(Verb.PROMOTE, reason="the errors are wanted")
    await film.run(600, until=ended)

    assert (await film.status()).stable_version == "v2"


async def test_a_release_is_compared_with_its_own_predecessor_and_no_older_one() -> None:
    """v2 has twice the errors of v1, and so has v3: that is no regression of v3."""
    film = Film(lambda c: WELL._replace(errors=0.001 if c.version == "v1" else 0.02), blue_green())
    await served(film, 600)
    film.delivery = Delivery(Strategy.BLUE_GREEN, blue_green().steps, ())
    film.deploy("v2")
    await film.finish()
    await film.run(300)
    film.delivery = blue_green()
    film.deploy("v3")
    await film.finish()

    assert (await film.status()).stable_version == "v3"
