"""A clock for several tasks: whoever sleeps wakes when the test has moved it far enough."""

import anyio
import anyio.lowlevel

from serinus.adapters.memory import clock as memory


class Shared(memory.Clock):
    """Time goes on only by :meth:`pass_s`, in steps, so that everybody acts at their moment."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[float, anyio.Event]] = []

    def steady(self) -> float:
        return (self.now() - memory.START).total_seconds()

    async def sleep(self, seconds: float) -> None:
        woken = anyio.Event()
        self._sleepers.append((self.steady() + seconds, woken))
        await woken.wait()

    async def pass_s(self, seconds: float) -> None:
        """Let time pass, and let everybody do what is then to be done."""
        end = self.steady() + seconds
        await settled()
        while due := [at for at, _ in self._sleepers if at <= end]:
            self.move(max(0.0, min(due) - self.steady()))
            awake = [one for one in self._sleepers if one[0] <= self.steady()]
            self._sleepers = [one for one in self._sleepers if one not in awake]
            for _, woken in awake:
                woken.set()
            await settled()
        self.move(end - self.steady())


async def settled() -> None:
    """Let all tasks go on until each of them waits; a few dozen turns are enough for that."""
    for _ in range(50):
        await anyio.lowlevel.checkpoint()
