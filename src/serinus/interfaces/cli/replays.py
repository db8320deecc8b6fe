"""Replays as lines of text: the answer, the recording beside it, the evidence, the timeline."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from serinus.interfaces import words
from serinus.interfaces.cli.pictures import BAD, CALM, WAITING
from serinus.lab.replayed import CheckLine, Outcome, Replayed

Line = tuple[str, Text]

STYLES = {
    Outcome.TAKEN_AWAY: BAD,
    Outcome.ROLLED_BACK: BAD,
    Outcome.HELD: WAITING,
    Outcome.PROMOTED: CALM,
    Outcome.UNDECIDED: WAITING,
}


def lines(found: Replayed) -> list[Line]:
    """Write what became of a recording under a policy."""
    was = found.recorded
    title = f"{was.name} · {was.version} beside {was.stable_version} · through {found.policy}"
    answer: list[Line] = [
        ("", Text(title, "bold")),
        ("", Text(found.sentence, STYLES[found.outcome])),
    ]
    if found.reason and all(found.reason != one.sentence for one in found.timeline):
        answer.append(("why", Text(found.reason)))
    answer.append(("recorded", Text(_recorded(found))))
    answer.append(("seen", Text(_seen(found))))
    answer += _labelled("evidence", [_evidence(check) for check in found.checks])
    answer += _labelled("timeline", list(_timeline(found)))
    return answer + _labelled("assumed", [Text(one, "dim") for one in found.assumed])


def _recorded(found: Replayed) -> str:
    was = found.recorded
    requests = words.count(was.requests, "request")
    counted = f"{requests} to the candidate in {words.seconds(was.seconds)}, {was.bad:,} failed"
    if not was.policy:
        return f"{counted}; not released by Serinus"
    off = "" if was.off_s is None else f", without traffic after {words.seconds(was.off_s)}"
    phase = f"; {was.phase}" if was.phase else ""
    return f"{counted}{phase}{off}, by {was.policy}"


def _seen(found: Replayed) -> str:
    """Say what the judge got, and what the candidate would have had."""
    judged = words.count(found.judged, "request")
    would = f"{found.requests:,} ({found.bad:,} failed)"
    return f"{judged} were judged, {found.judged_bad:,} failed; with the policy's shares {would}"


def _evidence(check: CheckLine) -> Text:
    crossed = [f"{one.level:g}:1 after {words.seconds(one.after_s)}" for one in check.crossings]
    most = f"{words.odds(check.evidence)} at most, after {words.seconds(check.after_s)}"
    return Text(f"{check.check}: {', '.join([*crossed, most])}")


def _timeline(found: Replayed) -> Iterator[Text]:
    for one in found.timeline:
        at, share = words.seconds(one.after_s), words.share(one.share)
        yield Text(f"{at:>7}  {share:>6}  {one.sentence}")


def _labelled(label: str, texts: Sequence[Text]) -> list[Line]:
    return [(label if index == 0 else " ", text) for index, text in enumerate(texts)]
