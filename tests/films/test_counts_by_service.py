"""
Releases in a cluster whose router counts by Service: what all replicas of a revision did together.

No replica is told from another, so that no placebo probe can be made, and twins are not heard. What
speaks against a version is enough all the same; it takes two probes at least.
"""

from collections.abc import Sequence

import msgspec
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.memory import platform as memory_platform
from serinus.boot.simulation import Film
from serinus.core.spec.delivery import Delivery
from serinus.core.state.counts import ReplicaCounters, RevisionCounters, Scrape, whole
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.ports import Ports
from tests.films import scenes
from tests.films.scenes import WELL, canary, changed, only_v2

_NOTHING = ReplicaCounters(0, 0, 0, 0)


class Platform(memory_platform.Platform):
    """Replicas whose counters are added up before anybody sees them; totals only grow."""

    def note(self) -> None:
        """Begin with nothing."""
        self._last: dict[tuple[str, str], ReplicaCounters] = {}
        self._totals: dict[str, ReplicaCounters] = {}

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return the counters by revision."""
        found = await super().scrape(keys)
        return {key: self._together(scrape) for key, scrape in found.items()}

    def _together(self, scrape: Scrape) -> Scrape:
        return msgspec.structs.replace(
            scrape,
            revisions={r: self._added(r, counters) for r, counters in scrape.revisions.items()},
        )

    def _added(self, revision: str, counters: RevisionCounters) -> RevisionCounters:
        total = self._totals.get(revision, _NOTHING)
        active = 0
        for name, now in counters.replicas.items():
            last = self._last.get((revision, name), _NOTHING)
            self._last[revision, name] = now
            active += now.active
            total = ReplicaCounters(
                started=total.started + now.started - last.started,
                completed=total.completed + now.completed - last.completed,
                errors=total.errors + now.errors - last.errors,
                active=active,
            )
        self._totals[revision] = total
        return msgspec.structs.replace(counters, replicas={whole(revision): total})


class Together(Film):
    """A film on such a platform."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.platform = Platform(self.clock, self.behave, rate=self.rate, seed=self.seed)
        self.platform.note()
        self.ports = Ports(self.platform, self.ports.router, self.store, self.clock)


async def played(behave: memory_platform.Behave, delivery: Delivery) -> tuple[Together, str]:
    film = Together(behave, delivery)
    await changed(film)
    return film, film.text()


async def test_a_good_release_is_verified_and_promoted(told: SnapshotAssertion) -> None:
    _, text = await played(scenes.good, canary())

    assert text == told


async def test_a_bad_release_is_rolled_back_after_two_probes_at_least(
    told: SnapshotAssertion,
) -> None:
    film, text = await played(scenes.failing(0.05), canary())
    status = await film.store.status(film.key)

    assert text == told
    assert status is not None
    assert status.release is not None
    assert Phase.ROLLED_BACK is status.release.progress.phase
    assert 2 <= status.release.progress.retreat.fails


async def test_a_fault_that_goes_away_is_forgiven(told: SnapshotAssertion) -> None:
    hiccup = only_v2(lambda c: WELL._replace(errors=0.2 if 500 < c.at < 530 else 0.001))

    _, text = await played(hiccup, canary())

    assert text == told
