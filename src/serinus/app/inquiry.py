"""
Inquiries: a number for a forecast that a metric source knows, and nobody has counted here.

::

    prometheus:sum(rate(http_requests_total{app="$application"}[1h]))
    ───┬────── ────────────────────────┬─────────────────────────────
     source                          query
"""

import re
from datetime import datetime
from typing import NamedTuple

from serinus.core.analysis import question
from serinus.core.spec import promql
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.metrics import Metrics

WINDOW = "1h"
"""What ``$window`` in a query stands for."""

_FORM = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(.+)", re.DOTALL)


class Inquiry(NamedTuple):
    """A query to a source, by its name in the environment."""

    source: str
    query: str


def read(text: str) -> Inquiry | None:
    """Read an inquiry; None if the text is something else, such as a number."""
    found = _FORM.fullmatch(text.strip())
    return Inquiry(found[1], found[2].strip()) if found and found[2].strip() else None


def wrong(inquiry: Inquiry) -> str:
    """Say what is wrong with the names in a query, empty if nothing is."""
    arms = sorted(promql.OF_ARMS & promql.used(inquiry.query))
    if arms:
        return f"${arms[0]} is of a release, and there is none yet; wanted a query for everybody"
    return promql.wrong(inquiry.query)


async def ask(what: str, inquiry: Inquiry, key: Key, metrics: Metrics, now: datetime) -> float:
    """
    Return the one number that a source says; ``what`` it is asked for is named in failures.

    ``Rejected`` where it says none, several, or something that is no number.
    """
    place = labels.parted(key.application)
    common = {
        "application": key.application,
        "namespace": place.namespace,
        "name": place.name,
        "environment": key.environment,
        "window": WINDOW,
    }
    source = metrics.source(key.environment, inquiry.source)
    query = promql.filled(inquiry.query, common)
    answer = question.number(await source.instant(query, now.timestamp()))
    if answer.value is None:
        why = answer.problem or "no data: no series fits the query"
        raise failures.Rejected(f"{what}: {inquiry.source} has no number for it", why=why)
    return answer.value
