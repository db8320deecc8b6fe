"""
Which environments a change of a document reaches: those in which it says something else then.

::

    spec.version                               every environment that does not say its own
    spec.environments.prod.version             prod
    metadata.labels, and all that is new       every environment

Rights are given by environment, so that this decides whose right a change needs. What is written is
compared, not what it comes to: a difference too many asks for a right too many, and never for one
too few.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from serinus.app.level import ABSENT, below, mapping

_ENVIRONMENTS = "environments"
_INSTEAD = "\0"
"""The key of what a mapping was put in the place of, which merges otherwise than nothing does."""


def named(data: Any) -> frozenset[str]:
    """Return the environments of which a document says something of their own."""
    return frozenset(map(str, mapping(below(data, ("spec", _ENVIRONMENTS)))))


def changed(before: Any, after: Any, environments: Iterable[str]) -> frozenset[str]:
    """
    Return those of some environments in which two documents do not say the same.

    ``before``, ``after``: plain data; None: there is none, or it cannot be read, and then every
    environment is changed. Environments that a document names itself are always among them.
    """
    known = {*environments, *named(before), *named(after)}
    if before is None or after is None:
        return frozenset(known)
    return frozenset(one for one in known if _within(before, one) != _within(after, one))


def _within(data: Any, environment: str) -> Any:
    """Return a document as one environment reads it, with the nulls that take away."""
    spec = below(data, ("spec",))
    if not isinstance(spec, Mapping):
        return data
    base = {key: value for key, value in spec.items() if key != _ENVIRONMENTS}
    patch = below(spec, (_ENVIRONMENTS, environment))
    whole = base if patch is ABSENT else _over(base, patch)
    return {**data, "spec": whole}


def _over(base: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    if not isinstance(base, Mapping):
        return dict(patch) if base is ABSENT else {_INSTEAD: base, **patch}
    merged = dict(base)
    for key, value in patch.items():
        merged[key] = _over(base.get(key, ABSENT), value)
    return merged
