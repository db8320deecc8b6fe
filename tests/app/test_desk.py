from serinus.app.desk import Desk
from serinus.app.watch import Watch
from serinus.core.planner.plan import Ask
from serinus.core.state.counts import Scrape
from serinus.core.state.gates import GateAnswer, Opening
from serinus.core.state.notice import Key
from serinus.ports.store import Asked
from tests.adapters.gates import asked
from tests.builders import NOON, SHOP


def test_a_new_desk_is_empty() -> None:
    desk = Desk()

    assert ({}, "", {}, {}, {}) == (
        desk.scrapes,
        desk.blind,
        desk.rejected,
        desk.watches,
        desk.asked,
    )


def test_one_application_is_forgotten_and_the_others_are_not() -> None:
    desk, blog = Desk(), Key("blog", "local")
    for key in (SHOP, blog):
        desk.scrapes[key] = Scrape(1.0, {})
        desk.rejected[key] = "no port is free"
        desk.watches[key] = Watch()
        desk.asked[key] = Asked()

    desk.forget(SHOP)
    desk.forget(SHOP)

    assert [blog] * 4 == [
        next(iter(memory))
        for memory in (desk.scrapes, desk.rejected, desk.watches, desk.asked)
        if len(memory) == 1
    ]


def test_answers_to_questions_that_are_not_asked_any_more_are_forgotten() -> None:
    desk = Desk()
    questions = {
        identity: Ask(asked.question("https://gate.example", id=identity), 10.0)
        for identity in ("a", "b")
    }
    desk.ask(SHOP, questions)
    desk.answers[SHOP] = {
        identity: GateAnswer(identity, Opening.WAIT, NOON) for identity in questions
    }
    desk.ask(SHOP, {"b": questions["b"]})
    kept = dict(desk.answers[SHOP])
    desk.ask(SHOP, {})

    assert ["b"] == list(kept)
    assert ({}, {}) == (desk.questions, desk.answers)
