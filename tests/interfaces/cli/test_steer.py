from collections.abc import Iterator

import anyio
import pytest

from serinus.adapters.local.store import Store
from serinus.boot import home
from serinus.core.state.intent import Answer
from serinus.interfaces.cli.trouble import Code
from tests import builders
from tests.builders import SHOP
from tests.interfaces.cli.conftest import Cli

VERBS = ["pause", "resume", "next", "rollback", "retry", "approve", "reject"]


class Answering:
    """A clock whose sleep gives the controller its turn."""

    def __init__(self, store: Store, *, done: bool, sentence: str) -> None:
        self.store, self.done, self.sentence = store, done, sentence

    def now(self) -> object:
        return builders.at(3)

    async def sleep(self, _: float) -> None:
        status = await self.store.status(SHOP)
        assert status is not None
        answers = [
            Answer(intent.id, done=self.done, sentence=self.sentence)
            for intent in await self.store.intents(SHOP)
        ]
        await self.store.record(status, answers=answers)


@pytest.fixture
def willing(filled: Store, controller: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    answering = Answering(filled, done=True, sentence="paused at 25 %.")
    monkeypatch.setattr(home, "clock", lambda: answering)
    monkeypatch.setattr(home, "owner", lambda: "grace")
    return iter([filled])


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_leaves_its_wish_and_prints_the_answer(
    cli: Cli, willing: Iterator[Store], verb: str
) -> None:
    store = next(willing)

    assert (Code.OK, "shop: Paused at 25 %.\n", "") == cli(
        f"{verb} shop -m lunch --expect-step 3 --expect-release 7"
    )
    ((body,),) = store.database.rows("SELECT body FROM intent")
    assert f'"verb":"{verb}"'.encode() in body
    assert b'"actor":"grace"' in body
    assert b'"reason":"lunch","expect_release":7,"expect_step":3' in body


def test_promote_needs_a_reason(cli: Cli, willing: Iterator[Store]) -> None:
    code, out, err = cli("promote shop")

    assert (Code.USAGE, "") == (code, out)
    assert "--reason" in err
    assert "try:   serinus promote --help" in err
    assert Code.OK == cli("promote shop -m urgent")[0]


def test_an_actor_can_be_named(
    cli: Cli, willing: Iterator[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = next(willing)
    cli("pause shop --actor ada")
    monkeypatch.setenv("SERINUS_ACTOR", "ci")
    cli("pause shop")

    bodies = [body for (body,) in store.database.rows("SELECT body FROM intent")]
    assert [b'"actor":"ada"' in bodies[0], b'"actor":"ci"' in bodies[1]] == [True, True]


def test_a_refusal_has_its_reason_and_its_exit_code(
    cli: Cli, filled: Store, controller: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = Answering(
        filled, done=False, sentence="the step is now 4 of 4; you were looking at 3."
    )
    monkeypatch.setattr(home, "clock", lambda: answering)

    code, out, err = cli("next shop --expect-step 3")
    assert (Code.REFUSED, "") == (code, out)
    assert [
        "error: next of shop is refused",
        "why:   The step is now 4 of 4; you were looking at 3.",
        "try:   serinus explain shop",
    ] == err.splitlines()


@pytest.mark.usefixtures("filled")
def test_without_a_controller_nothing_is_left(cli: Cli, filled: Store) -> None:
    code, _, err = cli("pause shop")

    assert Code.ERROR == code
    assert "the controller is not running" in err
    assert "the wish is not kept" in err
    assert "try:   serinus up\n" in err
    assert () == anyio.run(filled.intents, SHOP)


@pytest.mark.usefixtures("filled", "controller")
def test_a_controller_that_does_not_answer_is_told_and_the_wish_is_kept(
    cli: Cli, filled: Store
) -> None:
    code, _, err = cli("pause shop")

    assert Code.ERROR == code
    assert "the controller has not answered within 10 s; the wish is kept" in err
    assert 1 == len(anyio.run(filled.intents, SHOP))


@pytest.mark.usefixtures("willing")
def test_answers_are_read_by_programs_too(cli: Cli) -> None:
    code, out, _ = cli("pause shop -o json")

    assert Code.OK == code
    assert '"done": true' in out
    assert "" == cli("pause shop --quiet")[1]
