"""Hypothesis strategies for specs: resolved values, and documents as YAML reads them."""

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from serinus.core.spec import delivery as d
from serinus.core.spec import place

LENGTHS = st.integers(0, 366 * 86_400_000).map(lambda ms: dt.timedelta(milliseconds=ms))
SHARES = st.integers(0, 100_000_000).map(lambda n: Fraction(n, 100_000_000))
AMOUNTS = st.integers(0, 10**15).map(lambda n: Fraction(n, 1000))
PLACES: st.SearchStrategy[place.Place] = st.lists(
    st.integers(0, 999) | st.text(max_size=8), max_size=6
).map(tuple)

_SECONDS = st.integers(0, 10**9).map(lambda ms: ms / 1000)
_FRACTIONS = st.floats(0, 1)
_GATES = st.lists(
    st.builds(
        d.Approval,
        roles=st.lists(st.text(max_size=5), max_size=2).map(tuple),
        count=st.integers(1, 20),
        timeout_s=st.none() | _SECONDS,
        on_timeout=st.sampled_from(["hold", "rollback"]),
    ),
    max_size=2,
).map(tuple)
_HOLDS = st.builds(d.Hold, for_s=_SECONDS, min_samples=st.integers(0, 10**6))
_MILLE = st.integers(0, d.FULL)
STEPS: st.SearchStrategy[d.Step] = st.one_of(
    st.builds(d.TrafficStep, share=_MILLE, hold=_HOLDS, gates=_GATES, manual=st.booleans()),
    st.builds(d.PreviewStep, replicas=_MILLE, hold=_HOLDS, gates=_GATES),
    st.builds(d.SwitchStep, gates=_GATES),
    st.builds(d.ReplaceStep, max_surge=_MILLE, max_unavailable=_MILLE, gates=_GATES),
    st.builds(d.RecreateStep, timeout_s=_SECONDS, gates=_GATES),
    st.builds(d.SettleStep, keep_old_s=_SECONDS),
)
_AGAINST = st.builds(d.AgainstStable, ratio=st.floats(1, 100), plus=_FRACTIONS) | st.builds(
    d.AgainstSlo, max=_FRACTIONS, rollback=st.booleans()
)
_NAMES = st.text(min_size=1, max_size=10)
CHECKS: st.SearchStrategy[d.Check] = st.builds(
    d.ErrorsCheck, name=_NAMES, against=_AGAINST, weight=_FRACTIONS
) | st.builds(
    d.LatencyCheck,
    name=_NAMES,
    against=_AGAINST,
    bounds_ms=st.lists(st.integers(1, 60_000), max_size=4).map(tuple),
    weight=_FRACTIONS,
)
DELIVERIES: st.SearchStrategy[d.Delivery] = st.builds(
    d.Delivery,
    strategy=st.sampled_from(d.Strategy),
    steps=st.lists(STEPS, max_size=4).map(tuple),
    checks=st.lists(CHECKS, max_size=3).map(tuple),
    template=st.text(max_size=5),
    template_version=st.text(max_size=5),
    warmup_s=_SECONDS,
    quarantine=st.booleans(),
    margin=st.builds(d.Margin, ratio=st.floats(1, 100), plus=_FRACTIONS),
    on_unverified=st.sampled_from(d.Unverified),
    on_no_data=st.builds(d.NoDataPolicy, hold_s=_SECONDS, then=st.sampled_from(["zero"])),
    retreat=st.builds(d.RetreatPolicy, probes=st.integers(1, 5), trial_s=_SECONDS),
)

# --- documents ----------------------------------------------------------------------------------

_TEMPTING = st.sampled_from(
    [
        *("1%", "0%", "110%", "5m", "0s", "1", "-1", "auto", "canary", "blueGreen", "", "${bake}"),
        *("${", "a${bake}b", "x y", "\0", "\ud800", "²", "${port}", "'", "local", "rollback"),
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    _TEMPTING,
    st.dates(),
    st.datetimes(),
    st.sampled_from([10**30, -(10**400), float("inf"), b"bytes", {1, 2}]),
)
_KEYS = st.text(max_size=6) | st.none() | st.integers() | st.booleans() | st.dates()
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def damaged(draw: st.DrawFn, good: Mapping[str, Any]) -> Any:
    """Return a document in which up to three values, at any depth, are anything."""
    value: Any = good
    for _ in range(draw(st.integers(1, 3))):
        value = _damaged(draw, value)
    return value


def _damaged(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value, key=repr)))
        turned = {k: _damaged(draw, v) if k is key else v for k, v in value.items()}
        if not draw(st.integers(0, 5)):
            turned[draw(_KEYS)] = draw(ANYTHING)
        return turned
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        index = draw(st.integers(0, len(value) - 1))
        return [_damaged(draw, v) if i == index else v for i, v in enumerate(value)]
    return draw(ANYTHING)
