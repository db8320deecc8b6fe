"""
The search of every list: words, labels, exact texts, and what is not wanted.

::

    shop state:held,paused !environment:prod "v1.4.2"

A word is found anywhere in a line, whatever its case. ``label:value`` looks at one of the labels
that the list knows, where ``*`` stands for anything; several values of a label are alternatives. A
text in quotes is one whole value. ``!`` says what is not wanted. Everything has to hold.
"""

import fnmatch
import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

_TERM = re.compile(r'(!?)(?:([A-Za-z][A-Za-z-]*):)?(?:"([^"]*)"?|(\S+))')

Facts = Mapping[str, str | Sequence[str]]
"""What a line says, by label."""


class Term(NamedTuple):
    """
    One thing that has to hold: a label's value, or (``label`` empty) a word of any of them.

    ``exact``: it is a whole value. ``wanted``: False for what must not be there.
    """

    value: str
    label: str = ""
    exact: bool = False
    wanted: bool = True

    def __str__(self) -> str:
        """Write it as it is typed."""
        value = (
            f'"{self.value}"' if self.exact or not self.value or " " in self.value else self.value
        )
        label = f"{self.label}:" if self.label else ""
        return f"{'' if self.wanted else '!'}{label}{value}"

    def fits(self, facts: Facts) -> bool:
        """Tell whether a line has it, wanted or not."""
        values = [value.lower() for value in _values(facts, self.label)]
        sought = self.value.lower()
        if self.exact:
            return sought in values
        if not self.label:
            return any(sought in value for value in values)
        return any(
            fnmatch.fnmatchcase(value, one) for one in sought.split(",") if one for value in values
        )


class Query(NamedTuple):
    """What was searched for."""

    terms: tuple[Term, ...] = ()

    def __str__(self) -> str:
        """Write it as it is typed."""
        return " ".join(map(str, self.terms))

    def fits(self, facts: Facts) -> bool:
        """Tell whether everything holds of a line."""
        labels: dict[str, bool] = {}
        for term in self.terms:
            held = term.fits(facts)
            if not term.wanted or not term.label:
                if held != term.wanted:
                    return False
            else:
                labels[term.label] = labels.get(term.label, False) or held
        return all(labels.values())

    def has(self, label: str, value: str) -> bool:
        """Tell whether a label's value is asked for: whether its chip is pressed."""
        return Term(value, label) in self.terms or Term(value, label, exact=True) in self.terms

    def toggled(self, label: str, value: str) -> "Query":
        """Return the query with a label's value, or without it if it was there."""
        kept = tuple(t for t in self.terms if (t.label, t.value, t.wanted) != (label, value, True))
        if self.has(label, value):
            return Query(kept)
        return Query((*kept, Term(value, label, exact=" " in value)))


def parse(text: str, labels: Collection[str] = ()) -> Query:
    """
    Read what somebody typed; nothing in it is wrong.

    ``labels``: those that the list knows; what looks like another one is a word with a colon.
    """
    found = []
    for negated, written, quoted, plain in _TERM.findall(text):
        label = written.lower() if written.lower() in labels else ""
        said = plain or quoted
        value = f"{written}:{said}" if written and not label else said
        exact = not plain and value == said
        if value:
            found.append(Term(value, label, exact, not negated))
    return Query(tuple(found))


def _values(facts: Facts, label: str) -> list[str]:
    found = [facts.get(label, ())] if label else list(facts.values())
    return [one for value in found for one in ([value] if isinstance(value, str) else value)]
