import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from serinus.interfaces.api import listing


def request(**query: object) -> Request:
    text = "&".join(f"{name}={value}" for name, value in query.items())
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    return Request({**scope, "query_string": text.encode()})


@given(items=st.lists(st.text(min_size=1), unique=True, max_size=12), limit=st.integers(1, 5))
def test_all_pages_together_are_the_list(items: list[str], limit: int) -> None:
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = listing.page(request(limit=limit, cursor=cursor), items, str)
        found += page.items
        cursor = page.cursor

    assert items == found


def test_a_list_that_grows_at_its_head_shows_nothing_twice() -> None:
    first = listing.page(request(limit=2), ["c", "b", "a"], str)
    second = listing.page(request(limit=2, cursor=first.cursor), ["d", "c", "b", "a"], str)

    assert (("c", "b"), ("a",)) == (first.items, second.items)
    assert 4 == second.found


@pytest.mark.parametrize("cursor", ["%%%", "Z29uZQ", "%C3%BC"])
def test_a_cursor_that_leads_nowhere_is_refused(cursor: str) -> None:
    with pytest.raises(HTTPException, match="cursor"):
        listing.page(request(cursor=cursor), ["a"], str)


def test_a_search_names_words_labels_and_what_is_not_wanted() -> None:
    fits = listing.search(request(q="SHOP+state:held*+!environment:prod"), ("state", "environment"))

    assert fits({"application": "shop", "state": "Held at 0", "environment": "local"})
    assert not fits({"application": "shop", "state": "Held at 0", "environment": "prod"})
    assert not fits({"application": "shop", "state": "Serving", "environment": "local"})
