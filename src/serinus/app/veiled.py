"""
Texts of documents without the secrets that somebody wrote into them, and back again.

Whoever reads a document sees a mark in the place of a secret value; a mark that comes back leaves
the value as it is. A text in which no mark can be put, because it cannot be read or is written with
anchors, is shown to nobody but those who may write all of it.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.app import secrecy
from serinus.core.errors import Problem
from serinus.core.spec import patch, place
from serinus.ports import failures
from serinus.ports.documents import Documents, Edit, Reviewed

_COMMENT = re.compile(r"(?m)(^|[ \t])#.*$")
_LINE = re.compile(r"(?m)^[ \t]*#.*$")
_QUOTED = re.compile(r"([*&!%])\S+")
"""What a reader of YAML repeats of a text: aliases, anchors and tags, or what looks like them."""

LONG = 4
"""So many characters has a secret at least that is looked for in the words of a problem."""


async def text(documents: Documents, whole: str, environment: str) -> str | None:
    """Return a text with a mark in the place of each secret; None where that cannot be done."""
    found = await documents.review(whole, environment)
    if found.data is None:
        return None
    try:
        return documents.edit(whole, marks) if (marks := secrecy.hidden(found.data)) else whole
    except failures.Rejected:
        return None


async def bare(documents: Documents, marked: str, environment: str) -> str | None:
    """Return a text without its comments, in which secrets may be told as well; or None."""
    data = (await documents.review(marked, environment)).data
    for pattern in (_COMMENT, _LINE):
        found = pattern.sub(r"\1" if pattern is _COMMENT else "", marked)
        if (await documents.review(found, environment)).data == data:
            return found
    return None


async def restored(
    documents: Documents,
    marked: str,
    before: str,
    environment: str,
    others: Mapping[tuple[place.Place, str], Any] | None = None,
) -> str:
    """
    Return a text that came back, with the secrets of the one before where marks still stand.

    ``others``: what further marks stand for, by their place and themselves. ``Rejected`` where a
    mark stands for nothing: no document is ever written with a mark in it.
    """
    if secrecy.MARK not in marked:
        return marked
    was = (await documents.review(before, environment)).data if before else None
    now = (await documents.review(marked, environment)).data
    known = others or {}
    ours = [
        Edit(one.place, known[one.place, one.value])
        for one in secrecy.found(now)
        if secrecy.marked(one.value) and (one.place, one.value) in known
    ]
    back = {edit.place for edit in ours}
    lost = [where for where in secrecy.lost(now, was) if where not in back]
    if lost:
        told = ", ".join(place.text(where) for where in lost)
        raise failures.Rejected(
            f"{told} has a mark where a secret was, and it stands for no value that is known there",
            hint="write the secret itself",
        )
    edits = [*secrecy.restored(now, was), *ours]
    return documents.edit(marked, edits) if edits else marked


async def reviewed(documents: Documents, whole: str, marked: str, environment: str) -> Reviewed:
    """
    Review a text that is shown with marks: nothing of what is found tells its secrets.

    ``effective`` is what the whole text comes to, secrets and all: it is for comparing alone.
    """
    real = await documents.review(whole, environment)
    if whole == marked and not secrecy.found(real.data):
        return real
    seen = await documents.review(marked, environment) if marked else Reviewed(problems=())
    return Reviewed(
        problems=problems(real, seen.problems),
        data=secrecy.veiled(real.data) if seen.data is None else seen.data,
        effective=real.effective,
    )


def problems(real: Reviewed, seen: tuple[Problem, ...] = ()) -> tuple[Problem, ...]:
    """Return the problems of a text in words that tell no secret of it."""
    hidden = secrecy.found(real.data)
    values = [str(one.value) for one in hidden if len(str(one.value)) >= LONG]
    safe = {(one.path, one.severity): one for one in seen}

    def told(found: Problem) -> Problem:
        where = place.parse(found.path)
        message = found.message
        if any(patch.touches(where, one.place) for one in hidden):
            other = safe.get((found.path, found.severity))
            words = "what stands there holds a secret, and is not as it is wanted"
            message = other.message if other else words
        for value in values:
            message = message.replace(value, secrecy.MARK)
        if real.data is None or (where and secrecy.named(str(where[-1]))):
            message = _QUOTED.sub(rf"\1{secrecy.MARK}", message)
        return msgspec.structs.replace(found, message=message)

    return tuple(told(one) for one in real.problems)
