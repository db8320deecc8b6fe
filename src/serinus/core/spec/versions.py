"""Versions of templates: three numbers; the first one or two ask for the newest that begins so."""

import re

Key = tuple[int, int, int]

_FORM = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


def key(version: str) -> Key | None:
    """Read a template's version, None when it is none."""
    match = _FORM.fullmatch(version)
    return None if match is None else (int(match[1]), int(match[2]), int(match[3]))


def fits(version: str, asked: str) -> bool:
    """Tell whether a version is what was asked for: ``1`` is every 1.x, empty is every one."""
    return not asked or version == asked or version.startswith(f"{asked}.")
