import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec import address

GOOD = {
    "https://gate.example/hooks/T0KEN?who=me": "https://gate.example",
    "http://127.0.0.1:8080": "http://127.0.0.1:8080",
    "http://[::1]:9000/gate": "http://[::1]:9000",
    "HTTPS://Gate.Example/": "HTTPS://Gate.Example",
    "http://gate?mail=a@b": "http://gate",
}
BAD = {
    "": "does not begin with https:// or http://",
    "gate.example/hook": "does not begin with",
    "file:///etc/passwd": "does not begin with",
    "https://user:T0KEN@gate.example/": "has a user or a password in it",
    "https://T0KEN@gate.example": "has a user or a password in it",
    "https://": "is none",
    "https:///T0KEN": "is none",
    "https://gate example/T0KEN": "is none",
    "https://gate.example/T0KEN\r\nHost: other": "is none",
    "https://gate.example\\T0KEN@other": "is none",
    "https://gate.example:99999/T0KEN": "has the port 99999; wanted 1–65535",
    "https://gate.example:0/T0KEN": "has the port 0",
    "https://gate.example/" + "T0KEN" * 400: "is longer than 2,000 characters",
}


@pytest.mark.parametrize("url", GOOD)
def test_of_an_address_scheme_and_host_are_shown(url: str) -> None:
    assert ("", GOOD[url]) == (address.wrong(url), address.shown(url))
    assert GOOD[url].partition("://")[2] == address.host(url)


@pytest.mark.parametrize("url", BAD)
def test_what_is_wrong_with_an_address_is_said_without_repeating_it(url: str) -> None:
    said = address.wrong(url)

    assert BAD[url] in said
    assert "T0KEN" not in said + address.shown(url) + address.host(url)


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    assert address.shown(text)
    assert isinstance(address.wrong(text), str)
