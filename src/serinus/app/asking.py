"""
Asking at gates, beside the turns of the loop: a turn never waits for somebody else's answer.

What a plan asks stands on the desk. One question at a time is asked for each application, in the
background; an answer causes a turn, in which the planner sees it. An answer that is not final is
asked for again after the time that the plan names; a failure is tried three times before it counts
as an answer. A question that no plan asks any more is dropped, and so is its answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import anyio
import anyio.abc
import structlog

from serinus.app.desk import Desk
from serinus.core.planner.plan import Ask
from serinus.core.state.gates import GateAnswer, Opening
from serinus.core.state.notice import Key
from serinus.ports import Ports

PAUSES_S = (1.0, 3.0)
"""How long to wait after a failure: so many times it is tried again."""

SOONEST_S = 1.0
"""Nobody is asked the same more often than this, whatever a plan says."""

_FINAL = frozenset({Opening.OPEN, Opening.REFUSED})

log = structlog.get_logger()


async def ask(question: Ask, ports: Ports) -> GateAnswer:
    """Ask one question; an error is the answer when it came every time."""
    if ports.gate is None:
        now = ports.clock.now()
        return GateAnswer(question.question.id, Opening.ERROR, now, "there are no gates here")
    for pause in PAUSES_S:
        answer = await ports.gate.ask(question.question)
        if answer.opening is not Opening.ERROR:
            return answer
        await ports.clock.sleep(pause)
    return await ports.gate.ask(question.question)


@dataclass(slots=True)
class _Watch:
    """What is under way for one application: ``asking`` is empty while nobody is asked."""

    asked: frozenset[str]
    asking: str = ""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


class Asking:
    """Ask what is on the desk, until cancelled; ``notify`` causes a turn."""

    def __init__(self, ports: Ports, desk: Desk, notify: Callable[[Key], None]) -> None:
        self._ports = ports
        self._desk = desk
        self._notify = notify
        self._tasks: anyio.abc.TaskGroup | None = None
        self._watches: dict[Key, _Watch] = {}

    async def run(self) -> None:
        """Hold the tasks that ask."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            await anyio.sleep_forever()

    def follow(self, key: Key) -> None:
        """Begin what is asked, and drop what is not any more: to be called after each turn."""
        asked = self._desk.questions.get(key, {})
        watch = self._watches.get(key)
        if watch is not None:
            gone = watch.asking and watch.asking not in asked
            changed = not watch.asking and watch.asked != asked.keys()
            if gone or changed:
                watch.scope.cancel()
        elif self._tasks is not None and self._open(key):
            self._watches[key] = _Watch(frozenset(asked))
            self._tasks.start_soon(self._work, key)

    async def _work(self, key: Key) -> None:
        """Ask whatever is due, one after the other, until nothing is open any more."""
        due: dict[str, datetime] = {}
        try:
            while questions := self._open(key):
                now = self._ports.clock.now()
                question = min(questions, key=lambda q: due.get(q.question.id, now))
                identity = question.question.id
                watch = _Watch(frozenset(self._desk.questions.get(key, {})))
                self._watches[key] = watch
                with watch.scope:
                    await self._wait(due.get(identity, now))
                    watch.asking = identity
                    self._put(key, await ask(question, self._ports))
                    pause = max(SOONEST_S, question.every_s)
                    due[identity] = self._ports.clock.now() + timedelta(seconds=pause)
        finally:
            del self._watches[key]

    async def _wait(self, until: datetime) -> None:
        left = (until - self._ports.clock.now()).total_seconds()
        if left > 0:
            await self._ports.clock.sleep(left)

    def _put(self, key: Key, answer: GateAnswer) -> None:
        """Put an answer on the desk, if its question is still there."""
        if answer.question not in self._desk.questions.get(key, {}):
            return
        if answer.opening is Opening.ERROR:
            log.warning("gate failed", application=str(key), problem=answer.sentence)
        self._desk.answers.setdefault(key, {})[answer.question] = answer
        self._notify(key)

    def _open(self, key: Key) -> list[Ask]:
        """Return the questions that have no final answer."""
        answers = self._desk.answers.get(key, {})
        return [
            question
            for identity, question in self._desk.questions.get(key, {}).items()
            if identity not in answers or answers[identity].opening not in _FINAL
        ]
