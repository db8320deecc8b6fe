"""
What people ask for: each intent is carried out or refused, with the reason.

An intent that expects another release or step than the current one is refused: the world has moved.
Asking for what is so already is done, not refused.
"""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from serinus.core.planner import canary, evidence, finish, gates, retreat, stopwatch, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import (
    Approval,
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    TrafficStep,
    Webhook,
    WindowGate,
)
from serinus.core.state import deed
from serinus.core.state.intent import Answer, Intent, Verb
from serinus.core.state.notice import Kind
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase

P = Phase
_SUSPECT = frozenset({P.RETREATED, P.PROBING, P.TRIAL})
_HELD = TrafficStep | PreviewStep | MirrorStep | MatchStep
"""Steps whose wait can be skipped."""

_PROMOTED = TrafficStep | MirrorStep | MatchStep
"""Steps from which a person may promote."""


class Refused(Exception):
    """An intent that is not carried out; the message is the answer."""


def ask(turn: Turn, intent: Intent) -> Turn:
    """Carry an intent out, or refuse it; either way it is answered and told."""
    if any(answer.intent == intent.id for answer in turn.answers):
        return turn
    try:
        _expected(turn, intent)
        moved, sentence = _VERBS[intent.verb](turn, intent)
    except Refused as refusal:
        moved, sentence, done = turn, str(refusal), False
    else:
        done = True
    answer = Answer(intent=intent.id, done=done, sentence=sentence)
    told = deed.told(intent, sentence, done=done)
    asked = turn.tell(Kind.INTENT, "Done" if done else "Refused", told).events
    events = asked + moved.events[len(turn.events) :]  # the cause before what follows from it
    return replace(moved, events=events, answers=(*moved.answers, answer))


def _expected(turn: Turn, intent: Intent) -> None:
    release = turn.status.release
    number = None if release is None else release.number
    if intent.expect_release is not None and intent.expect_release != number:
        now = "there is no release" if number is None else f"the release is now {number}"
        message = f"{now}; you were looking at {intent.expect_release}."
        raise Refused(message)
    if intent.expect_step is None or release is None:
        return
    step, total = release.progress.step + 1, len(release.delivery.steps)
    if intent.expect_step != step:
        message = f"the step is now {step} of {total}; you were looking at {intent.expect_step}."
        raise Refused(message)


def _active(turn: Turn) -> Phase:
    release = turn.active
    if release is not None:
        return release.progress.phase
    last = turn.status.release
    if last is None:
        message = f"{turn.status.key} has had no release yet."
        raise Refused(message)
    ended = f"release {last.number} has ended: {last.progress.phase.value.lower()}."
    raise Refused(ended)


def _refuse(verb: str, phase: Phase, hint: str) -> Refused:
    return Refused(f"cannot {verb} while it is {phase.value.lower()}; {hint}.")


def _pause(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    phase = _active(turn)
    if turn.progress.paused:
        return turn, f"paused already by {turn.progress.paused}."
    if phase in {P.SETTLING, P.ROLLING_BACK, P.PROMOTING, P.HELD}:
        raise _refuse("pause", phase, "nothing moves forward there")
    turn = turn.with_(paused=intent.actor)
    if phase in {P.ROLLING, P.HOLDING} and isinstance(turn.step, TrafficStep):
        turn = canary.pause(turn)
        return turn, f"paused at {words.share(turn.progress.share)}."
    return turn, "it pauses before the next step."


def _resume(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    phase = _active(turn)
    if not turn.progress.paused:
        return turn, "it is not paused."
    turn = turn.with_(paused="")
    if phase is P.PAUSED:
        sentence = f"Resumed by {intent.actor} at {words.share(turn.progress.share)}."
        turn = canary.resume(turn, "Resumed", sentence)
    return turn, "going on."


def _next(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    phase = _active(turn)
    if phase is P.PAUSED:
        raise _refuse("go to the next step", phase, "resume it first")
    if phase in {P.WAITING, P.QUEUED}:
        return _past(turn, intent, phase)
    if phase in _SUSPECT:
        raise _refuse("go to the next step", phase, "the probe decides; promote or roll back")
    if phase is P.HOLDING and isinstance(turn.step, MirrorStep):
        told = f"{intent.actor} goes on in spite of what the copies show."
        return canary.resume(turn, "Resumed", told).with_(skip=True), "it goes on."
    if phase is P.HOLDING:
        return _heard(turn, intent, phase)
    if phase is not P.ROLLING:
        raise _refuse("go to the next step", phase, "no step is being held")
    halted = evidence.objective(turn) or evidence.burning(turn)
    if not (halted and isinstance(turn.step, ReplaceStep)) and not isinstance(turn.step, _HELD):
        raise _refuse("go to the next step", phase, "this step goes as fast as it can")
    return turn.with_(skip=True), "the current wait is skipped."


def _heard(turn: Turn, intent: Intent, phase: Phase) -> tuple[Turn, str]:
    """Go on in spite of new kinds of log lines, which only a person can judge."""
    if not evidence.unheard(turn):
        raise _refuse("go to the next step", phase, "promote it with a reason, or roll back")
    if not intent.reason:
        message = "going on in spite of new log lines needs a reason: serinus next -m REASON."
        raise Refused(message)
    by = f"{intent.actor}: {intent.reason}"
    turn = turn.with_(heard=by)
    if evidence.objective(turn):
        return turn, "the log lines are left aside; an objective holds it as well."
    sentence = f"Going on: {intent.actor} has seen the new log lines ({intent.reason})."
    return canary.resume(turn, "Heard", sentence), "new kinds of log lines hold it no more."


def _past(turn: Turn, intent: Intent, phase: Phase) -> tuple[Turn, str]:
    """Go past what keeps a release from beginning, or past a gate that no person opens."""
    found = gates.closed(turn, turn.step) if phase is P.WAITING else None
    if found is not None and isinstance(found.gate, Approval):
        hint = f"it needs {gates.said(found.gate)}: serinus approve"
        raise _refuse("go to the next step", phase, hint)
    if phase is P.WAITING and found is None:
        return turn, "its gates are open already."
    if not intent.reason:
        message = "going past a gate needs a reason: serinus next -m REASON."
        raise Refused(message)
    by = f"{intent.actor}: {intent.reason}"
    if found is None:
        return turn.with_(skip=True, overrode=by), "it begins now."
    opened = (*turn.progress.opened, found.place)
    return turn.with_(opened=opened, overrode=by), f"it goes past {gates.said(found.gate)}."


def _promote(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    phase = _active(turn)
    if not intent.reason:
        message = "promote skips everything that is left, so it needs a reason: -m REASON."
        raise Refused(message)
    if phase in {P.PROMOTING, P.SETTLING}:
        return turn, "it is promoted already."
    if phase is P.ROLLING_BACK:
        raise _refuse("promote", phase, "deploy it again")
    if turn.release.stable is None:
        raise _refuse("promote", phase, "the first release serves as soon as it is ready")
    if phase is P.QUEUED:
        raise _refuse("promote", phase, "nothing of it runs yet: serinus next -m REASON begins it")
    if not _promotable(turn, phase):
        raise _refuse("promote", phase, "this strategy has no waits to skip but its own")
    by = f"{intent.actor}: {intent.reason}"
    turn = finish.promote(stopwatch.stopped(turn.with_(paused="")), by=by)
    return turn, f"all traffic goes to {turn.release.version}."


def _promotable(turn: Turn, phase: Phase) -> bool:
    """Tell whether there is a wait that a promotion ends; old and new never run at once there."""
    if isinstance(turn.step, RecreateStep) and phase is P.STARTING:
        return False
    return isinstance(turn.step, _PROMOTED) or phase in {P.STARTING, P.HOLDING, P.HELD}


def _rollback(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    phase = _active(turn)
    if phase is P.ROLLING_BACK:
        return turn, "it is going back already."
    release = turn.release
    if release.stable is None:
        raise _refuse("roll back", phase, "there is no version before the first release")
    why = f": {intent.reason}" if intent.reason else ""
    sentence = f"Rolled back by {intent.actor}{why}."
    return finish.roll_back(turn, "RolledBackByPerson", sentence), (
        f"all traffic returns to {release.stable_version}."
    )


def _retry(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    if turn.status.deleted:
        return _undeleted(turn)
    release = turn.status.release
    if release is not None and release.ended_at is None:
        if release.progress.phase is P.HELD:
            return retreat.again(turn, intent.actor), "a fresh replica is probed."
        raise _refuse("retry", release.progress.phase, "it is still in flight")
    wanted = turn.observed.wanted
    change = wanted.revision.id if wanted is not None else ""
    if wanted is None or change not in turn.status.quarantine:
        message = "nothing failed that the spec still asks for."
        raise Refused(message)
    quarantine = tuple(r for r in turn.status.quarantine if r != change)
    said = f"the change to {wanted.revision.version} is tried again."
    return turn.status_with(quarantine=quarantine), said


def _undeleted(turn: Turn) -> tuple[Turn, str]:
    if turn.observed.wanted is None or turn.observed.replicas:
        message = "it is deleted; its spec must be there, and its replicas gone."
        raise Refused(message)
    status = turn.status
    fresh = Status(
        key=status.key,
        next_ordinal=status.next_ordinal,
        release=status.release,
        releases=status.releases,
        version=status.version,
    )
    return replace(turn, status=fresh), "it is deployed anew."


def _approve(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    phase = _active(turn)
    if phase is not P.WAITING:
        raise _refuse("approve", phase, "no gate is waiting")
    found = gates.closed(turn, turn.step)
    gate = None if found is None else found.gate
    if isinstance(gate, WindowGate | Webhook):
        hint = f"serinus next -m REASON goes past {gates.said(gate)}"
        message = f"no approval is missing; {hint}."
        raise Refused(message)
    if gate is not None and not gates.may(turn, gate, intent.actor):
        message = f"{intent.actor} may not approve it; it needs {gates.who(turn, gate)}."
        raise Refused(message)
    turn, again = _given(turn, intent.actor)
    before, found = found, gates.closed(turn, turn.step)
    if found is None:
        return turn, "approved."
    already = " already" if again and found == before else ""
    return turn, f"approved{already}; it still needs {gates.said(found.gate)}."


def _given(turn: Turn, actor: str) -> tuple[Turn, bool]:
    """Note an approval now; somebody who gave one already gives it anew, as it may expire."""
    progress = turn.progress
    missing = (turn.now,) * (len(progress.approvals) - len(progress.approved_at))
    before = dict(zip(progress.approvals, (*progress.approved_at, *missing), strict=True))
    after = {**before, actor: turn.now}
    turn = turn.with_(approvals=tuple(after), approved_at=tuple(after.values()))
    return turn, actor in before


def _reject(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    phase = _active(turn)
    if phase is not P.WAITING:
        raise _refuse("reject", phase, "no gate is waiting")
    why = f": {intent.reason}" if intent.reason else ""
    turn = finish.roll_back(turn, "Rejected", f"Rejected by {intent.actor}{why}.")
    return turn, "it is taken back."


def _delete(turn: Turn, intent: Intent) -> tuple[Turn, str]:
    if turn.active is not None:
        sentence = (
            f"{turn.release.version} ends: {intent.actor} deleted {turn.release.application}."
        )
        phase = P.SUCCEEDED if turn.progress.phase is P.SETTLING else P.SUPERSEDED
        turn = finish.counted(turn).to(phase, "Deleted", sentence, Kind.RESULT, share=0)
    return turn.status_with(deleted=True), "its route is removed, and its replicas stop."


_VERBS: Mapping[Verb, Callable[[Turn, Intent], tuple[Turn, str]]] = {
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.NEXT: _next,
    Verb.PROMOTE: _promote,
    Verb.ROLLBACK: _rollback,
    Verb.RETRY: _retry,
    Verb.APPROVE: _approve,
    Verb.REJECT: _reject,
    Verb.DELETE: _delete,
}
