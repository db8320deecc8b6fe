"""Prospects and templates as lines of text: the timeline, the values, the parameters."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from serinus.app.prospect import ParameterView, Prospect, StageView, TemplateView
from serinus.interfaces import words
from serinus.interfaces.cli import foresights
from serinus.interfaces.cli.pictures import CALM, WAITING

Line = tuple[str, Text]

BAR = 24
"""Width of the bar that pictures a share."""

_UNJUDGED = "none: nothing is judged; to compare with stable, checks: [{use: golden-signals}]"


def prospect(found: Prospect, port: int, *, picture: bool = False) -> list[Line]:
    """Write what a release would do; ``picture``: and draw how soon it sees what is wrong."""
    lines = [
        ("", Text(f"{found.application} · {found.environment} · {found.version}", "bold")),
        ("how", Text(f"{found.template or found.strategy} ({found.strategy})")),
        ("replicas", Text(f"{found.replicas}, at http://{found.host}:{port}")),
        ("fastest", Text(fastest(found.fastest, found.stages))),
        *timeline(found.stages),
        *_exposure(found),
    ]
    lines += _labelled("checks", map(Text, found.checks))
    if not found.checks:
        lines.append(("checks", Text(_UNJUDGED, WAITING)))
    if found.forecast is not None:
        lines += foresights.lines(found.forecast, picture=picture)
    lines += _labelled("beside", (Text(aside) for aside in found.asides))
    width = max((len(value.name) for value in found.values), default=0)
    lines += _labelled(
        "values",
        (
            Text.assemble(
                f"{value.name:<{width}}  {value.value}", (f"  from {value.origin}", "dim")
            )
            for value in found.values
        ),
    )
    return lines + list(_labelled("warnings", (Text(one, WAITING) for one in found.problems)))


def template(found: TemplateView) -> list[Line]:
    """Write a template: what it is for, and what can be set."""
    lines = [
        ("", Text(f"{found.name} {found.version}", "bold")),
        ("what", Text(f"{found.title}: {found.about}" if found.about else found.title)),
    ]
    if found.promise:
        lines.append(("promise", Text(found.promise)))
    if found.not_for:
        lines.append(("not for", Text(found.not_for)))
    if found.stages:
        lines += [("fastest", Text(fastest(found.fastest, found.stages))), *timeline(found.stages)]
    width = max((len(parameter.name) for parameter in found.parameters), default=0)
    lines += _labelled("set", (_parameter(one, width) for one in found.parameters))
    return lines


def fastest(seconds: float, stages: Sequence[StageView]) -> str:
    """Write how long a release takes at least, or a test that promotes nobody."""
    if all(stage.share < 1 for stage in stages):
        return f"{words.seconds(seconds)} until the test is over, if nothing makes it wait"
    return f"{words.seconds(seconds)} until it serves everybody, if nothing makes it wait"


def timeline(stages: Sequence[StageView]) -> Iterator[Line]:
    """Draw the stages: when, how long, and how much of the traffic."""
    return _labelled("timeline", (_stage(stage) for stage in stages))


def _exposure(found: Prospect) -> Iterator[Line]:
    """Say who meets the new version, in all and by the end of each step."""
    if found.exposure is None:
        return iter(())
    steps = (one.sentence for one in found.exposure.stages if one.sentence)
    said = (Text(found.exposure.sentence), *(Text(one, "dim") for one in steps))
    return _labelled("exposure", iter(said))


def _stage(stage: StageView) -> Text:
    full = max(round(stage.share * BAR), 1 if stage.share else 0)
    length = words.seconds(stage.seconds) if stage.seconds else ""
    waits = f"  waits for {', '.join(stage.waits)}" if stage.waits else ""
    return Text.assemble(
        f"{words.seconds(stage.at):>6}  ",
        ("█" * full, CALM),
        ("░" * (BAR - full), "dim"),
        f"  {stage.title}",
        (f"  {length}" if length else "", "dim"),
        (waits, "dim"),
    )


def _parameter(one: ParameterView, width: int) -> Text:
    bounds = [
        f"at least {one.minimum}" if one.minimum is not None else "",
        f"at most {one.maximum}" if one.maximum is not None else "",
        f"one of {', '.join(map(str, one.enum))}" if one.enum else "",
    ]
    limits = ", ".join(bound for bound in bounds if bound)
    default = "no default" if one.default is None else str(one.default)
    kind = f"  ({one.kind}{', ' + limits if limits else ''})"
    return Text.assemble(f"{one.name:<{width}}  {default}", (f"  {one.title}{kind}", "dim"))


def _labelled(label: str, texts: Iterator[Text]) -> Iterator[Line]:
    for index, text in enumerate(texts):
        yield (label if index == 0 else " "), text
