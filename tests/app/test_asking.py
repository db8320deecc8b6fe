"""Gates are asked beside the turns: one question at a time, in peace, and only while asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from serinus.app import act, asking
from serinus.app.asking import Asking
from serinus.app.desk import Desk
from serinus.core.planner.plan import Action, Ask
from serinus.core.state.gates import GateAnswer, Opening, Question
from serinus.core.state.notice import Key
from serinus.ports import Ports
from tests.adapters.gates import asked
from tests.app.test_loop_rest import Clock, settle
from tests.app.workbench import Bench
from tests.builders import SHOP

BLOG = Key("blog", "local")


class Gate:
    """A gate with its answers written down; the last one is for good. It takes ``takes_s``."""

    def __init__(self, clock: Clock, *answers: Opening, takes_s: float = 0.0) -> None:
        self.clock, self.answers, self.takes_s = clock, list(answers), takes_s
        self.asked: list[tuple[float, str]] = []
        self.busy = self.most = 0

    async def ask(self, question: Question) -> GateAnswer:
        seconds = (self.clock.now() - self.began).total_seconds()
        self.asked.append((seconds, question.id))
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            if self.takes_s:
                await self.clock.sleep(self.takes_s)
        finally:
            self.busy -= 1
        opening = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return GateAnswer(question.id, opening, self.clock.now(), "so it is")

    def start(self) -> None:
        self.began = self.clock.now()


class World:
    """A desk, a gate, and turns that only carry out what a test plans."""

    def __init__(self, *answers: Opening, takes_s: float = 0.0) -> None:
        bench = Bench()
        self.clock = Clock()
        self.gate = Gate(self.clock, *answers, takes_s=takes_s)
        self.gate.start()
        self.ports = Ports(bench.platform, bench.router, bench.store, self.clock, gate=self.gate)
        self.desk = Desk()
        self.told: list[Key] = []
        self.asking = Asking(self.ports, self.desk, self.told.append)

    async def turn(self, *actions: Action, key: Key = SHOP) -> None:
        """Carry a plan out, as a turn of the loop does, and let everybody go on."""
        await act.act(key, actions, self.ports, self.desk)
        self.asking.follow(key)
        await settle()

    def answers(self, key: Key = SHOP) -> dict[str, Opening]:
        found = self.desk.answers.get(key, {})
        return {identity: answer.opening for identity, answer in found.items()}


@asynccontextmanager
async def world(*answers: Opening, takes_s: float = 0.0) -> AsyncIterator[World]:
    made = World(*answers, takes_s=takes_s)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(made.asking.run)
        await settle()
        yield made
        tasks.cancel_scope.cancel()


def question(identity: str = "q", every_s: float = 10.0) -> Ask:
    return Ask(asked.question("https://gate.example", id=identity), every_s)


async def test_an_answer_comes_to_the_desk_and_causes_a_turn() -> None:
    async with world(Opening.OPEN) as here:
        await here.turn(question())

        assert {"q": Opening.OPEN} == here.answers()
        assert [SHOP] == here.told


async def test_a_turn_does_not_wait_for_the_answer() -> None:
    async with world(Opening.OPEN, takes_s=9.0) as here:
        await here.turn(question())
        before = here.answers()
        await here.clock.run(9.0)

        assert ({}, {"q": Opening.OPEN}) == (before, here.answers())


async def test_a_final_answer_is_not_asked_for_again() -> None:
    for opening in (Opening.OPEN, Opening.REFUSED):
        async with world(opening) as here:
            for _ in range(3):
                await here.turn(question())
                await here.turn(question())

        assert [(0.0, "q")] == here.gate.asked


async def test_an_answer_that_is_not_final_is_asked_for_again_in_peace() -> None:
    async with world(Opening.WAIT, Opening.WAIT, Opening.OPEN) as here:
        await here.turn(question(every_s=30.0))
        for _ in range(10):
            await here.turn(question(every_s=30.0))
        await here.clock.run(100.0)

    assert [0.0, 30.0, 60.0] == [at for at, _ in here.gate.asked]


async def test_nobody_is_asked_more_than_once_a_second() -> None:
    async with world(Opening.WAIT) as here:
        await here.turn(question(every_s=0.0))
        await here.clock.run(3.5)

    assert [0.0, 1.0, 2.0, 3.0] == [at for at, _ in here.gate.asked]


async def test_a_failure_counts_when_it_came_three_times() -> None:
    async with world(Opening.ERROR) as here:
        await here.turn(question())
        await here.clock.run(3.9)
        before = here.answers()
        await here.clock.run(0.2)

        assert ({}, {"q": Opening.ERROR}) == (before, here.answers())
        assert [0.0, 1.0, 4.0] == [at for at, _ in here.gate.asked]


async def test_a_failure_that_passes_is_not_told() -> None:
    async with world(Opening.ERROR, Opening.ERROR, Opening.OPEN) as here:
        await here.turn(question())
        await here.clock.run(5.0)

        assert [SHOP] == here.told
        assert {"q": Opening.OPEN} == here.answers()


async def test_a_gate_that_failed_is_asked_again() -> None:
    async with world(*[Opening.ERROR] * 3, Opening.OPEN) as here:
        await here.turn(question(every_s=20.0))
        await here.clock.run(25.0)

        assert {"q": Opening.OPEN} == here.answers()
        assert [SHOP, SHOP] == here.told


async def test_one_question_at_a_time_is_asked_for_an_application() -> None:
    async with world(Opening.OPEN, takes_s=2.0) as here:
        await here.turn(question("a"), question("b"))
        await here.clock.run(1.0)
        await here.turn(question("a"), question("b"))
        await here.clock.run(5.0)

        assert [(0.0, "a"), (2.0, "b")] == here.gate.asked
        assert 1 == here.gate.most
        assert {"a": Opening.OPEN, "b": Opening.OPEN} == here.answers()


async def test_applications_do_not_wait_for_each_other() -> None:
    async with world(Opening.OPEN, takes_s=2.0) as here:
        await here.turn(question("a"))
        await here.turn(question("b"), key=BLOG)

        assert 2 == here.gate.most


async def test_a_question_that_is_not_asked_any_more_is_dropped_with_its_answer() -> None:
    async with world(Opening.WAIT) as here:
        await here.turn(question())
        await here.turn()
        await here.clock.run(60.0)

        assert [(0.0, "q")] == here.gate.asked
        assert {} == here.answers()
        assert {} == here.desk.questions


async def test_an_answer_that_comes_too_late_is_dropped() -> None:
    async with world(Opening.OPEN, takes_s=5.0) as here:
        await here.turn(question())
        await here.turn()
        await here.clock.run(10.0)

        assert ({}, []) == (here.answers(), here.told)
        assert 0 == here.gate.busy


async def test_a_new_question_does_not_wait_for_the_peace_of_an_old_one() -> None:
    async with world(Opening.WAIT) as here:
        await here.turn(question("a", every_s=600.0))
        await here.clock.run(1.0)
        await here.turn(question("a", every_s=600.0), question("b", every_s=600.0))
        await here.clock.run(1.0)

    assert [(0.0, "a"), (1.0, "b")] == here.gate.asked


async def test_a_question_that_comes_back_is_asked_anew() -> None:
    async with world(Opening.REFUSED) as here:
        await here.turn(question())
        await here.turn()
        await here.turn(question())

    assert 2 == len(here.gate.asked)


async def test_where_there_are_no_gates_the_answer_is_an_error() -> None:
    here = World(Opening.OPEN)
    ports = Ports(here.ports.platform, here.ports.router, here.ports.store, here.clock)
    found = await asking.ask(question(), ports)

    assert (Opening.ERROR, "there are no gates here") == (found.opening, found.sentence)
