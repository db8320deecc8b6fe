"""
Places in a document, written as people read them: ``spec.delivery.plan[0].hold.for``.

A place is a tuple of keys and indices; its text is the ``path`` of a problem.
"""

import re

Place = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_/@-]*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{6})|(.))")
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\.?([^.\[\]]+)')


def text(place: Place) -> str:
    """Write a place."""
    written = ""
    for part in place:
        if isinstance(part, int):
            written += f"[{part}]"
        elif _PLAIN.fullmatch(part):
            written += f".{part}" if written else part
        else:
            written += f'["{"".join(_escaped(letter) for letter in part)}"]'
    return written


def parse(text: str) -> Place:
    """Read what :func:`text` wrote."""
    place: list[str | int] = []
    for quoted, index, plain in _STEP.findall(text):
        if index:
            place.append(int(index))
        elif plain:
            place.append(plain)
        else:
            place.append(_ESCAPE.sub(_plain, quoted))
    return tuple(place)


def pointer(text: str) -> Place:
    """Read a JSON pointer (``/parameters/start``) as a place; digits are indices."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]
    return tuple(int(part) if _INDEX.fullmatch(part) else part for part in parts)


def _escaped(letter: str) -> str:
    """Write a letter of a quoted key, so that a path is one line."""
    if letter in {"\\", '"'}:
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\u{ord(letter):06x}"


def _plain(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]
