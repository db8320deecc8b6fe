"""
What is foretold, in words: what would change a verdict and when, at the traffic of this moment.

The numbers are :mod:`serinus.core.analysis.ahead`'s.
"""

from serinus.core.analysis import ahead, sentences
from serinus.core.analysis.ahead import AHEAD_S, Ahead, Traffic
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.sight import Sight
from serinus.core.analysis.strand import Strand
from serinus.core.spec.delivery import (
    Check,
    LatencyCheck,
    LogCheck,
    NetworkCheck,
    Threshold,
)
from serinus.core.spec.prose import several
from serinus.core.state.explanation import Forecast
from serinus.core.state.verdict import Outcome, TestKind

ALARM, ROLLED_BACK, VIOLATED, VERIFIED = "alarm", "rolledBack", "violated", "verified"
PROBE_FAILS, PROBE_PASSES = "probeFails", "probePasses"

_MINUTE = 60
_COARSE_S = 90.0


def length(seconds: float) -> str:
    """Write about how long something takes: ``40 s``, ``6 min``, ``1 h``."""
    if seconds < _COARSE_S:
        return f"{seconds:.0f} s"
    minutes = seconds / _MINUTE
    return f"{minutes:.0f} min" if minutes < _MINUTE else f"{minutes / _MINUTE:.2g} h"


def traffic(now: Traffic) -> str:
    """Say what traffic something is foretold for."""
    rate = f"{now.rate:.3g}" if now.rate < 1000 else f"{now.rate:,.0f}"  # noqa: PLR2004  digits
    requests = f"{rate} request{'' if rate == '1' else 's'}/s"
    if now.share >= 1.0:
        return f"at {requests}"
    return f"at {requests} with {sentences.percent(now.share)} to the candidate"


# --- if everything stays as it is ----------------------------------------------------------------


def stays(judge: Judge, now: Traffic) -> tuple[Forecast, ...]:
    """Say what comes of it if both arms go on as they did in this test."""
    if judge.alarmed or judge.violated or judge.probe is not Outcome.INCONCLUSIVE:
        return ()  # it is decided
    if judge.test.kind is TestKind.PROBE:
        return _probe(ahead.stays(judge, now))
    found = ahead.stays(judge, now)
    if found.violated_s is not None:
        return _violated(found)
    if judge.test.kind is TestKind.TAKEOVER:
        return _takeover(found, now)
    return (*_alarm(found), *_verified(judge, found, now))


def _probe(found: Ahead) -> tuple[Forecast, ...]:
    if found.probe_s is None:
        return ()
    fails = found.probe is Outcome.FAIL
    sentence = (
        f"the probe {'fails' if fails else 'passes'} after about {length(found.probe_s)} more"
        " if it stays as it is"
    )
    event = PROBE_FAILS if fails else PROBE_PASSES
    return (Forecast(event=event, share=None, seconds=found.probe_s, sentence=sentence),)


def _takeover(found: Ahead, now: Traffic) -> tuple[Forecast, ...]:
    if found.alarm_s is None:
        sentence = (
            f"it does not go back within {length(AHEAD_S)} {traffic(now)} if it stays as it is"
        )
        return (Forecast(event=ROLLED_BACK, share=None, seconds=None, sentence=sentence),)
    sentence = (
        f"it goes back for good after about {length(found.alarm_s)} more if {found.accused} stays"
        " as it is"
    )
    return (Forecast(event=ROLLED_BACK, share=None, seconds=found.alarm_s, sentence=sentence),)


def _violated(found: Ahead) -> tuple[Forecast, ...]:
    sentence = (
        f"{found.accused} violates its objective after about {length(found.violated_s or 0.0)} more"
        " if it stays as it is"
    )
    return (Forecast(event=VIOLATED, share=None, seconds=found.violated_s, sentence=sentence),)


def _alarm(found: Ahead) -> tuple[Forecast, ...]:
    if found.alarm_s is None:
        return ()
    sentence = (
        f"{found.accused} raises the alarm after about {length(found.alarm_s)} more if it stays"
        " as it is"
    )
    return (Forecast(event=ALARM, share=None, seconds=found.alarm_s, sentence=sentence),)


def _verified(judge: Judge, found: Ahead, now: Traffic) -> tuple[Forecast, ...]:
    if found.verified_s is not None:
        if found.verified_s <= judge.terms.block_s:
            return ()  # it is verified already
        sentence = (
            f"verified after about {length(found.verified_s)} more {traffic(now)} if it stays as"
            " good"
        )
        return (Forecast(event=VERIFIED, share=None, seconds=found.verified_s, sentence=sentence),)
    if found.alarm_s is not None:
        return ()
    sentence = (
        f"not verified within {length(AHEAD_S)} {traffic(now)} if it stays as it is; more of the"
        " traffic, or of the time, would show more"
    )
    return (Forecast(event=VERIFIED, share=None, seconds=None, sentence=sentence),)


# --- if it gets worse ----------------------------------------------------------------------------


def worse(judge: Judge, check: Check, shown: Strand, now: Traffic) -> tuple[Forecast, ...]:
    """Say how bad one check would have to get for the verdict to change soon."""
    if judge.test.kind is TestKind.PROBE or judge.alarmed or judge.violated == check.name:
        return ()
    if not shown.requests and not shown.known:
        return ()  # nobody counts it
    over = judge.test.kind is TestKind.TAKEOVER
    event = ROLLED_BACK if over else ALARM
    does = "would take it back for good" if over else "would raise the alarm"
    found = ahead.smallest(judge, now, check.name)
    if found is None:
        sentence = (
            f"{traffic(now)} not even {_bad(check, shown, 1.0)} {does} within {length(AHEAD_S)}"
        )
        return (Forecast(event=event, share=1.0, seconds=None, sentence=sentence),)
    if found.violated:
        event, does = VIOLATED, "would violate the objective"
    bad = _bad(check, shown, found.share)
    sentence = f"{traffic(now)}, {bad} {does} within {length(found.seconds)}"
    return (Forecast(event=event, share=found.share, seconds=found.seconds, sentence=sentence),)


def _bad(check: Check, shown: Strand, share: float) -> str:
    """Say what a share of bad requests is."""
    part = "all requests" if share >= 1.0 else sentences.percent(share)
    if isinstance(check, LatencyCheck):
        return f"{part} slower than {shown.bound_ms} ms"
    if isinstance(check, LogCheck):
        return f"matching lines in {part if share >= 1.0 else f'{part} of the requests'}"
    what = "broken connections" if isinstance(check, NetworkCheck) else "errors"
    return f"a total outage ({what})" if share >= 1.0 else f"{what} of {part}"


def strikes(against: Threshold, one: Sight, every_s: float) -> tuple[Forecast, ...]:
    """Say how many more strikes it takes."""
    left = max(1, against.strikes) - one.strikes
    if left <= 0:
        return ()
    outside = several(left, "more look" if one.strikes else "look")
    row = " in a row" if left > 1 or one.strikes else ""
    seconds = left * every_s
    sentence = f"rolled back after {outside} outside of it{row} ({length(seconds)})"
    return (Forecast(event=ROLLED_BACK, share=None, seconds=seconds, sentence=sentence),)
