import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from serinus.app import messages
from serinus.core.spec.topics import Topic
from serinus.core.state.command import Command
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase
from serinus.ports.notifier import Message
from tests import builders

FILMS = sorted((Path(__file__).parent.parent / "films" / "__snapshots__").glob("*/*.txt"))
LINE = re.compile(r"\S+ +(?P<kind>\w+) +(?P<reason>\w+) +\S+ % +(?P<sentence>.*)")


def film(path: Path) -> Iterator[tuple[str, Topic | None]]:
    """The reasons of a film's events, and what each is told as."""
    for found in map(LINE.fullmatch, path.read_text().splitlines()):
        if found:
            event = builders.event(
                found["sentence"], kind=Kind(found["kind"]), reason=found["reason"]
            )
            yield event.reason, messages.topic(event)


TOLD = [
    (Kind.RETREAT, "Alarm", "Taken back to 0 % from 5 %: errors 12 %.", Topic.RETREAT),
    (Kind.RETREAT, "ProbeFailed", "The trial failed: errors 9 %.", Topic.RETREAT),
    (Kind.RETREAT, "NoData", "Held at 0: no data for 10m.", Topic.HOLD),
    (Kind.VERDICT, "SloViolated", "Holding at 5 %: errors 3 %.", Topic.HOLD),
    (Kind.RESULT, "ProbesFailed", "Rolled back: errors 12 %.", Topic.ROLLBACK),
    (Kind.RESULT, "CrashLoop", "Switched back: replica 3 crashed.", Topic.ROLLBACK),
    (Kind.RESULT, "Rejected", "Rejected by bob: not on a Friday.", Topic.ROLLBACK),
    (Kind.RESULT, "Rejected", "v2 failed to start: no such command.", Topic.FAILURE),
    (Kind.RESULT, "Succeeded", "v2 serves everybody after 20m48s.", Topic.SUCCESS),
    (Kind.RESULT, "Concluded", "The test is over.", Topic.SUCCESS),
    (Kind.STEP, "ApprovalNeeded", "Waiting for 1 approval before 25 %.", Topic.APPROVAL),
    (Kind.STEP, "StepStarted", "Step 2 of 5: 5 % of the traffic.", None),
    (Kind.RETREAT, "ProbeStarted", "Probe 1: 1 % of the traffic.", None),
    (Kind.RESULT, "RolledBack", "v1 serves everybody again.", None),
    (Kind.RESULT, "Settled", "Settled. The old replicas stop.", None),
    (Kind.INTENT, "Done", "Rolled back by ada.", None),
]


@pytest.mark.parametrize(("kind", "reason", "sentence", "expected"), TOLD)
def test_an_event_is_told_as(
    kind: Kind, reason: str, sentence: str, expected: Topic | None
) -> None:
    assert expected is messages.topic(builders.event(sentence, kind=kind, reason=reason))


@pytest.mark.parametrize("path", FILMS, ids=lambda path: path.stem)
def test_every_end_in_every_film_is_told_once(path: Path) -> None:
    told = list(film(path))
    reasons = [reason for reason, _ in told]
    topics = [topic for _, topic in told]

    assert reasons.count("RolledBack") == topics.count(Topic.ROLLBACK)
    good = reasons.count("Succeeded") + reasons.count("Concluded")
    assert good == topics.count(Topic.SUCCESS)
    assert reasons.count("Alarm") <= topics.count(Topic.RETREAT)
    assert reasons.count("ApprovalNeeded") == topics.count(Topic.APPROVAL)
    assert "" == "".join(reason for reason, topic in told if topic and reason == "StepStarted")


def test_a_message_has_the_sentence_the_numbers_and_what_to_type() -> None:
    event = builders.event("Held at 0: errors 12 %.", kind=Kind.RETREAT, reason="Undecided")
    release = builders.release(phase=Phase.HELD, sentence="Held at 0: errors 12 %.")
    commands = (
        Command("retry", "shop"),
        Command("promote", "shop", "-m REASON"),
        Command("rollback", "shop"),
    )

    assert Message(
        title="shop v1 → v2 (local #7): held, a person is needed",
        body="Held at 0: errors 12 %.\n"
        "4,900 requests met v2, 12 of them bad; it had 25 % at most.\n"
        "> serinus retry shop\n"
        "> serinus promote shop -m REASON\n"
        "> serinus rollback shop",
        severity="warning",
    ) == messages.message(event, release, builders.reading(requests=4900, bad=12), commands)


def test_a_message_that_comes_late_says_how_it_is_now() -> None:
    event = builders.event("Taken back to 0 % from 5 %: errors 12 %.", kind=Kind.RETREAT)
    release = builders.ended(Phase.ROLLED_BACK)
    found = messages.message(event, release, builders.reading(requests=1))

    assert found is not None
    assert "Since then: Rolled back: errors 4.8 % against 0.2 % on stable." in found.body
    assert "4,812 requests met v2, 9 of them bad" in found.body


def test_a_first_release_and_one_without_traffic_have_fewer_words() -> None:
    event = builders.event("v1 failed to start: no such command.", kind=Kind.RESULT)
    release = builders.release(
        1, version="v1", stable=None, stable_version="", max_share=0, exposed=0, sentence=""
    )
    found = messages.message(event, release, None)

    assert found == Message(
        "shop v1 (local #1): failed to start",
        "v1 failed to start: no such command.\nNo request met v1.",
        "failure",
    )


def test_an_event_without_a_release_is_told_by_its_sentence() -> None:
    event = builders.event("Holding at 5 %: frozen.", release=None)
    found = messages.message(event, None, None)

    assert Message("shop (local): held, a person is needed", event.sentence, "warning") == found


def test_what_only_those_who_watch_need_to_see_is_no_message() -> None:
    assert messages.message(builders.event(), builders.release(), None) is None


def test_many_messages_are_one() -> None:
    event = builders.event("Taken back to 0 % from 5 %.")

    assert Message(
        "shop: and 12 more",
        "And 12 messages more about shop; the last one: Taken back to 0 % from 5 %.\n"
        "> serinus explain shop",
        "warning",
    ) == messages.more(event, 12)


def test_a_test_says_that_it_is_one() -> None:
    assert "This is a test" in messages.trial().body
