from datetime import UTC, datetime

import msgspec

from serinus.adapters.kubernetes import objects
from serinus.core.state.intent import Verb

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_what_is_kept_is_written_in_the_words_of_kubernetes() -> None:
    spec = objects.IntentSpec("shop", Verb.PAUSE, "ana", expect_release=7)

    assert {
        "application": "shop",
        "verb": "pause",
        "actor": "ana",
        "expectRelease": 7,
    } == msgspec.to_builtins(spec)


def test_what_is_read_again_is_what_was_written() -> None:
    decision = objects.Decision(3, NOW, "step", "StepBegan", "5 % for 1m")
    status = objects.ReleaseStatus(
        "Rolling", share="5 %", step="2/5", decisions=[decision], state={"releases": 7}
    )
    written = msgspec.json.encode(status)

    assert b'"at":"2026-03-04T05:06:07Z"' in written
    assert status == msgspec.json.decode(written, type=objects.ReleaseStatus)


def test_what_a_newer_version_of_the_program_wrote_is_read_without_it() -> None:
    later = {"done": True, "sentence": "paused", "weather": "fine"}

    assert objects.IntentStatus(done=True, sentence="paused") == msgspec.convert(
        later, objects.IntentStatus
    )
