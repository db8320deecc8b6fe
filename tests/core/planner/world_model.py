"""
A world that does to the planner what it likes, a turn at a time.

It carries plans out late, in parts or not at all; its replicas crash, its router lags and goes
dark, its judge says anything. What it never does is lie about the past: what was stored is stored.
"""

from datetime import timedelta

from msgspec.structs import replace

from serinus.core.planner import decide
from serinus.core.planner.plan import Ask, Forget, Plan, RemoveRoute, SetGroups, SetRoute
from serinus.core.spec.delivery import Delivery
from serinus.core.state.gates import GateAnswer, Opening
from serinus.core.state.intent import Intent
from serinus.core.state.notice import Key
from serinus.core.state.observed import Freeze, Observed, Status, Wanted
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import (
    BudgetReading,
    Outcome,
    Reading,
    StreamReading,
    TestKind,
)
from serinus.core.state.workload import Group, Replica, ReplicaState, Revision, Workload
from tests import builders

KEY = Key("shop", "local")


def revision(version: str) -> Revision:
    return Revision(id=version.ljust(64, "0"), version=version, workload=Workload(command=("x",)))


def wanted(version: str, delivery: Delivery, replicas: int = 3) -> Wanted:
    return Wanted(
        revision=revision(version),
        replicas=replicas,
        host="shop.localhost",
        delivery=delivery,
        delivery_hash=version,
    )


class World:
    """All that is so, and how it changes."""

    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.now = builders.NOON
        self.status = Status(key=KEY)
        self.wanted: Wanted | None = wanted("v1", delivery)
        self.replicas: dict[tuple[str, int], Replica] = {}
        self.route: Route | None = None
        self.coming: Route | None = None
        self.groups: tuple[Group, ...] = ()
        self.mood = Reading(test=builders.reading().test)
        self.judging = True
        self.blind = ""
        self.dark = ""
        self.rejects = ""
        self.freeze: Freeze | None = None
        self.budgets: tuple[BudgetReading, ...] = ()
        self.asked: dict[str, GateAnswer] = {}
        self.gone: set[tuple[str, int]] = set()
        self.named: dict[int, str] = {}

    # --- what is seen -------------------------------------------------------------------------

    def observed(self, *intents: Intent) -> Observed:
        return Observed(
            now=self.now,
            status=self.status,
            wanted=None if self.wanted is None else replace(self.wanted, freeze=self.freeze),
            route=None if self.dark else self.route,
            replicas=tuple(self.replicas.values()),
            reading=self.reading(),
            source_problem=self.blind,
            route_problem=self.dark,
            rejected=self.rejects,
            intents=intents,
            answers=tuple(self.asked.values()),
            budgets=self.budgets,
        )

    def reading(self) -> Reading | None:
        release = self.status.release
        if release is None or not release.progress.test.number or not self.judging:
            return None
        test = release.progress.test
        said = replace(self.mood, test=test)
        if test.kind is TestKind.PROBE:
            return replace(said, alarm=False)
        return replace(said, probe=Outcome.INCONCLUSIVE)

    # --- what happens -------------------------------------------------------------------------

    def turn(self, *intents: Intent, dies: bool = False) -> Plan:
        """Decide, store, and carry the plan out, unless the controller dies in between."""
        plan = decide.decide(self.observed(*intents))
        self.status = plan.status
        if not dies:
            self.accept(plan)
        return plan

    def accept(self, plan: Plan) -> None:
        for action in plan.actions:
            match action:
                case SetGroups(groups=groups):
                    if not self.rejects:
                        self.groups = groups
                        self.carry_out_groups()
                case SetRoute(route=route):
                    self.coming = route
                case RemoveRoute():
                    self.route = self.coming = None
                case Ask(question=question):
                    waiting = GateAnswer(question.id, Opening.WAIT, self.now)
                    self.asked = {question.id: self.asked.get(question.id, waiting)}
                case Forget():
                    self.status = Status(key=KEY, releases=self.status.releases)
                    self.gone.clear()
                    self.named.clear()

    def answers(self, opening: Opening) -> None:
        """Let whoever is asked say something else."""
        for question in self.asked:
            self.asked[question] = GateAnswer(question, opening, self.now, "so it is")

    def carry_out_groups(self) -> None:
        """Start what is missing; what is not named begins to stop."""
        named = {(g.revision, o) for g in self.groups for o in g.ordinals}
        for place, replica in self.replicas.items():
            if place not in named:
                self.replicas[place] = replace(replica, state=ReplicaState.STOPPING)
        for revision_id, ordinal in sorted(named - set(self.replicas)):
            self.replicas[revision_id, ordinal] = Replica(
                revision=revision_id,
                ordinal=ordinal,
                state=ReplicaState.STARTING,
                started_at=self.now,
                address=f"127.0.0.1:{9000 + ordinal}",
            )

    def buried(self) -> None:
        """Let what stops be gone."""
        for place, replica in list(self.replicas.items()):
            if replica.state is ReplicaState.STOPPING:
                del self.replicas[place]
                self.gone.add(place)

    def routed(self) -> None:
        """Let the data plane follow."""
        self.route = self.coming

    def becomes(self, place: tuple[str, int], state: ReplicaState) -> None:
        replica = self.replicas[place]
        if replica.state is ReplicaState.STOPPING:
            return
        ready_at = replica.ready_at
        restarts = replica.restarts
        if state is ReplicaState.READY:
            ready_at = ready_at or self.now
        if state is ReplicaState.BACKING_OFF:
            ready_at, restarts = None, restarts + 1
        self.replicas[place] = replace(replica, state=state, ready_at=ready_at, restarts=restarts)

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # --- a world that does its best -----------------------------------------------------------

    def kind(self, *, judging: bool = True, probe: Outcome = Outcome.PASS) -> None:
        """Heal everything: all ready, all routed, evidence fresh, nothing in doubt."""
        self.blind = self.dark = self.rejects = ""
        self.budgets = ()
        self.judging = judging
        self.routed()
        self.buried()
        for place, replica in self.replicas.items():
            self.replicas[place] = replace(replica, restarts=0)
            self.becomes(place, ReplicaState.READY)
        at = self.now.timestamp()
        self.mood = replace(
            self.mood,
            blocks=20,
            alarm=False,
            probe=probe,
            slo_violated="",
            slo_check="",
            struck="",
            halted="",
            regressed="",
            requests=10_000_000,
            data_at=at,
            stable_data_at=at,
            test_requests=1000,
            test_stable_requests=1000,
            streams=(),
        )


def stream(outcome: Outcome) -> StreamReading:
    return builders.stream(outcome=outcome, sentence="no histogram bound at 250 ms")
