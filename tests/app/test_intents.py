import pytest

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Store
from serinus.app import intents
from serinus.app.intents import Wish
from serinus.core.state.command import Command
from serinus.core.state.intent import Answer, Verb
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import failures
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


class Answering(Clock):
    """A controller that answers while the asker sleeps."""

    def __init__(self, store: Store, answer: str) -> None:
        super().__init__()
        self.store, self.answer = store, answer

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        status = await self.store.status(SHOP) or Status(key=SHOP)
        answers = [
            Answer(intent.id, done=True, sentence=self.answer)
            for intent in await self.store.intents(SHOP)
        ]
        await self.store.record(status, answers=answers)


@pytest.fixture
async def store() -> Store:
    store = Store()
    await store.record(builders.status())
    return store


def wish(verb: Verb = Verb.PAUSE, **given: object) -> Wish:
    return Wish(**{"key": SHOP, "verb": verb, "actor": "ada", **given})  # type: ignore[arg-type]  # any field of it


async def test_a_wish_is_left_whole_and_its_answer_comes_back(store: Store) -> None:
    asked = wish(reason="lunch", expect_release=7, expect_step=3, id="wish-1")
    answer = await intents.ask(
        asked, store, Answering(store, "paused at 25 %."), alive=lambda: True
    )

    assert Answer("wish-1", done=True, sentence="paused at 25 %.") == answer
    left = store._intents["wish-1"]
    assert ("pause", "ada", "lunch", 7, 3) == (
        left.verb,
        left.actor,
        left.reason,
        left.expect_release,
        left.expect_step,
    )


async def test_the_same_wish_again_gets_the_same_answer(store: Store) -> None:
    first = await intents.ask(wish(id="a"), store, Answering(store, "paused."), alive=lambda: True)
    again = await intents.ask(
        wish(id="a"), store, Answering(store, "something else."), alive=lambda: True
    )

    assert first == again


async def test_two_wishes_without_an_id_are_two(store: Store) -> None:
    for _ in range(2):
        await intents.ask(wish(), store, Answering(store, "done."), alive=lambda: True)

    assert 2 == len(store._intents)


async def test_nothing_is_left_where_no_controller_runs(store: Store) -> None:
    with pytest.raises(failures.Unavailable, match="the wish is not kept") as refusal:
        await intents.ask(wish(), store, Clock(), alive=lambda: False)

    assert "serinus up" == refusal.value.hint
    assert () == await store.intents(SHOP)


async def test_a_wish_without_an_answer_is_kept(store: Store) -> None:
    with pytest.raises(failures.Unavailable, match="not answered within 10 s; the wish is kept"):
        await intents.ask(wish(), store, Clock(), alive=lambda: True)

    assert 1 == len(await store.intents(SHOP))


async def test_an_unknown_application_is_refused_with_the_known_ones(store: Store) -> None:
    with pytest.raises(failures.Missing, match="no application 'shpo'") as refusal:
        await intents.ask(wish(key=Key("shpo", "local")), store, Clock(), alive=lambda: True)

    assert "known: shop" == refusal.value.why


async def test_where_there_are_no_applications_the_first_one_is_suggested() -> None:
    with pytest.raises(failures.Missing) as refusal:
        await intents.ask(wish(), Store(), Clock(), alive=lambda: True)

    assert "there are no applications at all" == refusal.value.why
    assert (Command("deploy", rest="-f app.yaml"),) == refusal.value.next


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (wish(Verb.PROMOTE), "needs a reason"),
        (wish(Verb.PROMOTE, reason="  "), "needs a reason"),
        (wish(actor=" "), "nobody asked"),
    ],
)
async def test_what_is_not_complete_is_refused_and_not_left(
    store: Store, asked: Wish, sentence: str
) -> None:
    answer = await intents.ask(asked, store, Clock(), alive=lambda: True)

    assert not answer.done
    assert sentence in answer.sentence
    assert () == await store.intents(SHOP)
