"""What a store still has of releases, made ready to be played again."""

import itertools
from datetime import UTC, datetime

import pytest

from serinus.boot.simulation import Film
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.notice import Key
from serinus.lab import archive, replay
from serinus.lab.replayed import Outcome
from serinus.ports import failures
from tests.films import scenes


async def filmed(errors: float = 0.05) -> Film:
    film = Film(scenes.failing(errors), scenes.canary(50, 250, hold_s=120))
    await scenes.served(film)
    film.deploy("v2")
    await film.finish()
    return film


async def test_a_release_comes_with_its_ticks_its_past_and_what_happened() -> None:
    film = await filmed()

    found = await archive.release(film.store, film.key)

    assert "shop/local#2" == found.about.name
    assert any(CANDIDATE in tick.arms for tick in found.ticks)
    assert {STABLE} == {name for tick in found.history for name in tick.arms}
    assert found.history[-1].at <= found.ticks[0].at
    assert "ProbesFailed" in [step.reason for step in found.steps]
    assert Outcome.ROLLED_BACK is replay.play(replay.own(found), found).outcome


async def test_what_is_not_there_is_told_with_what_is() -> None:
    film = await filmed(0.001)

    with pytest.raises(failures.Missing, match="no release 9") as missing:
        await archive.release(film.store, film.key, 9)
    assert "its releases are 1 to 2" == missing.value.why
    with pytest.raises(failures.Missing, match="first release of all"):
        await archive.release(film.store, film.key, 1)
    with pytest.raises(failures.Missing, match="has had no release yet"):
        await archive.release(film.store, Key("blog", "local"))


async def test_a_release_whose_ticks_are_gone_is_told() -> None:
    film = await filmed()
    film.store._ticks.clear()

    with pytest.raises(failures.Missing, match="has no ticks"):
        await archive.release(film.store, film.key)


async def test_the_past_of_stable_is_in_order_and_alone() -> None:
    film = await filmed()

    found = await archive.rest(film.store, film.key, days=1, now=film.clock.now())

    assert {STABLE} == {name for tick in found for name in tick.arms}
    assert all(a.at <= b.at - b.seconds / 2 for a, b in itertools.pairwise(found))
    assert len(found) > 30
    late = datetime.fromtimestamp(found[-1].at + 2 * 86_400, UTC)
    assert () == await archive.rest(film.store, film.key, days=1, now=late)


def test_ticks_that_overlap_count_once() -> None:
    arm = Arm({"a-0": (10, 0)})
    ticks = [Tick(at, 5.0, {STABLE: arm}) for at in (5.0, 10.0, 10.5, 15.0)]

    assert [5.0, 10.0, 15.0] == [tick.at for tick in archive.alone(ticks)]
    assert "15s" == archive.length(archive.alone(ticks))
