"""Hypothesis strategies for specs: resolved values, and documents as YAML reads them."""

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from serinus.core.spec import calendar, place, requests, wayback
from serinus.core.spec import delivery as d

LENGTHS = st.integers(0, 366 * 86_400_000).map(lambda ms: dt.timedelta(milliseconds=ms))
SHARES = st.integers(0, 100_000_000).map(lambda n: Fraction(n, 100_000_000))
AMOUNTS = st.integers(0, 10**15).map(lambda n: Fraction(n, 1000))
PLACES: st.SearchStrategy[place.Place] = st.lists(
    st.integers(0, 999) | st.text(max_size=8), max_size=6
).map(tuple)

_SECONDS = st.integers(0, 10**9).map(lambda ms: ms / 1000)
_FRACTIONS = st.floats(0, 1)
_CHOICES = st.sampled_from(["hold", "rollback"])
_WEEKLY = st.builds(
    calendar.Weekly,
    from_day=st.integers(0, 6),
    from_minute=st.integers(0, 1439) | st.sampled_from([0, 120, 150, 180]),
    to_day=st.integers(0, 6),
    to_minute=st.integers(0, 1440) | st.sampled_from([0, 120, 150, 180]),
)
_INSTANTS = st.integers(0, 2 * 366 * 86_400).map(
    lambda s: dt.datetime(2025, 6, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=s)
)
_ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
)
WINDOWS: st.SearchStrategy[calendar.Window] = st.builds(
    calendar.Window,
    name=st.just("w"),
    blackout=st.booleans(),
    zone=_ZONES,
    hours=st.lists(_WEEKLY, max_size=3).map(tuple),
    begins=st.none() | _INSTANTS,
    ends=st.none() | _INSTANTS,
    message=st.text(max_size=5),
)
_APPROVALS = st.builds(
    d.Approval,
    roles=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    count=st.integers(1, 20),
    timeout_s=st.none() | _SECONDS,
    on_timeout=_CHOICES,
    expires_s=st.none() | _SECONDS,
)
_WEBHOOKS = st.builds(
    d.Webhook,
    url=st.text(max_size=10),
    secret=st.text(max_size=5),
    timeout_s=_SECONDS,
    on_refusal=_CHOICES,
)
_GATES = st.lists(_APPROVALS | _WEBHOOKS | st.builds(d.WindowGate, window=WINDOWS), max_size=2).map(
    tuple
)
_HOLDS = st.builds(d.Hold, for_s=_SECONDS, min_samples=st.integers(0, 10**6))
_MILLE = st.integers(0, d.FULL)
_WORDS = st.lists(st.text(max_size=5), max_size=2).map(tuple)
_CONDITIONS = st.builds(
    requests.Condition,
    part=st.sampled_from(requests.Part),
    name=st.text(max_size=5),
    value=st.none() | st.text(max_size=5),
    pattern=st.booleans(),
)
_MATCHES = st.builds(
    requests.Match, conditions=st.lists(_CONDITIONS, min_size=1, max_size=2).map(tuple)
)
STEPS: st.SearchStrategy[d.Step] = st.one_of(
    st.builds(d.TrafficStep, share=_MILLE, hold=_HOLDS, gates=_GATES, manual=st.booleans()),
    st.builds(d.PreviewStep, replicas=_MILLE, hold=_HOLDS, gates=_GATES),
    st.builds(d.MirrorStep, share=_MILLE, methods=_WORDS, hold=_HOLDS, gates=_GATES),
    st.builds(
        d.MatchStep,
        matches=st.lists(_MATCHES, max_size=2).map(tuple),
        share=_MILLE,
        hold=_HOLDS,
        gates=_GATES,
    ),
    st.builds(d.SwitchStep, gates=_GATES),
    st.builds(d.ReplaceStep, max_surge=_MILLE, max_unavailable=_MILLE, gates=_GATES),
    st.builds(d.RecreateStep, timeout_s=_SECONDS, gates=_GATES),
    st.builds(d.SettleStep, keep_old_s=_SECONDS),
)
_BURNS = st.builds(d.Burn, long_s=_SECONDS, short_s=_SECONDS, rate=st.floats(0, 1000))
_AGAINST = st.builds(d.AgainstStable, ratio=st.floats(1, 100), plus=_FRACTIONS) | st.builds(
    d.AgainstSlo,
    max=_FRACTIONS,
    rollback=st.booleans(),
    over_s=_SECONDS,
    burns=st.lists(_BURNS, max_size=2).map(tuple),
    freeze=st.booleans(),
)
_NAMES = st.text(min_size=1, max_size=10)
CHECKS: st.SearchStrategy[d.Check] = st.one_of(
    st.builds(d.ErrorsCheck, name=_NAMES, against=_AGAINST, weight=_FRACTIONS),
    st.builds(
        d.LatencyCheck,
        name=_NAMES,
        against=_AGAINST,
        bounds_ms=st.lists(st.integers(1, 60_000), max_size=4).map(tuple),
        weight=_FRACTIONS,
    ),
    st.builds(
        d.LogCheck,
        name=_NAMES,
        against=_AGAINST,
        pattern=st.text(max_size=5),
        weight=_FRACTIONS,
    ),
)
_NUMBERS = st.none() | st.floats(-1000, 1000)
_BESIDE = st.builds(d.Threshold, min=_NUMBERS, max=_NUMBERS, strikes=st.integers(1, 9)) | st.builds(
    d.Compared, ratio=st.floats(1, 100), plus=_FRACTIONS, higher=st.booleans()
)
LOOKS: st.SearchStrategy[d.Look] = st.one_of(
    st.builds(d.QueryCheck, name=_NAMES, against=_BESIDE, query=st.text(max_size=9)),
    st.builds(d.UsageCheck, name=_NAMES, against=_BESIDE, what=st.sampled_from(["memory", "cpu"])),
    st.builds(d.NewLinesCheck, name=_NAMES, pattern=st.text(max_size=5), times=st.integers(1, 9)),
)
_PAIRS = st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=2).map(tuple)
DELIVERIES: st.SearchStrategy[d.Delivery] = st.builds(
    d.Delivery,
    strategy=st.sampled_from(d.Strategy),
    steps=st.lists(STEPS, max_size=4).map(tuple),
    checks=st.lists(CHECKS, max_size=3).map(tuple),
    looks=st.lists(LOOKS, max_size=3).map(tuple),
    sticky_s=_SECONDS,
    edits=st.builds(requests.Edits, set=_PAIRS, remove=_WORDS),
    goals=st.lists(
        st.builds(requests.Goal, name=_NAMES, path=st.text(max_size=5), methods=_WORDS), max_size=2
    ).map(tuple),
    template=st.text(max_size=5),
    template_version=st.text(max_size=5),
    warmup_s=_SECONDS,
    quarantine=st.booleans(),
    margin=st.builds(wayback.Margin, ratio=st.floats(1, 100), plus=_FRACTIONS),
    on_unverified=st.sampled_from(wayback.Unverified),
    on_no_data=st.builds(wayback.NoDataPolicy, hold_s=_SECONDS, then=st.sampled_from(["zero"])),
    retreat=st.builds(
        wayback.RetreatPolicy,
        probes=st.none() | st.integers(1, 5),
        max_retreats=st.none() | st.integers(0, 10),
        trial_s=_SECONDS,
        age_s=_SECONDS,
    ),
)

# --- documents ----------------------------------------------------------------------------------

_TEMPTING = st.sampled_from(
    [
        *("1%", "0%", "110%", "5m", "0s", "1", "-1", "auto", "canary", "blueGreen", "", "${bake}"),
        *("${", "a${bake}b", "x y", "\0", "\ud800", "²", "${port}", "'", "local", "rollback"),
        *("x-a=~(", "x-a=b\n", "=", "Mon 24:00", "Sun 25:00", "2026-12-24T12:00:00Z", "/a*b"),
        *("0001-01-01T00:00:00+14:00", "Europe/Belin", "https://a:b@c", "default", "GET", "[0-9"),
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
