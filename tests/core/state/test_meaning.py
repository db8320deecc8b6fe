"""What a series means: statuses, bounds, and names that can be read in several ways."""

import math

import pytest

from serinus.core.state import meaning
from serinus.core.state.meaning import Place, What


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("200", What.ENDED),
        ("499", What.ENDED | What.FAILED),
        ("503", What.ENDED | What.FAILED),
        ("0", What.ENDED | What.FAILED),
        ("", What.ENDED | What.FAILED),
        ("504", What.ENDED | What.FAILED | What.BROKEN),
    ],
)
def test_a_status_says_how_a_request_ended(status: str, what: What) -> None:
    assert what == meaning.ended(status, ("504",))


def test_a_bound_is_in_milliseconds_and_may_be_infinite_or_none() -> None:
    assert 100.0 == meaning.bound("0.1", 1000.0)
    assert math.inf == meaning.bound("+Inf", 1000.0)
    assert math.isnan(meaning.bound("", 1.0))


def test_a_joined_name_is_read_at_every_dash() -> None:
    assert (Place("a", "b-c"), Place("a-b", "c")) == meaning.places("a-b-c")
    assert () == meaning.places("a")


def test_the_digits_of_a_revision_are_no_port() -> None:
    assert ["t-shop-3f2a9c01d4-http", "t-shop-3f2a9c01d4"] == list(
        meaning.portless("t-shop-3f2a9c01d4-http-web")
    )
    assert [] == list(meaning.portless("shop"))


def test_a_label_that_prometheus_renamed_is_the_routers_own() -> None:
    assert "team" == meaning.own({"namespace": "x", "exported_namespace": "team"}, "namespace")
    assert "x" == meaning.own({"namespace": "x"}, "namespace")
    assert "" == meaning.own({}, "namespace")
