"""Decisions of a release, and events."""

from serinus.adapters.kubernetes import decided, objects
from serinus.adapters.kubernetes.objects import Decision
from serinus.core.state.notice import Key, Kind
from tests import builders


def test_the_oldest_decisions_are_let_go() -> None:
    before = decided.told((), [builders.event(f"{n}") for n in range(objects.DECISIONS)])
    after = decided.told(before, [builders.event("new")])

    assert objects.DECISIONS == len(after)
    assert (2, "1") == (after[0].sequence, after[0].sentence)
    assert (objects.DECISIONS + 1, "new") == (after[-1].sequence, after[-1].sentence)


def test_a_decision_is_the_event_that_it_was() -> None:
    event = builders.event("one", application="team/shop", environment="prod")
    (decision,) = decided.told((), [event])

    assert (event,) == decided.events([decision], Key("team/shop", "prod"), 7)


def test_a_decision_of_a_newer_version_is_told_all_the_same() -> None:
    odd = Decision(1, builders.at(1), "weather", "Rain", "It rains.")
    (event,) = decided.events([odd], Key("team/shop", "prod"), 7)

    assert (Kind.RELEASE, "It rains.") == (event.kind, event.sentence)
