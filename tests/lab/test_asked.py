import pytest

from serinus.core.errors import SpecError
from serinus.lab import asked, subject
from serinus.lab.asked import Asked
from serinus.lab.world import Traffic
from tests.films import scenes

SHOP = subject.of("shop", scenes.canary(hold_s=60), replicas=5)


def wrong(given: Asked, found: subject.Subject = SHOP) -> list[str]:
    with pytest.raises(SpecError) as caught:
        asked.setting(given, found, lambda name: f"at {name}")
    return [str(problem) for problem in caught.value.problems]


def test_what_is_asked_for_becomes_a_setting() -> None:
    given = Asked(rate=20, errors="1%", latency="5ms", faults=("errors=5%",), history="10m")

    found = asked.setting(given, SHOP, str)

    assert Traffic(rate=20, errors=0.01, median_ms=5.0, replicas=5) == found.traffic
    assert (600.0, "errors", SHOP) == (found.history_s, found.faults[0].kind, found.subject)


def test_replicas_are_the_applications_own_unless_they_are_asked_for() -> None:
    assert 2 == asked.setting(Asked(replicas=2), SHOP, str).traffic.replicas


def test_everything_wrong_is_told_at_once() -> None:
    given = Asked(
        rate=0,
        errors="100%",
        latency="11s",
        replicas=0,
        faults=("errors=5%", "nope"),
        history="2d",
        runs=0,
        seed=-1,
    )

    assert [
        "at rate: 0 requests for each second; wanted above 0, at most 1,000,000",
        "at replicas: 0 replicas; wanted 1 to 200",
        "at runs: 0 runs; wanted 1 to 100,000",
        "at seed: -1 is no seed; wanted 0 or more",
        "at errors: 100% fail already; wanted less than 100%",
        "at latency: 11s is no usual time; wanted 1ms to 10s",
        "at history: 2d is too long; wanted at most 24h",
    ] == wrong(given)[:-1]
    assert wrong(given)[-1].startswith("at faults[1]: unknown kind of fault 'nope'")


@pytest.mark.parametrize("given", [Asked(errors="few"), Asked(latency="0"), Asked(history="long")])
def test_texts_that_are_none_are_told(given: Asked) -> None:
    assert 1 == len(wrong(given))


def test_a_plan_of_days_is_too_long() -> None:
    long = subject.of("test", scenes.ab_test(hold_s=7 * 86_400))

    assert ["at parameters: its plan takes 168h; wanted at most 24h: give it shorter steps"] == (
        wrong(Asked(), long)
    )
