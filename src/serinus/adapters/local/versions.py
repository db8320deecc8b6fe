"""
Texts of documents in which another version is asked for, with all else as somebody wrote it.

The text may stand in a file of this machine, or have come from elsewhere and go back there. Each
change is made on it, read again and compared with what it should come to.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from serinus.adapters.local import documents, edits, shelf
from serinus.core.spec.place import Place
from serinus.ports import failures


class Change(NamedTuple):
    """One value and its new place."""

    path: Place
    value: object


class Wish(NamedTuple):
    """
    The version that is asked for in an environment, and parameters as somebody typed them.

    ``known``: what the parameters of the delivery are now: their types are those that are wanted.
    """

    version: str
    environment: str
    parameters: Mapping[str, str] = {}
    known: Mapping[str, Any] = {}


def changes(data: Mapping[str, Any], wish: Wish) -> tuple[Change, ...]:
    """Return what has to be changed in a document for a wish: the version, and parameters."""
    where = wish.environment
    return (
        Change(_deciding(data, where, ("version",)), wish.version),
        *(
            Change(
                _deciding(data, where, ("delivery", "parameters", name)),
                value if isinstance(wish.known.get(name, ""), str) else documents.scalar(value),
            )
            for name, value in wish.parameters.items()
        ),
    )


def changed(
    text: str, page: documents.Page, index: int, wanted: Sequence[Change], place: str
) -> str:
    """
    Return a text with changes made in one of its documents.

    Args:
        text: The text.
        page: What was read of it.
        index: Which of its documents is meant.
        wanted: The changes, made one after the other.
        place: Where the text stands, for people.

    Raises:
        Rejected: The text does not come to what it should: it cannot be changed safely.
    """
    places = ", ".join(".".join(map(str, change.path)) for change in wanted)
    whole = not page.problems and index < len(page.documents)
    try:
        new, came, due = _carried_out(text, page, index, wanted) if whole else ("", 0, 1)
    except (edits.Impossible, ValueError, IndexError) as problem:
        raise _unsafe(place, places, str(problem)) from problem
    if came != due:
        raise _unsafe(place, places, "the change would touch more than it should")
    return new


def _deciding(data: Mapping[str, Any], environment: str, field: Place) -> Place:
    """Return the place that decides a field: the patch of the environment, if it has one."""
    patched = ("spec", "environments", environment, *field)
    if shelf.below(data, *map(str, patched)) is not None:
        return patched
    return ("spec", *field)


def _carried_out(
    text: str, page: documents.Page, index: int, wanted: Sequence[Change]
) -> tuple[str, Any, Any]:
    """Return the new text, the data that it comes to, and the data that it should come to."""
    due = [document.data for document in page.documents]
    for change in wanted:
        due[index] = edits.placed(due[index], change.path, change.value)
        text = edits.put(text, page.documents[index], change.path, change.value)
        page = documents.parse(text)
    return text, [document.data for document in page.documents], due


def _unsafe(place: str, places: str, why: str) -> failures.Rejected:
    return failures.Rejected(
        f"{place} is written in a way that Serinus cannot change safely",
        why=why,
        hint=f"$EDITOR {place}   (change {places})",
    )
