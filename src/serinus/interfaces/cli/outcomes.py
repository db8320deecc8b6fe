"""What became of simulated releases, as lines of text and for programs."""

from collections.abc import Iterator, Sequence

import msgspec
from rich.text import Text

from serinus.interfaces import words
from serinus.interfaces.cli.outlooks import BAR
from serinus.interfaces.cli.pictures import BAD, CALM, GOOD, WAITING
from serinus.interfaces.cli.screen import Screen
from serinus.lab import sabotage, simulate
from serinus.lab.simulate import Ending, Run, Setting, Spread, Summary

Line = tuple[str, Text]

COLOURS = {
    Ending.PROMOTED: GOOD,
    Ending.ROLLED_BACK: BAD,
    Ending.SWITCHED_BACK: BAD,
    Ending.FAILED: BAD,
    Ending.CONCLUDED: GOOD,
    Ending.HELD: WAITING,
    Ending.OPEN: WAITING,
}

FIRST, LAST = 4, 6
"""So many lines of a film are shown at its two ends, unless the whole of it is asked for."""


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """A simulation for programs: what was simulated, what became of it, each run, one film."""

    subject: str
    template: str
    replicas: int
    rate: float
    errors: float
    median_ms: float
    faults: tuple[str, ...]
    assumed: tuple[str, ...]
    fastest: float
    summary: Summary
    each: tuple[Run, ...]
    film: tuple[str, ...]

    @classmethod
    def of(cls, setting: Setting, runs: Sequence[Run]) -> "Answer":
        """Return the answer; the film of the typical run is played again."""
        found = simulate.summary(setting, runs)
        return cls(
            subject=setting.subject.name,
            template=setting.subject.template,
            replicas=setting.traffic.replicas,
            rate=setting.traffic.rate,
            errors=setting.traffic.errors,
            median_ms=setting.traffic.median_ms,
            faults=tuple(f"{one.text}: {sabotage.sentence(one)}" for one in setting.faults),
            assumed=setting.subject.assumed,
            fastest=setting.subject.fastest_s,
            summary=found,
            each=tuple(runs),
            film=simulate.film(setting, found.typical),
        )


def lines(found: Answer) -> list[Line]:
    """Write what was simulated, and what became of it."""
    alone = not found.template or found.template.startswith(f"{found.subject} ")
    name = (found.template or found.subject) if alone else f"{found.subject} · {found.template}"
    runs = words.count(found.summary.runs, "release")
    return [
        ("", Text(f"{name} · {runs} simulated", "bold")),
        ("traffic", Text(_traffic(found))),
        *_labelled("faults", [Text(one) for one in found.faults] or [Text("none: it is healthy")]),
        *_labelled("assumed", [Text(one, "dim") for one in found.assumed]),
        *_labelled("warning", [Text(_asleep(one), WAITING) for one in found.summary.asleep]),
        *_labelled("outcome", _endings(found.summary)),
        *_numbers(found),
    ]


def film(screen: Screen, found: Answer, *, whole: bool) -> None:
    """Write the film of the typical run; the middle of a long one only when it is asked for."""
    shown = list(found.film)
    left = len(shown) - FIRST - LAST
    screen.say("")
    screen.write(Text(f"A typical release (--seed {found.summary.typical} --runs 1):", "bold"))
    if not whole and left > 1:
        shown[FIRST:-LAST] = [f"         … {left} more lines: --film shows them"]
    for line in shown:
        screen.write(Text(line))


def _traffic(found: Answer) -> str:
    replicas = words.count(found.replicas, "replica")
    return (
        f"{found.rate:,g} requests/s to {replicas}; usually {found.errors * 100:g} % fail, "
        f"and half take {found.median_ms:g} ms or less"
    )


def _asleep(text: str) -> str:
    return f"{text} never began: the candidate never had that share"


def _endings(found: Summary) -> Iterator[Text]:
    width = max(len(share.ending) for share in found.endings)
    for share in found.endings:
        full = max(1, round(share.share * BAR))
        sure = ""
        if share.ending is Ending.PROMOTED and found.verified:
            sure = f", {found.verified:,} of them verified"
        yield Text.assemble(
            f"{share.ending:<{width}}  ",
            ("█" * full, COLOURS[share.ending]),
            ("░" * (BAR - full), "dim"),
            f"  {share.runs:,} of {found.runs:,}{sure}",
            (f"  (95 % sure: {_percent(share.low)} to {_percent(share.high)} %)", "dim"),
        )


def _numbers(found: Answer) -> Iterator[Line]:
    """Write exposure and time: what half of the runs stay below, and 19 of 20."""
    summary = found.summary
    if summary.requests.most:
        yield "exposure", _spread(summary.requests, "requests to the candidate")
        yield " ", _spread(summary.bad, "of them failed")
        yield " ", _spread(summary.slow, f"of them took longer than {summary.slow_ms} ms")
    else:
        yield "exposure", Text("none: no request of a user went to the candidate")
    if summary.off is None:
        yield "taken off", Text("never: no release lost its traffic")
    else:
        some = f"in {summary.retreated:,} of {summary.runs:,}, "
        yield "taken off", Text(some + _times(summary.off) + " after the change")
    yield "ended", Text(f"{_times(summary.end)} after the change")
    if summary.delay is not None:
        late = (
            f"promoted {_times(summary.delay)} later than at best ({words.seconds(found.fastest)})"
        )
        yield " ", Text(late, CALM)


def _spread(found: Spread, what: str) -> Text:
    most = f" (19 of 20 releases: at most {found.p95:,.0f})" if found.p95 > found.median else ""
    return Text(f"{found.median:,.0f} {what}{most}")


def _times(found: Spread) -> str:
    most = words.seconds(found.p95)
    middle = words.seconds(found.median)
    return middle if most == middle else f"{middle} (19 of 20: at most {most})"


def _percent(share: float) -> str:
    return f"{share * 100:.3g}"


def _labelled(label: str, texts: Sequence[Text] | Iterator[Text]) -> Iterator[Line]:
    for index, text in enumerate(texts):
        yield (label if index == 0 else " "), text
