"""Every template that ships, played with its own plan: a good version, and one that fails."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.boot import catalogue
from serinus.boot.simulation import Film, ended
from serinus.core.spec import resolve
from serinus.core.spec.application import Defaults
from serinus.core.spec.delivery import Delivery, Strategy
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Layer
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import served

SHORT = {
    "bake": "1m",
    "duration": "5m",
    "preview": "10s",
    "settle": "1m",
    "keepOld": "1m",
    "warmup": "5s",
    "latencyBound": "250ms",
    "minSamples": 0,
}
"""What is long in a template, made short; each template takes what it has of it."""

TEMPLATES = sorted(catalogue.builtin().templates)
TESTS = frozenset({Strategy.AB_TEST, Strategy.MIRROR})


def delivered(name: str) -> Delivery:
    library = catalogue.builtin()
    known = library.templates[name][-1].spec.parameters
    given: dict[str, Any] = {key: value for key, value in SHORT.items() if key in known}
    layer = Layer("film", "spec.delivery", Defaults(template=name, parameters=given))
    found = resolve.resolve((layer,), library, Limits())
    assert found.delivery is not None, found.problems
    return found.delivery


async def attended(film: Film) -> None:
    """Release v2, with a person beside it who approves and goes on."""
    await served(film)
    film.deploy("v2")
    await film.turn()
    for _ in range(400):
        status = await film.status()
        if ended(status) or status.release is None:
            break
        state = status.release.progress
        if state.phase is Phase.WAITING:
            await film.ask(Verb.APPROVE)
        elif state.wait.then.startswith("serinus next"):
            await film.ask(Verb.NEXT)
        film.clock.move(film.tick_s)
        await film.turn()


@pytest.mark.parametrize("name", TEMPLATES)
async def test_a_good_version_comes_to_its_end(told: SnapshotAssertion, name: str) -> None:
    delivery = delivered(name)

    text = await scenes.told(attended, scenes.good, delivery, rate=50.0)

    assert text == told
    assert ("Concluded" if delivery.strategy in TESTS else "Succeeded") in text.splitlines()[-1] + (
        text.splitlines()[-2]
    )


@pytest.mark.parametrize("name", TEMPLATES)
async def test_a_version_that_fails_is_not_left_serving(told: SnapshotAssertion, name: str) -> None:
    text = await scenes.told(attended, scenes.failing(0.3), delivered(name), rate=50.0)

    assert text == told
    assert "v1 serves everybody" in text.splitlines()[-1]
