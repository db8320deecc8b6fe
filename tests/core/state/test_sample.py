import msgspec

from serinus.core.state.sample import EVERYBODY, Sample, Series


def test_a_sample_is_written_in_the_order_of_its_fields() -> None:
    written = msgspec.json.encode(Sample("queue", 5.0, {EVERYBODY: 1.5}))

    assert b'["queue",5.0,{"":1.5},"",false]' == written
    assert Sample("queue", 5.0, {EVERYBODY: 1.5}) == msgspec.json.decode(written, type=Sample)


def test_a_sample_that_was_written_without_its_last_fields_is_read() -> None:
    assert Sample("queue", 5.0) == msgspec.json.decode(b'["queue",5.0]', type=Sample)


def test_a_series_is_written_and_read() -> None:
    found = Series({"pod": "a"}, ((1.0, 2.0),))

    assert found == msgspec.json.decode(msgspec.json.encode(found), type=Series)
