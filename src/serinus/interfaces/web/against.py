"""A draft against what serves now: what of it a document can say, fact by fact."""

from collections.abc import Iterator
from typing import Any

import msgspec

from serinus.app import catalogue, diff, wayback
from serinus.app.wayback import Ran
from serinus.core.spec import duration
from serinus.core.spec.effective import Effective
from serinus.core.state.notice import Key
from serinus.ports.store import Store


class Against(msgspec.Struct, frozen=True):
    """
    How a draft differs from the version that serves.

    ``lines``: what runs; ``delivery``: how it is delivered, against the last release.
    """

    version: str
    lines: tuple[str, ...]
    delivery: tuple[str, ...] = ()


async def serving(store: Store, key: Key, found: Effective | None) -> Against | None:
    """Compare a draft with what serves; None where nothing serves, or the draft cannot be used."""
    status = await store.status(key)
    if found is None or found.delivery is None or status is None or status.stable is None:
        return None
    runs = await store.revision(status.stable)
    if runs is None:
        return None
    name = status.stable_version or runs.version
    last = status.release
    ports = (str(runs.workload.port or ""), str(found.port or ""))
    # In a cluster the port is filled in where a document has a placeholder.
    filled = bool(runs.workload.template)
    was, now = (
        dict(_facts(one, port if filled else ""))
        for one, port in zip((wayback.read(runs.workload), _ran(found)), ports, strict=True)
    )
    return Against(
        version=name,
        lines=diff.values(was, now, f"{name} (serves)", f"{found.version or 'this'} (written)"),
        delivery=() if last is None else catalogue.changed(last.delivery, found.delivery),
    )


def _ran(found: Effective) -> Ran:
    probe = wayback.probed(found.health)
    grace = duration.of_seconds(found.grace_s)
    return Ran(
        found.image,
        found.command,
        found.args,
        found.env,
        found.port,
        found.resources,
        probe,
        grace,
    )


def _facts(ran: Ran, port: str) -> Iterator[tuple[str, Any]]:
    """Return what can be compared; variables by name, so that secrets among them are marks."""
    path, every, timeout = ran.health
    yield from (("image", ran.image),) if ran.image else ()
    yield "command", [_filled(word, port) for word in ran.command]
    yield "args", [_filled(word, port) for word in ran.args]
    yield "port", ran.port
    yield "resources", dict(ran.resources)
    yield "health", {"path": path, "every": every, "timeout": timeout}
    yield "grace", ran.grace
    yield "env", [{"name": n, "value": _filled(v, port)} for n, v in sorted(ran.env.items())]


def _filled(text: str, port: str) -> str:
    return text.replace("${port}", port) if port else text
