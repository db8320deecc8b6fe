"""
Kubeconfig files, as kubectl reads them: several are one, and paths in a file are beside that file.

::

    KUBECONFIG=~/.kube/config:/etc/prod      the first one that names something has the say

What a context names is then :class:`Chosen`: parts of the file, as they stand there.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from serinus.ports.failures import Rejected

Part = dict[str, Any]

_LISTS = (("clusters", "cluster"), ("contexts", "context"), ("users", "user"))
_FILES = {
    "cluster": ("certificate-authority",),
    "context": (),
    "user": ("client-certificate", "client-key", "tokenFile"),
}


class Chosen(NamedTuple):
    """One way into one cluster."""

    context: str
    namespace: str
    cluster: Part
    user: Part


def chosen(paths: Sequence[Path], context: str | None = None) -> Chosen:
    """
    Return what a context of the files names; None is the one that the files say is current.

    ``Rejected`` when a file cannot be read, or when what is named is not in them.
    """
    whole, shown = _merged(paths), ":".join(map(str, paths))
    name = context or whole["current-context"]
    if not name:
        known = ", ".join(sorted(whole["contexts"])) or "none"
        raise Rejected(
            f"{shown}: no context is current; known: {known}", hint="name one with --context"
        )
    found = _named(whole["contexts"], str(name), "context", shown)
    user = found.get("user")
    return Chosen(
        str(name),
        str(found.get("namespace") or "default"),
        _named(whole["clusters"], str(found.get("cluster")), "cluster", shown),
        _named(whole["users"], str(user), "user", shown) if user else {},
    )


def _named(parts: Mapping[str, Part], name: str, what: str, shown: str) -> Part:
    if name not in parts:
        known = ", ".join(sorted(parts)) or "none"
        raise Rejected(f"{shown}: there is no {what} {name!r}; known: {known}")
    return parts[name]


def _merged(paths: Sequence[Path]) -> dict[str, Any]:
    """Return all files as one; of two parts of one name the first counts."""
    whole: dict[str, Any] = {"current-context": None} | {plural: {} for plural, _ in _LISTS}
    there = [path for path in paths if path.is_file()]
    if not there:
        raise Rejected(
            f"{':'.join(map(str, paths))}: there is no kubeconfig",
            hint="name one with --kubeconfig, or in the variable KUBECONFIG",
        )
    for path in there:
        data = _read(path)
        whole["current-context"] = whole["current-context"] or data.get("current-context")
        for plural, singular in _LISTS:
            for entry in data.get(plural) or ():
                if not isinstance(entry, dict) or not isinstance(entry.get(singular), dict):
                    raise Rejected(f"{path}: {plural}: wanted entries with name and {singular}")
                part = _absolute(entry[singular], _FILES[singular], path.parent)
                whole[plural].setdefault(str(entry.get("name")), part)
    return whole


def _read(path: Path) -> Part:
    try:
        data = YAML(typ="safe", pure=True).load(path.read_text())
    except MarkedYAMLError as exc:  # its text would show the lines around, and with them a secret
        at = f", line {exc.problem_mark.line + 1}" if exc.problem_mark is not None else ""
        raise Rejected(f"{path}{at} is no YAML: {exc.problem}") from None
    except OSError as exc:
        raise Rejected(f"{path} cannot be read: {exc.strerror}") from exc
    except (ValueError, YAMLError):
        raise Rejected(f"{path} holds characters that no YAML has") from None
    if not isinstance(data, dict) or any(
        not isinstance(data.get(plural) or [], list) for plural, _ in _LISTS
    ):
        raise Rejected(f"{path} is no kubeconfig: wanted clusters, contexts and users")
    return data


def _absolute(part: Part, names: Sequence[str], folder: Path) -> Part:
    return {
        key: str(folder / value) if key in names and isinstance(value, str) and value else value
        for key, value in part.items()
    }
