"""
Who is told what, as an environment says it::

    notify:
    - {to: on-call, on: [hold, rollback, failure, approval]}
    - {to: chat}

``to`` is the name of the secret that holds the address of the place, never the address.
"""

from collections.abc import Iterator, Mapping, Sequence

from serinus.core.errors import Problem
from serinus.core.spec import checker, formats
from serinus.core.spec.steps import _Written
from serinus.core.spec.topics import ALL, Topic


class Notify(_Written, frozen=True):
    """One place. ``on`` None: it is told everything."""

    to: str
    on: list[str] | None = None


def review(places: Sequence[Notify], path: str = "spec.notify") -> Iterator[Problem]:
    """Return what is wrong with the places, all at once."""
    named: set[str] = set()
    for index, place in enumerate(places):
        here = f"{path}[{index}]"
        if formats.wrong("name", place.to):
            # An address may stand here by mistake, and is not repeated.
            message = "this is not the name of a secret; wanted one such as on-call"
            yield Problem(f"{here}.to", f"{message}, which holds the address of the place")
        elif place.to in named:
            message = f"'{place.to}' is told already; say all of it in one place"
            yield Problem(f"{here}.to", message)
        named.add(place.to)
        if place.on is not None and not place.on:
            yield Problem(f"{here}.on", "it names nothing; without 'on' everything is told")
        for number, word in enumerate(place.on or ()):
            if word not in ALL:
                message = checker.unknown(word, list(Topic), "kind of news")
                yield Problem(f"{here}.on[{number}]", message)


def wishes(places: Sequence[Notify] | None) -> Mapping[str, frozenset[Topic]]:
    """Return what each place, by its name, wants to be told."""
    return {
        place.to: ALL if place.on is None else frozenset(Topic(word) for word in place.on)
        for place in places or ()
    }
