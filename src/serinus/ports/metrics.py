"""Where numbers come from: one file for each product in ``adapters/metrics``."""

from typing import Protocol

from serinus.core.state.sample import Series as Series
from serinus.ports import failures


class Source(Protocol):
    """
    Ask a metric source.

    A question may be asked again at any time and changes nothing. An empty answer is an answer: no
    series. ``Rejected``: the source understood and will never answer (the query is wrong, the
    credentials are). ``Unavailable``: not now (nobody answers, too slowly, something else than
    what was asked for, too much of it). The message names the source without its credentials.
    """

    async def instant(self, query: str, at: float) -> tuple[Series, ...]:
        """Return each series with its one value at an instant (epoch seconds)."""
        ...

    async def range(
        self, query: str, start: float, end: float, step_s: float
    ) -> tuple[Series, ...]:
        """Return each series between two instants, a value every ``step_s`` seconds."""
        ...


class Metrics(Protocol):
    """Find the metric sources of environments by the names that checks call them."""

    def source(self, environment: str, name: str) -> Source:
        """
        Return a source, cheaply: it may be asked for before each question.

        ``Rejected`` for a name that the environment does not know, with those that it knows, and
        for one whose settings cannot be used, with what is wrong with them.
        """
        ...


class Nowhere:
    """No source at all: what a controller has that was given none."""

    def source(self, environment: str, name: str) -> Source:
        """Refuse, with the words in which every unknown source is told."""
        raise unknown(environment, name, ())


NOWHERE = Nowhere()
"""The one of its kind."""


def unknown(environment: str, name: str, known: tuple[str, ...]) -> failures.Rejected:
    """Say that an environment has no such source, and which it has."""
    return failures.Rejected(
        f"environment '{environment}' has no metric source '{name}'; "
        f"known: {', '.join(sorted(known)) or 'none'}",
        hint=f"write spec.metrics.{name} into the document of environment '{environment}'",
    )
