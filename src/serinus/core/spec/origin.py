"""Origins: which layer each value came from, for people; and where it was written, for problems."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import patch, place, placeholder
from serinus.core.spec.place import Place
from serinus.core.spec.template import BODY

DEFAULT = "template default"
EVERYWHERE = "default of every template"


class Origins:
    """
    A ledger, filled while layers meet.

    ``base`` is the path for what only the template says: ``spec`` in the template itself, whose
    readers need not be told its name. ``default`` makes the path at which a person would set a
    parameter that nobody set.
    """

    def __init__(self, template: str, base: str, default: str) -> None:
        """Begin with nothing but the template's own word."""
        self._template, self._base, self._default = template, base, default
        self._parameters: dict[str, tuple[str, str]] = {}
        self._patches: dict[Place, tuple[str, str]] = {}
        self._used: Mapping[Place, str] = {}
        self._body: Mapping[str, Any] = {}

    def parameter(self, name: str, origin: str, path: str) -> None:
        """Note that a layer gave a parameter."""
        self._parameters[name] = (origin, path)

    def default(self, name: str) -> None:
        """Note that a parameter has a default, for when no layer gave it."""
        self._parameters.setdefault(name, (DEFAULT, self._default.format(name)))

    def patch(self, places: Iterable[Place], origin: str, path: str) -> None:
        """Note that a layer patched places of the body; what was noted below them is gone."""
        for leaf in places:
            for known in [p for p in self._patches if p[: len(leaf)] == leaf]:
                del self._patches[known]
            self._patches[leaf] = (origin, path)

    def fill(self, used: Mapping[Place, str], body: Mapping[str, Any]) -> None:
        """Note which parameters stand where in the body."""
        self._used, self._body = used, body

    def provenance(self) -> dict[str, str]:
        """Return the origin of each parameter, key of the body, patch and filled placeholder."""
        found = {f"parameters.{name}": origin for name, (origin, _) in self._parameters.items()}
        own = f"template {self._template}"
        found |= {key: own if key in self._body else EVERYWHERE for key in BODY}
        found |= {place.text(p): origin for p, (origin, _) in self._patches.items()}
        for where, name in self._used.items():
            origin, _ = self._parameters.get(name, (DEFAULT, ""))
            found[place.text(where)] = f"{origin}: {name}"
        return found

    def lead(self, problem: Problem) -> Problem:
        """Lead a problem of the body to where people wrote its value."""
        here = place.parse(problem.path)
        name = self._parameter_at(here)
        if name is not None:
            _, path = self._parameters.get(name, ("", self._default.format(name)))
            return msgspec.structs.replace(problem, path=path)
        written = [p for p in self._patches if p == here[: len(p)]]
        if not written:
            written = [p for p in self._patches if patch.touches(p, here)][:1]
        if written:
            _, base = self._patches[max(written, key=len)]
            return msgspec.structs.replace(problem, path=f"{base}.{problem.path}")
        path = f"{self._base}.{problem.path}"
        said = "" if self._base == "spec" else f" (template {self._template})"
        return msgspec.structs.replace(problem, path=path, message=f"{problem.message}{said}")

    def _parameter_at(self, here: Place) -> str | None:
        value: Any = self._body
        for part in here:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
            name = placeholder.name(value)
            if name in self._used.values():
                return name
        return None
