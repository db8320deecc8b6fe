"""
Serinus' own policy at the bench: the judge and the planner that run in production, and nothing
else.

A scenario lets a pod begin when it is named, so that the warm-up is counted from there: it is that
of a replica which gets requests and warms up by them.

What surrounds them is the least that they can tell from a cluster: a route is carried out at once,
a replica is ready :data:`START_S` after it was asked for. Everything else, retreats, probes,
trials, holds and promotions, is :func:`serinus.core.planner.decide.decide`'s.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from serinus.app import measure
from serinus.core.analysis import judge
from serinus.core.analysis.memory import Judge
from serinus.core.planner import decide
from serinus.core.planner.plan import Action, SetGroups, SetRoute
from serinus.core.spec import wayback
from serinus.core.spec.delivery import (
    FULL,
    AgainstStable,
    Check,
    Delivery,
    ErrorsCheck,
    Hold,
    LatencyCheck,
    LogCheck,
    Strategy,
    TrafficStep,
)
from serinus.core.state.counts import Tick
from serinus.core.state.notice import Key
from serinus.core.state.observed import Observed, Status, Wanted
from serinus.core.state.release import Phase
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import Replica, ReplicaState, Revision, Workload
from serinus.lab.play import End, State
from serinus.lab.scenario import Scenario, Wish

START_S = 30.0
"""How long a replica takes to be ready, in seconds: as on a cluster that has its image."""

TURN_S = 9.9
"""How often is decided at least; the stopwatch of a step counts gaps of up to ten seconds."""

HISTORY_S = 3600.0
MOVES = 60
OLD, NEW = "o" * 64, "c" * 64
KEY = Key("shop", "bench")
_ENDS = {
    Phase.PROMOTING: End.PROMOTED,
    Phase.SETTLING: End.PROMOTED,
    Phase.SUCCEEDED: End.PROMOTED,
    Phase.ROLLING_BACK: End.ROLLED_BACK,
    Phase.ROLLED_BACK: End.ROLLED_BACK,
    Phase.FAILED: End.ROLLED_BACK,
    Phase.HELD: End.HELD,
}


def delivery(scenario: Scenario) -> Delivery:
    """Return the delivery of a scenario: its plan and margins, and our defaults for the rest."""
    steps = tuple(
        TrafficStep(max(1, round(weight * FULL)), Hold(for_s=seconds))
        for weight, seconds in scenario.plan
    )
    return Delivery(
        strategy=Strategy.CANARY,
        steps=steps,
        checks=checks(scenario),
        every_s=max(5.0, scenario.tick_s),
    )


def checks(scenario: Scenario) -> tuple[Check, ...]:
    """Return the checks of a scenario, with its margins."""
    found: list[Check] = []
    for name, (ratio, plus) in scenario.checks.items():
        against = AgainstStable(ratio, plus)
        if name == "latency":
            found.append(LatencyCheck(name, against))
        elif name in scenario.lines:
            found.append(LogCheck(name, against, pattern=name))
        elif name not in scenario.gauges:
            found.append(ErrorsCheck(name, against))
    return tuple(found)


class Own:
    """The policy for one release of a scenario. ``forgetful``: restarted after every tick."""

    def __init__(
        self, scenario: Scenario, what: Delivery | None = None, *, forgetful: bool = False
    ) -> None:
        self.scenario, self.delivery = scenario, what or delivery(scenario)
        self.forgetful = forgetful
        self.retreats = 0
        self.events: list[str] = []
        self._past: list[Tick] = []
        self._judge: Judge | None = None
        self._now = datetime.fromtimestamp(0, UTC)
        ordinals = tuple(range(scenario.stable_pods))
        self._named: dict[str, datetime] = {}
        self._replicas: tuple[Replica, ...] = ()
        self._ordinals = ordinals
        self._route: Route | None = None
        self._status = Status(key=KEY)
        self._wanted: Wanted | None = None
        self._wake = self._now

    # --- what the player asks --------------------------------------------------------------------

    def history(self, tick: Tick) -> None:
        """Take in a tick from before the release."""
        self._past.append(tick)

    def begin(self, at: float) -> State:
        """Ask for the new revision."""
        self._now = datetime.fromtimestamp(at, UTC)
        started = self._now - timedelta(seconds=HISTORY_S)
        self._replicas = tuple(
            [
                Replica(OLD, ordinal, ReplicaState.READY, started, started, address=f"s{ordinal}")
                for ordinal in self._ordinals
            ]
        )
        endpoints = tuple(Endpoint(r.name, r.address) for r in self._replicas)
        self._route = Route(
            application=KEY.application,
            environment=KEY.environment,
            host="shop.bench",
            backends=(Backend(OLD, FULL, endpoints),),
        )
        self._status = Status(
            key=KEY,
            stable=OLD,
            stable_version="old",
            stable_ordinals=self._ordinals,
            next_ordinal=len(self._ordinals),
            host="shop.bench",
        )
        self._wanted = Wanted(
            revision=Revision(NEW, "new", Workload(command=("shop",))),
            replicas=len(self._ordinals),
            host="shop.bench",
            delivery=self.delivery,
            delivery_hash="0",
        )
        return self._decided()

    def tick(self, tick: Tick) -> State:
        """Take in a tick of the release; between long ones is decided, too."""
        before = self._now
        for turn in range(1, math.ceil(self.scenario.tick_s / TURN_S)):
            self.idle(before.timestamp() + turn * TURN_S)
        self._now = datetime.fromtimestamp(tick.at, UTC)
        self._replicas = tuple([self._grown(replica) for replica in self._replicas])
        if self._judge is None:
            self._past.append(tick)
        else:
            self._past.append(tick)
            young = self._young()
            self._judge = judge.advance(
                self._judge, msgspec.structs.replace(tick, masked=young) if young else tick
            )
            if self.forgetful:
                self._judge = msgspec.json.decode(msgspec.json.encode(self._judge), type=Judge)
        return self._state() if self._quiet() else self._decided()

    def idle(self, at: float) -> State:
        """Decide without counts."""
        self._now = datetime.fromtimestamp(at, UTC)
        self._replicas = tuple([self._grown(replica) for replica in self._replicas])
        return self._decided()

    # --- the little world ------------------------------------------------------------------------

    def _grown(self, replica: Replica) -> Replica:
        if replica.state is ReplicaState.READY:
            return replica
        ready_at = replica.started_at + timedelta(seconds=START_S)
        if ready_at > self._now:
            return replica
        return msgspec.structs.replace(replica, state=ReplicaState.READY, ready_at=ready_at)

    def _young(self) -> tuple[str, ...]:
        release = self._status.release
        seen = 0.0 if release is None else release.progress.retreat.young_s
        warmup = timedelta(seconds=max(self.delivery.warmup_s, seen))
        return tuple(
            [
                replica.address
                for replica in self._replicas
                if replica.address in self._named
                and self._now - self._named[replica.address] < warmup
            ]
        )

    def _quiet(self) -> bool:
        """
        Tell whether nothing can follow from this tick but that time goes on.

        The loop decides every second. Here it is every :data:`TURN_S`, as long as the release is in
        a step, the judge is silent, and nothing comes to its end; the stopwatch of a step allows
        it.
        """
        release, one = self._status.release, self._judge
        if release is None or one is None or one.alarmed or self._now >= self._wake:
            return False
        return release.progress.phase is Phase.ROLLING and release.progress.step_at is not None

    def _decided(self) -> State:
        """Decide and carry out, until nothing more follows at this instant."""
        for _ in range(MOVES):
            self._turned()
            reading = None if self._judge is None else judge.reading(self._judge)
            observed = Observed(
                now=self._now,
                status=self._status,
                wanted=self._wanted,
                route=self._route,
                replicas=self._replicas,
                reading=reading,
            )
            plan = decide.decide(observed)
            soon = self._now + timedelta(seconds=TURN_S)
            self._wake = soon if plan.wake is None else min(soon, plan.wake)
            self._status = plan.status
            self.events.extend([f"{e.reason}: {e.sentence}" for e in plan.events])
            self.retreats += sum([e.reason in {"Alarm", "TooManyRetreats"} for e in plan.events])
            self._act(plan.actions)
            release = self._status.release
            if release is not None and release.progress.phase in _ENDS:
                break
            if not plan.actions and not plan.events:
                break
        return self._state()

    def _turned(self) -> None:
        """Open the judge, or let it begin the test that the planner asks for."""
        release = self._status.release
        if release is None or not release.progress.test.number:
            return
        test = release.progress.test
        if self._judge is None:
            self._judge = judge.open(
                self.delivery,
                self._past,
                plan_seconds=measure.plan_seconds(self.delivery),
                test=test,
            )
        elif self._judge.test.number != test.number:
            self._judge = judge.turn(self._judge, test)
        if judge.wonders(self._judge):
            self._judge = judge.placebos(
                self._judge, self._past[-round(HISTORY_S / self.scenario.tick_s) :]
            )

    def _act(self, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, SetRoute):
                self._route = action.route
            elif isinstance(action, SetGroups):
                self._set(action)

    def _set(self, wanted: SetGroups) -> None:
        names = {(g.revision, o) for g in wanted.groups for o in g.ordinals}
        kept = [r for r in self._replicas if (r.revision, r.ordinal) in names]
        there = {(r.revision, r.ordinal) for r in kept}
        fresh = [
            Replica(
                revision,
                ordinal,
                ReplicaState.STARTING,
                self._now,
                address=f"{revision[:10]}-{ordinal}",
            )
            for revision, ordinal in sorted(names - there)
        ]
        self._replicas = (*kept, *fresh)

    def _state(self) -> State:
        release = self._status.release
        if release is None or self._route is None:
            return State(Wish())
        progress = release.progress
        serving = next((b for b in self._route.backends if b.revision == NEW), None)
        weight = 0.0 if serving is None else serving.weight / FULL
        end = _ENDS.get(progress.phase)
        if weight and serving is not None:
            pods = tuple(e.address for e in serving.endpoints)
        else:
            pods = tuple(r.address for r in self._replicas if r.revision == NEW)
        for pod in pods:
            self._named.setdefault(pod, self._now)
        twins = [
            r.address
            for r in self._replicas
            if r.revision == OLD and r.ordinal >= len(self._ordinals) and r.ready_at
        ]
        return State(
            wish=Wish(weight, pods, tuple(twins)),
            end=end,
            verified=bool(progress.verified),
            unverifiable=progress.retreat.chance > wayback.RESTLESS,
        )
