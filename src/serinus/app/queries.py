"""
Queries: while a release is in flight, its checks by query are asked, each at its own pace.

Turns of the loop never wait for an answer. A look is a task of its own, which leaves its sample on
the desk and lets the application have a turn; the judge takes it from there. What a source cannot
say is a sample, too: the absence of a number is told, not skipped.

An application has at most :data:`AT_ONCE` questions under way. A check whose last look still waits
is not asked again, so a slow source is asked less often, never more.
"""

from collections.abc import Callable

import anyio
from anyio.abc import TaskGroup

from serinus.app.desk import Desk
from serinus.core.analysis import question
from serinus.core.analysis.question import Answer, Question
from serinus.core.spec import promql
from serinus.core.spec.delivery import QueryCheck
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.core.state.sample import Sample
from serinus.ports import Ports, failures

AT_ONCE = 4
"""Questions of one application that are under way at the same time."""

KEPT = 256
"""Samples of one application that nobody took yet; then the oldest are lost."""

LOOK_S = 1.0
"""How often it is looked at what is due, and how often a check is asked at most."""


class Queries:
    """
    Ask what the releases in flight want to know.

    ``notify`` gives an application a turn: there is something on its desk.
    """

    def __init__(self, ports: Ports, desk: Desk, notify: Callable[[Key], None]) -> None:
        self._ports = ports
        self._desk = desk
        self._notify = notify
        self._releases: dict[Key, Release] = {}
        self._due: dict[Key, dict[str, float]] = {}
        self._waiting: set[tuple[Key, str]] = set()
        self._limits: dict[Key, anyio.CapacityLimiter] = {}
        self._some = anyio.Event()

    def note(self, key: Key, release: Release | None) -> None:
        """Know which release of an application is in flight; None: there is none."""
        before = self._releases.get(key)
        if release is None or not _queries(release):
            self._releases.pop(key, None)
            self._due.pop(key, None)
            return
        if before is None or before.number != release.number:
            self._due[key] = {}
        self._releases[key] = release
        self._some.set()

    async def run(self) -> None:
        """Ask until cancelled."""
        async with anyio.create_task_group() as tasks:
            while True:
                for key in tuple(self._releases):
                    self._start(key, tasks)
                if not self._releases:
                    self._some = anyio.Event()
                    await self._some.wait()
                else:
                    await self._ports.clock.sleep(LOOK_S)

    async def look(self, key: Key) -> None:
        """Ask what is due for one application, and wait for the answers: for who has no loop."""
        async with anyio.create_task_group() as tasks:
            self._start(key, tasks)

    def _start(self, key: Key, tasks: TaskGroup) -> None:
        """Begin a look of each check that is due and does not wait already."""
        release = self._releases.get(key)
        if release is None:
            return
        now = self._ports.clock.now().timestamp()
        due = self._due[key]
        for check in _queries(release):
            pause = max(LOOK_S, check.every_s)
            at = due.get(check.name, now)
            # What is due later than that was planned before the clock was set back.
            if not now < at <= now + pause and (key, check.name) not in self._waiting:
                due[check.name] = now + pause
                self._waiting.add((key, check.name))
                tasks.start_soon(self._look, key, check, release)

    async def _look(self, key: Key, check: QueryCheck, release: Release) -> None:
        at = self._ports.clock.now().timestamp()
        try:
            found = await self._sample(key, check, release, at)
        finally:
            self._waiting.discard((key, check.name))
        now = self._releases.get(key)
        if now is None or now.number != release.number:
            return  # it has ended meanwhile
        samples = self._desk.samples.setdefault(key, [])
        samples.append(found)
        del samples[:-KEPT]
        self._notify(key)

    async def _sample(self, key: Key, check: QueryCheck, release: Release, at: float) -> Sample:
        wrong = promql.wrong(check.query)
        if wrong:
            return Sample(check.name, at, problem=wrong, final=True)
        questions = question.questions(check, release)
        answers: dict[str, Answer] = {}
        limit = self._limits.setdefault(key, anyio.CapacityLimiter(AT_ONCE))

        async def ask(one: Question) -> None:
            async with limit:
                answers[one.arm] = await self._ask(key, check.source, one, at)

        async with anyio.create_task_group() as tasks:
            for one in questions:
                tasks.start_soon(ask, one)
        return question.sample(check.name, at, answers)

    async def _ask(self, key: Key, source: str, asked: Question, at: float) -> Answer:
        try:
            found = self._ports.metrics.source(key.environment, source)
            return question.number(await found.instant(asked.query, at))
        except failures.PortFailure as problem:
            return Answer(problem=str(problem), final=isinstance(problem, failures.Rejected))


def _queries(release: Release) -> list[QueryCheck]:
    return [check for check in release.delivery.looks if isinstance(check, QueryCheck)]
