"""A replay as lines of text."""

from serinus.core.spec.delivery import TrafficStep
from serinus.core.spec.wayback import RetreatPolicy
from serinus.interfaces.cli import replays
from serinus.lab import replay
from tests.lab.recordings import canary, drawn


def text(found: replay.Replayed) -> str:
    return "\n".join(f"{label:<10}{line.plain}" for label, line in replays.lines(found))


def test_a_promotion_says_whether_it_was_verified() -> None:
    found = text(replay.play(canary(50, hold_s=60), drawn(errors=0.001)))

    assert "Promoted after 1m" in found
    assert "not verified" in found


def test_what_the_judge_saw_stands_beside_what_the_policy_would_have_sent() -> None:
    found = text(replay.play(canary(500, hold_s=600), drawn(((0.01, 300.0),), errors=0.001)))

    assert "requests were judged" in found
    assert "with the policy's shares 14," in found


def test_a_bad_release_that_is_let_through_shows_its_evidence() -> None:
    lame = canary(steps=(TrafficStep(50),), retreat=RetreatPolicy(alarm=1e300))

    assert "evidence  errors: 3:1 after" in text(replay.play(lame, drawn(errors=0.3)))


def test_what_serinus_did_not_release_is_said() -> None:
    found = text(replay.play(canary(50), drawn(delivery=None)))

    assert "not released by Serinus" in found
