"""
What lies in a directory, and which command starts it: suggestions for a new application.

Files are read, none is run, and of each only the beginning is read. What is not understood suggests
nothing: people know their command better.
"""

import json
import re
import shlex
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

LARGEST = 1 << 18
"""Bytes of a file that are looked at."""

MOST = 200
"""Files of a directory that are looked at."""

_PORT = re.compile(r"\$PORT\b|\$\{PORT(?::?-[^{}]*)?\}")
_SHELL = re.compile(r"[|&;<>()`*?\n$]|^\s*\w+=")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_NUMBER = re.compile(r"(--?(?:port|p|listen|bind|b)[ =](?:[\w.]*:)?|:)\d{2,5}\b")
_HEALTH = re.compile(r"/(?:healthz|health|readyz|ready|livez|ping)\b")
_PROCESS = re.compile(r"^web:[ \t]*(\S.*)$", re.MULTILINE)
_APP = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=\s*(FastAPI|Starlette|Flask)\(", re.MULTILINE)
_MAGIC = (b"\x7fELF", b"#!")


class Suggestion(NamedTuple):
    """
    A command that may start what lies there.

    ``source``: the file that says so. ``files``: what belongs to a version. ``health``: a path that
    the source mentions.
    """

    command: str
    source: str
    files: tuple[str, ...] = ()
    health: str = "/"


def suggestions(directory: Path) -> tuple[Suggestion, ...]:
    """Return the commands that may start what lies in a directory, the surest first."""
    found: dict[str, Suggestion] = {}
    for look in (_procfile, _caddy, _node, _project, _django, _python, _binaries, _pages):
        for one in look(directory):
            found.setdefault(one.command, one)
    return tuple(found.values())


# --- files that say it --------------------------------------------------------------------------


def _procfile(directory: Path) -> Iterator[Suggestion]:
    line = _PROCESS.search(_read(directory / "Procfile"))
    if line:
        yield Suggestion(_command(line[1]), "Procfile")


def _caddy(directory: Path) -> Iterator[Suggestion]:
    text = _read(directory / "Caddyfile")
    if text:
        command = "caddy run --adapter caddyfile --config ${files}/Caddyfile"
        yield Suggestion(command, "Caddyfile", ("Caddyfile",), _health(text))


def _node(directory: Path) -> Iterator[Suggestion]:
    try:
        package = json.loads(_read(directory / "package.json") or "{}")
    except (ValueError, RecursionError):
        return
    start = _below(package, "scripts", "start")
    if isinstance(start, str) and start.startswith("node ") and not _SHELL.search(start):
        yield Suggestion(_command(start), "package.json: scripts.start")
    elif isinstance(start, str):
        yield Suggestion("npm start --silent", "package.json: scripts.start")
    main = _below(package, "main")
    if isinstance(main, str) and (directory / main).is_file():
        yield Suggestion(f"node {shlex.quote(main)}", "package.json: main")


def _project(directory: Path) -> Iterator[Suggestion]:
    try:
        project = tomllib.loads(_read(directory / "pyproject.toml"))
    except (ValueError, RecursionError):
        return
    scripts = _below(project, "project", "scripts")
    for name in scripts if isinstance(scripts, dict) else {}:
        yield Suggestion(shlex.quote(name), "pyproject.toml: project.scripts")


def _django(directory: Path) -> Iterator[Suggestion]:
    if "django" in _read(directory / "manage.py"):
        command = "python manage.py runserver --noreload 127.0.0.1:${port}"
        yield Suggestion(command, "manage.py")


def _python(directory: Path) -> Iterator[Suggestion]:
    for name in ("main", "app"):
        text = _read(directory / f"{name}.py")
        made = _APP.search(text)
        if made and made[2] == "Flask":
            command = f"flask --app {name}:{made[1]} run --port ${{port}}"
            yield Suggestion(command, f"{name}.py", health=_health(text))
        elif made:
            command = f"uvicorn {name}:{made[1]} --port ${{port}}"
            yield Suggestion(command, f"{name}.py", health=_health(text))


# --- files that are it --------------------------------------------------------------------------


def _binaries(directory: Path) -> Iterator[Suggestion]:
    """Suggest programs; the one that is called as the directory comes first."""
    found = [path for path in _listed(directory) if _is_program(path)]
    for path in sorted(found, key=lambda p: (p.name != directory.name, p.name)):
        yield Suggestion(f"./{shlex.quote(path.name)}", f"{path.name}, a program")


def _pages(directory: Path) -> Iterator[Suggestion]:
    if (directory / "index.html").is_file():
        command = "python3 -m http.server --bind 127.0.0.1 ${port}"
        yield Suggestion(command, "index.html")


def _is_program(path: Path) -> bool:
    try:
        if not path.stat().st_mode & stat.S_IXUSR:
            return False
        with path.open("rb") as file:
            return file.read(4).startswith(_MAGIC)
    except OSError:
        return False


# --- reading ------------------------------------------------------------------------------------


def _listed(directory: Path) -> list[Path]:
    try:
        names = sorted(path for path in directory.iterdir() if path.is_file())
    except OSError:
        return []
    return names[:MOST]


def _read(path: Path) -> str:
    """Return the beginning of a regular file as text, nothing if there is none."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _command(line: str) -> str:
    """Turn a line for a shell into a command that needs none, if that can be."""
    line = line.strip()
    ported = _PORT.sub("", line)
    if _SHELL.search(ported):
        return shlex.join(["sh", "-c", _VARIABLE.sub(r"$\1", line)])
    if ported != line:
        return _PORT.sub("${port}", line)
    return _NUMBER.sub(r"\1${port}", line, count=1)


def _health(text: str) -> str:
    found = _HEALTH.search(text)
    return found[0] if found else "/"


def _below(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data
