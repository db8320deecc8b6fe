"""
Which of several controllers of a cluster works: the one that holds the Lease.

::

    stand by ──▶ lead: the controller runs ──▶ told to end: give the Lease back
        ▲                     │
        └──── the Lease is lost: the controller is ended within its deadline

One that stands by needs hardly anything: what there is is listed when its turn comes.
"""

import signal
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext

import anyio
import structlog

from serinus.adapters.kubernetes import lease
from serinus.adapters.kubernetes.lease import Lease
from serinus.adapters.local.clock import Clock
from serinus.app.loop import Loop
from serinus.app.turns import Turns
from serinus.boot import cluster, groups, notices
from serinus.boot.vitals import Vitals
from serinus.core.state.notice import Event
from serinus.ports import Ports, failures

NAME = "serinus-controller"
"""The name of the Lease."""

STILL_S = 60.0
"""A loop that does not come round for so long stands still."""

BEAT_S = 5.0
PHASES_S = 60.0
AGAIN_S = 2.0

log = structlog.get_logger()


Beside = Callable[[cluster.Opened, Ports], AbstractAsyncContextManager[None]]


class Standing:
    """
    How a controller stands, for those who ask from other threads.

    ``alive`` and ``ready`` return whether that is so, with a sentence; ``metrics`` the own numbers.
    """

    def __init__(self, held: Lease, asked: Callable[[], dict[tuple[str, str], int]]) -> None:
        self._lease = held
        self._beat = time.monotonic()
        self._loop: Loop | None = None
        self._phases: tuple[str, ...] = ()
        self.vitals = Vitals(self._turns, self._shown, asked)

    def began(self, loop: Loop | None) -> None:
        """Note that the controller runs, or (None) that it has ended."""
        self._loop = loop
        self.vitals.leading = loop is not None

    def beat(self, phases: Iterable[str]) -> None:
        """Note that the loop came round, and what the releases do."""
        self._beat = time.monotonic()
        self._phases = tuple(phases)

    def alive(self) -> tuple[bool, str]:
        """Tell whether the loop comes round."""
        still = time.monotonic() - self._beat
        if still > STILL_S:
            return False, f"the loop stands still for {still:.0f} s"
        return True, "the loop comes round"

    def ready(self) -> tuple[bool, str]:
        """Tell whether it works, or stands by to take over."""
        if self._loop is not None:
            return True, f"{self._lease.identity} works"
        if self._lease.problem:
            return False, f"the API server cannot be asked: {self._lease.problem}"
        holder = self._lease.holder
        return True, f"stands by; {holder} works" if holder else "stands by"

    def _turns(self) -> Turns:
        return Turns() if self._loop is None else self._loop.turns

    def _shown(self) -> tuple[str, ...]:
        return self._phases


async def run(
    settings: cluster.Settings,
    system: str,
    *,
    standing: Callable[[Standing], None] = lambda _: None,
    ready: Callable[[str], None] = lambda _: None,
    told: Callable[[Event], None] | None = None,
    beside: Beside = lambda _opened, _ports: nullcontext(),
) -> None:
    """
    Stand by and work until SIGINT or SIGTERM, which leave everything serving.

    ``system``: the namespace of the Lease. ``standing`` is called once, ``ready`` with a sentence
    each time that the controller begins to work, ``told`` with each event from then on; what is
    ``beside`` it runs while it works.
    """
    async with cluster.opened(settings) as opened:
        held = Lease(opened.client, Clock(), system, NAME, identity=lease.identity())
        stands = Standing(held, lambda: dict(opened.client.requests))
        standing(stands)

        async def work() -> None:
            async with (
                opened.controller() as (ports, loop),
                beside(opened, ports),
                anyio.create_task_group() as tasks,
            ):
                stands.began(loop)
                ready(f"{opened.address}: the controller works; its Lease is {system}/{NAME}.")
                try:
                    if told is not None:
                        tasks.start_soon(notices.show, ports, loop.turns, told)
                    await _beats(ports, stands)
                finally:
                    stands.began(None)
                    tasks.cancel_scope.cancel()

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_lead, held, work)
                tasks.start_soon(_idle, stands)
                with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
                    async for _signal in signals:
                        tasks.cancel_scope.cancel()
                        return
        except BaseExceptionGroup as group:
            raise groups.only(group) from None


async def _lead(held: Lease, work: Callable[[], Awaitable[None]]) -> None:
    """Work whenever it is our turn. An API server that is away ends a turn, and no controller."""
    while True:
        try:
            await held.lead(work)
        except BaseExceptionGroup as group:
            problem = groups.only(group)
            if not isinstance(problem, failures.Unavailable):
                raise problem from None
            log.warning("the controller stops for now", problem=str(problem), why=problem.why)
            await anyio.sleep(AGAIN_S)


async def _beats(ports: Ports, stands: Standing) -> None:
    """Note every few seconds that the loop comes round, and now and then what the releases do."""
    phases: tuple[str, ...] = ()
    rest_s = 0.0
    while True:
        if rest_s <= 0.0:
            keys = await ports.store.keys()
            found = [await ports.store.status(key) for key in keys]
            releases = [status.release for status in found if status is not None]
            phases = tuple(str(one.progress.phase) for one in releases if one is not None)
            # A look at five thousand of them takes a while.
            rest_s = PHASES_S + len(keys) / 50
        stands.beat(phases)
        await anyio.sleep(BEAT_S)
        rest_s -= BEAT_S


async def _idle(stands: Standing) -> None:
    """Note every few seconds that one that stands by comes round."""
    while True:
        if stands.ready()[0] and not stands.vitals.leading:
            stands.beat(())
        await anyio.sleep(BEAT_S)
