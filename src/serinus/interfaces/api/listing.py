"""
Pages of lists: what fits a search, so many at a time, and where to go on.

A cursor names the last item that was seen, so that a list which grows at its head shows nothing
twice and leaves nothing out.
"""

import base64
import binascii
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

from serinus.app import search as searching
from serinus.app.search import Facts
from serinus.interfaces.api import operations

Item = TypeVar("Item")

QUERY = {
    "q": 'a search: words, label:value, "exact", !not',
    "limit": f"so many items at most, up to {operations.MOST}; {operations.USUAL} without it",
    "cursor": "where to go on: of the answer before",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list; ``cursor`` leads to those after them, None at the end."""

    items: tuple[Item, ...]
    found: int
    cursor: str | None


def page(
    request: Request,
    items: Sequence[Item],
    name: Callable[[Item], str],
    fits: Callable[[Item], bool] = lambda _: True,
) -> Page[Item]:
    """
    Return the page that a request asks for.

    ``name`` tells items apart, whatever else changes about them.
    """
    limit = operations.number(request, "limit", operations.USUAL, operations.MOST)
    found = [item for item in items if fits(item)]
    start = 0
    after = request.query_params.get("cursor", "")
    if after:
        wanted = _read(after)
        start = next((i + 1 for i, item in enumerate(found) if name(item) == wanted), -1)
        if start < 0:
            raise HTTPException(
                400, "the cursor leads nowhere any more: ask for the first page again"
            )
    shown = found[start : start + limit]
    more = start + limit < len(found)
    return Page(tuple(shown), len(found), _written(name(shown[-1])) if more else None)


def _written(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as exc:
        raise HTTPException(400, f"{cursor!r} is no cursor of ours") from exc


def search(request: Request, labels: Collection[str]) -> Callable[[Facts], bool]:
    """Return whether what a line says fits the search."""
    return searching.parse(request.query_params.get("q", ""), labels).fits


def narrowed(
    request: Request, labels: Collection[str], fields: Collection[str]
) -> Callable[[Any], bool]:
    """Return whether an item is of the environment that is named, and its fields fit the search."""
    searched = search(request, labels)
    environment = request.query_params.get("environment", "")

    def fits(item: Any) -> bool:
        facts = {name: getattr(item, name) for name in fields}
        return (not environment or environment == item.environment) and searched(facts)

    return fits
