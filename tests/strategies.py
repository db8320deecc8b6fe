"""
Values of every kind of state, as hypothesis draws them. A new type is added here.

Times are whole microseconds in UTC, as the stores keep them; numbers are finite.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from serinus.core.spec import delivery as spec
from serinus.core.state import (
    cohort,
    counts,
    explanation,
    gates,
    intent,
    notice,
    observed,
    release,
    sample,
    traffic,
    verdict,
    workload,
)

TYPES: tuple[type[msgspec.Struct], ...] = (
    cohort.Cohort,
    cohort.Side,
    cohort.Visit,
    counts.Arm,
    counts.ReplicaCounters,
    counts.RevisionCounters,
    counts.Scrape,
    counts.Tick,
    explanation.Explanation,
    gates.GateAnswer,
    gates.Question,
    intent.Answer,
    intent.Intent,
    notice.Event,
    notice.Key,
    observed.Freeze,
    observed.Observed,
    observed.Status,
    observed.Wanted,
    release.Progress,
    release.Release,
    release.Retreat,
    release.Wait,
    sample.Sample,
    spec.Delivery,
    traffic.Backend,
    traffic.Endpoint,
    traffic.Mirror,
    traffic.Ref,
    traffic.Route,
    traffic.Sticky,
    verdict.BudgetReading,
    verdict.GoalReading,
    verdict.LookReading,
    verdict.Reading,
    verdict.ReplicaReading,
    verdict.Report,
    verdict.StreamReading,
    verdict.Test,
    workload.Group,
    workload.HealthProbe,
    workload.Replica,
    workload.Revision,
    workload.Usage,
    workload.Workload,
)
SMALL = 2
"""Collections hold so many values at most: what is true of two is true of many."""

INSTANTS = st.integers(0, 2**40).map(
    lambda us: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
)
PLAIN: dict[Any, SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(2**31), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(st.characters(codec="utf-8"), max_size=8),
    datetime: INSTANTS,
    type(None): st.none(),
    Any: st.dictionaries(st.text(max_size=5), st.booleans() | st.text(max_size=5), max_size=SMALL),
}


def values(kind: Any) -> SearchStrategy[Any]:
    """Return values of one type, every field drawn."""
    return st.deferred(lambda: _values(kind))


@cache
def _values(kind: Any) -> SearchStrategy[Any]:
    if kind in PLAIN:
        return PLAIN[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return st.one_of(*map(_values, inner))
    if origin is tuple and inner[-1] is ...:
        return st.lists(_values(inner[0]), max_size=SMALL).map(tuple)
    if origin is tuple:
        return st.tuples(*map(_values, inner))
    if origin in {dict, Mapping}:
        return st.dictionaries(_values(inner[0]), _values(inner[1]), max_size=SMALL)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    fields = {field.name: _values(field.type) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)
