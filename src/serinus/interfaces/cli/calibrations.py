"""Calibrations as lines of text: how often, how sure, how failures clump, what it costs."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from serinus.interfaces import words
from serinus.interfaces.cli.pictures import WAITING
from serinus.lab.calibrated import Calibrated, Detection, Dispersion, Luck, Share

Line = tuple[str, Text]


def lines(found: Calibrated) -> list[Line]:
    """Write what stable's past says of a policy."""
    answer: list[Line] = [
        ("", Text(f"{found.application} · {found.policy}", "bold")),
        ("", Text(found.sentence, WAITING if found.problem else "")),
        ("past", Text(_past(found))),
    ]
    if found.alarms is not None and found.ledgers is not None:
        promised = f"the alarm promises at most {_share(found.promised)} where errors come alone"
        answer.append(("alarms", Text(f"{_often(found.alarms, found.runs)}; {promised}")))
        answer.append(("give up", Text(_given_up(found.ledgers, found.runs))))
    answer += _labelled("clumps", [_clumps(one) for one in found.dispersion])
    answer.append(("guard", Text(_guard(found))))
    answer += _labelled("seen", list(_detections(found.detection)))
    answer += _labelled("probes", [_luck(one) for one in found.luck])
    return answer + _labelled("not in it", [Text(one, "dim") for one in found.doubts])


def _past(found: Calibrated) -> str:
    known, whole = words.seconds(found.known_s), words.seconds(found.span_s)
    replicas = words.count(found.replicas, "replica")
    rate = found.bad / found.requests if found.requests else None
    return (
        f"{known} of the last {whole} are known, {replicas}: {found.requests:,} requests "
        f"({found.rate:.3g} a second), {words.rate(rate)} failed"
    )


def _often(one: Share, runs: int) -> str:
    return f"{one.found:,} of {runs:,}, {_share(one.share)} ({_share(one.low)}–{_share(one.high)})"


def _given_up(one: Share, runs: int) -> str:
    counted = _often(one, runs)
    return f"{counted} with evidence enough to give a release up; probes would still be asked"


def _clumps(one: Dispersion) -> Text:
    length = words.seconds(one.seconds)
    if one.phi is None:
        return Text(f"within {length}: not known, nothing is kept as finely", WAITING)
    told = f"told from {one.bad:,} failures in {words.count(one.blocks, 'block')}"
    return Text(f"within {length}: φ {one.phi:.2f}  ({told})")


def _guard(found: Calibrated) -> str:
    judged = f"the judge divides its evidence by {found.judged_phi:.2f}"
    if found.guard <= 1.05 * found.judged_phi:
        return f"{judged}; longer blocks do not ask for more"
    more = found.guard / found.judged_phi
    return (
        f"{judged}; longer blocks ask for {found.guard:.2f}, which would need {more:.1f} times the "
        "evidence: that is what probes on fresh replicas are for"
    )


def _detections(found: Sequence[Detection]) -> Iterator[Text]:
    for one in found:
        times = ", ".join(
            f"{words.seconds(seconds) if seconds is not None else 'not in the plan'} {what}"
            for seconds, what in (
                (one.independent_s, "if failures came alone"),
                (one.judged_s, "as judged"),
                (one.guarded_s, "with the longer guard"),
            )
        )
        yield Text(f"{_share(one.theta)} failing: {times}")


def _luck(one: Luck) -> Text:
    seen = f"{one.crossed:,} of {words.count(one.windows, 'placebo probe')} failed on stable"
    fresh = words.count(one.probes, "fresh replica")
    return Text(f"for {_share(one.theta)} failing: {fresh} in a row  ({seen})")


def _share(fraction: float) -> str:
    return f"{fraction * 100:.3g} %"


def _labelled(label: str, texts: Sequence[Text]) -> list[Line]:
    return [(label if index == 0 else " ", text) for index, text in enumerate(texts)]
