"""
Texts of documents without the secrets that somebody wrote into them, and back again.

Whoever reads a document sees a mark in the place of a secret value; a mark that comes back leaves
the value as it is.
"""

import re

from msgspec.structs import replace

from serinus.app import variables
from serinus.ports.documents import Documents, Written

_LINE = re.compile(r"(?m)^(.*?[\s{,\"']|)([A-Za-z_][A-Za-z0-9_]*)([\"']?:\s*)\S.*$")


async def shown(documents: Documents, written: Written, environment: str) -> Written:
    """Return a document to be sent to somebody: a mark stands in the place of each secret."""
    found = await documents.review(written.text, environment)
    if found.data is None:
        return replace(written, text=crude(written.text))
    marks = variables.hidden(found.data)
    return replace(written, text=documents.edit(written.text, marks)) if marks else written


async def restored(documents: Documents, text: str, before: str, environment: str) -> str:
    """Return a text that came back, with the secrets of the one before where marks still stand."""
    if variables.MARK not in text:
        return text
    was = await documents.review(before, environment)
    now = await documents.review(text, environment)
    edits = variables.restored(now.data, was.data)
    return documents.edit(text, edits) if edits else text


def crude(text: str) -> str:
    """Return a text that cannot be read with marks in the place of what looks like a secret."""
    return _LINE.sub(_line, text)


def _line(found: re.Match[str]) -> str:
    head, name, rest = found.groups()
    return f"{head}{name}{rest}{variables.MARK}" if variables.is_secret(name) else found[0]
