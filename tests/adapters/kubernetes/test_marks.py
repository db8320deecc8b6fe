from datetime import UTC, datetime

from serinus.adapters.kubernetes import marks

NOON = datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=UTC)


def test_instants_are_texts_that_compare() -> None:
    early, late = (
        marks.sortable("2026-03-02T12:00:00.5Z"),
        marks.sortable("2026-03-02T12:00:00.51Z"),
    )

    assert early < late
    assert (
        early
        == marks.sortable(marks.written(NOON))
        == marks.sortable("2026-03-02T13:00:00.5+01:00")
    )


def test_what_is_none_is_empty() -> None:
    assert ("", b"no instant") == marks.parted(b"here no instant")
    assert "" == marks.sortable("2026-03-02")


def test_a_line_is_its_instant_and_its_text() -> None:
    mark, text = marks.parted(b"2026-03-02T12:00:00.5Z GET /orders 500")

    assert b"GET /orders 500" == text
    assert NOON.replace(microsecond=0) == marks.instant(mark)
