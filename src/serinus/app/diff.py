"""What changed between two releases: workload, environment and the content of files."""

import difflib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from serinus.app import secrecy
from serinus.core.state.command import Command
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.core.state.workload import Revision
from serinus.ports import failures
from serinus.ports.store import Store

Content = Callable[[str], bytes | None]
"""The content of a file by its sha256, None when it is not kept any more."""


class Change(msgspec.Struct, frozen=True, rename="camel"):
    """A unified diff; ``lines`` is empty when both are the same."""

    before: str
    after: str
    lines: tuple[str, ...]


async def releases(
    store: Store, key: Key, older: int | None, newer: int | None, content: Content
) -> Change:
    """
    Compare two releases; without numbers the last one with what it replaces.

    Raises ``Missing`` when there is no such release, or nothing before it.
    """
    after = await _release(store, key, newer)
    new = await _revision(store, after.candidate)
    if older is not None:
        before = await _release(store, key, older)
        old = await _revision(store, before.candidate)
    elif after.stable is None:
        raise failures.Missing(
            f"release {after.number} of {key.application} is the first: there is nothing before it",
            next=(Command("explain", key.application),),
        )
    else:
        old = await _revision(store, after.stable)
        old = msgspec.structs.replace(old, version=after.stable_version or old.version)
    return between(old, msgspec.structs.replace(new, version=after.version), content)


def between(old: Revision, new: Revision, content: Content) -> Change:
    """Compare two revisions."""
    before, after = (f"{one.version} ({one.short})" for one in (old, new))
    lines = [*_compare("workload", _text(old), _text(new), before, after)]
    names = sorted({*old.workload.files, *new.workload.files})
    for name in names:
        was, now = old.workload.files.get(name), new.workload.files.get(name)
        if was != now:
            lines += _compare(name, _file(was, content), _file(now, content), before, after)
    return Change(before=before, after=after, lines=tuple(lines))


def values(old: object, new: object, before: str, after: str) -> tuple[str, ...]:
    """Compare any two values one fact a line; nothing where both are the same."""
    was, now = ([*_facts(msgspec.to_builtins(value), "")] for value in (old, new))
    return tuple(difflib.unified_diff(was, now, before, after, lineterm=""))


async def _release(store: Store, key: Key, number: int | None) -> Release:
    status = await store.status(key)
    if number is None and status is not None and status.release is not None:
        return status.release
    found = await store.release(key, number) if number is not None else None
    if found is None:
        what = "no release yet" if number is None else f"no release {number}"
        raise failures.Missing(
            f"{key.application} has {what}", next=(Command("history", key.application),)
        )
    return found


async def _revision(store: Store, revision: str) -> Revision:
    found = await store.revision(revision)
    if found is None:
        raise failures.Missing(f"the workload of revision {revision[:10]} is not stored")
    return found


def _text(revision: Revision) -> list[str]:
    """Write a workload one fact a line, in the order of its fields; secrets only as changed."""
    facts = msgspec.to_builtins(revision.workload)
    facts["env"] = {
        name: secrecy.shown(name, value) for name, value in revision.workload.env.items()
    }
    return list(_facts(facts, ""))


def _facts(value: object, path: str) -> Iterator[str]:
    if isinstance(value, list):
        value = _named(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _facts(inner, f"{path}.{name}" if path else str(name))
    else:
        yield f"{path}: {msgspec.json.encode(_veiled(value)).decode()}"


def _veiled(value: object) -> object:
    """Return a value with marks in the place of what its own form tells to be a secret."""
    if isinstance(value, list):
        return [_veiled(one) for one in value]
    return secrecy.told(value) if secrecy.valued(value) else value


def _named(value: list[Any]) -> object:
    """Return a list of things with names (containers, variables, volumes) as a mapping of them."""
    named = {one["name"]: dict(one) for one in value if isinstance(one, dict) and "name" in one}
    if not named or len(named) < len(value):
        return value
    for name, one in named.items():
        del one["name"]
        if isinstance(one.get("value"), str):
            one["value"] = secrecy.shown(str(name), one["value"])
    return named


def _file(digest: str | None, content: Content) -> list[str]:
    if digest is None:
        return []
    body = content(digest)
    if body is None:
        return [f"(content {digest[:10]} is not kept any more)"]
    try:
        return list(secrecy.lines(body.decode().splitlines()))
    except UnicodeDecodeError:
        return [f"(binary, {len(body):,} bytes, {digest[:10]})"]


def _compare(name: str, old: list[str], new: list[str], before: str, after: str) -> Iterator[str]:
    return difflib.unified_diff(old, new, f"{name} of {before}", f"{name} of {after}", lineterm="")
