"""
The readings of looks: what people and the planner may know of the checks that are no counts.

====================  ==========================================================================
a look's outcome      when
====================  ==========================================================================
``error``             its source could not be asked the last time, or its answer is damaged
``no data``           the last look brought no number; a log that nobody listens to
``fail``              a threshold has had all its strikes; a comparison raised the alarm, alone or
                      as the largest part, or its probe failed; a new kind of line
``pass``              within the threshold; or after at least 3 looks the evidence is below 1 and
                      the number within its limit; or no new kind of line
``inconclusive``      everything else
====================  ==========================================================================

None of them is ever *verified*: that is said of counts alone.
"""

from collections.abc import Mapping, Sequence

from serinus.core.analysis import eprocess, figures, gauge, memory, newlines, sight, threshold
from serinus.core.analysis import probe as probes
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.newlines import NewLines
from serinus.core.analysis.sight import Sight
from serinus.core.spec.delivery import Compared, NewLinesCheck, QueryCheck, Threshold, UsageCheck
from serinus.core.state.verdict import LookReading, Outcome, TestKind

_LOOKS = 3


def readings(judge: Judge, parts: Sequence[float], accused: str) -> tuple[LookReading, ...]:
    """Read all looks; ``parts``: what each that compares adds to the evidence."""
    if not judge.looks:
        return ()
    left = iter(parts)
    found = []
    for look, one in zip(judge.terms.looks, judge.looks, strict=True):
        if isinstance(look, NewLinesCheck):
            found.append(_lines(look, one.lines or NewLines()))
        elif isinstance(look.against, Threshold):
            found.append(_threshold(look, look.against, one))
        else:
            part = next(left)
            found.append(_compared(judge, look, look.against, one, (part, accused == one.check)))
    return tuple(found)


def struck(judge: Judge, said: Mapping[str, str]) -> str:
    """Return the sentence of a threshold that has had all its strikes, empty without."""
    for look, one in zip(judge.terms.looks, judge.looks, strict=True):
        against = None if isinstance(look, NewLinesCheck) else look.against
        if isinstance(against, Threshold) and threshold.struck(against, one.strikes):
            return said[one.check]
    return ""


def halted(judge: Judge, said: Mapping[str, str]) -> str:
    """Return the sentence of a new kind of line, empty without."""
    for look, one in zip(judge.terms.looks, judge.looks, strict=True):
        if not isinstance(look, NewLinesCheck) or one.lines is None:
            continue
        if newlines.judged(one.lines) and newlines.new(one.lines, look.times):
            return said[one.check]
    return ""


def unknown(judge: Judge) -> str:
    """Say why a look can never be judged, empty if all can."""
    for one in judge.looks:
        if why := sight.unknown(one):
            return figures.silent(one.check, why)
    return ""


# --- one look ------------------------------------------------------------------------------------


def _unit(look: QueryCheck | UsageCheck) -> str:
    return figures.UNITS.get(look.what, "") if isinstance(look, UsageCheck) else ""


def _threshold(look: QueryCheck | UsageCheck, against: Threshold, one: Sight) -> LookReading:
    unit = _unit(look)
    if one.value is None:
        text = figures.silent(look.name, one.trouble or "nobody has looked yet", one.strikes)
        outcome = Outcome.ERROR if one.failed else Outcome.NO_DATA
    else:
        text = figures.threshold(look.name, against, one.value, unit, one.strikes)
        outcome = Outcome.INCONCLUSIVE if one.strikes else Outcome.PASS
    if threshold.struck(against, one.strikes):
        outcome = Outcome.FAIL
    return LookReading(
        check=look.name,
        outcome=outcome,
        sentence=text,
        value=one.value,
        limit=threshold.limit(against, one.value),
        strikes=one.strikes,
        unit=unit,
    )


def _compared(
    judge: Judge,
    look: QueryCheck | UsageCheck,
    against: Compared,
    one: Sight,
    said: tuple[float, bool],
) -> LookReading:
    unit, found = _unit(look), one.gauge or gauge.Gauge()
    probing = judge.test.kind is TestKind.PROBE
    evidence = eprocess.value(probes.evidence(found.probe) if probing else found.evidence)
    own, stable = one.value, one.stable_value
    outcome, limit = Outcome.ERROR if one.failed else Outcome.NO_DATA, None
    text = figures.silent(look.name, one.trouble or "nobody has looked yet")
    if stable is not None:
        limit = gauge.limit(against, stable)
    if own is not None and stable is not None and limit is not None:
        text = figures.compared(
            look.name,
            against,
            (own, stable, limit),
            unit,
            found.count,
            evidence,
            known=gauge.scale(found, against) is not None,
        )
        well = gauge.deviation(against, own, stable) <= 0.0
        probed = judge.probe if said[1] else Outcome.INCONCLUSIVE
        outcome = probed if probing else _outcome(found, well=well)
    if not probing and (said[0] >= memory.level(judge) or (said[1] and judge.alarmed)):
        outcome = Outcome.FAIL
    return LookReading(
        check=look.name,
        outcome=outcome,
        sentence=text,
        value=own,
        stable_value=stable,
        limit=limit,
        evidence=evidence,
        unit=unit,
    )


def _outcome(found: gauge.Gauge, *, well: bool) -> Outcome:
    if found.count >= _LOOKS and found.evidence < 0.0 and well:
        return Outcome.PASS
    return Outcome.INCONCLUSIVE


def _lines(look: NewLinesCheck, lines: NewLines) -> LookReading:
    found = newlines.new(lines, look.times)
    times = found[0][1] if found else 0
    evidence = eprocess.value(newlines.evidence(lines, times))
    why = ""
    if not lines.heard[0] and not lines.fresh:
        why = figures.UNHEARD
    elif lines.full:
        why = figures.TOO_MANY
    elif not newlines.judged(lines):
        why = figures.UNKNOWN
    if why:
        outcome = Outcome.INCONCLUSIVE if lines.full else Outcome.NO_DATA
        return LookReading(look.name, outcome, figures.silent(look.name, why))
    return LookReading(
        check=look.name,
        outcome=Outcome.FAIL if found else Outcome.PASS,
        sentence=f"{look.name}: {figures.new_lines(look, lines, evidence)}",
        value=float(times),
        evidence=evidence,
    )
