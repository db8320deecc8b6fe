"""
What every gate promises, found by folder listing.

A gate is a file of ``serinus/adapters/gates`` with a ``Gate(secrets, clock)``; whoever is asked
here speaks HTTP, honestly or not.
"""

import importlib
from pathlib import Path

import anyio
import pytest

from serinus.adapters import gates
from serinus.adapters.memory.clock import Clock
from serinus.core.state.gates import Opening
from serinus.ports.gate import Gate
from tests.adapters import wire
from tests.adapters.gates.asked import Secrets, question

pytestmark = pytest.mark.anyio

NAMES = sorted(
    path.stem for path in Path(gates.__path__[0]).glob("*.py") if path.stem != "__init__"
)


@pytest.fixture(params=NAMES)
def gate(request: pytest.FixtureRequest) -> Gate:
    made: Gate = importlib.import_module(f"serinus.adapters.gates.{request.param}").Gate(
        Secrets(), Clock()
    )
    return made


async def test_an_answer_belongs_to_its_question_and_its_instant(gate: Gate) -> None:
    async with wire.serving(wire.answers()) as server:
        found = await gate.ask(question(server.url))

    assert ("shop/local#7/2/0", Opening.OPEN, Clock().now()) == (
        found.question,
        found.opening,
        found.at,
    )


async def test_the_same_question_is_known_by_its_id(gate: Gate) -> None:
    async with wire.serving(wire.answers(202)) as server:
        for _ in range(2):
            await gate.ask(question(server.url))
    first, second = server.received

    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


@pytest.mark.parametrize("manner", wire.HOSTILE)
async def test_nothing_is_raised_and_nobody_waits_for_longer_than_was_said(
    gate: Gate, manner: str
) -> None:
    async with wire.serving(wire.HOSTILE[manner]) as server:
        with anyio.fail_after(10):
            found = await gate.ask(question(f"{server.url}/T0KEN", timeout_s=0.5))

    assert Opening.ERROR is found.opening
    assert found.sentence.isprintable()
    assert "T0KEN" not in found.sentence


async def test_a_question_that_is_cancelled_can_be_asked_again(gate: Gate) -> None:
    async with wire.serving(wire.never) as server:
        with anyio.move_on_after(0.1) as scope:
            await gate.ask(question(server.url))
    async with wire.serving(wire.answers()) as server:
        found = await gate.ask(question(server.url))

    assert scope.cancelled_caught
    assert Opening.OPEN is found.opening


async def test_nobody_at_the_other_end_is_an_error(gate: Gate) -> None:
    found = await gate.ask(question("http://127.0.0.1:1/T0KEN"))

    assert Opening.ERROR is found.opening
    assert "T0KEN" not in found.sentence
