"""
Replay: a recorded release through any policy. Would it have caught it, when, at what exposure?

::

    recording ─ tick ─▶ thinned to the policy's share ─▶ judge ─▶ planner ─▶ the share of the next

The judge and the planner are the real ones. The recording is not the world: it has the traffic that
was split then, and another policy would have split it otherwise. So each tick keeps the rates that
were recorded. Where the policy gives the candidate less than it had, the judge gets a part of the
recorded requests, drawn by chance; where it gives more, the judge gets what was recorded, because
requests that nobody sent cannot be evidence. Once traffic is taken away the candidate gets none.
What comes after that (fresh replicas, probes) is known only where the recorded release probed, too.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from serinus.app import measure
from serinus.core.analysis import judge
from serinus.core.analysis.memory import Judge
from serinus.core.planner import words
from serinus.core.spec.delivery import FULL, Delivery
from serinus.core.state.counts import CANDIDATE, STABLE, Tick
from serinus.core.state.notice import Event
from serinus.core.state.release import Phase
from serinus.core.state.verdict import Reading
from serinus.lab import course, thinner
from serinus.lab.recording import Amount, Recording, amount
from serinus.lab.replayed import CheckLine, Crossing, Moment, Outcome, Recorded, Replayed, Sample

SERVES = frozenset({Phase.SETTLING, Phase.SUCCEEDED})

NOTICEABLE = 3.0
"""The lowest evidence whose crossing is told."""

PROBED = "ProbeStarted"


def play(delivery: Delivery, recording: Recording, *, seed: int = 1) -> Replayed:
    """
    Play a recording through a policy.

    Raises SpecError when it cannot be: a plan without shares, a recording without the candidate.
    """
    found = amount(recording)
    course.review(delivery, recording, found)
    if found is None:
        raise AssertionError  # what review is for
    return _Run(delivery, recording, found, seed).play()


def own(recording: Recording) -> Delivery:
    """Return the policy that was recorded. Raises SpecError where there was none."""
    return course.own(recording)


class _Run:
    """One replay while it is played."""

    def __init__(self, delivery: Delivery, recording: Recording, found: Amount, seed: int) -> None:
        self.recording, self.found = recording, found
        self.delivery, self.assumed = course.known(delivery, recording)
        self.levels = sorted({NOTICEABLE, delivery.retreat.alarm, delivery.retreat.give_up})
        self.chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self.world = course.World(self.delivery, recording, found.replicas)
        self.judge: Judge | None = None
        self.reading: Reading | None = None
        self.timeline: list[Moment] = []
        self.samples: list[Sample] = []
        self.seen: list[Tick] = []
        self.crossed: dict[str, list[Crossing]] = {}
        self.most: dict[str, tuple[float, float, str]] = {}
        self.requests = self.bad = 0.0
        self.judged = self.judged_bad = 0
        self.short_s = self.at = 0.0
        self.off: Moment | None = None
        self.away_at = 0.0
        self.promoted_s: float | None = None
        self.cut = False

    def play(self) -> Replayed:
        begun = self.found.first_at
        ticks = course.masked(self.recording, self.delivery.warmup_s)
        before = [tick for tick in ticks if tick.at <= begun + 1e-6]
        after = ticks[len(before) :]
        # What the replicas' warm-up saw is learnt from by nobody, as in the release itself.
        border = begun - measure.HISTORY.total_seconds()
        history = tuple(tick for tick in self.recording.history if tick.at >= border)
        self.past = history or tuple(_alone(tick) for tick in before)
        thin = thinner.Thinner(after, self.chance)
        probes = [s.at for s in self.recording.steps if s.reason == PROBED]
        self._decide(begun)
        for place, tick in enumerate(after):
            phase = self.world.progress.phase
            if phase.ended:
                break
            if phase is Phase.RETREATED:
                # The fresh replica is there when it was there: what it did then is all there is.
                probes = [at for at in probes if at >= self.away_at]
                if not probes:
                    self.cut = True
                    break
                if tick.at < probes[0]:
                    self._count(thin.tick(place, 0.0), tick)
                    continue
                probes.pop(0)
                self._decide(tick.at - tick.seconds)
            share = self.world.share
            given = thin.tick(place, share)
            self._expose(tick, share, same=given.same)
            self._count(given, tick)
            self._decide(tick.at)
        return self._told()

    # --- one tick --------------------------------------------------------------------------------

    def _expose(self, tick: Tick, share: float, *, same: bool) -> None:
        """Count what the candidate would have answered at a share, by the rates recorded."""
        mine, stable = tick.arms.get(CANDIDATE), tick.arms.get(STABLE)
        if mine is None or not mine.requests:
            return
        if same:
            self.requests, self.bad = self.requests + mine.requests, self.bad + mine.errors
            return
        requests = share * (mine.requests + (stable.requests if stable else 0))
        self.requests += requests
        self.bad += requests * mine.errors / mine.requests

    def _count(self, given: thinner.Thinned, tick: Tick) -> None:
        """Show the judge one tick."""
        mine = given.tick.arms.get(CANDIDATE)
        if mine is not None:
            self.judged += mine.requests
            self.judged_bad += mine.errors
        self.short_s += tick.seconds if given.short else 0.0
        self.at = tick.at
        self._turn()
        self.seen.append(given.tick)
        if self.judge is not None:
            self.judge = judge.advance(self.judge, given.tick)
            self.reading = judge.reading(self.judge)
            self._note(tick.at)

    def _turn(self) -> None:
        """Open the judge, or let it begin the test that the planner asks for."""
        test = self.world.progress.test
        if not test.number:
            return
        if self.judge is None:
            self.judge = judge.open(
                self.delivery,
                self.past,
                plan_seconds=measure.plan_seconds(self.delivery),
                test=test,
                since=self.recording.about.since,
            )
        elif self.judge.test.number != test.number:
            self.judge = judge.turn(self.judge, test)
        if judge.wonders(self.judge):
            border = self.at - measure.HISTORY.total_seconds()
            seen = [t for t in (*self.past, *self.seen) if t.at > border]
            self.judge = judge.placebos(self.judge, seen)

    def _note(self, at: float) -> None:
        """Keep the evidence, and each level that it crossed for the first time."""
        after = self._after(at)
        streams = () if self.reading is None else self.reading.streams
        for one in streams:
            crossed = self.crossed.setdefault(one.check, [])
            for level in self.levels[len(crossed) :]:
                if one.evidence < level:
                    break
                crossed.append(Crossing(level, after, one.evidence))
            if one.check not in self.most or one.evidence > self.most[one.check][0]:
                self.most[one.check] = (one.evidence, after, one.sentence)
        evidence = tuple(one.evidence for one in streams)
        self.samples.append(Sample(after, self.world.share, evidence))

    def _decide(self, at: float) -> None:
        """Let the planner decide, and follow it."""
        before = self.world.share
        events = self.world.decide(datetime.fromtimestamp(at, UTC), self.reading)
        self._turn()
        for event in events:
            self.timeline.append(self._moment(event, at))
        if before and not self.world.share:
            self.away_at = at
        if self.off is None and before and not self.world.share:
            sentence = self.world.progress.sentence
            reason = events[-1].reason if events else ""
            self.off = Moment(self._after(at), before, reason, sentence)
        if self.promoted_s is None and self.world.progress.phase in SERVES:
            self.promoted_s = self._after(at)

    def _moment(self, event: Event, at: float) -> Moment:
        return Moment(self._after(at), self.world.share, event.reason, event.sentence)

    def _after(self, at: float) -> float:
        return max(0.0, at - self.found.first_at)

    # --- what it amounts to ----------------------------------------------------------------------

    def _told(self) -> Replayed:
        phase, progress = self.world.progress.phase, self.world.progress
        outcome = self._outcome(phase)
        recorded = _recorded(self.recording, self.found)
        off, share = (None, 0.0) if self.off is None else (self.off.after_s, self.off.share)
        bad = round(self.bad)
        final = outcome in {Outcome.ROLLED_BACK, Outcome.HELD} or phase is Phase.SUCCEEDED
        reason = self.off or (self.timeline[-1] if self.timeline else None)
        return Replayed(
            policy=course.named(self.delivery),
            outcome=outcome,
            final=final,
            sentence=self._sentence(outcome, bad, recorded),
            reason=reason.sentence if reason else "",
            off_s=off,
            share=share,
            promoted_s=self.promoted_s,
            verified=progress.verified,
            seconds=self._after(self.at),
            requests=round(self.requests),
            bad=bad,
            judged=self.judged,
            judged_bad=self.judged_bad,
            short_s=self.short_s,
            recorded=recorded,
            checks=tuple(self._lines()),
            timeline=tuple(self.timeline),
            samples=tuple(self.samples),
            assumed=(*self.assumed, *self._doubts()),
        )

    def _outcome(self, phase: Phase) -> Outcome:
        if phase in {Phase.ROLLING_BACK, Phase.ROLLED_BACK, Phase.FAILED}:
            return Outcome.ROLLED_BACK
        if phase is Phase.HELD:
            return Outcome.HELD
        if phase in SERVES:
            return Outcome.PROMOTED
        return Outcome.UNDECIDED if self.off is None or self.world.share else Outcome.TAKEN_AWAY

    def _sentence(self, outcome: Outcome, bad: int, recorded: Recorded) -> str:
        counted = words.several(bad, "bad request")
        instead = f"{counted}, as recorded"
        if bad != recorded.bad:
            instead = f"{counted} instead of {recorded.bad:,}"
        away = ""
        if self.off is not None:
            share = words.share(round(self.off.share * FULL))
            after = words.seconds(self.off.after_s)
            away = f"traffic taken away after {after}, from {share}"
        given = f" ({away}, and given back)" if away else ""
        over = words.seconds(self._after(self.at))
        match outcome:
            case Outcome.TAKEN_AWAY:
                return f"{away[0].upper()}{away[1:]}: {instead}."
            case Outcome.ROLLED_BACK | Outcome.HELD:
                how = "Rolled back" if outcome is Outcome.ROLLED_BACK else "Held at 0"
                return f"{how} after {over} ({away or 'it had no traffic'}): {instead}."
            case Outcome.PROMOTED:
                shown = "verified" if self.world.progress.verified else "not verified"
                after = words.seconds(self.promoted_s or 0.0)
                return f"Promoted after {after}, {shown}{given}: {instead}."
            case Outcome.UNDECIDED:
                most = max((evidence for evidence, _, _ in self.most.values()), default=1.0)
                return (
                    f"Undecided when the recording ends, after {over}{given}: {counted} until "
                    f"then, evidence {most:.2g}:1 at most."
                )

    def _lines(self) -> Iterator[CheckLine]:
        for name, (evidence, after, sentence) in self.most.items():
            yield CheckLine(name, evidence, after, tuple(self.crossed.get(name, ())), sentence)

    def _doubts(self) -> Iterator[str]:
        """Say what this replay could not know."""
        if self.short_s >= 1:
            yield (
                f"for {words.seconds(self.short_s)} the policy would have given the candidate more "
                "traffic than was recorded: with more it is seen sooner, and what comes with load "
                "has not shown"
            )
        if self.cut:
            yield (
                "what would have followed is not known: the recorded release has no probe of a "
                "fresh replica after this moment"
            )


def _alone(tick: Tick) -> Tick:
    """Return stable's part of a tick from before the candidate had traffic."""
    return replace(tick, arms={name: arm for name, arm in tick.arms.items() if name == STABLE})


def _recorded(recording: Recording, found: Amount) -> Recorded:
    about = recording.about
    off = next((s.at for s in recording.steps if s.reason in course.TAKEN), None)
    return Recorded(
        name=about.name,
        version=about.version,
        stable_version=about.stable_version,
        policy=course.named(about.delivery) if about.delivery else "",
        phase=about.phase,
        sentence=about.sentence,
        seconds=recording.ticks[-1].at - found.first_at,
        requests=found.requests,
        bad=found.bad,
        off_s=None if off is None else max(0.0, off - found.first_at),
    )


__all__: Sequence[str] = ("Outcome", "Replayed", "own", "play")
