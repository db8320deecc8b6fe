import msgspec
import pytest

from serinus.interfaces.demo import tally


def test_every_request_has_one_outcome_or_is_in_flight() -> None:
    recorder = tally.Recorder(slow_s=0.25)
    for _ in range(5):
        recorder.sent()
    recorder.answered("v1", "0", 200, 0.01)
    recorder.answered("v1", "0", 404, 0.01)
    recorder.answered("v2", "0", 503, 0.01)
    recorder.lost("timeout")

    count = recorder.tally()

    assert (5, 2, 1, 1, 1) == (count.sent, count.ok, count.errors, count.lost, count.in_flight)
    assert count.lost_by == {"timeout": 1}


def test_a_bad_answer_is_counted_once_though_it_is_slow_and_an_error() -> None:
    recorder = tally.Recorder(slow_s=0.25)
    for status, latency_s in [(200, 0.25), (200, 0.26), (500, 0.01), (500, 0.9)]:
        recorder.answered("v1", "0", status, latency_s)

    version = recorder.tally().versions["v1"]

    assert (4, 2, 2, 3) == (version.requests, version.errors, version.slow, version.bad)


def test_versions_and_replicas_are_counted_apart() -> None:
    recorder = tally.Recorder(slow_s=1.0)
    for version, replica in [("v1", "a"), ("v1", "b"), ("v1", "a"), ("v2", "c")]:
        recorder.answered(version, replica, 200, 0.01)

    versions = recorder.tally().versions

    assert {"v1": {"a": 2, "b": 1}, "v2": {"c": 1}} == {
        name: version.replicas for name, version in versions.items()
    }
    assert [3, 1] == [version.latency.total for version in versions.values()]


def test_names_that_never_end_are_counted_together() -> None:
    recorder = tally.Recorder(slow_s=1.0)
    for number in range(500):
        recorder.answered(f"v{number}", "a", 200, 0.01)
        recorder.answered("v0", f"r{number}", 200, 0.01)

    versions = recorder.tally().versions

    assert len(versions) == 65
    assert versions[tally.OTHERS].requests == 500 - 64
    assert len(versions["v0"].replicas) == 257
    assert sum(versions["v0"].replicas.values()) == 501


def test_a_few_lost_requests_are_kept_with_their_text() -> None:
    recorder = tally.Recorder(slow_s=1.0)
    for number in range(20):
        recorder.lost("proxy_503", f"no healthy upstream {number}")

    examples = recorder.tally().examples

    assert len(examples) == 8
    assert examples[0].text == "no healthy upstream 0"


def test_a_tally_is_read_back_as_it_was_written() -> None:
    recorder = tally.Recorder(slow_s=0.25)
    recorder.sent()
    recorder.written(0.001)
    recorder.retried()
    recorder.answered("v1", "0", 200, 0.01)
    recorder.lost("proxy_503", "no healthy upstream")

    count = recorder.tally(finished=True)

    assert count == tally.Tally.decode(count.encode())


def test_half_a_tally_is_refused() -> None:
    text = tally.Recorder(slow_s=1.0).tally().encode()

    with pytest.raises(msgspec.DecodeError):
        tally.Tally.decode(text[:-5])


def test_a_tally_does_not_change_when_more_is_counted() -> None:
    recorder = tally.Recorder(slow_s=1.0)
    recorder.answered("v1", "0", 200, 0.01)
    before = recorder.tally()
    text = before.encode()

    recorder.answered("v1", "0", 200, 0.01)
    recorder.lost("reset")

    assert text == before.encode()


def test_the_sentence_names_what_was_lost_and_how_versions_did() -> None:
    recorder = tally.Recorder(slow_s=0.25)
    for _ in range(2):
        recorder.sent()
    recorder.answered("v1", "0", 200, 0.3)
    recorder.lost("proxy_503")

    first, second = recorder.tally().sentence().splitlines()

    assert first.startswith("sent 2 · ok 1 · errors 0 · lost 1 (proxy_503 1) · retried 0 ·")
    assert second.startswith("v1: 1 answers · errors 0 · slow 1 · p50 30")


def test_the_sentence_of_nothing_has_no_numbers_that_are_not_there() -> None:
    assert "lost 0 ·" in tally.Recorder(slow_s=0.25).tally().sentence()
