"""
Deeds: what somebody did, as the sentence that the log of decisions has of it.

::

    anna: rollback (too slow) – done: 100 % of the traffic is back at v1.

The sentence is the record: it is what every store keeps, so that who did what can be read wherever
events can.
"""

import re
from typing import NamedTuple

from serinus.core.state.intent import Intent

_FORM = re.compile(r"(?s)(.*?): (\w+)(?: \((.*)\))? – (done|refused): (.*)")


class Deed(NamedTuple):
    """Who asked for what and why, whether it was done, and what was answered."""

    actor: str
    verb: str
    reason: str
    done: bool
    answer: str


def told(intent: Intent, answer: str, *, done: bool) -> str:
    """Say what became of an intent."""
    why = f" ({intent.reason})" if intent.reason else ""
    return f"{intent.actor}: {intent.verb}{why} – {'done' if done else 'refused'}: {answer}"


def read(sentence: str) -> Deed | None:
    """Read what :func:`told` said; None for another sentence."""
    found = _FORM.fullmatch(sentence)
    if found is None:
        return None
    return Deed(found[1], found[2], found[3] or "", found[4] == "done", found[5])
