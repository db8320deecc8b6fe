"""
Who owns which field, as server-side apply sees it; near enough for tests.

An object is taken apart into paths and leaves. Items of a list that have a ``name`` (containers,
ports, variables) or a ``type`` (conditions) are known by it, other lists are one leaf.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Object = dict[str, Any]


class Item(NamedTuple):
    """An item of a list, known by one of its fields."""

    key: str
    value: str


Path = tuple[str | Item, ...]
Owners = dict[Path, set[str]]
UPDATE = "/Update"
"""Ends the names of managers that wrote by another way than apply: they are others."""

_OURS_NOT = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}
_SERVERS = {
    *("resourceVersion", "uid", "creationTimestamp", "generation", "managedFields"),
    "deletionTimestamp",
}


def key_of(items: list[Any]) -> str | None:
    for key in ("name", "type"):
        values = [item.get(key) for item in items if isinstance(item, dict)]
        if items and len(set(map(str, values))) == len(items) and None not in values:
            return key
    return None


def flat(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Take a value apart; an empty mapping is a leaf."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from flat(part, (*path, key))
    elif isinstance(value, list) and (known := key_of(value)):
        for item in value:
            yield from flat(item, (*path, Item(known, str(item[known]))))
    elif path:
        yield path, value


def leaves(obj: Object) -> dict[Path, Any]:
    return {
        path: leaf
        for path, leaf in flat(obj)
        if path not in _OURS_NOT and not (path[0] == "metadata" and path[1] in _SERVERS)
    }


def put(obj: Object, path: Path, leaf: Any) -> None:
    here: Any = obj
    for part, following in zip(path, (*path[1:], None), strict=True):
        if isinstance(part, Item):
            found = next((i for i in here if str(i.get(part.key)) == part.value), None)
            if found is None:
                found = {part.key: part.value}
                here.append(found)
            here = found
        elif following is None and leaf == {} and isinstance(here.get(part), dict):
            return  # an empty mapping asks for nothing in it
        elif following is None:
            here[part] = copy.deepcopy(leaf)
        else:
            wanted: Any = [] if isinstance(following, Item) else {}
            if not isinstance(here.get(part), type(wanted)):
                here[part] = wanted
            here = here[part]


def drop(obj: Object, path: Path) -> None:
    """Remove a leaf, and what is empty without it."""
    trail: list[tuple[Any, str | Item]] = []
    here: Any = obj
    for part in path:
        trail.append((here, part))
        if isinstance(part, Item):
            here = next((i for i in here if str(i.get(part.key)) == part.value), None)
        else:
            here = here.get(part) if isinstance(here, dict) else None
        if here is None and part is not path[-1]:
            return
    for holder, part in reversed(trail):
        if isinstance(part, Item):
            holder[:] = [i for i in holder if str(i.get(part.key)) != part.value or len(i) > 1]
        else:
            holder.pop(part, None)
        if holder:
            return


def applied(
    live: Object, asked: Object, owners: Owners, manager: str, *, force: bool
) -> tuple[Object, list[str]]:
    """Return the object with what was asked, and who disagrees where; then nothing has changed."""
    new = copy.deepcopy(live)
    before, wanted = leaves(live), leaves(asked)
    conflicts = [
        f"conflict with {min(others).removesuffix(UPDATE)!r}: {shown(path)}"
        for path, leaf in wanted.items()
        if path in before
        and before[path] != leaf
        and (others := owners.get(path, set()) - {manager})
        and not force
    ]
    if conflicts:
        return live, conflicts
    for path in [path for path, names in owners.items() if manager in names and path not in wanted]:
        owners[path].discard(manager)
        if not owners[path]:
            del owners[path]
            drop(new, path)
    for path, leaf in wanted.items():
        same = path in before and before[path] == leaf
        put(new, path, leaf)
        owners[path] = {*owners.get(path, set()), manager} if same else {manager}
    return new, []


def noted(old: Object, new: Object, owners: Owners, manager: str) -> None:
    """Note who changed what by another way than apply."""
    before, after = leaves(old), leaves(new)
    for path in before.keys() - after.keys():
        owners.pop(path, None)
    for path, leaf in after.items():
        if path not in before or before[path] != leaf:
            owners[path] = {manager + UPDATE}


def managed(owners: Owners) -> list[Object]:
    """Return ``metadata.managedFields``."""
    found = []
    for manager in sorted({name for names in owners.values() for name in names}):
        fields: Object = {}
        for path in sorted((p for p, names in owners.items() if manager in names), key=str):
            here = fields
            for part in path:
                word = (
                    f'k:{{"{part.key}":"{part.value}"}}' if isinstance(part, Item) else f"f:{part}"
                )
                here = here.setdefault(word, {})
        found.append(
            {
                "manager": manager.removesuffix(UPDATE),
                "operation": "Update" if manager.endswith(UPDATE) else "Apply",
                "fieldsType": "FieldsV1",
                "fieldsV1": fields,
            }
        )
    return found


def shown(path: Path) -> str:
    return "".join(f'[{p.key}="{p.value}"]' if isinstance(p, Item) else f".{p}" for p in path)


# --- patches --------------------------------------------------------------------------------------


def merged(value: Any, patch: Any) -> Any:
    """Merge as RFC 7386 says: null removes, lists are replaced."""
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    new = dict(value) if isinstance(value, Mapping) else {}
    for key, part in patch.items():
        if part is None:
            new.pop(key, None)
        else:
            new[key] = merged(new.get(key), part)
    return new


def strategic(value: Any, patch: Any) -> Any:
    """Merge as kubectl does, near enough: items of lists with names are merged by name."""
    if isinstance(patch, list) and isinstance(value, list) and (known := key_of(patch)):
        items = copy.deepcopy(value)
        for item in reversed(patch):  # new ones come first, in their order
            index = next((i for i, o in enumerate(items) if o.get(known) == item[known]), None)
            if item.get("$patch") == "delete":
                items = [o for o in items if o.get(known) != item[known]]
            elif index is None:
                items.insert(0, copy.deepcopy(item))
            else:
                items[index] = strategic(items[index], item)
        return items
    if not isinstance(patch, Mapping) or not isinstance(value, Mapping):
        return merged(value, patch)
    if patch.get("$patch") == "replace":
        return {k: copy.deepcopy(v) for k, v in patch.items() if k != "$patch"}
    new = dict(value)
    for key, part in patch.items():
        if part is None:
            new.pop(key, None)
        else:
            new[key] = strategic(new[key], part) if key in new else merged(None, part)
    return new


def rewritten(value: Any, operations: list[Object]) -> Any:
    """Carry out a JSON patch (add, replace, remove, test); ValueError when it cannot be."""
    new = copy.deepcopy(value)
    for one in operations:
        *way, last = [p.replace("~1", "/").replace("~0", "~") for p in one["path"].split("/")[1:]]
        try:
            here = new
            for part in way:
                here = here[int(part)] if isinstance(here, list) else here[part]
            _operate(here, last, one)
        except (KeyError, IndexError) as exc:
            raise ValueError(f"{one['op']} {one['path']}: no such path") from exc
    return new


def _operate(here: Any, last: str, one: Object) -> None:
    place: Any = last
    if isinstance(here, list):
        place = len(here) if last == "-" else int(last)
    match one["op"]:
        case "test":
            if here[place] != one["value"]:
                raise ValueError(f"test {one['path']}: {here[place]!r} is not {one['value']!r}")
        case "remove":
            del here[place]
        case "add" if isinstance(here, list):
            here.insert(place, one["value"])
        case "add":
            here[place] = one["value"]
        case "replace":
            _ = here[place]
            here[place] = one["value"]
        case other:
            raise ValueError(f"{other}: no such operation")
