from datetime import datetime

import anyio
from anyio import lowlevel

from serinus.app.queue import Queue
from serinus.core.state.notice import Key
from tests.builders import SHOP, at

BLOG = Key("blog", "local")


async def test_a_key_is_in_the_queue_once() -> None:
    queue = Queue()
    queue.add(SHOP)
    queue.add(SHOP)
    queue.add(BLOG)

    assert [SHOP, BLOG] == [await queue.get(), await queue.get()]


async def test_a_key_that_is_added_while_it_is_worked_on_comes_back_afterwards() -> None:
    queue = Queue()
    queue.add(SHOP)
    key = await queue.get()
    queue.add(SHOP)
    queue.add(BLOG)

    assert BLOG == await queue.get()
    queue.done(key)
    assert SHOP == await queue.get()
    queue.done(SHOP)
    assert queue.next_at() is None


async def test_everybody_who_waits_is_woken() -> None:
    queue = Queue()
    taken: list[Key] = []
    release = anyio.Event()

    async def work() -> None:
        taken.append(await queue.get())
        await release.wait()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(work)
            await lowlevel.checkpoint()
            for name in ("a", "b", "c", "d"):
                queue.add(Key(name, "local"))
                await lowlevel.checkpoint()
                await lowlevel.checkpoint()
            release.set()

    assert ["a", "b", "c", "d"] == [key.application for key in taken]


async def test_the_earlier_of_two_wishes_holds() -> None:
    queue = Queue()
    queue.add_at(SHOP, at(2))
    queue.add_at(SHOP, at(5))
    queue.add_at(BLOG, None)

    assert at(2) == queue.next_at()
    queue.add_at(SHOP, at(1))
    assert at(1) == queue.next_at()


async def test_keys_become_ready_when_their_time_has_come() -> None:
    queue = Queue()
    queue.add_at(SHOP, at(2))
    queue.due(at(1))
    assert at(2) == next_of(queue)

    queue.due(at(2))

    assert next_of(queue) is None
    assert SHOP == await queue.get()


async def test_a_key_that_is_ready_needs_no_later_turn() -> None:
    queue = Queue()
    queue.add(SHOP)
    queue.add_at(SHOP, at(2))

    assert queue.next_at() is None


def next_of(queue: Queue) -> datetime | None:
    return queue.next_at()


async def test_who_keeps_the_time_sleeps_until_a_key_wants_a_turn_later() -> None:
    queue = Queue()
    woken = anyio.Event()

    async def keep_time() -> None:
        await queue.waiting()
        woken.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keep_time)
        await lowlevel.checkpoint()
        before = woken.is_set()
        queue.add_at(SHOP, at(1))
        with anyio.fail_after(5):
            await woken.wait()

    assert not before
    assert at(1) == queue.next_at()
