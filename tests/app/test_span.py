from datetime import timedelta

import pytest

from serinus.app import span
from tests import builders


def test_a_span_is_found_by_its_name_and_anything_else_is_the_whole_release() -> None:
    assert timedelta(minutes=15) == span.named("15m").length
    assert [span.WHOLE, span.WHOLE] == [span.named(""), span.named("fortnight")]


def test_only_with_a_metric_source_one_can_look_before_the_release() -> None:
    assert ["", "15m", "1h"] == [one.name for one in span.offered(sourced=False)]
    assert ["", "15m", "1h", "3h", "24h"] == [one.name for one in span.offered(sourced=True)]


@pytest.mark.parametrize(
    ("name", "expected"), [("", None), ("15m", builders.at(5)), ("1h", builders.at(-40))]
)
def test_a_span_begins_so_long_before_its_end(name: str, expected: object) -> None:
    assert expected == span.named(name).begins(builders.at(20))
