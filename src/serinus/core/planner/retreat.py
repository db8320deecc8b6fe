"""
Retreat before rollback: taking traffic away is cheap and reversible, so it is done early.

::

    alarm ──► Retreated (weight 0, a fresh replica warms up) ──► Probing (a small share decides)
                 ▲                                                 │ fails      │ passes
                 └──────────── the next fresh replica ◄────────────┘            ▼
    Rolled back: enough probes failed, and the ledger holds ≥ 100:1           Trial ──► on
    Held at 0: what cannot be told apart is shown to a person

A release is given up only by failed probes on fresh replicas *and* the ledger: the product of the
evidence of all its tests, passed probes included. The reasoning and the proofs are in the docs,
``explanation/retreat``.
"""

from math import exp, log

from msgspec.structs import replace

from serinus.core.planner import (
    ages,
    evidence,
    finish,
    luck,
    replicas,
    singles,
    steps,
    stopwatch,
    surge,
    waits,
    words,
)
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import FULL, TrafficStep
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase, Retreat
from serinus.core.state.verdict import Outcome, Reading, Test, TestKind


def worry(turn: Turn) -> Turn | None:
    """Answer what speaks against the candidate: it dies, an alarm, an objective; None without."""
    return finish.liveness(turn) or alarm(turn) or finish.forbidden(turn)


def alarm(turn: Turn) -> Turn | None:
    """Take the traffic away when the judge alarms, None while it does not."""
    reading = turn.reading
    if reading is None or not reading.alarm or not turn.progress.share:
        return None
    step = turn.step
    if not isinstance(step, TrafficStep):
        return None
    turn = luck.learnt(turn)
    state = turn.progress.retreat
    state = replace(state, age_s=max(state.age_s, ages.owed(turn)))
    ledger = state.ledger + reading.log_evidence
    if singles.only_young(turn, reading):
        return singles.spared(turn, reading, replace(state, ledger=ledger))
    one = singles.single(turn, reading, state)
    if one is not None:
        return singles.replaced(turn, reading, replace(state, ledger=ledger), one)
    if turn.progress.phase is Phase.TRIAL:
        state = replace(state, fails=state.fails + 1, ledger=ledger)
        return _failed(turn, state, reading, "The trial failed", trial=True)
    share = min(turn.progress.share, step.share)
    state = replace(
        state,
        count=state.count + 1,
        probe=0,
        fails=0,
        ledger=ledger,
        accused_share=share,
        probe_share=_probe_share(turn, reading, share),
        stream=reading.accused,
        fresh=singles.mostly_young(turn, reading),
    )
    sentence = f"Taken back to 0 % from {words.share(share)}: {reading.sentence}."
    if state.count > luck.most(turn, state):
        turn = turn.with_(retreat=state)
        return hold(
            turn,
            "TooManyRetreats",
            f"Held at 0 after {words.several(state.count, 'retreat')}: {reading.sentence}. "
            "Fresh replicas passed each time, so this looks like bad luck or a fault that comes "
            "and goes: retry, promote with a reason, or roll back.",
        )
    return away(turn, state, "Alarm", sentence)


def away(turn: Turn, state: Retreat, reason: str, sentence: str) -> Turn:
    """Go to weight 0, keep the accused replicas for inspection, and start a fresh one."""
    progress = turn.progress
    accused = (*state.accused, *progress.ordinals)
    accused = tuple(dict.fromkeys((*accused[:1], *accused[-1:])))
    turn = stopwatch.stopped(turn)
    if surge.beyond(turn.release) is None:
        turn, ordinals = _fresh(turn, state)
        turn, twins = _twins(turn, state)
    else:
        # They serve on while stable's replicas come back, and make room for fresh ones then.
        accused, ordinals, twins = progress.ordinals, progress.ordinals, ()
    return turn.to(
        Phase.RETREATED,
        reason,
        f"{sentence} {_then(turn, state)}",
        Kind.RETREAT,
        share=0,
        step_at=None,
        ordinals=ordinals,
        spare=(),
        twins=twins,
        pending_since=turn.now,
        retreat=replace(state, accused=accused, trial_until=None),
    )


def _fresh(turn: Turn, state: Retreat) -> tuple[Turn, tuple[int, ...]]:
    """Start as many fresh replicas as are tried next, those that are warm already first."""
    needed = max(1, replicas.needed(surge.tried_with(state), turn.release.replicas))
    ordinals = turn.progress.spare[:needed]
    if len(ordinals) < needed:
        turn, more = turn.fresh(needed - len(ordinals))
        ordinals += more
    return turn, ordinals


def _twins(turn: Turn, state: Retreat) -> tuple[Turn, tuple[int, ...]]:
    """Start a fresh replica of stable beside them, where it may bear witness and there is room."""
    if not (state.stream and turn.delivery.retreat.twins and turn.release.stable):
        return turn, ()
    return turn.fresh(surge.room(turn, 1))


def _then(turn: Turn, state: Retreat) -> str:
    policy = turn.delivery.retreat
    if not state.stream:
        return "A fresh replica is started."
    wanted = luck.wanted(turn, state)
    if not state.fails and not (policy.probes or state.wanted):
        return "A fresh replica is probed next."
    if state.fails < wanted:
        return f"A fresh replica is probed next, {state.fails + 1} of {wanted}."
    odds = f"{exp(state.ledger):,.0f}:1" if state.ledger > 0 else "nothing"
    return (
        f"All tests together say {odds}, and {policy.give_up:,.0f}:1 is needed: "
        "another fresh replica is probed."
    )


def retreated(turn: Turn) -> Turn | None:
    """Wait until the candidate is without traffic and the fresh replica is ready and warm."""
    turn = luck.learnt(turn)
    dead = finish.liveness(turn) or finish.forbidden(turn)
    if dead is not None:
        return dead
    progress = turn.progress
    state = progress.retreat
    then = f"probe at {words.share(state.probe_share)}" if state.stream else "the trial"
    if not turn.follows():
        return waits.following(turn, then)
    barred = _barred(turn)
    if barred is not None:
        return barred
    problem = evidence.missing(turn)
    if problem:
        return _unseen(turn, problem)
    short = waits.capacity(turn, then)
    if short is not None:
        return short
    if not state.stream:
        return _trial(turn, state, "The fresh replica is healthy")
    if surge.beyond(turn.release) is not None and not progress.twins:
        turn, twins = _twins(turn, state)
        turn = turn.with_(twins=twins)
    state = replace(state, probe=state.probe + 1)
    turn, spare = _spare(turn, state)
    return turn.to(
        Phase.PROBING,
        "ProbeStarted",
        f"Probe {state.probe}: {words.share(state.probe_share)} of the traffic to a fresh replica.",
        Kind.RETREAT,
        share=state.probe_share,
        spare=spare,
        retreat=state,
        test=Test(
            number=progress.test.number + 1,
            kind=TestKind.PROBE,
            accused=state.stream,
            level=luck.level(turn, state),
        ),
        test_at=turn.now,
    )


def _barred(turn: Turn) -> Turn | None:
    """Hold what no probe and no trial could set right: an objective, a check that cannot judge."""
    problem = evidence.objective(turn) or evidence.error(turn)
    return hold(turn, "Barred", f"Held at 0: {problem}.") if problem else None


def _unseen(turn: Turn, problem: str) -> Turn:
    """Wait for evidence to come in before anything is tried, as long as a step would."""
    waiting = waits.unseen(turn, problem, "a person decides")
    if waiting is not None:
        return waiting
    length = words.seconds(turn.delivery.on_no_data.hold_s)
    return hold(turn, "NoData", f"Held at 0: no data for {length}, {problem}.")


def _spare(turn: Turn, state: Retreat) -> tuple[Turn, tuple[int, ...]]:
    """Warm up the replica for the next probe already, if there may be one."""
    if state.fails + 1 >= luck.wanted(turn, state):
        return turn, ()
    return turn.fresh(surge.room(turn, 1))


def probing(turn: Turn) -> Turn | None:
    """Ask the judge whether the fresh replica fails as well."""
    turn = luck.learnt(turn)
    worried = finish.liveness(turn) or finish.forbidden(turn) or _barred(turn)
    if worried is not None:
        return worried
    reading = turn.reading
    if reading is None or reading.probe is Outcome.INCONCLUSIVE:
        return _open(turn)
    state = turn.progress.retreat
    state = replace(state, ledger=state.ledger + reading.log_evidence)
    if reading.probe is Outcome.FAIL:
        share = min(state.probe_share, _probe_share(turn, reading, state.accused_share))
        state = replace(state, fails=state.fails + 1, probe_share=share)
        return _failed(turn, state, reading, f"Probe {state.probe} failed")
    why = f"Probe {state.probe} passed"
    if reading.excused:
        why = (
            f"Probe {state.probe} failed, and so did a fresh replica of the stable version: "
            "it is not the version"
        )
        # That alarm was no alarm; and what is young does not raise another one.
        state = replace(state, young_s=singles.YOUNG_S, count=max(0, state.count - 1))
    elif state.fresh:
        # It passed at this age; what is younger is not known to be any worse than it was.
        passed = max([turn.since(r.started_at) for r in turn.serving()], default=0.0)
        state = replace(state, young_s=max(state.young_s, min(passed, singles.YOUNG_S)))
    return _trial(turn, state, why)


def _open(turn: Turn) -> Turn:
    """Wait for the probe to be decided; without a request in all its time it says nothing."""
    limit = turn.delivery.retreat.probe_limit_s
    answered = turn.reading is not None and turn.reading.test_requests > 0
    until = turn.after(2 * limit if answered else limit, turn.progress.test_at)
    if turn.now >= until:
        problem = evidence.missing(turn) or "the fresh replica got no requests"
        return hold(turn, "NoData", f"Held at 0: the probe has no answer, {problem}.")
    then = "the candidate is tried again" if answered else "a person decides"
    return turn.waits("the probe decides", until, then)


def _failed(
    turn: Turn, state: Retreat, reading: Reading, what: str, *, trial: bool = False
) -> Turn:
    policy, wanted = turn.delivery.retreat, luck.wanted(turn, state)
    sure = state.fails >= wanted and state.ledger >= log(policy.give_up)
    if sure and wanted <= policy.max_probes:
        turn = turn.with_(retreat=state)
        fresh = words.several(state.fails, "fresh replica was", "fresh replicas were")
        sentence = f"Rolled back: {reading.sentence}; {fresh} as bad."
        return finish.roll_back(turn, "ProbesFailed", sentence)
    if state.probe >= policy.max_probes or (trial and state.fails >= wanted):
        turn = turn.with_(retreat=state)
        if wanted > policy.max_probes:
            sentence = (
                f"Held at 0: {reading.sentence}. Not verifiable on this service: {state.luck}, "
                f"so that {wanted} failures in a row would be needed to tell bad luck from it."
            )
            return hold(turn, "NotVerifiable", sentence)
        sentence = f"Held at 0: {reading.sentence}, and more probes do not decide it."
        if trial:
            sentence = (
                f"Held at 0: {reading.sentence}. A probe with little traffic passed and the trial "
                "with more failed: it depends on load, or comes and goes."
            )
        return hold(turn, "Undecided", sentence)
    return away(turn, state, "ProbeFailed", f"{what}: {reading.sentence}.")


def _trial(turn: Turn, state: Retreat, why: str) -> Turn:
    """Give the candidate its former share back, on trial, with the fresh replicas."""
    length = turn.delivery.retreat.trial_s
    turn = surge.grow(turn, replicas.needed(state.accused_share, turn.release.replicas))
    return turn.to(
        Phase.TRIAL,
        "TrialStarted",
        f"{why}: back to {words.share(state.accused_share)}, on trial for {words.seconds(length)}.",
        Kind.RETREAT,
        share=state.accused_share,
        spare=(),
        twins=(),
        step_at=None,
        retreat=replace(state, trial_until=None),
        test=Test(number=turn.progress.test.number + 1, kind=TestKind.TRIAL),
        test_at=None,
    )


def trial(turn: Turn) -> Turn | None:
    """Watch the candidate at its former share; an alarm now counts as a failed probe."""
    turn = luck.learnt(turn)
    worried = worry(turn) or _barred(turn)
    if worried is not None:
        return worried
    state = turn.progress.retreat
    problem = evidence.missing(turn)
    if problem:
        return hold(turn, "NoData", f"Held at 0: the trial cannot be watched, {problem}.")
    if turn.progress.step_at is None:
        if not turn.follows():
            return waits.capacity(turn, "the trial") or waits.following(turn, "the trial")
        end = turn.after(turn.delivery.retreat.trial_s)
        turn = stopwatch.reached(turn).with_(retreat=replace(state, trial_until=end))
        return turn.waits("on trial", end, "the step goes on")
    turn = stopwatch.tick(turn)
    if state.trial_until is None or turn.now < state.trial_until:
        return turn
    begun = isinstance(turn.step, TrafficStep) and turn.step.share == turn.progress.share
    turn = turn.to(
        Phase.ROLLING,
        "TrialPassed",
        f"The trial passed at {words.share(turn.progress.share)}: going on.",
        Kind.RETREAT,
        retreat=replace(state, fails=0, probe=0, trial_until=None),
    )
    return turn if begun else steps.enter(turn, turn.progress.step)


def hold(turn: Turn, reason: str, sentence: str) -> Turn:
    """Keep the candidate running without traffic until a person decides."""
    turn = finish.counted(stopwatch.stopped(turn))
    state = turn.progress.retreat
    if turn.progress.phase not in {Phase.RETREATED, Phase.PROBING}:
        state = replace(state, accused_share=_tried(turn))
    changes = {"share": 0, "step_at": None, "twins": (), "retreat": state}
    turn = turn.to(Phase.HELD, reason, sentence, Kind.RETREAT, **changes)
    then = "serinus retry, serinus promote -m REASON, or serinus rollback"
    return turn.waits("a person decides", None, then)


def again(turn: Turn, actor: str) -> Turn:
    """Begin a new probe because a person asked for it."""
    state = replace(turn.progress.retreat, count=0, fails=0, probe=0)
    return away(turn, state, "Retried", f"Retried by {actor}.")


def _tried(turn: Turn) -> int:
    """Return the share at which a trial would try the candidate: what it has, or what is next."""
    step = turn.step.share if isinstance(turn.step, TrafficStep) else FULL
    return min(turn.progress.share, step) or step


def _probe_share(turn: Turn, reading: Reading, share: int) -> int:
    least = turn.delivery.retreat.min_share
    return min(max(reading.probe_share, least), max(share, 1))
