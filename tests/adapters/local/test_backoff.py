from serinus.adapters.local import backoff


def test_the_wait_begins_at_a_second_doubles_and_ends_at_a_minute() -> None:
    waits = [backoff.delay_s(falls) for falls in range(1, 10)]

    assert [1, 2, 4, 8, 16, 32, 60, 60, 60] == waits


def test_a_first_start_waits_for_nothing() -> None:
    assert backoff.delay_s(0) == 0


def test_a_very_long_crash_loop_still_waits_a_minute() -> None:
    assert backoff.delay_s(10_000) == 60


def test_a_minute_of_health_forgives_earlier_falls() -> None:
    assert [6, 6, 1] == [backoff.falls_after(5, healthy) for healthy in (0.0, 59.9, 60.0)]
