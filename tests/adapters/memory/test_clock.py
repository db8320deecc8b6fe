from datetime import timedelta

from serinus.adapters.memory.clock import START, Clock


def test_the_clock_stands_still_until_it_is_moved() -> None:
    clock = Clock()
    assert START == clock.now() == clock.now()

    clock.move(90)

    assert START + timedelta(seconds=90) == clock.now()


def test_the_clock_never_goes_back() -> None:
    clock = Clock()
    clock.move_to(START + timedelta(minutes=1))
    clock.move_to(START)

    assert START + timedelta(minutes=1) == clock.now()


async def test_sleeping_lets_time_pass_at_once() -> None:
    clock = Clock()
    await clock.sleep(30)

    assert START + timedelta(seconds=30) == clock.now()
