"""
Doubts: what a person should know beside the verdicts, because it bears on how far to believe them.

None of them decides anything. The router does not give the candidate its share; bad requests would
be an alarm if each were by itself, and are not counted so because stable's come in clumps; latency
is distributed otherwise, which the checks need not mind.
"""

from math import log

from serinus.core.analysis import memory, routing, sentences, shape, stream
from serinus.core.analysis.eprocess import value
from serinus.core.analysis.memory import Judge
from serinus.core.state.verdict import TestKind


def doubts(judge: Judge) -> tuple[str, ...]:
    """Return a sentence for each doubt that there is."""
    found = [routing.sentence(judge.routing), *_clumped(judge), shape.sentence(judge.shape)]
    return tuple([one for one in found if one])


def _clumped(judge: Judge) -> list[str]:
    """
    Say of which checks the evidence would be enough to give up without the dispersion.

    A candidate that fails in bursts looks like this, and so does one whose pods have hiccups: on
    services with bursts the latter is common, so that nothing is held for it.
    """
    if judge.test.kind not in {TestKind.RUN, TestKind.TRIAL} or judge.alarmed:
        return []
    level, enough = memory.level(judge), log(judge.terms.retreat.give_up)
    return [
        f"{one.check}: bad requests of the candidate come in bursts. One by one they would be"
        f" evidence of {sentences.odds(value(stream.unguarded(one)))}; as stable's own come in"
        f" clumps, of about {max(each.phi for each in one.strands):.0f}, they are no alarm"
        for one in judge.streams
        if one.strands and stream.unguarded(one) >= enough and stream.evidence(one) < level
    ]
