"""
Variables of a workload, as rows of a form.

A row is a name with a value, or a name with a key of a Secret or a ConfigMap, which only a cluster
has. The value of a variable that is a secret is never sent: its row shows a mark, and a mark that
comes back leaves the value as it is (see :mod:`serinus.app.secrecy`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from serinus.app import secrecy
from serinus.app.level import ABSENT, Level, below, mapping
from serinus.core.spec.place import Place
from serinus.ports.documents import Edit

VALUE, SECRET, CONFIG = "value", "secret", "config"

_REFERENCES = {SECRET: "secretKeyRef", CONFIG: "configMapKeyRef"}
_MAIN = "app"
"""The container that serves, in a part of a pod's template."""


class Variable(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    One row. ``kind``: ``value``, or ``secret`` or ``config`` with the object and its ``key``.

    ``value`` is a mask where it is a secret (``hidden``). ``inherited``: the application says it,
    not this environment. ``problems``: what is wrong with it.
    """

    name: str
    kind: str = VALUE
    value: str = ""
    source: str = ""
    key: str = ""
    hidden: bool = False
    inherited: bool = False
    problems: tuple[str, ...] = ()


class Row(NamedTuple):
    """
    One row as it was sent back; ``was``: the name under which it had been shown, if any.

    ``kind`` empty: the one that it had, and a value for a new row.
    """

    was: str
    name: str
    value: str = ""
    kind: str = ""
    source: str = ""
    key: str = ""


# --- rows ---------------------------------------------------------------------------------------


def rows(level: Level) -> tuple[Variable, ...]:
    """Return all variables that hold at a level, in the order in which they are written."""
    own = mapping(level.own("workload", "env"))
    inherited = mapping(level.inherited("workload", "env"))
    found = [
        _row(str(name), own.get(name, value), inherited=name not in own)
        for name, value in {**inherited, **own}.items()
        if own.get(name, value) is not None
    ]
    _, listed, here = _listed(level)
    found += [row for item in listed if (row := _reference(item, inherited=not here))]
    return tuple(found)


def _row(name: str, value: Any, *, inherited: bool) -> Variable:
    hidden = bool(value) and (secrecy.named(name) or secrecy.valued(value))
    text = str(value)
    if hidden and (not secrecy.marked(text) or text == secrecy.MARK):
        text = secrecy.MASK
    return Variable(name=name, value=text, hidden=hidden, inherited=inherited)


def _reference(item: Any, *, inherited: bool) -> Variable | None:
    for kind, field in _REFERENCES.items():
        found = below(item, ("valueFrom", field))
        if isinstance(found, Mapping):
            return Variable(
                name=str(mapping(item).get("name", "")),
                kind=kind,
                source=str(found.get("name", "")),
                key=str(found.get("key", "")),
                inherited=inherited,
            )
    return None


def _listed(level: Level) -> tuple[Place, list[Any], bool]:
    """Return the list of variables of the container that serves: where, what, and if it is own."""
    for here, read in ((True, level.own), (False, level.inherited)):
        containers = read("workload", "pod", "spec", "containers")
        for index, container in enumerate(containers if isinstance(containers, list) else ()):
            if mapping(container).get("name") == _MAIN:
                found = mapping(container).get("env")
                where = level.at("workload", "pod", "spec", "containers", index, "env")
                return where, found if isinstance(found, list) else [], here
        if containers is not ABSENT:
            return level.at("workload", "pod", "spec", "containers"), [], here
    return level.at("workload", "pod", "spec", "containers"), [], True


def told(level: Level) -> bool:
    """Tell whether the rows show all that a level says of its pods' containers."""
    found = level.own("workload", "pod", "spec", "containers")
    return isinstance(found, list) and all(
        isinstance(one, Mapping)
        and set(one) <= {"name", "env"}
        and one.get("name") == _MAIN
        and all(_reference(item, inherited=False) for item in one.get("env") or ())
        for one in found
    )


# --- back ---------------------------------------------------------------------------------------


def changes(level: Level, sent: Sequence[Row]) -> tuple[Edit, ...]:
    """Return what has to be edited so that the rows that were sent are the variables."""
    shown = {row.name: row for row in rows(level)}
    named = [_whole(row, shown.get(row.was)) for row in sent if row.name.strip()]
    before = {name: row for name, row in shown.items() if row.kind == VALUE}
    plain = [row for row in named if row.kind == VALUE]
    kept = {row.was or row.name for row in plain}
    return (
        *(edit for name, row in before.items() if name not in kept for edit in _out(level, row)),
        *(edit for row in plain for edit in _changed(level, row, before)),
        *_references(level, [row for row in named if row.kind != VALUE]),
    )


def _whole(row: Row, old: Variable | None) -> Row:
    """Return a row with its kind; one of which only the name was sent keeps what it refers to."""
    if row.kind:
        return row
    if old is None or old.kind == VALUE:
        return row._replace(kind=VALUE)
    return row._replace(kind=old.kind, source=row.source or old.source, key=row.key or old.key)


def _out(level: Level, row: Variable) -> Iterator[Edit]:
    """Take a variable away: where it is only inherited, the patch says so."""
    where = level.at("workload", "env", row.name)
    if mapping(level.inherited("workload", "env")).get(row.name) is not None:
        yield Edit(where, None)
    else:
        yield Edit(where)


def _changed(level: Level, row: Row, before: Mapping[str, Variable]) -> Iterator[Edit]:
    old = before.get(row.was)
    name, value = row.name.strip(), row.value.replace("\r\n", "\n")
    where = level.at("workload", "env", name)
    if old is None or (row.was != name and old.inherited):
        if old is not None:
            yield from _out(level, old)
            value = _true(level, old) if value == old.value else value
        yield Edit(where, value)
        return
    if row.was != name:
        if mapping(level.inherited("workload", "env")).get(row.was) is not None:
            yield Edit(where, _true(level, old) if value == old.value else value)
            yield Edit(level.at("workload", "env", row.was), None)
            return
        yield Edit(level.at("workload", "env", row.was), name=name)
    if value != old.value:
        yield Edit(where, value)


def _true(level: Level, row: Variable) -> Any:
    """Return the value of a row as the document has it."""
    found = level.own("workload", "env", row.name)
    return level.inherited("workload", "env", row.name) if found is ABSENT else found


def _references(level: Level, sent: Sequence[Row]) -> Iterator[Edit]:
    where, listed, here = _listed(level)
    old = [
        (r.name, r.kind, r.source, r.key) for i in listed if (r := _reference(i, inherited=False))
    ]
    if old == [(row.name, row.kind, row.source, row.key) for row in sent]:
        return
    rest = [item for item in listed if _reference(item, inherited=False) is None]
    new = [*rest, *map(_written, sent)]
    if where[-1] == "env" and here:
        yield Edit(where, new) if new else Edit(where)
        return
    container = {"name": _MAIN, "env": new}
    containers = level.own("workload", "pod", "spec", "containers")
    if isinstance(containers, list):
        yield Edit((*where, len(containers)) if where[-1] == "containers" else where, container)
    else:
        yield Edit(level.at("workload", "pod", "spec", "containers"), [container])


def _written(row: Row) -> dict[str, Any]:
    reference = {"name": row.source.strip(), "key": row.key.strip()}
    return {"name": row.name.strip(), "valueFrom": {_REFERENCES[row.kind]: reference}}
