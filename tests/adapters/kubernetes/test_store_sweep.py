"""
A controller is killed at every single write, before it and after it, and another one goes on.

The story has a first release, a bad one that is taken back, a good one that is paused and resumed,
and the end of the application. Killed or not, it must be the same story: the same decisions in the
same order, none twice; the same objects in the end; and nothing that runs any more.
"""

from typing import Any

import pytest

from serinus.boot.simulation import Film
from tests.adapters.kubernetes import mortal
from tests.adapters.kubernetes.mortal import Play
from tests.films import scenes

pytestmark = pytest.mark.anyio

SLICES = 40
"""The writes are shared out among so many tests, so that none of them takes long."""


def story(*, forgetful: bool) -> Play:
    film = Film(
        scenes.failing(0.3),
        scenes.canary(500, hold_s=10),
        replicas=1,
        key=mortal.SHOP,
        tick_s=10.0,
    )
    return Play(
        film,
        {
            0: lambda play: play.deploy("v1", "a1"),
            40: lambda play: play.deploy("v2", "b2"),
            200: lambda play: play.deploy("v3", "c3"),
            210: lambda play: play.wish("pause", "wish-1"),
            220: lambda play: play.wish("resume", "wish-2"),
            360: lambda play: play.server.remove("Application", "shop", "team"),
        },
        forgetful=forgetful,
        until=lambda play: not play.server.names("Application"),
    )


def left(play: Play) -> list[Any]:
    """Return what is there in the end, of releases and answers."""
    found = [play.server.find("Release", name, "team") for name in play.server.names("Release")]
    wishes = [play.server.find("Intent", name, "team") for name in play.server.names("Intent")]
    return [
        *((r["spec"]["number"], r["spec"]["version"], r["status"]["phase"]) for r in found),
        *((wish["metadata"]["name"], wish["status"]["done"]) for wish in wishes),
    ]


async def test_the_story_has_an_end_without_any_death() -> None:
    play = story(forgetful=False)
    told = await play.run()

    assert {"Alarm", "ProbesFailed", "RolledBack", "Promoting", "Settled"} <= {r for r, _ in told}
    assert [
        (1, "v1", "Succeeded"),
        (2, "v2", "Rolled back"),
        (3, "v3", "Succeeded"),
        ("wish-1", True),
        ("wish-2", True),
    ] == left(play)
    assert () == await play.film.platform.replicas(mortal.SHOP)


_PLAYED: list[tuple[Play, list[str]]] = []


async def _without() -> tuple[Play, list[str]]:
    """Play the story without a death, once for all tests of a process."""
    if not _PLAYED:
        play = story(forgetful=False)
        _PLAYED.append((play, [reason for reason, _ in await play.run()]))
    return _PLAYED[0]


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
async def test_a_death_at_any_write_changes_nothing(part: int, *, done: bool) -> None:
    undisturbed, told = await _without()
    for number in range(1 + part, undisturbed.writes + 1, SLICES):
        # With its disk, or on another node with an empty one.
        play = story(forgetful=number % 2 == 0)
        again = [reason for reason, _ in await play.run(number, done=done)]

        assert 1 == play.deaths
        assert told == again, f"killed at write {number}: {play.server.requests[-5:]}"
        assert left(undisturbed) == left(play)
        assert () == await play.film.platform.replicas(mortal.SHOP)
