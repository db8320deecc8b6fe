"""Whatever happens, and in whatever order: what must hold of every single decision."""

import copy
from typing import Any

import hypothesis
import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from serinus.core.planner import decide, transitions
from serinus.core.planner.plan import Plan, SetGroups, SetRoute
from serinus.core.spec.delivery import Delivery, RecreateStep, TrafficStep
from serinus.core.state.gates import Opening
from serinus.core.state.intent import Intent, Verb
from serinus.core.state.observed import Freeze, Observed, Status
from serinus.core.state.release import Phase, Release
from serinus.core.state.verdict import BudgetReading, Outcome
from serinus.core.state.workload import ReplicaState
from tests.core.planner.deliveries import DELIVERIES
from tests.core.planner.world_model import World, stream, wanted

BURNING = BudgetReading("errors", 0.5, 9000, 90, burning="errors burns 20 times too fast")
SPENT = BudgetReading("errors", 1.5, 9000, 90, freeze=True, sentence="errors: 150 % is spent")
VIOLATED = "errors violated: errors 3 %, the objective is at most 1 % (800 requests)"
PEOPLE = ("serinus", "person", "somebody")


def in_flight(status: Status) -> Release | None:
    release = status.release
    return None if release is None or release.ended_at is not None else release


def weight(observed: Observed, release: Release | None) -> int:
    if release is None or observed.route is None:
        return 0
    return observed.route.weight(release.candidate)


class Releases(RuleBasedStateMachine):
    """Drive releases through a world without mercy."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(DELIVERIES["canary"])
        self.asked = 0

    @initialize(name=st.sampled_from(sorted(DELIVERIES)))
    def a_first_release_serves_and_a_second_one_begins(self, name: str) -> None:
        self.world.delivery = DELIVERIES[name]
        self.spec_changes("v1", 3)
        self.everything_is_well_for_a_while(judging=True)
        self.spec_changes("v2", 3)
        self.everything_is_well_for_a_while(judging=True)

    # --- what may happen ----------------------------------------------------------------------

    @rule(name=st.sampled_from(sorted(DELIVERIES)))
    def template_changes(self, name: str) -> None:
        self.world.delivery = DELIVERIES[name]
        old = self.world.wanted
        if old is not None:
            self.world.wanted = wanted(old.revision.version, DELIVERIES[name], old.replicas)

    @precondition(lambda self: self.world.now.second % 16 == 0)
    @rule(version=st.sampled_from(["v1", "v2", "v3"]), replicas=st.integers(1, 4))
    def spec_changes(self, version: str, replicas: int) -> None:
        self.world.wanted = wanted(version, self.world.delivery, replicas)

    @precondition(lambda self: in_flight(self.world.status) is None)
    @rule()
    def spec_says_v2_again(self) -> None:
        """Under another content each time, so that no quarantine forbids it."""
        self.asked += 1
        self.world.wanted = wanted(f"v2-{self.asked}", self.world.delivery)
        self.everything_is_well_for_a_while(judging=True)

    @rule()
    def spec_is_damaged(self) -> None:
        self.world.wanted = None

    @rule(seconds=st.sampled_from([1, 5, 16, 31, 61, 130, 700]))
    def time_passes(self, seconds: int) -> None:
        self.world.passes(seconds)
        self.decided()

    @rule()
    def data_plane_follows(self) -> None:
        self.world.routed()

    @rule()
    def stopped_replicas_are_gone(self) -> None:
        self.world.buried()

    @rule(state=st.sampled_from(ReplicaState), data=st.data())
    def a_replica_changes(self, state: ReplicaState, data: st.DataObject) -> None:
        places = sorted(self.world.replicas)
        if places and state is not ReplicaState.STOPPING:
            self.world.becomes(data.draw(st.sampled_from(places)), state)

    @rule(judging=st.booleans())
    def everything_is_well_for_a_while(self, judging: bool) -> None:  # noqa: FBT001 - a drawn value
        for _ in range(4):
            self.world.passes(20)
            self.world.kind(judging=judging)
            self.decided()

    @rule(reason=st.sampled_from(["", "the fair"]))
    def everything_is_frozen_or_thawed(self, reason: str) -> None:
        self.world.freeze = Freeze(reason) if reason else None

    @rule(budgets=st.sampled_from([(), (BURNING,), (SPENT,)]))
    def the_error_budget_changes(self, budgets: tuple[BudgetReading, ...]) -> None:
        self.world.budgets = budgets

    @rule(opening=st.sampled_from(Opening))
    def a_gate_answers(self, opening: Opening) -> None:
        self.world.answers(opening)
        self.decided()

    @rule(problem=st.sampled_from(["", "counters away"]))
    def counters(self, problem: str) -> None:
        self.world.blind = problem

    @rule(problem=st.sampled_from(["", "router dark"]))
    def router(self, problem: str) -> None:
        self.world.dark = problem

    @rule(problem=st.sampled_from(["", "the port is taken"]))
    def platform(self, problem: str) -> None:
        self.world.rejects = problem

    @rule(
        alarm=st.booleans(),
        probe=st.sampled_from([Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE]),
        slo=st.sampled_from(["", "", VIOLATED]),
        outcome=st.sampled_from([Outcome.PASS, Outcome.ERROR]),
        evidence=st.floats(-3, 6),
        verified=st.booleans(),
        silent=st.booleans(),
        struck=st.sampled_from(["", "", "", "queue: 90, at most 50, 3 times in a row"]),
        halted=st.sampled_from(["", "", "", "3 × KeyError, never on stable"]),
        regressed=st.sampled_from(["", "", "", "errors: errors 9 % against 1 % on stable"]),
    )
    def judge_says(self, alarm: bool, verified: bool, silent: bool, **said: Any) -> None:  # noqa: FBT001 - a drawn value
        at = 0.0 if silent else self.world.now.timestamp()
        self.world.judging = True
        self.world.mood = msgspec.structs.replace(
            self.world.mood,
            blocks=5,
            alarm=alarm,
            probe=said["probe"],
            slo_violated=said["slo"],
            slo_check="errors" if said["slo"] else "",
            log_evidence=said["evidence"],
            verified=verified,
            accused="errors" if alarm else "",
            requests=1000,
            test_requests=0 if silent else 50,
            test_stable_requests=500,
            data_at=at,
            stable_data_at=self.world.now.timestamp(),
            streams=(stream(said["outcome"]),),
            **{name: said.get(name, "") for name in ("struck", "halted", "regressed")},
            sentence="errors 3 % against 1 % on stable",
        )
        self.decided()

    @rule(probe=st.sampled_from(Outcome), evidence=st.floats(-3, 6))
    def alarm_sounds_and_a_fresh_replica_is_probed(self, probe: Outcome, evidence: float) -> None:
        said = {"probe": Outcome.INCONCLUSIVE, "slo": "", "outcome": Outcome.PASS}
        self.judge_says(alarm=True, verified=False, silent=False, evidence=evidence, **said)
        for outcome in (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, probe, probe):
            self.world.passes(20)
            self.world.kind(probe=outcome)
            self.decided()

    # --- turns --------------------------------------------------------------------------------

    @rule(times=st.integers(1, 4))
    def turns(self, times: int) -> None:
        for _ in range(times):
            self.decided()

    @rule()
    def controller_dies_between_record_and_act(self) -> None:
        self.decided(dies=True)

    @rule(
        verb=st.sampled_from([v for v in Verb if v is not Verb.DELETE]),
        actor=st.sampled_from(["ada", "bob"]),
        reason=st.sampled_from(["", "because"]),
        twice=st.booleans(),
    )
    def somebody_asks(self, verb: Verb, actor: str, reason: str, twice: bool) -> None:  # noqa: FBT001 - a drawn value
        self.asked += 1
        intent = self.intent(verb, actor=actor, reason=reason)
        plan = self.decided(*([intent] * (2 if twice else 1)))

        assert [intent.id] == [answer.intent for answer in plan.answers]
        assert plan.answers[0].sentence.endswith(".")

    @rule(verb=st.sampled_from(Verb), release=st.booleans())
    def somebody_asks_who_has_not_seen_it_move(self, verb: Verb, release: bool) -> None:  # noqa: FBT001 - a drawn value
        if self.world.status.release is None:
            return
        self.asked += 1
        stale: dict[str, int] = {"expect_release" if release else "expect_step": 99}
        before = self.world.status
        plan = decide.decide(self.world.observed(self.intent(verb, **stale)))
        untouched = decide.decide(self.world.observed())

        assert not plan.answers[0].done
        assert "you were looking at 99" in plan.answers[0].sentence
        assert untouched.status == plan.status
        assert before == self.world.status

    @precondition(lambda self: self.world.now.second % 16 == 0)
    @rule()
    def somebody_deletes(self) -> None:
        self.asked += 1
        self.decided(self.intent(Verb.DELETE))

    @rule()
    def any_release_can_be_rolled_back(self) -> None:
        """On a copy of the world, which does its best from here on."""
        release = in_flight(self.world.status)
        if release is None or release.stable is None or self.world.status.deleted:
            return
        world = copy.deepcopy(self.world)
        world.wanted = None
        world.turn(self.intent(Verb.ROLLBACK))
        for _ in range(12):
            world.passes(1)
            world.kind()
            world.turn()

        assert in_flight(world.status) is None
        assert world.status.release is not None
        assert world.status.release.progress.phase in {Phase.ROLLED_BACK, Phase.SUPERSEDED}
        assert world.route is not None
        assert 0 == world.route.weight(release.candidate)
        assert 1000 == world.route.weight(release.stable)
        assert world.route.serving(release.stable)

    def intent(self, verb: Verb, **given: Any) -> Intent:
        return Intent(
            **{
                "id": f"wish-{self.asked}",
                "application": "shop",
                "environment": "local",
                "verb": verb,
                "actor": "ada",
                "at": self.world.now,
                **given,
            }
        )

    # --- what must hold of every decision -------------------------------------------------------

    def decided(self, *intents: Intent, dies: bool = False) -> Plan:
        observed = self.world.observed(*intents)
        plan = self.world.turn(*intents, dies=dies)
        self.weights(observed, plan)
        self.fixed_point(observed, plan)
        self.waiting(plan)
        self.offers(observed, plan)
        self.somebody_serves(plan)
        self.replicas(observed, plan)
        self.any_order(observed, plan)
        assert plan.status == msgspec.json.decode(msgspec.json.encode(plan.status), type=Status)
        assert plan.wake is None or plan.wake > observed.now
        return plan

    def weights(self, observed: Observed, plan: Plan) -> None:
        for action in plan.actions:
            if not isinstance(action, SetRoute):
                continue
            assert 1000 == sum(b.weight for b in action.route.backends)
            assert all(b.weight >= 0 for b in action.route.backends)
            release = in_flight(plan.status)
            if release is not None and action.route.weight(release.candidate) > weight(
                observed, release
            ):
                self.may_rise(observed, release)

    def may_rise(self, observed: Observed, release: Release) -> None:
        """More weight is given only where nothing speaks against it, or a person said so."""
        progress = release.progress
        step = release.delivery.steps[progress.step]
        assert progress.phase is not Phase.PAUSED
        if release.stable is None or progress.promoted_by or not release.delivery.checks:
            return
        if not isinstance(step, TrafficStep):
            return
        assert not observed.source_problem
        before = observed.status.release
        reading = observed.reading
        if reading is None or before is None or before.progress.test != progress.test:
            return
        assert not reading.alarm
        assert not reading.slo_violated
        assert all(s.outcome is not Outcome.ERROR for s in reading.streams)

    def fixed_point(self, observed: Observed, plan: Plan) -> None:
        """Nothing more follows from the same observation, but for what a release's end allows."""
        if in_flight(observed.status) is not None and in_flight(plan.status) is None:
            assert plan.events
            return
        again = decide.decide(msgspec.structs.replace(observed, status=plan.status, intents=()))

        assert plan.status == again.status
        assert () == again.events
        assert plan.actions == again.actions
        assert plan.wake == again.wake

    def waiting(self, plan: Plan) -> None:
        """Whoever looks at a release in flight sees what it waits for, and who or what ends it."""
        release = in_flight(plan.status)
        if release is None:
            return
        wait = release.progress.wait
        assert wait.cause
        assert wait.then
        assert wait.until is not None or any(who in wait.then for who in PEOPLE)

    def offers(self, observed: Observed, plan: Plan) -> None:
        """What a wait tells people to type is not refused."""
        release = in_flight(plan.status)
        if release is None:
            return
        then = release.progress.wait.then
        for verb in Verb:
            if f"serinus {verb}" not in then or verb is Verb.APPROVE:
                continue
            asked = msgspec.structs.replace(
                observed, status=plan.status, intents=(self.intent(verb, reason="because"),)
            )
            answer = decide.decide(asked).answers[0]
            assert answer.done, f"{release.progress.phase}: {then}: {answer.sentence}"

    def somebody_serves(self, plan: Plan) -> None:
        """No requests are sent to a stable version that has given up all of its replicas."""
        release = in_flight(plan.status)
        if release is None or release.stable is None or plan.status.deleted:
            return
        if any(isinstance(step, RecreateStep) for step in release.delivery.steps):
            return
        if release.progress.share < 1000 and release.progress.phase is not Phase.ROLLING:
            assert plan.status.stable_ordinals

    def replicas(self, observed: Observed, plan: Plan) -> None:
        """What the data plane uses is never stopped, and no number is given twice."""
        used = {
            endpoint.replica
            for backend in (observed.route.backends if observed.route else ())
            for endpoint in backend.endpoints
        }
        for action in plan.actions:
            if not isinstance(action, SetGroups):
                continue
            kept = {f"{g.revision[:10]}-{o}" for g in action.groups for o in g.ordinals}
            there = {r.name for r in observed.replicas if r.state is not ReplicaState.STOPPING}
            assert used & there <= kept
            for group in action.groups:
                for ordinal in group.ordinals:
                    assert (group.revision, ordinal) not in self.world.gone
                    assert group.revision == self.world.named.setdefault(ordinal, group.revision)
                    assert ordinal < plan.status.next_ordinal

    def any_order(self, observed: Observed, plan: Plan) -> None:
        turned = msgspec.structs.replace(observed, replicas=observed.replicas[::-1])

        assert plan == decide.decide(turned)

    def teardown(self) -> None:
        assert set(Phase) == set(transitions.ALLOWED)


TestReleases = Releases.TestCase
TestReleases.settings = hypothesis.settings(max_examples=80, stateful_step_count=60)


def test_every_template_of_the_machine_is_a_delivery() -> None:
    assert all(isinstance(delivery, Delivery) for delivery in DELIVERIES.values())
