"""A bounded surge in a world that starts, routes and judges as it likes."""

from typing import Any

import hypothesis
import msgspec
from hypothesis import strategies as st

from serinus.core.planner import replicas, surge
from serinus.core.planner.plan import SetRoute
from serinus.core.spec.delivery import Delivery, Surge
from serinus.core.state.intent import Intent, Verb
from serinus.core.state.release import Release
from serinus.core.state.verdict import Outcome
from serinus.core.state.workload import ReplicaState
from tests.core.planner import stage
from tests.core.planner.world_model import World, wanted
from tests.films import scenes

ADA: dict[str, Any] = {
    "application": "shop",
    "environment": "local",
    "actor": "ada",
    "reason": "because",
}


class Film:
    """A release of v2 beside v1 in a world that starts, routes and judges as it likes."""

    def __init__(self, delivery: Delivery, number: int) -> None:
        self.world = World(delivery)
        self.number = number
        self.asked = 0
        self.deploy("v1")
        self.well(4)
        self.deploy("v2")

    def deploy(self, version: str) -> None:
        self.world.wanted = wanted(version, self.world.delivery, self.number)

    def well(self, turns: int, probe: Outcome = Outcome.PASS) -> None:
        for _ in range(turns):
            self.world.passes(20)
            self.world.kind(probe=probe)
            self.turn()

    def turn(self, *intents: Intent) -> None:
        world = self.world
        if world.route is not None and world.route != world.coming:
            # What was delivered may come true at any time: no route of before is as it is wanted.
            world.route = msgspec.structs.replace(world.route, host="")
        plan = world.turn(*intents)
        self.enough(world.status.release)
        for action in plan.actions:
            if isinstance(action, SetRoute):
                self.carried(action)
        self.bounded()

    def asks(self, verb: Verb) -> None:
        self.asked += 1
        self.turn(Intent(id=f"wish-{self.asked}", verb=verb, at=self.world.now, **ADA))

    def release(self) -> Release:
        release = self.world.status.release
        assert release is not None
        return release

    # --- what must hold -------------------------------------------------------------------------

    def ready(self, revision: str | None) -> int:
        return sum(
            one.revision == revision and one.state is ReplicaState.READY
            for one in self.world.replicas.values()
        )

    def carried(self, action: SetRoute) -> None:
        """Before a weight is applied, each side has the ready replicas that it needs."""
        release = self.release()
        if release.stable is None or release.number < 2:
            return
        for backend in action.route.backends:
            if not backend.weight:
                continue
            has = sum(
                one.state is ReplicaState.READY
                and one.name in {e.replica for e in backend.endpoints}
                for one in self.world.replicas.values()
            )
            least = replicas.needed(backend.weight - 1, release.replicas)
            assert has >= least, f"{backend.weight} with {has} of {release.replicas} replicas"

    def enough(self, release: Release | None) -> None:
        """What serves keeps what it needs for the share that it was seen to have."""
        route = self.world.route
        if release is None or release.stable is None or route is None or release.number < 2:
            return
        for backend in route.backends:
            if backend.weight:
                least = replicas.needed(backend.weight - 1, release.replicas)
                assert self.ready(backend.revision) >= least

    def bounded(self) -> None:
        release = self.release()
        if release.ended_at is None and release.stable is not None:
            most = release.replicas + (surge.beyond(release) or 0)
            assert len(self.world.replicas) <= most


WHAT = st.sampled_from(
    [
        *("starts", "starts", "routed", "routed", "buried", "passes", "passes", "well", "well"),
        *(
            "alarm",
            "probe fails",
            "turn",
            "promote",
            "rollback",
            "pause",
            "resume",
            "next",
            "retry",
        ),
        *("v3", "v1"),
    ]
)
BOUNDS = st.sampled_from(
    [Surge(replicas=1), Surge(replicas=2), Surge(replicas=5), Surge(per_mille=250)]
)


def happens(film: Film, what: str) -> None:
    world = film.world
    match what:
        case "starts":
            starting = [p for p, r in world.replicas.items() if r.state is ReplicaState.STARTING]
            if starting:
                world.becomes(min(starting, key=lambda place: place[1]), ReplicaState.READY)
        case "routed":
            world.routed()
        case "buried":
            world.buried()
        case "passes":
            world.passes(16)
        case "well":
            film.well(3)
        case "alarm" | "probe fails":
            failed = Outcome.FAIL if what == "probe fails" else Outcome.INCONCLUSIVE
            world.kind(probe=failed)
            world.mood = stage.reading(alarm=True, log_evidence=5.0, accused="errors", probe=failed)
        case "turn":
            pass
        case "v3" | "v1":
            film.deploy(what)
        case _:
            film.asks(Verb(what))
            return
    film.turn()


@hypothesis.settings(max_examples=120)
@hypothesis.given(
    bound=BOUNDS,
    number=st.sampled_from([1, 2, 3, 7, 10, 30]),
    shares=st.lists(st.integers(10, 1000), min_size=1, max_size=3, unique=True).map(sorted),
    moments=st.lists(WHAT, max_size=60),
)
def test_at_every_moment_each_side_carries_its_share_and_the_bound_is_kept(
    bound: Surge, number: int, shares: list[int], moments: list[str]
) -> None:
    film = Film(scenes.canary(*shares, hold_s=30, start_timeout_s=3600, max_surge=bound), number)
    for what in moments:
        happens(film, what)
    film.turn()
    film.world.wanted = None
    film.asks(Verb.ROLLBACK)
    film.well(4 * number + 20)

    assert film.release().ended_at is not None
    assert film.world.route is not None
    assert 1000 == film.world.route.weight(film.world.status.stable or "")
    assert number <= len(film.world.status.stable_ordinals)
