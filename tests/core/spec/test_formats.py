from fractions import Fraction

import pytest

from serinus.core.spec import formats

WRONG = {
    "duration": "soon",
    "percent": "5",
    "quantity": "lots",
    "name": "-shop",
    "host": "a b",
    "version": "v 2",
    "namespace": "Team",
    "object": "shop_settings",
}


@pytest.mark.parametrize("form", formats.FORMATS)
def test_every_format_has_an_example_that_fits_and_refuses_what_does_not(form: str) -> None:
    assert "" == formats.wrong(form, formats.EXAMPLES[form])
    assert f"'{WRONG[form]}' is not a {form}".split(" is ")[0] in formats.wrong(form, WRONG[form])


@pytest.mark.parametrize("text", ["a", "shop-eu", "0", "a" * 52])
def test_names_are_short_and_lower_case(text: str) -> None:
    assert "" == formats.wrong("name", text)


@pytest.mark.parametrize("text", ["", "Shop", "shop-", "a" * 53, "a_b", "a\n"])
def test_other_names_are_refused(text: str) -> None:
    assert "is not a name" in formats.wrong("name", text)


@pytest.mark.parametrize("text", ["shop.localhost", "localhost", "a-b.example"])
def test_hosts_are_what_a_request_can_name(text: str) -> None:
    assert "" == formats.wrong("host", text)


@pytest.mark.parametrize("text", ["", "http://shop", "shop:80", "Shop", ".a", "a..b", "a" * 254])
def test_other_hosts_are_refused(text: str) -> None:
    assert "is not a host name" in formats.wrong("host", text)


def test_a_long_or_odd_text_is_shortened_in_the_message() -> None:
    assert f"'{'x' * 59}…' is not a version" in formats.wrong("version", "x" * 900)
    assert "'a\\nb' is not a version" in formats.wrong("version", "a\nb")


def test_percentages_are_read_as_shares_mille_and_fractions() -> None:
    assert Fraction(1, 40) == formats.share("2.5%")
    assert 25 == formats.mille("2.5%")
    assert 0.025 == formats.fraction("2.5%")
