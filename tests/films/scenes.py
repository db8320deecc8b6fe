"""
What films are made of: deliveries, replicas that behave well or badly, and how a film is played.

Each film is played twice, the second time by a controller that is killed and started again before
every single turn. Both must tell the same story.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from serinus.adapters.memory.platform import Behave, Behaviour, Circumstance
from serinus.boot.simulation import Film
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    Delivery,
    ErrorsCheck,
    Gate,
    Hold,
    LatencyCheck,
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
)
from serinus.core.spec.requests import Condition, Goal, Match, Part
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase

Script = Callable[[Film], Awaitable[None]]

WELL = Behaviour(errors=0.001, slow=0.01)
GOAL = Goal("checkout", "/checkout", ("POST",))
BETA = Match((Condition(Part.HEADER, "x-beta", "yes"),))
CHECKS = (
    ErrorsCheck("errors", AgainstStable()),
    LatencyCheck("latency", AgainstStable(), bounds_ms=(250,)),
)


async def told(script: Script, behave: Behave, delivery: Delivery, **film: Any) -> str:
    """Play a film, and again with a controller that forgets everything; return its text."""
    once = Film(behave, delivery, **film)
    await script(once)
    again = Film(behave, delivery, restart=True, **film)
    await script(again)

    assert once.text() == again.text()
    return once.text()


# --- deliveries ---------------------------------------------------------------------------------


def canary(*shares: int, hold_s: float = 300, **given: Any) -> Delivery:
    """Shares in per mille, each held for a while."""
    steps: tuple[Step, ...] = tuple(
        TrafficStep(share=share, hold=Hold(for_s=hold_s)) for share in shares or (10, 50, 250, 500)
    )
    return with_steps(Strategy.CANARY, (*steps, SettleStep(keep_old_s=60)), **given)


def gated(before: int, *gates: Gate) -> Delivery:
    """A canary with gates before one of its shares."""
    steps = tuple(
        TrafficStep(share, Hold(for_s=120), gates=gates if share == before else ())
        for share in (50, 250, 500)
    )
    return with_steps(Strategy.CANARY, (*steps, SettleStep(keep_old_s=60)))


def blue_green(**given: Any) -> Delivery:
    steps = (PreviewStep(hold=Hold(for_s=60)), SwitchStep(), SettleStep(keep_old_s=600))
    return with_steps(Strategy.BLUE_GREEN, steps, **{"checks": slo(), **given})


def rolling(**given: Any) -> Delivery:
    return with_steps(Strategy.ROLLING, (ReplaceStep(**given),), checks=())


def ab_test(hold_s: float = 1800, **given: Any) -> Delivery:
    """Half of the users, with an objective as their guard."""
    steps = (MatchStep(share=500, hold=Hold(for_s=hold_s)),)
    own = {"checks": slo(), "sticky_s": 86_400.0, "goals": (GOAL,)}
    return with_steps(Strategy.AB_TEST, steps, **{**own, **given})


def by_header(hold_s: float = 600) -> Delivery:
    """The requests of those who ask for it."""
    steps = (MatchStep(matches=(BETA,), hold=Hold(for_s=hold_s)),)
    return with_steps(Strategy.AB_TEST, steps, checks=slo())


def shadow() -> Delivery:
    return with_steps(Strategy.MIRROR, (MirrorStep(100, hold=Hold(for_s=600)),))


def mirrored() -> Delivery:
    steps = (PreviewStep(), MirrorStep(200, hold=Hold(for_s=600)), SwitchStep(), SettleStep(60))
    return with_steps(Strategy.BLUE_GREEN, steps)


def mirrored_canary() -> Delivery:
    """Copies first, then two shares."""
    shares = (TrafficStep(50, Hold(for_s=120)), TrafficStep(500, Hold(for_s=120)))
    steps = (MirrorStep(100, hold=Hold(for_s=120)), *shares, SettleStep(60))
    return with_steps(Strategy.CANARY, steps)


def recreate(**given: Any) -> Delivery:
    return with_steps(Strategy.RECREATE, (RecreateStep(**given),), checks=())


def slo(limit: float = 0.02, *, rollback: bool = True) -> tuple[ErrorsCheck, ...]:
    return (ErrorsCheck("errors", AgainstSlo(max=limit, rollback=rollback)),)


def with_steps(strategy: Strategy, steps: tuple[Step, ...], **given: Any) -> Delivery:
    return Delivery(**{"strategy": strategy, "steps": steps, "checks": CHECKS, **given})


# --- replicas -----------------------------------------------------------------------------------


def good(_: Circumstance) -> Behaviour:
    return WELL


def only_v2(fault: Callable[[Circumstance], Behaviour]) -> Behave:
    """Every version is well but v2."""
    return lambda c: fault(c) if c.version == "v2" else WELL


def failing(errors: float) -> Behave:
    return only_v2(lambda _: WELL._replace(errors=errors))


# --- a story's usual beginning ------------------------------------------------------------------


async def served(film: Film, seconds: float = 120) -> None:
    """Release v1 as the first one, and let it serve for a while."""
    film.deploy("v1")
    await film.finish()
    await film.run(seconds)


async def changed(film: Film) -> None:
    """Release v1, then v2 until the end."""
    await served(film)
    film.deploy("v2")
    await film.finish()


def at(share: int) -> Callable[[Status], bool]:
    """Tell whether the candidate was seen to have a share."""

    def there(status: Status) -> bool:
        release = status.release
        return (
            release is not None
            and release.progress.share == share
            and release.progress.step_at is not None
        )

    return there


def within(phase: Phase) -> Callable[[Status], bool]:
    """Tell whether the release is in a phase."""
    return lambda status: status.release is not None and status.release.progress.phase is phase
