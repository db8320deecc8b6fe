"""
Delete an Application in the name of a person, so that its history says who did and why.

::

    notes      who, why, and of which generation: that which its deletion will be
    delete     that object as it was noted, and no other
    (refused)  the notes are taken back, or the next change would bear them
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from serinus.adapters.kubernetes import changing
from serinus.adapters.kubernetes.client import Client
from serinus.ports import failures

MANAGER = "serinus-ui"

Object = dict[str, Any]


async def end(client: Client, found: Object, notes: Mapping[str, str]) -> None:
    """
    Delete an Application; what it holds ends, or is given back, by and by.

    ``Rejected`` where Git keeps it; ``Conflict`` when it is another one than was found.
    """
    meta = found["metadata"]
    keeper, place = changing.kept_by(found), f"{meta.get('namespace')}/{meta['name']}"
    if keeper:
        raise failures.Rejected(
            f"{place} is kept in Git, and {keeper} would write it again",
            hint=f"take it out of Git: {keeper} deletes it here, and what serves ends as well",
        )
    before = dict(meta.get("annotations") or {})
    written = await _noted(client, found, {**before, **notes})
    now = written["metadata"]
    try:
        await client.delete(
            found["kind"],
            meta["name"],
            meta.get("namespace"),
            uid=now["uid"],
            version=now["resourceVersion"],
            missing_ok=False,
        )
    except failures.PortFailure:
        with contextlib.suppress(failures.PortFailure):
            await _noted(client, written, before)
        raise


async def _noted(client: Client, found: Object, notes: Mapping[str, str]) -> Object:
    meta = {key: value for key, value in found["metadata"].items() if key != "managedFields"}
    noted = {**found, "metadata": {**meta, "annotations": dict(notes)}}
    return await client.replace(noted, manager=MANAGER)
