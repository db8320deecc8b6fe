import pytest

from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.lab import sabotage, world
from serinus.lab.scenario import DEFAULT_BOUNDS_MS
from serinus.lab.world import CANDIDATE, STABLE, Traffic, World

BEGUN = 1000.0


def made(*texts: str, seed: int = 1) -> World:
    """A world in which the release began a while ago."""
    found = World(Traffic(), sabotage.parse(texts, lambda _: "--fault"), seed)
    found.begin(BEGUN)
    return found


def at(
    seconds: float, version: str = CANDIDATE, *, ordinal: int = 3, age: float = 60.0, share: int = 0
) -> Circumstance:
    """So many seconds after the release began."""
    return Circumstance(version, ordinal, BEGUN + seconds, age, share)


def errors(found: World, c: Circumstance) -> float:
    return round(found(c).errors, 4)


def test_without_faults_both_versions_are_as_usual() -> None:
    found = made()

    assert found(at(0)) == found(at(900, STABLE))
    assert 0.001 == found(at(0)).errors


def test_errors_are_the_candidates_from_the_beginning_on() -> None:
    found = made("errors=5%")

    assert 0.001 == errors(found, at(10, STABLE))
    assert 0.051 == errors(found, at(10))


def test_a_factor_is_of_what_is_usual() -> None:
    assert 0.003 == errors(made("errors=3x"), at(10))


def test_a_fault_that_begins_at_a_share_stays() -> None:
    found = made("errors=5%@20%")

    assert [0.001, 0.051, 0.051] == [
        errors(found, at(t, share=s)) for t, s in ((0, 50), (5, 250), (10, 0))
    ]
    assert found.reached(sabotage.parse(["errors=5%@20%"], str)[0])


def test_a_fault_while_it_has_a_share_goes_with_it() -> None:
    found = made("errors=5%@while=20%")

    assert [0.001, 0.051, 0.001] == [
        errors(found, at(t, share=s)) for t, s in ((0, 50), (5, 250), (10, 0))
    ]


def test_a_fault_begins_at_a_time_lasts_and_comes_again() -> None:
    found = made("errors=5%@10m+1m/5m")

    assert [False, True, False, True] == [
        errors(found, at(seconds)) > 0.01 for seconds in (599, 601, 661, 901)
    ]


def test_a_fault_begins_at_the_age_of_a_replica() -> None:
    found = made("errors=5%@age=15m")

    assert [0.001, 0.051] == [errors(found, at(2000, age=age)) for age in (899, 901)]


def test_a_leak_grows_with_the_age_and_stays() -> None:
    found = made("leak=10%+20m")

    assert [0.001, 0.051, 0.1009, 0.1009] == [
        errors(found, at(0, age=age)) for age in (0, 600, 1200, 3000)
    ]


def test_only_the_first_replica_of_the_candidate_is_bad() -> None:
    found = made("one-bad-pod=30%")

    assert [True, False, True] == [errors(found, at(5, ordinal=n)) > 0.1 for n in (4, 5, 4)]
    assert 0.001 == errors(found, at(5, STABLE, ordinal=4))


@pytest.mark.parametrize(
    ("whom", "hit"),
    [("shared", {STABLE, CANDIDATE}), ("candidate", {CANDIDATE}), ("stable", {STABLE})],
)
def test_an_outage_hits_whom_it_is_meant_for(whom: str, hit: set[str]) -> None:
    found = made(f"outage={whom}@10m+2m")

    assert hit == {v for v in (STABLE, CANDIDATE) if errors(found, at(650, v)) == 1.0}
    assert not {v for v in (STABLE, CANDIDATE) if errors(found, at(721, v)) == 1.0}


def test_a_process_ends_or_fails_its_health_check() -> None:
    assert (True, False) == (made("crash@10m")(at(0)).alive, made("crash@10m")(at(601)).alive)
    assert (True, False) == (
        made("unhealthy@10m")(at(0)).ready,
        made("unhealthy@10m")(at(601)).ready,
    )


def test_new_replicas_of_either_version_warm_up() -> None:
    found = made("warmup=50%+30s")

    for version in (STABLE, CANDIDATE):
        assert [True, False] == [errors(found, at(9, version, age=a)) > 0.4 for a in (29, 31)]


def test_requests_hang() -> None:
    assert 0.05 == made("hang=5%")(at(5)).hang


def slower(behaviour: Behaviour, bound: int) -> float:
    return behaviour.slower[DEFAULT_BOUNDS_MS.index(bound)]


def test_latency_is_a_distribution_that_faults_move() -> None:
    usual = made()(at(5))
    assert 0.01 < slower(usual, 250) < 0.02
    assert list(usual.slower) == sorted(usual.slower, reverse=True)

    assert slower(usual, 50) == pytest.approx(slower(made("latency=2x")(at(5)), 100))
    assert 1.0 == slower(made("latency=200ms")(at(5)), 100)
    assert 0.1 < slower(made("latency=10%")(at(5)), 10_000) < 0.11


def test_two_faults_act_together() -> None:
    assert 0.001 + 0.05 + 0.1 > errors(made("errors=5%", "errors=10%"), at(5)) > 0.14


def moments(found: World, *, ordinal: int = 1, version: str = STABLE) -> list[float]:
    times = range(0, 40_000, 5)
    return [t for t in times if found(Circumstance(version, ordinal, t, t, 0)).errors > 0.1]


def test_hiccups_come_at_random_to_each_replica_by_itself() -> None:
    found = made("hiccup=40%+45s/20m")
    first, second = moments(found), moments(found, ordinal=2)

    assert first != second
    assert first == moments(made("hiccup=40%+45s/20m"))
    assert first != moments(made("hiccup=40%+45s/20m", seed=2))
    assert 45 / 1200 == pytest.approx(len(first) * 5 / 40_000, rel=0.5)


def test_a_random_burst_hits_all_replicas_at_once() -> None:
    found = made("burst=20%+30s/10m")

    assert moments(found) == moments(found, ordinal=7, version=CANDIDATE)
    assert moments(found)


def test_what_begins_with_the_release_does_not_begin_before() -> None:
    found = World(Traffic(), sabotage.parse(["outage=shared"], str), 1)

    assert 0.001 == found(at(0, STABLE)).errors


def test_the_tail_of_a_median_is_half() -> None:
    assert 0.5 == pytest.approx(world.tail(40, 40))
    assert 1.0 == world.tail(0, 40)
