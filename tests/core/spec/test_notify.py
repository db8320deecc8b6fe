from serinus.core.spec import notify, review
from serinus.core.spec.notify import Notify
from serinus.core.spec.topics import ALL, Topic
from tests.core.spec import documents


def wrong(*places: object) -> list[str]:
    _, problems = review.document(documents.environment({"notify": list(places)}))
    return [str(problem) for problem in problems]


def test_a_place_wants_everything_or_what_it_says() -> None:
    places = [Notify("on-call", on=["hold", "approval"]), Notify("chat")]

    assert {
        "on-call": frozenset({Topic.HOLD, Topic.APPROVAL}),
        "chat": ALL,
    } == notify.wishes(places)
    assert {} == notify.wishes(None)


def test_places_are_written_in_an_environment() -> None:
    assert [] == wrong({"to": "on-call", "on": ["rollback"]}, {"to": "chat"})


def test_everything_that_is_wrong_with_places_is_told_at_once() -> None:
    assert [
        "spec.notify[0].on[1]: unknown kind of news 'rolback'; did you mean 'rollback'?",
        "spec.notify[1].on: it names nothing; without 'on' everything is told",
        "spec.notify[2].to: 'chat' is told already; say all of it in one place",
    ] == wrong(
        {"to": "on-call", "on": ["hold", "rolback"]},
        {"to": "chat", "on": []},
        {"to": "chat"},
    )


def test_an_unknown_kind_of_news_lists_the_known_ones() -> None:
    (problem,) = wrong({"to": "chat", "on": ["xyz"]})

    assert "known: approval, failure, hold, retreat, rollback, success" in problem


def test_an_address_is_no_name_and_is_not_repeated() -> None:
    (problem,) = wrong({"to": "slack://token"})

    assert (
        "spec.notify[0].to: this is not the name of a secret; wanted one such as on-call, "
        "which holds the address of the place" == problem
    )


def test_a_place_has_no_other_fields() -> None:
    (problem,) = wrong({"to": "chat", "url": "slack://token"})

    assert "spec.notify[0]" in problem
    assert "url" in problem
