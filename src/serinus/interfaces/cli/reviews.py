"""What a dashboard says of a file that is not in use yet, and of the templates that it knows."""

from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec

from serinus.boot.settings import Server
from serinus.core.errors import Problem
from serinus.core.spec.resolve import Library
from serinus.interfaces.cli.remote import Remote
from serinus.interfaces.cli.trouble import Trouble


def review(server: Server, file: Path) -> tuple[Sequence[Problem], int]:
    """
    Return everything that is wrong with a file, and how many applications it holds.

    A file whose text is damaged is not sent: that is told from here.
    """
    from serinus.adapters.local import documents  # noqa: PLC0415 - it brings the reader of YAML

    try:
        text, page = documents.read(file.read_bytes())
    except OSError as problem:
        raise Trouble(f"{file} cannot be read", why=str(problem.strerror)) from problem
    told = page.problems
    if not page.documents and not told:
        told = (Problem("", "nothing is written here; wanted one application"),)
    if not told:
        # Lines are counted as in the file: what stands before is sent as empty lines.
        texts = [
            "\n" * text.count("\n", 0, one.start) + text[one.start : one.end]
            for one in page.documents
        ]
        told = anyio.run(_reviewed, server, texts)
    kinds = [one.data.get("kind") for one in page.documents if isinstance(one.data, dict)]
    found = tuple(msgspec.structs.replace(one, file=str(file)) for one in told)
    return found, kinds.count("Application")


async def _reviewed(server: Server, texts: Sequence[str]) -> tuple[Problem, ...]:
    async with Remote(server) as seen:
        found = [await seen.review(text) for text in texts]
    return tuple(problem for told in found for problem in told)


async def library(server: Server) -> Library:
    """Return the templates and environments that a dashboard knows."""
    async with Remote(server) as seen:
        return await seen.library()
