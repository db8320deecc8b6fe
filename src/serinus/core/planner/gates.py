"""
Gates: what must open before a step begins, in their order, and what is still lacking.

People open an approval, the calendar a window, another program a webhook. A webhook that has said
yes is not asked again while a later gate is waited for; a window has to be open when the step
begins. A person may go past a window or a webhook (``serinus next -m REASON``), not past an
approval: that is what it is for. Only a promotion, with its reason, skips every gate.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, assert_never

from msgspec.structs import replace

from serinus.core.planner import finish, words
from serinus.core.planner.plan import Ask
from serinus.core.planner.turn import Turn
from serinus.core.spec import address, calendar
from serinus.core.spec.delivery import Approval, SettleStep, Step, TrafficStep, Webhook, WindowGate
from serinus.core.state.gates import GateAnswer, Opening, Question
from serinus.core.state.release import Phase

KINDS: Mapping[type, str] = {
    Approval: "approval",
    WindowGate: "window",
    Webhook: "webhook",
}
"""What a closed gate is called where somebody else has to know."""

PAST = "serinus next -m REASON"
"""How a person goes past a gate that no person opens."""


class Closed(NamedTuple):
    """
    The first gate of a step that is not open: its place, and the gate with what it still needs.

    ``answer`` is the last one of a webhook, None before the first.
    """

    place: int
    gate: Approval | WindowGate | Webhook
    answer: GateAnswer | None = None


def closed(turn: Turn, step: Step) -> Closed | None:
    """Return the first gate of a step that is not open, None when all are."""
    if isinstance(step, SettleStep):
        return None
    given = list(_counting(turn))
    for index, gate in enumerate(step.gates):
        match gate:
            case Approval():
                mine = [a for a in given if _fits(turn, gate, *a)][: gate.count]
                if len(mine) < gate.count:
                    return Closed(index, replace(gate, count=gate.count - len(mine)))
                given = [a for a in given if a not in mine]
            case WindowGate(window=window):
                if index not in turn.progress.opened and not calendar.is_open(window, turn.now):
                    return Closed(index, gate)
            case Webhook():
                if index not in turn.progress.opened:
                    return Closed(index, gate, _answer(turn, index))
            case _:
                assert_never(gate)
    return None


def _counting(turn: Turn) -> Iterator[tuple[str, datetime]]:
    """Return who approved this step, and when; what was stored before instants were is now."""
    progress = turn.progress
    missing = len(progress.approvals) - len(progress.approved_at)
    instants = (*progress.approved_at, *[turn.now] * missing)
    return zip(progress.approvals, instants, strict=True)


def _fits(turn: Turn, gate: Approval, actor: str, at: datetime) -> bool:
    """Tell whether an approval counts for a gate: fresh enough, and by somebody with a role."""
    if gate.expires_s is not None and turn.since(at) >= gate.expires_s:
        return False
    return may(turn, gate, actor)


def may(turn: Turn, gate: Approval, actor: str) -> bool:
    """
    Tell whether somebody may open an approval.

    Roles that the environment gives to nobody are not held against anybody: review warns of them.
    """
    wanted = turn.observed.wanted
    known = {} if wanted is None else wanted.roles
    given = [people for role, people in known.items() if role in gate.roles]
    return not given or any(actor in people for people in given)


def who(turn: Turn, gate: Approval) -> str:
    """Say who may open an approval: ``sre (ana, bob)``."""
    wanted = turn.observed.wanted
    known = {} if wanted is None else wanted.roles
    return " or ".join(
        f"{role} ({', '.join(known[role])})" if role in known else role for role in gate.roles
    )


def _answer(turn: Turn, index: int) -> GateAnswer | None:
    wanted = identity(turn, index)
    return next((a for a in turn.observed.answers if a.question == wanted), None)


def identity(turn: Turn, index: int) -> str:
    """Return the id of a gate's question: the same as long as it is the same gate."""
    release = turn.release
    return f"{release.application}/{release.environment}/{release.number}/{_step(turn)}/{index}"


def _step(turn: Turn) -> int:
    return turn.progress.step + 1


# --- waiting ------------------------------------------------------------------------------------


def waiting(turn: Turn, found: Closed) -> Turn:
    """Wait at a closed gate, or take back what its answer or its deadline says."""
    gate = found.gate
    at = (found.place, _since(turn, found))
    if (turn.progress.gate, turn.progress.gate_at) != (KINDS[type(gate)], at):
        turn = turn.with_(gate=KINDS[type(gate)], gate_at=at)
    match gate:
        case Approval():
            return _approval(turn, gate, at[1])
        case WindowGate(window=window):
            until = calendar.opens_at(window, turn.now)
            then = _goes_on(turn) if until else f"{PAST} goes past it"
            return turn.waits(_window(window), until, then)
        case Webhook():
            return _webhook(turn, gate, found, at[1])
        case _:
            assert_never(gate)


def _since(turn: Turn, found: Closed) -> datetime:
    """
    Return since when this gate is the one that is waited for.

    A deadline counts from there: while an earlier gate was closed, nobody was asked at this one.
    """
    known = turn.progress.gate_at
    if known is None:
        return turn.progress.since
    place, at = known
    return at if place == found.place else turn.now


def _approval(turn: Turn, gate: Approval, at: datetime) -> Turn:
    late = gate.timeout_s is not None and turn.since(at) >= gate.timeout_s
    if gate.timeout_s is None or (late and gate.on_timeout != "rollback"):
        return turn.waits(said(gate), None, "serinus approve or serinus reject")
    if late:
        why = f"{said(gate)} did not come within {words.seconds(gate.timeout_s)}"
        return finish.roll_back(turn, "ApprovalTimedOut", f"Rolled back: {why}.")
    then = "rolled back" if gate.on_timeout == "rollback" else "it goes on waiting"
    return turn.waits(said(gate), turn.after(gate.timeout_s, at), then)


def _webhook(turn: Turn, gate: Webhook, found: Closed, at: datetime) -> Turn:
    """Follow what was answered; silence and errors have a deadline."""
    answer = found.answer
    if answer is not None and answer.opening is Opening.OPEN:
        return turn.with_(opened=(*turn.progress.opened, found.place))
    where = said(gate)
    if answer is not None and answer.opening is Opening.REFUSED and gate.on_refusal == "rollback":
        why = f"{where} refused{_reason(answer)}"
        return finish.roll_back(turn, "GateRefused", f"Rolled back: {why}.")
    cause = f"{where}{_told(answer)}"
    if turn.since(at) < gate.limit_s:
        then = "rolled back" if gate.on_timeout == "rollback" else "a person decides"
        return turn.waits(cause, turn.after(gate.limit_s, at), then)
    if gate.on_timeout == "rollback":
        why = f"{cause}, for {words.seconds(gate.limit_s)}"
        return finish.roll_back(turn, "GateTimedOut", f"Rolled back: {why}.")
    return turn.waits(cause, None, f"{PAST} or serinus rollback")


def _told(answer: GateAnswer | None) -> str:
    if answer is None:
        return ": no answer yet"
    match answer.opening:
        case Opening.REFUSED:
            return f" refuses{_reason(answer)}"
        case Opening.ERROR:
            return f" cannot be asked{_reason(answer)}"
        case Opening.WAIT | Opening.OPEN:
            return f" asks to wait{_reason(answer)}"
        case _:
            assert_never(answer.opening)


def _reason(answer: GateAnswer) -> str:
    return f": {answer.sentence}" if answer.sentence else ""


def _goes_on(turn: Turn) -> str:
    return f"step {_step(turn)} begins"


# --- words --------------------------------------------------------------------------------------


def said(gate: Approval | WindowGate | Webhook) -> str:
    """Say what a gate waits for."""
    match gate:
        case Approval():
            by = f" by {' or '.join(gate.roles)}" if gate.roles else ""
            return f"{words.several(gate.count, 'approval')}{by}"
        case WindowGate(window=window):
            return _window(window)
        case Webhook(url=url):
            return f"the webhook at {address.host(url)}"
        case _:
            assert_never(gate)


def _window(window: calendar.Window) -> str:
    message = f" ({window.message})" if window.message else ""
    return f"the window {window.name}{message}"


# --- asking -------------------------------------------------------------------------------------


def asks(turn: Turn) -> tuple[Ask, ...]:
    """Return what has to be asked now: at the first closed gate, if it is a webhook."""
    if turn.active is None or turn.progress.phase is not Phase.WAITING:
        return ()
    found = closed(turn, turn.step)
    if found is None or not isinstance(found.gate, Webhook):
        return ()
    release, gate, step = turn.release, found.gate, turn.step
    question = Question(
        id=identity(turn, found.place),
        url=gate.url,
        application=release.application,
        environment=release.environment,
        release=release.number,
        step=_step(turn),
        version=release.version,
        stable_version=release.stable_version,
        share=step.share / 1000 if isinstance(step, TrafficStep) else 0.0,
        secret=gate.secret,
        timeout_s=gate.timeout_s,
    )
    return (Ask(question, gate.every_s),)


def wake(turn: Turn) -> datetime | None:
    """Return when an approval that counts now will count no more, None if none will."""
    if turn.active is None or turn.progress.phase is not Phase.WAITING:
        return None
    step = turn.step
    gates = () if isinstance(step, SettleStep) else step.gates
    lasting = [g.expires_s for g in gates if isinstance(g, Approval) and g.expires_s is not None]
    ends = [at + timedelta(seconds=s) for _, at in _counting(turn) for s in lasting]
    return min((end for end in ends if end > turn.now), default=None)
