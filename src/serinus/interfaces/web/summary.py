"""A release in a few lines of Markdown, for the channel in which people talk about it."""

from collections.abc import Iterator

from serinus.app.shown import CheckView, View
from serinus.interfaces.web import figures, links

TOLD = frozenset({"retreat", "intent", "result", "problem"})
MOST = 12


def markdown(view: View, address: str) -> str:
    """Write a release as Markdown; ``address``: of the dashboard."""
    return "\n".join(_lines(view, address)) + "\n"


def _lines(view: View, address: str) -> Iterator[str]:
    where = f"{view.application} in {view.environment}"
    arrow = f"{view.stable_version} → {view.version}" if view.stable else view.version
    yield f"**{_plain(where)}: {_plain(arrow)}: {view.state}** (release {view.number})"
    yield ""
    yield _plain(view.sentence)
    yield ""
    yield f"- began {figures.iso(view.created_at)} by {_plain(view.actor or 'nobody known')}"
    if view.ended_at is not None:
        took = (view.ended_at - view.created_at).total_seconds()
        yield f"- ended {figures.iso(view.ended_at)}, after {figures.length(took)}"
    yield (
        f"- exposed {figures.number(view.exposed)} requests, {figures.number(view.bad)} failed or"
        f" slow; {figures.share(view.max_share)} of the traffic at most"
    )
    for lane in view.lanes:
        yield f"- {_plain(lane.sentence)}"
    for check in view.checks:
        yield f"- {check.name}: {check.outcome or 'not judged'}, {_plain(_said(check))}"
    told = [one for one in view.decisions if one.kind in TOLD][-MOST:]
    if told:
        yield ""
    for one in told:
        yield f"- `{figures.iso(one.at)}` {_plain(one.sentence)}"
    yield ""
    yield f"{address}{links.release(view.environment, view.application, view.number)}"


def _said(check: CheckView) -> str:
    return check.sentence


def _plain(text: str) -> str:
    """Write a text so that Markdown does not read it as more than a text."""
    flat = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in flat)
