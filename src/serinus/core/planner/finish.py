"""
How a release ends: promoted, taken back, failed to start; and the liveness that cuts it short.

Promotion moves traffic and roles and restarts nothing: the replicas that earned trust keep serving.
The way back is the mirror of it, and is never blocked by a gate, a pause or a missing metric.
"""

from typing import assert_never

from msgspec.structs import replace

from serinus.core.planner import deaths, evidence, exposure, replicas, surge, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import FULL, MirrorStep, RecreateStep, ReplaceStep, SettleStep
from serinus.core.spec.wayback import Unverified
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase
from serinus.core.state.verdict import Test, TestKind
from serinus.core.state.workload import Replica, ReplicaState

CRASHES = 3
"""A replica that was restarted so often within one release is in a crash loop."""

UNVERIFIED = "a person promotes it or rolls it back"
"""What a release waits for whose safety could not be shown and whose template says: hold."""

DOUBTFUL = "serinus next goes on, serinus rollback goes back"
"""What a release waits for whose copies look worse and do not decide it."""

SERVED = 10
"""So many revisions that were stable once are remembered, for the way back."""

KEPT = 2
"""How many of a failed candidate's replicas are kept for inspection."""


# --- liveness: outside the statistics --------------------------------------------------------


def liveness(turn: Turn) -> Turn | None:
    """Give the candidate up when it cannot live: it crashes, or its replicas never get ready."""
    found = turn.serving()
    for replica in found:
        if replica.restarts >= CRASHES:
            last = f"; last: {replica.note}" if replica.note else ""
            crashed = f"replica {replica.name} crashed {replica.restarts} times{last}"
            return _dead(turn, "CrashLoop", crashed)
    spread = deaths.told(turn)
    if spread:
        return _dead(turn, "ReplicasDie", spread)
    progress = turn.progress
    lacking = len(progress.ordinals) - len(replicas.ready(found))
    if turn.observed.rejected and (lacking or progress.phase is Phase.STARTING):
        return _dead(turn, "Rejected", turn.observed.rejected)
    if not lacking:
        return turn.with_(pending_since=None) if _was_pending(turn) else None
    if progress.pending_since is None:
        return turn.with_(pending_since=turn.now)
    limit = turn.delivery.start_timeout_s
    if turn.since(progress.pending_since) < limit:
        return None
    what = f"{words.several(lacking, 'replica')} not ready after {words.seconds(limit)}"
    note = next((r.note for r in found if r.note and r.state is not ReplicaState.READY), "")
    return _dead(turn, "NotReady", f"{what}{'; ' + note if note else ''}")


def forbidden(turn: Turn) -> Turn | None:
    """Give the candidate up when an objective says so, or when no probe can be asked any more."""
    told = evidence.forbids(turn)
    if told:
        return roll_back(turn, "SloViolated", f"Rolled back: {told}.")
    told = evidence.struck(turn)
    if told:
        return roll_back(turn, "ThresholdFailed", f"Rolled back: {told}.")
    told = evidence.regressed(turn)
    return roll_back(turn, "Regressed", f"Rolled back: {told}.") if told else None


def _was_pending(turn: Turn) -> bool:
    return turn.progress.pending_since is not None and turn.progress.phase is not Phase.STARTING


def _dead(turn: Turn, reason: str, why: str) -> Turn:
    if turn.progress.phase is Phase.STARTING:
        return fail(turn, reason, f"{turn.release.version} failed to start: {why}.")
    return roll_back(turn, reason, f"Rolled back: {turn.release.version} does not live: {why}.")


def fail(turn: Turn, reason: str, sentence: str) -> Turn:
    """End a release that never served."""
    release = turn.release
    stays = f" {release.stable_version} serves as before." if release.stable else ""
    turn = _quarantined(turn) if turn.delivery.quarantine else turn
    return turn.to(Phase.FAILED, reason, sentence + stays, Kind.RESULT, ordinals=(), share=0)


# --- promotion ---------------------------------------------------------------------------------


def promote(turn: Turn, by: str = "") -> Turn:
    """
    Give the candidate everything, if its safety was shown, or as the template says without.

    ``by``: the person who promotes it in spite of everything that is left, and why.
    """
    progress = turn.progress
    verified = turn.reading.verified if turn.reading and turn.delivery.checks else False
    if not verified and not by and turn.delivery.checks:
        match turn.delivery.on_unverified:
            case Unverified.ROLLBACK:
                return roll_back(turn, "Unverified", f"Rolled back: {unverified(turn)}.")
            case Unverified.HOLD:
                sentence = f"Holding at {words.share(progress.share)}: {unverified(turn)}."
                turn = turn.to(Phase.HOLDING, "Unverified", sentence, Kind.VERDICT)
                return turn.waits(unverified(turn), None, UNVERIFIED)
            case Unverified.PROMOTE:
                pass
            case _:
                assert_never(turn.delivery.on_unverified)
    if isinstance(turn.step, MirrorStep) and turn.reading is not None:
        turn = turn.with_(copies=(turn.reading.requests, turn.reading.bad))
    missing = turn.release.replicas - len(progress.ordinals)
    if missing > 0:
        turn = surge.grow(turn, turn.release.replicas).with_(spare=())
    version = turn.release.version
    sentence = f"Promoting {version}: all traffic goes to it."
    if turn.progress.share == FULL:
        sentence = f"Promoting {version}: it has all the traffic already."
    return turn.to(
        Phase.PROMOTING,
        "Promoting",
        sentence,
        Kind.STEP,
        share=FULL,
        verified=verified,
        promoted_by=by,
        step_at=None,
        clock_at=None,
    )


def unverified(turn: Turn) -> str:
    """Say what could not be shown, and the smallest regression that could have been seen."""
    reading = turn.reading
    if reading is None or reading.smallest is None:
        return "unverified: nothing was measured"
    return f"unverified: a regression below {reading.smallest * 100:.2g} % could not have been seen"


def promoting(turn: Turn) -> Turn | None:
    """Wait until the data plane gives the candidate everything."""
    dead = liveness(turn)
    if dead is not None:
        return dead
    if not turn.follows():
        return waits.capacity(turn, "all traffic") or waits.following(turn, "promoted")
    return complete(turn)


def complete(turn: Turn) -> Turn:
    """Swap the roles: the candidate is stable now, the old one stays warm for the way back."""
    release, progress, status = turn.release, turn.progress, turn.status
    settle = next((s for s in release.delivery.steps if isinstance(s, SettleStep)), None)
    sentence = _success(turn)
    turn = counted(turn).with_(max_share=FULL)
    turn = turn.status_with(
        stable=release.candidate,
        stable_version=release.version,
        stable_ordinals=progress.ordinals,
        served=_served(turn),
        previous=status.stable if settle else None,
        previous_ordinals=status.stable_ordinals if settle else (),
        previous_until=turn.after(settle.keep_old_s) if settle else None,
    )
    accused = {"spare": (), "retreat": replace(turn.progress.retreat, accused=())}
    if settle is None or not settle.keep_old_s:
        turn = turn.status_with(previous=None, previous_ordinals=(), previous_until=None)
        return turn.to(Phase.SUCCEEDED, "Succeeded", sentence, Kind.RESULT, **accused)
    turn = turn.to(Phase.SETTLING, "Succeeded", sentence, Kind.RESULT, **accused)
    turn = _taken_over(turn)
    until = turn.status.previous_until
    cause = f"{release.stable_version} stays warm for the way back"
    return turn.waits(cause, until, "the old replicas stop")


def _served(turn: Turn) -> tuple[str, ...]:
    """Return the revisions that were stable once, the last ones."""
    before = turn.status.stable
    others = [r for r in turn.status.served if r != before]
    return tuple([*others, before][-SERVED:]) if before else tuple(others)


def _taken_over(turn: Turn) -> Turn:
    """Ask the judge to compare with stable's past, now that it no longer serves."""
    test = turn.progress.test
    if not test.number or test.kind is TestKind.TAKEOVER:
        return turn
    return turn.with_(test=Test(test.number + 1, TestKind.TAKEOVER), test_at=turn.now)


def _success(turn: Turn) -> str:
    release, progress = turn.release, turn.progress
    length = words.seconds(turn.since(release.created_at))
    head = f"{release.version} serves everybody after {length}"
    if progress.promoted_by:
        return f"{head}, promoted by {progress.promoted_by}."
    if not release.delivery.checks:
        return f"{head} (unverified: no checks)."
    if progress.verified:
        margin = release.delivery.margin
        reading = turn.reading
        count = f" ({reading.requests:,} requests)" if reading else ""
        return (
            f"{head}. Verified: not worse than {margin.ratio:g} × {release.stable_version} "
            f"plus {margin.plus * 100:g} pp{count}."
        )
    return f"{head} ({unverified(turn)})."


def first(turn: Turn) -> Turn:
    """End the first release of all, with which nothing can be compared."""
    release, progress = turn.release, turn.progress
    turn = turn.status_with(
        stable=release.candidate,
        stable_version=release.version,
        stable_ordinals=progress.ordinals,
    )
    sentence = f"{release.version} serves everybody (unverified: first release)."
    changes = {"share": FULL, "max_share": FULL, "verified": False}
    return turn.to(Phase.SUCCEEDED, "Succeeded", sentence, Kind.RESULT, **changes)


def settling(turn: Turn) -> Turn | None:
    """Keep the old replicas warm; switch back once if the new ones die or do worse than they."""
    status = turn.status
    found = replicas.of(turn.observed.replicas, status.stable, status.stable_ordinals)
    looping = [r for r in found if r.restarts >= CRASHES]
    if found and not replicas.ready(found) and looping:
        why = f"{_name(looping[0])} after the promotion"
        return roll_back(turn, "CrashLoop", f"Switched back: {why}.")
    slo = evidence.forbids(turn)
    if slo:
        return roll_back(turn, "SloViolated", f"Switched back: {slo}.")
    outside = evidence.struck(turn)
    if outside:
        return roll_back(turn, "ThresholdFailed", f"Switched back: {outside}.")
    worse = evidence.regressed(turn)
    if worse:
        return roll_back(turn, "Regressed", f"Switched back: {worse}.")
    if status.previous_until is None or turn.now >= status.previous_until:
        unjudged = turn.reading.unjudged if turn.reading else ""
        return settled(turn, f"unverified, {unjudged}" if unjudged else "")
    return None


def _name(replica: Replica) -> str:
    last = f" ({replica.note})" if replica.note else ""
    return f"replica {replica.name} crashed {replica.restarts} times{last}"


def settled(turn: Turn, why: str, *, again: bool = False) -> Turn:
    """End the settling: the old replicas may stop now, unless they are wanted again."""
    because = f": {why}" if why else ""
    turn = turn.status_with(previous_until=None)
    if not again:
        turn = turn.status_with(previous=None, previous_ordinals=())
    told = turn.progress.sentence
    event = f"Settled{because}. The old replicas {'are needed again' if again else 'stop'}."
    turn = turn.to(Phase.SUCCEEDED, "Settled", event, Kind.RESULT)
    return turn.with_(sentence=told)


# --- the way back --------------------------------------------------------------------------------


def roll_back(turn: Turn, reason: str, sentence: str) -> Turn:
    """Give everything back to the stable revision."""
    turn = counted(turn)
    if turn.progress.phase is Phase.SETTLING:
        turn = _swap_back(turn)
    gone = {"ordinals": ()} if isinstance(turn.step, RecreateStep) else {}
    return turn.to(
        Phase.ROLLING_BACK, reason, sentence, Kind.RESULT, clock_at=None, step_at=None, **gone
    )


def _swap_back(turn: Turn) -> Turn:
    release, status = turn.release, turn.status
    turn = turn.with_(ordinals=status.stable_ordinals, share=FULL)
    return turn.status_with(
        stable=release.stable,
        stable_version=release.stable_version,
        stable_ordinals=status.previous_ordinals,
        previous=None,
        previous_ordinals=(),
        previous_until=None,
    )


def rolling_back(turn: Turn) -> Turn | None:
    """Restore the old capacity where it is gone, take the weight to 0, and end the release."""
    release, status = turn.release, turn.status
    missing = release.replicas - len(status.stable_ordinals) if release.stable else 0
    if isinstance(turn.step, RecreateStep) and missing > 0 and _lives(turn):
        stop_s = status.drain_s + waits.STOP_S
        return waits.within(turn, "the new replicas stop", stop_s, "the old ones start")
    if missing > 0 and replaced(turn):
        turn, more = turn.fresh(missing)
        return turn.status_with(stable_ordinals=status.stable_ordinals + more)
    found = replicas.of(turn.observed.replicas, status.stable, status.stable_ordinals)
    short = replaced(turn) and len(replicas.ready(found)) < len(status.stable_ordinals)
    limit = turn.after(release.delivery.start_timeout_s, turn.progress.since)
    if turn.progress.share and short and turn.now < limit:
        cause = f"{len(replicas.ready(found))} of {words.several(len(found), 'replica')} of "
        return turn.waits(f"{cause}{release.stable_version} ready", limit, "the traffic goes back")
    if turn.progress.share:
        return turn.with_(share=0)
    whole = surge.coming(turn) is None
    return _ended(turn) if turn.follows() and whole else waits.following(turn, "rolled back")


def _lives(turn: Turn) -> bool:
    """Tell whether any replica of the candidate is still there, stopping ones included."""
    return any(r.revision == turn.release.candidate for r in turn.observed.replicas)


def replaced(turn: Turn) -> bool:
    """Tell whether stable gave up replicas for the candidate, so that they must come back first."""
    return any(isinstance(s, ReplaceStep | RecreateStep) for s in turn.delivery.steps)


def _ended(turn: Turn) -> Turn:
    release, progress = turn.release, turn.progress
    keep = release.delivery.keep_candidate_s
    most = surge.beyond(release)
    kept = tuple(dict.fromkeys((*progress.retreat.accused, *progress.ordinals)))
    kept = kept[: KEPT if most is None else min(KEPT, most)]
    if keep and kept and not progress.superseded:
        turn = turn.status_with(
            kept=release.candidate, kept_ordinals=kept, kept_until=turn.after(keep)
        )
    if release.delivery.quarantine and not progress.superseded:
        turn = _quarantined(turn)
    sentence = progress.sentence
    phase = Phase.SUPERSEDED if progress.superseded else Phase.ROLLED_BACK
    reason = "Superseded" if progress.superseded else "RolledBack"
    met = progress.max_share or replaced(turn) or progress.exposed
    again = "again" if met else "as before"
    back = f"{release.stable_version} serves everybody {again}."
    turn = turn.to(phase, reason, back, Kind.RESULT)
    return turn.with_(ordinals=(), spare=(), share=0, sentence=sentence)


def _quarantined(turn: Turn) -> Turn:
    candidate = turn.release.candidate
    if candidate in turn.status.quarantine:
        return turn
    return turn.status_with(quarantine=(*turn.status.quarantine, candidate))


def counted(turn: Turn) -> Turn:
    """Write down how many requests were exposed, and how many of them were bad."""
    reading = turn.observed.reading
    if reading is None or not turn.progress.test.number:
        return turn
    exposed, bad = exposure.of(turn.release, reading)
    return turn.with_(exposed=exposed, bad=bad)
