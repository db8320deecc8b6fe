from datetime import UTC

import pytest

from serinus.adapters.local.clock import Clock


@pytest.mark.anyio
async def test_the_clock_goes_on_and_tells_the_time_in_utc() -> None:
    clock = Clock()
    before = clock.now()
    await clock.sleep(0.001)

    assert before < clock.now()
    assert UTC is before.tzinfo
