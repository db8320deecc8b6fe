"""
Metric sources: which kinds there are, how their settings are reviewed, and who is asked.

A kind is a module of ``adapters/metrics``; its name is the word in an Environment::

    spec:
      metrics:
        prometheus: {url: http://127.0.0.1:9090}
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters import metrics as adapters
from serinus.core.errors import Problem, SpecError
from serinus.core.spec import checker, place, problems
from serinus.core.spec.application import Environment
from serinus.ports import failures, metrics
from serinus.ports.metrics import Source

Secret = Callable[[str], str]
"""Returns a secret by its name; Rejected when there is none."""


def names() -> tuple[str, ...]:
    """Return the names of all kinds, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(adapters.__path__)))


def review(written: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the ``metrics`` of an environment; paths begin below it."""
    for name, settings in written.items():
        if name not in names():
            yield Problem(place.text((name,)), checker.unknown(name, names(), "metric source"))
        else:
            yield from _read(name, settings)[1]


class Sources:
    """
    Find the sources of environments; see :class:`serinus.ports.metrics.Metrics` for the contract.

    ``environments`` returns their documents as they are now: what is changed there holds from the
    next question on.
    """

    def __init__(
        self, environments: Callable[[], Mapping[str, Environment]], secret: Secret
    ) -> None:
        self._environments = environments
        self._secret = secret
        self._made: dict[tuple[str, str], tuple[Any, Source]] = {}

    def source(self, environment: str, name: str) -> Source:
        """Return a source, the same one until its settings change."""
        found = self._environments().get(environment)
        written = {} if found is None else found.spec.metrics
        if name not in written or name not in names():
            raise metrics.unknown(environment, name, tuple(n for n in written if n in names()))
        before = self._made.get((environment, name))
        if before is not None and before[0] == written[name]:
            return before[1]
        settings, wrong = _read(name, written[name])
        errors = problems.errors(wrong)
        if errors:
            told = "; ".join(f"spec.metrics.{problem}" for problem in errors)
            raise failures.Rejected(f"environment '{environment}': {told}", hint="serinus lint")
        made: Source = _adapter(name).Source(settings, self._secret)
        self._made[environment, name] = (written[name], made)
        return made


def at(address: str) -> Source:
    """
    Return the Prometheus at an address, asked without credentials; see :class:`Source`.

    Raises SpecError with what is wrong with the address.
    """
    settings, wrong = _read("prometheus", {"url": address})
    errors = problems.errors(wrong)
    if errors:
        raise SpecError(errors)
    made: Source = _adapter("prometheus").Source(settings, no_secret)
    return made


def no_secret(name: str) -> str:
    """Refuse to say a secret: nobody was told where they are."""
    raise failures.Rejected(f"the secret '{name}' was not asked for")


def _read(name: str, written: object) -> tuple[Any, tuple[Problem, ...]]:
    """Return the settings of a known kind, and what is wrong with them."""
    adapter = _adapter(name)
    settings, wrong = checker.check(written, adapter.Settings)
    if settings is not None:
        wrong = tuple(adapter.review(settings))
    return settings, tuple(_below(name, problem) for problem in wrong)


def _below(name: str, problem: Problem) -> Problem:
    path = place.text((name, *place.parse(problem.path)))
    return msgspec.structs.replace(problem, path=path)


def _adapter(name: str) -> Any:
    """Import a kind where it is used: they bring HTTP, which no command should wait for."""
    return importlib.import_module(f"{adapters.__name__}.{name}")
