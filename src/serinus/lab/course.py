"""
The course of a release on recorded traffic: the real planner in a world that follows at once.

Replicas are ready when they are asked for, the route is what was asked for, gates open, and people
say yes at once. What a recording does not hold (numbers of metric sources, use of the machine) is
left out of the policy, and each of these is said.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from serinus.core.errors import Problem, SpecError
from serinus.core.planner import decide
from serinus.core.planner.plan import SetGroups, SetRoute
from serinus.core.spec.delivery import (
    FULL,
    Delivery,
    LatencyCheck,
    LogCheck,
    NetworkCheck,
    NewLinesCheck,
    SettleStep,
    Step,
    TrafficStep,
)
from serinus.core.state.counts import CANDIDATE, STABLE, Tick
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Observed, Status, Wanted
from serinus.core.state.release import Phase, Progress
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica, ReplicaState, Revision, Workload
from serinus.lab.recording import Amount, Recording

REQUESTS = (
    "requests are as they were recorded, tick by tick; fewer of the candidate's are used where "
    "the policy gives it less, never more than there were"
)

TURNS = 40
"""The world follows within so many turns."""

OLD_S = 86_400.0
"""How old stable's replicas are."""

WARM_S = 1.0
"""So much longer than it takes to warm up a replica of the candidate is ready when it comes."""

TAKEN = frozenset({"Alarm", "NoData", "ProbesFailed", "RolledBack", "CrashLoop", "TooManyRetreats"})
"""Reasons of events with which traffic is taken away."""


def own(recording: Recording) -> Delivery:
    """Return the policy that was recorded. Raises SpecError where there was none."""
    if recording.about.delivery is None:
        message = "it has no policy of its own; wanted one: --template NAME or --file FILE"
        raise SpecError((Problem(recording.about.name, message),))
    return recording.about.delivery


def named(delivery: Delivery) -> str:
    """Return the name of a policy for people."""
    version = f" {delivery.template_version}" if delivery.template_version else ""
    return f"{delivery.template}{version}" if delivery.template else delivery.strategy.value


def review(delivery: Delivery, recording: Recording, found: Amount | None) -> None:
    """See to it that a policy can be replayed on a recording. Raises SpecError with all reasons."""
    problems = []
    steps = [s for s in delivery.steps if not isinstance(s, TrafficStep | SettleStep)]
    if steps or not any(isinstance(s, TrafficStep) for s in delivery.steps):
        message = (
            f"{named(delivery)} ({delivery.strategy.value}) does not move traffic by shares alone; "
            "a replay needs a canary of traffic and ramp steps, such as canary-standard"
        )
        problems.append(Problem("policy", message))
    if not delivery.checks:
        problems.append(Problem("policy", "it has no check that counts: nothing would be judged"))
    name = recording.about.name
    if found is None:
        message = "the candidate had no request in it: there is nothing to replay"
        problems.append(Problem(name, message))
    elif not found.stable_requests and not recording.history:
        message = "stable had no request in it: there is nothing to compare the candidate with"
        problems.append(Problem(name, message))
    if problems:
        raise SpecError(problems)


def known(delivery: Delivery, recording: Recording) -> tuple[Delivery, tuple[str, ...]]:
    """Return what of a policy can be known from counts, and what is assumed for the rest."""
    gated = any(not isinstance(s, SettleStep) and s.gates for s in delivery.steps)
    manual = any(isinstance(s, TrafficStep) and s.manual for s in delivery.steps)
    looks = tuple(look for look in delivery.looks if isinstance(look, NewLinesCheck))
    dropped = [look.name for look in delivery.looks if look not in looks]
    assumed = [REQUESTS, "replicas are ready and the router follows at once"]
    if gated or manual:
        assumed.append("gates open, and people say yes, at once")
    if dropped:
        names = ", ".join(dropped)
        assumed.append(f"left out, because no recording holds their numbers: {names}")
    assumed += _silent(delivery, recording)
    steps = tuple(map(_open, delivery.steps))
    return replace(delivery, steps=steps, looks=looks), tuple(assumed)


def _open(step: Step) -> Step:
    if isinstance(step, TrafficStep):
        return replace(step, gates=(), manual=False)
    return step


def _silent(delivery: Delivery, recording: Recording) -> Iterator[str]:
    """Say which checks have nothing to read in this recording, and what is coarse in it."""
    arms = [tick.arms[CANDIDATE] for tick in recording.ticks if CANDIDATE in tick.arms]
    slow = [c.name for c in delivery.checks if isinstance(c, LatencyCheck)]
    if slow and not any(arm.timed for arm in arms):
        yield f"no response times were recorded: {', '.join(slow)} cannot say anything"
    kinds = [c.name for c in delivery.checks if isinstance(c, LogCheck | NetworkCheck)]
    heard = {name for arm in arms for found in arm.lines.values() for name in found}
    lacking = [name for name in kinds if name not in heard]
    if lacking:
        yield f"not counted when it was recorded, so silent: {', '.join(lacking)}"
    longest = max((tick.seconds for tick in recording.history[-720:]), default=0.0)
    if not recording.history:
        yield "nothing is known of stable before the release: the first minutes are judged blindly"
    elif longest > 2 * max(5.0, delivery.every_s):
        yield (
            f"stable's past is kept in ticks of up to {longest:.0f} s by now: its errors are taken "
            "to clump as within those, and the evidence is not quite what it was then"
        )
    recorded = recording.about.delivery
    if recorded is not None and recorded.warmup_s != delivery.warmup_s:
        kept = f"{recorded.warmup_s:g} s"
        yield f"replicas are left out while they warm up, as it was recorded ({kept})"


def masked(recording: Recording, warmup_s: float) -> tuple[Tick, ...]:
    """
    Return the ticks of a release with the replicas that warm up left out, as the policy wants it.

    Where Serinus recorded it that was done then; elsewhere a replica is as old as its first count.
    """
    if recording.about.source == "release":
        return recording.ticks
    known = {name for tick in recording.history for name in _names(tick)}
    first: dict[str, float] = {}
    found = []
    for tick in recording.ticks:
        begun = tick.at - tick.seconds
        fresh = [name for name in _names(tick) if name not in known]
        ages = {name: begun - first.setdefault(name, begun) for name in fresh}
        young = tuple(name for name, age in ages.items() if age < warmup_s)
        found.append(replace(tick, masked=young) if young else tick)
    return tuple(found)


def _names(tick: Tick) -> Iterator[str]:
    return (name for arm in tick.arms.values() for name in arm.replicas)


class World:
    """One release in flight: the planner's memory, and a world that does what it says."""

    def __init__(self, delivery: Delivery, recording: Recording, replicas: int) -> None:
        about = recording.about
        stable = about.stable or STABLE
        candidate = about.candidate if about.candidate != stable else f"{stable}-candidate"
        self.candidate = candidate
        self.status = Status(
            key=Key(about.application, about.environment),
            stable=stable,
            stable_version=about.stable_version,
            stable_ordinals=tuple(range(replicas)),
            next_ordinal=replicas,
            releases=max(0, about.number - 1),
        )
        workload = Workload(command=("replay",))
        self._wanted = Wanted(
            revision=Revision(candidate, about.version, workload),
            replicas=replicas,
            host="",
            delivery=delivery,
            delivery_hash="",
        )
        self._before = replace(
            self._wanted, revision=Revision(stable, about.stable_version, workload)
        )
        self._route: Route | None = None
        self._replicas: tuple[Replica, ...] = ()

    @property
    def progress(self) -> Progress:
        """Return how far the release is."""
        if self.status.release is None:
            message = f"{self.status.key} has no release"
            raise LookupError(message)
        return self.status.release.progress

    @property
    def share(self) -> float:
        """Return the candidate's share (a fraction); all of it once it took over."""
        if self.status.stable == self.candidate:
            return 1.0
        return 0.0 if self._route is None else self._route.weight(self.candidate) / FULL

    def decide(self, now: datetime, reading: Reading | None) -> Sequence[Event]:
        """
        Let the planner decide at an instant until nothing more follows; return what happened.

        It ends where traffic was taken away: when a fresh replica comes, the recording knows.
        """
        if self._route is None:
            wanted, self._wanted = self._wanted, self._before
            self._follow(now, None)
            self._wanted = wanted
        return self._follow(now, reading)

    def _follow(self, now: datetime, reading: Reading | None) -> Sequence[Event]:
        events: list[Event] = []
        for _ in range(TURNS):
            plan = decide.decide(self._observed(now, reading))
            before, self.status = self.status, plan.status
            events += plan.events
            for action in plan.actions:
                if isinstance(action, SetRoute):
                    self._route = action.route
                elif isinstance(action, SetGroups):
                    self._start(action, now)
            still = self.status == before and not plan.actions
            if still or (_away(self.status) and not _away(before)):
                break
        return events

    def _observed(self, now: datetime, reading: Reading | None) -> Observed:
        return Observed(
            now=now,
            status=self.status,
            wanted=self._wanted,
            route=self._route,
            replicas=self._replicas,
            reading=reading,
        )

    def _start(self, groups: SetGroups, now: datetime) -> None:
        have = {(r.revision, r.ordinal): r for r in self._replicas}
        self._replicas = tuple(
            have.get((group.revision, ordinal)) or self._replica(group.revision, ordinal, now)
            for group in groups.groups
            for ordinal in group.ordinals
        )

    def _replica(self, revision: str, ordinal: int, now: datetime) -> Replica:
        young = revision == self.candidate
        age = self._wanted.delivery.warmup_s + WARM_S if young else OLD_S
        ready_at = now.astimezone(UTC) - timedelta(seconds=age)
        return Replica(
            revision,
            ordinal,
            ReplicaState.READY,
            started_at=ready_at,
            ready_at=ready_at,
            address=f"{revision[:10]}-{ordinal}:1",
        )


def _away(status: Status) -> bool:
    return status.release is not None and status.release.progress.phase is Phase.RETREATED
