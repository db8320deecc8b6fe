import json

from serinus.interfaces.demo.answers import Answers

PAGES = Answers("v1", "shop-2")


def test_every_answer_tells_who_made_it() -> None:
    raw = PAGES.render(PAGES.find(b"GET", b"/"), last=False)

    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nx-shop-version: v1\r\nx-shop-replica: shop-2\r\n" in head
    assert b"content-length: %d" % len(body) in head
    assert b"connection" not in head
    assert b"Version <b>v1</b>" in body


def test_the_last_answer_says_so() -> None:
    assert b"\r\nconnection: close\r\n" in PAGES.render(PAGES.find(b"GET", b"/"), last=True)


def test_a_head_is_answered_without_a_body() -> None:
    raw = PAGES.render(PAGES.find(b"HEAD", b"/"), last=False, method=b"HEAD")

    assert raw.endswith(b"\r\n\r\n")
    assert b"content-length: 0" not in raw


def test_products_are_data() -> None:
    page = PAGES.find(b"GET", b"/api/products")

    assert json.loads(page.body)["version"] == "v1"


def test_a_checkout_may_be_asked_for_and_posted() -> None:
    assert PAGES.find(b"GET", b"/api/checkout") == PAGES.find(b"POST", b"/api/checkout")


def test_other_ways_to_ask_are_told_which_there_are() -> None:
    page, checkout = PAGES.find(b"POST", b"/"), PAGES.find(b"DELETE", b"/api/checkout")

    assert (405, "GET, HEAD") == (page.status, page.allow)
    assert (405, "GET, HEAD, POST") == (checkout.status, checkout.allow)
    assert b"\r\nallow: GET, HEAD\r\n" in PAGES.render(page, last=False)


def test_an_unknown_page_is_missing() -> None:
    assert PAGES.find(b"GET", b"/nowhere").status == 404


def test_a_refusal_tells_its_reason() -> None:
    raw = PAGES.render(PAGES.refusal(431, "the head is long"), last=True)

    assert raw.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"the head is long" in raw
