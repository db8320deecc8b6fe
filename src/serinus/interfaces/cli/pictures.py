"""Views as lines of text: what a release looks like in a terminal and in a pipe."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.text import Text

from serinus.app import shown
from serinus.app.progress import StepView
from serinus.boot.settings import Cluster
from serinus.core.state.release import Phase
from serinus.interfaces import words
from serinus.interfaces.cli import typed, verdicts

GOOD, BAD, CALM, WAITING = "green", "red", "cyan", "yellow"

STATES: dict[str, tuple[str, str]] = {
    Phase.QUEUED: ("○", CALM),
    Phase.WAITING: ("◐", WAITING),
    Phase.STARTING: ("●", CALM),
    Phase.ROLLING: ("●", CALM),
    Phase.HOLDING: ("◐", WAITING),
    Phase.PAUSED: ("‖", WAITING),
    Phase.RETREATED: ("◄", BAD),
    Phase.PROBING: ("◄", BAD),
    Phase.TRIAL: ("►", WAITING),
    Phase.HELD: ("■", BAD),
    Phase.PROMOTING: ("●", GOOD),
    Phase.SETTLING: ("✓", GOOD),
    Phase.ROLLING_BACK: ("◄", BAD),
    Phase.SUCCEEDED: ("✓", GOOD),
    Phase.ROLLED_BACK: ("✗", BAD),
    Phase.SUPERSEDED: ("»", "dim"),
    Phase.CONCLUDED: ("◆", GOOD),
    Phase.FAILED: ("✗", BAD),
}
"""An icon and a colour for each state; the word stands beside them always."""

OUTCOMES = {
    "pass": ("✓", GOOD),
    "fail": ("✗", BAD),
    "no data": ("?", WAITING),
    "error": ("!", BAD),
    "inconclusive": ("~", WAITING),
    "": ("·", "dim"),
}

STEPS = {
    "done": ("✓", GOOD),
    "current": ("●", CALM),
    "stopped": ("✗", BAD),
    "to come": ("○", "dim"),
}

_SHOWN = 8
"""Replicas of one role that are listed each."""


def state(name: str) -> Text:
    """Write a state with its icon."""
    icon, style = STATES.get(name, ("·", "dim"))
    return Text.assemble((f"{icon} {name}", style))


def change(version: str, stable_version: str) -> Text:
    """Write what becomes what."""
    if stable_version and stable_version != version:
        return Text(f"{stable_version} → {version}")
    return Text(version or "–")


def row(one: shown.Row, now: datetime) -> list[Text]:
    """Write one application of the list."""
    return [
        Text(one.application, "bold"),
        state(one.state),
        change(one.version, one.stable_version if one.in_flight else ""),
        Text("–" if one.share is None else words.share(one.share)),
        Text("–" if one.step is None else f"{one.step}/{one.steps}"),
        Text(words.ago(one.since, now) if one.since else "–", "dim"),
    ]


ROW = ("APPLICATION", "STATE", "VERSION", "TRAFFIC", "STEP", "SINCE")


def sentence(one: shown.Row, cluster: Cluster | None = None) -> Text:
    """Write the sentences below one application of the list, with what can be done about it."""
    parts = (one.note, typed.either(one.next, cluster))
    note = Text(": ".join(part for part in parts if part), WAITING)
    if one.sentence and one.note:
        return Text.assemble(one.sentence, "  ", note)
    return note if one.note else Text(one.sentence)


def release(
    view: shown.View,
    now: datetime,
    port: int,
    cluster: Cluster | None = None,
    *,
    decisions: int = 4,
) -> list[tuple[str, Text]]:
    """Write a release: what it is, how far it is, what the checks say, what happened last."""
    return [
        *_head(view, now, port),
        *_traffic(view),
        *steps(view),
        *checks(view),
        *_report(view),
        *_budgets(view),
        *_retreat(view),
        *_wait(view, now),
        *_replicas(view),
        *_decisions(view, decisions),
        *_next(view, cluster),
    ]


def explained(
    view: shown.View,
    now: datetime,
    port: int,
    cluster: Cluster | None = None,
    *,
    check: str = "",
) -> list[tuple[str, Text]]:
    """Write why a release is where it is: the same, with every number of every check."""
    return [
        *_head(view, now, port),
        *_wait(view, now),
        *verdicts.above(view.why),
        *checks(view, numbers=True, only=check),
        *verdicts.after(view.why, only=check),
        *_report(view),
        *_budgets(view),
        *_retreat(view),
        *_traffic(view),
        *_each_replica(view),
        *_decisions(view, 12),
        *_next(view, cluster),
    ]


def _head(view: shown.View, now: datetime, port: int) -> Iterator[tuple[str, Text]]:
    where = f"{view.application} · {view.environment} · release {view.number}"
    step = f" {view.step}/{len(view.steps)}" if view.in_flight and view.steps else ""
    yield "", Text.assemble((where, "bold"), "   ", state(view.state), step)
    who = f" by {view.actor}" if view.actor else ""
    why = f": {view.reason}" if view.reason else ""
    began = f"{view.template or view.strategy}, begun {words.ago(view.created_at, now)}{who}{why}"
    yield "change", Text.assemble(change(view.version, view.stable_version), "   ", (began, "dim"))
    yield "now" if view.in_flight else "result", Text(view.sentence)
    if view.note:
        yield "note", Text(view.note, WAITING)
    if view.host:
        yield "at", Text(f"http://{view.host}" + (f":{port}" if port != words.HTTP else ""))


def _traffic(view: shown.View) -> Iterator[tuple[str, Text]]:
    counts = f"{words.count(view.exposed, 'request')} exposed, {view.bad:,} bad"
    if view.stable_version and not view.checks and not view.exposed:
        counts = "nobody counts its requests, because it has no checks"
    if not view.in_flight:
        yield "traffic", Text(f"at most {words.share(view.max_share)}; {counts}")
        return
    seen = "unknown" if view.seen_share is None else words.share(view.seen_share)
    yield (
        "traffic",
        Text.assemble(
            *_bar(view.share), f"  want {words.share(view.share)}, seen {seen}; ", (counts, "dim")
        ),
    )
    for lane in view.lanes:
        yield " ", Text(lane.sentence, CALM if lane.wanted and lane.seen else WAITING)


def _bar(share: float, width: int = 20) -> tuple[tuple[str, str], tuple[str, str]]:
    full = min(width, max(round(share * width), 1 if share else 0))
    return ("█" * full, CALM), ("░" * (width - full), "dim")


def steps(view: shown.View) -> Iterator[tuple[str, Text]]:
    """Write the steps, each with its icon and its time."""
    for index, step in enumerate(view.steps):
        icon, style = STEPS[step.state]
        text = Text.assemble(
            (f"{icon} {step.number}. {step.title}", style), ("  " + _time(step), "dim")
        )
        text.rstrip()
        yield "steps" if index == 0 else " ", text


def _time(step: StepView) -> str:
    parts = []
    if step.state == "current" and step.seconds is not None:
        of = f" of {words.seconds(step.needed)}" if step.needed else ""
        parts.append(f"{words.seconds(step.seconds)}{of}")
    elif step.seconds is not None:
        parts.append(words.seconds(step.seconds))
    elif step.needed and step.state == "to come":
        parts.append(f"at least {words.seconds(step.needed)}")
    if step.gates and step.state == "to come":
        parts.append(f"after {' and '.join(step.gates)}")
    return ", ".join(parts)


def checks(
    view: shown.View, *, numbers: bool = False, only: str = ""
) -> Iterator[tuple[str, Text]]:
    """Write the checks: the verdict and the sentence of each, and its numbers if wanted."""
    label = "checks"
    more = verdicts.below(view.why) if numbers else {}
    for check in view.checks:
        if only and check.name != only:
            continue
        icon, style = OUTCOMES.get(check.outcome, OUTCOMES[""])
        verdict = f" {check.outcome}" if check.outcome else ""
        yield label, Text.assemble((f"{icon} {check.name}{verdict}", style), f"  {check.sentence}")
        if numbers and check.evidence is not None:
            yield " ", Text(f"  {_numbers(check)}", "dim")
        for text in more.get(check.name, ()):
            yield " ", text
        label = " "
    for doubt in view.doubts:
        yield "doubt", Text(doubt, WAITING)
    if numbers and view.judged and view.checks:
        yield "together", Text(view.judged)


def _numbers(check: shown.CheckView) -> str:
    bounds = f", slower than {'/'.join(map(str, check.bounds_ms))} ms" if check.bounds_ms else ""
    safe = "; shown to be safe" if check.verified else "; not yet shown to be safe"
    safe = "" if check.outcome == "fail" else safe
    return (
        f"candidate {words.rate(check.rate)} ({check.bad:,} of {check.requests:,}{bounds}); "
        f"stable {words.rate(check.stable_rate)} ({check.stable_bad:,} of "
        f"{check.stable_requests:,}); limit {words.rate(check.limit)}; "
        f"evidence of a regression {words.odds(check.evidence or 0.0)}{safe}"
    )


def _report(view: shown.View) -> Iterator[tuple[str, Text]]:
    report = view.report
    if report is None:
        return
    if report.warning:
        yield "warning", Text(report.warning, WAITING)
    yield "report", Text(report.sentence)
    for goal in report.goals:
        yield " ", Text(goal.sentence)


def _budgets(view: shown.View) -> Iterator[tuple[str, Text]]:
    label = "budgets"
    for budget in view.budgets:
        style = WAITING if budget.burning or budget.freezes else ""
        yield label, Text(budget.sentence, style)
        if budget.burning:
            yield " ", Text(budget.burning, style)
        label = " "


def _retreat(view: shown.View) -> Iterator[tuple[str, Text]]:
    retreat = view.retreat
    if retreat is None:
        return
    probes = f"{retreat.fails} of {words.count(retreat.probes, 'probe')} failed"
    if not retreat.probes:
        probes = f"{words.count(retreat.fails, 'probe')} failed"
    said = (
        f"{words.count(retreat.count, 'alarm')}, {probes}, "
        f"evidence of the whole release {words.odds(retreat.evidence)}"
    )
    if retreat.accused:
        said += f"; kept without traffic for you to look at: {', '.join(retreat.accused)}"
    yield "retreat", Text(said)


def _wait(view: shown.View, now: datetime) -> Iterator[tuple[str, Text]]:
    if view.wait is None:
        return
    until = f" until {words.ahead(view.wait.until, now)}" if view.wait.until else ""
    then = f"; then {view.wait.then}" if view.wait.then else ""
    yield "wait", Text(f"{view.wait.cause}{until}{then}")


def _replicas(view: shown.View) -> Iterator[tuple[str, Text]]:
    by_role: dict[str, list[shown.ReplicaView]] = {}
    for replica in view.replicas:
        by_role.setdefault(replica.role, []).append(replica)
    label = "replicas"
    for role, replicas in by_role.items():
        ready = sum(replica.state == "ready" for replica in replicas)
        restarts = sum(replica.restarts for replica in replicas)
        text = f"{role} {ready}/{len(replicas)} ready"
        text += f", {words.count(restarts, 'restart')}" if restarts else ""
        text += "".join(f"; {note}" for note in dict.fromkeys(map(_note, replicas)) if note)
        most = max(replicas, key=_fullness)
        taken = _taken(most)
        said = f"  {taken}" if len(replicas) == 1 else f"  the fullest {taken}"
        yield label, Text.assemble(text, (said if taken else "", "dim"))
        label = " "


def _note(replica: shown.ReplicaView) -> str:
    return replica.note if words.troubled(replica.state, replica.note) else ""


def _each_replica(view: shown.View) -> Iterator[tuple[str, Text]]:
    """Write each replica with all that it takes; of many in one role the fullest."""
    label = "replicas"
    for role in dict.fromkeys(replica.role for replica in view.replicas):
        mine = [replica for replica in view.replicas if replica.role == role]
        fullest = sorted(mine, key=_fullness, reverse=True)[:_SHOWN]
        for replica in (one for one in mine if one in fullest):
            said = f"{replica.name}  {role}, {replica.state}"
            note = _note(replica)
            taken = _taken(replica, open_files=True)
            told = f"; {note}" if note else ""
            yield label, Text.assemble(said, told, (f"  {taken}" if taken else "", "dim"))
            label = " "
        if len(mine) > _SHOWN:
            yield label, Text(f"and {len(mine) - _SHOWN} more {role}, which take less", "dim")


def _fullness(replica: shown.ReplicaView) -> tuple[float, float]:
    """Say how near a replica is to its limits, and how large it is without them."""
    memory = (replica.memory or 0) / replica.memory_limit if replica.memory_limit else 0.0
    cpu = (replica.cpu or 0.0) / replica.cpu_limit if replica.cpu_limit else 0.0
    return max(memory, cpu), float(replica.memory or 0)


def _taken(replica: shown.ReplicaView, *, open_files: bool = False) -> str:
    """Write what a replica takes: ``120 of 256 MiB · 0.31 of 1 CPU``; nothing if unknown."""
    parts = []
    if replica.memory is not None:
        parts.append(words.memory(replica.memory, replica.memory_limit))
    if replica.cpu is not None:
        parts.append(words.cpu(replica.cpu, replica.cpu_limit))
    if open_files and replica.files is not None:
        parts.append(words.files(replica.files, replica.files_limit))
    return " · ".join(parts)


def _decisions(view: shown.View, limit: int) -> Iterator[tuple[str, Text]]:
    label = "last"
    for decision in reversed(view.decisions[-limit:] if limit else ()):
        yield label, Text.assemble((words.clock(decision.at), "dim"), f"  {decision.sentence}")
        label = " "


def _next(view: shown.View, cluster: Cluster | None) -> Iterator[tuple[str, Text]]:
    for index, command in enumerate(view.next):
        yield "try" if index == 0 else " ", Text(typed.text(command, cluster), CALM)


def past(one: shown.Past, now: datetime) -> list[Text]:
    """Write one release of the history."""
    took = (one.ended_at - one.created_at).total_seconds() if one.ended_at else None
    return [
        Text(f"{one.application}#{one.number}", "bold"),
        state(one.state),
        change(one.version, one.stable_version),
        Text(words.ago(one.created_at, now)),
        Text("–" if took is None else words.seconds(took)),
        Text(words.share(one.max_share)),
        Text(f"{one.exposed:,}"),
        Text(f"{one.bad:,}"),
        Text(one.actor or "–"),
    ]


PAST = ("RELEASE", "RESULT", "VERSION", "BEGUN", "TOOK", "AT MOST", "EXPOSED", "BAD", "BY")


def event(application: str, number: int | None, decision: shown.Decision) -> Text:
    """Write one line for each change: for `watch` in a pipe and `deploy --wait`."""
    name = application if number is None else f"{application}#{number}"
    return Text(f"{words.clock(decision.at)}  {name}  {decision.kind:<8}  {decision.sentence}")


def names(rows: Sequence[shown.Row]) -> list[str]:
    """Return the names of applications, for `-o name`."""
    return [f"{row.application}/{row.environment}" for row in rows]
