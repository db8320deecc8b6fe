"""How values are laid out in a text that people read: small ones in a line, large ones in lines."""

from typing import Any

from serinus.adapters.local import edits

_WIDE = 72
"""What is shorter stands in one line."""


def flow(value: Any) -> str:
    """Write a value in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return edits.written(value)


def block(value: dict[Any, Any] | list[Any], column: int) -> str:
    """Write a mapping or a list in lines that begin at a column, counted from zero."""
    pad = " " * column
    if isinstance(value, list):
        return "".join(f"{pad}- {_item(item, column + 2)}" for item in value)
    return "".join(f"{pad}{_key(key)}:{_below(inner, column)}" for key, inner in value.items())


def _item(value: Any, column: int) -> str:
    if isinstance(value, dict) and value and not _small(value):
        return block(value, column)[column:]
    return f"{flow(value)}\n"


def _below(value: Any, column: int) -> str:
    """Write what stands behind a key, in its line or below it."""
    if isinstance(value, list) and value and any(isinstance(v, dict | list) for v in value):
        return f"\n{block(value, column)}"
    if isinstance(value, dict) and value and not _small(value):
        return f"\n{block(value, column + 2)}"
    return f" {flow(value)}\n"


def _small(value: dict[Any, Any]) -> bool:
    plain = not any(isinstance(v, dict) for v in value.values())
    return plain and len(value) > 1 and len(flow(value)) <= _WIDE


def _key(key: Any) -> str:
    return edits.written(str(key))
