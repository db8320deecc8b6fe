"""
What every notifier promises, found by folder listing.

A notifier is a file of ``serinus/adapters/notifiers`` with a ``Notifier(place, secrets)``; here the
place is a server on loopback, honest or not.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from serinus.adapters import notifiers
from serinus.ports import failures
from serinus.ports.notifier import Message, Notifier
from tests.adapters import wire
from tests.adapters.gates.asked import TOKEN, Secrets

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(60)]  # messages may take a process each

NAMES = sorted(
    path.stem for path in Path(notifiers.__path__[0]).glob("*.py") if path.stem != "__init__"
)
MESSAGE = Message("shop: held", "Held at 0.", "warning")

Make = Callable[[str], Notifier]


@pytest.fixture(params=NAMES)
def make(request: pytest.FixtureRequest) -> Make:
    module = importlib.import_module(f"serinus.adapters.notifiers.{request.param}")

    def made(address: str) -> Notifier:
        notifier: Notifier = module.Notifier(
            "chat", Secrets(chat=address) if address else Secrets()
        )
        return notifier

    return made


async def test_a_message_arrives_once_with_its_title_and_its_body(make: Make) -> None:
    async with wire.serving(wire.answers()) as server:
        await make(f"json://127.0.0.1:{server.port}/").send(MESSAGE)

    assert 1 == len(server.received)
    assert MESSAGE.title.encode() in server.received[0].body
    assert MESSAGE.body.encode() in server.received[0].body


@pytest.mark.parametrize("manner", ["never answers", "hangs up", "drips", "babbles"])
async def test_a_hostile_place_is_unavailable_within_a_limited_time(
    make: Make, manner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wire.serving(wire.HOSTILE[manner]) as server:
        notifier = make(f"json://127.0.0.1:{server.port}/{TOKEN}")
        monkeypatch.setattr(sys.modules[type(notifier).__module__], "TIMEOUT_S", 8.0)
        with anyio.fail_after(40), pytest.raises(failures.Unavailable) as caught:
            await notifier.send(MESSAGE)

    assert "'chat'" in str(caught.value)
    assert TOKEN not in repr(caught.value)


async def test_a_place_without_an_address_is_rejected(make: Make) -> None:
    with pytest.raises(failures.Rejected, match="there is no secret 'chat'"):
        await make("").send(MESSAGE)


async def test_nobody_at_the_other_end_is_unavailable(make: Make) -> None:
    with pytest.raises(failures.Unavailable) as caught:
        await make(f"json://127.0.0.1:1/{TOKEN}").send(MESSAGE)

    assert TOKEN not in repr(caught.value)


async def test_a_message_that_is_cancelled_can_be_sent_again(make: Make) -> None:
    async with wire.serving(wire.answers()) as server:
        notifier = make(f"json://127.0.0.1:{server.port}/")
        with anyio.move_on_after(0.05):
            await notifier.send(MESSAGE)
        await notifier.send(MESSAGE)

    assert server.received
