import anyio
import pytest

from serinus.adapters.memory.clock import Clock
from serinus.ports import clock as clocks

pytestmark = pytest.mark.anyio


class Still(Clock):
    """A clock on which no time passes for those who wait."""

    async def sleep(self, seconds: float) -> None:
        """Wait for good."""
        del seconds
        await anyio.sleep_forever()


async def test_what_happens_ends_the_waiting_before_its_time() -> None:
    event = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(clocks.until, event, Still(), 60.0)
        event.set()

    assert event.is_set()


async def test_nobody_waits_longer_than_told() -> None:
    clock = Clock()
    began = clock.now()

    await clocks.until(anyio.Event(), clock, 60.0)

    assert 60.0 == (clock.now() - began).total_seconds()
