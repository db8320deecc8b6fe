from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.memory.clock import START
from serinus.boot.simulation import Film
from serinus.core.spec.calendar import Weekly, Window
from serinus.core.spec.delivery import (
    Approval,
    Delivery,
    Gate,
    Hold,
    SettleStep,
    Strategy,
    TrafficStep,
    Webhook,
    WindowGate,
)
from serinus.core.state.gates import GateAnswer, Opening
from serinus.core.state.intent import Verb
from serinus.core.state.observed import Freeze
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import served

HOOK = Webhook("https://ci.example.com/gate/secret-in-the-path", limit_s=300.0)
THURSDAY = 3  # the day on which films begin, at noon in UTC


def gated(*gates: Gate) -> Delivery:
    steps = (
        TrafficStep(50, Hold(for_s=60)),
        TrafficStep(500, Hold(for_s=60), gates=gates),
        SettleStep(60),
    )
    return scenes.with_steps(Strategy.CANARY, steps)


def blackout(hours: float, message: str = "") -> Window:
    begins = START + timedelta(seconds=100)
    ends = begins + timedelta(hours=hours)
    return Window("the-fair", blackout=True, begins=begins, ends=ends, message=message)


# --- what keeps a release from beginning ----------------------------------------------------------


async def test_a_release_waits_for_the_end_of_a_blackout(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.windows = (blackout(1, "all eyes are on the shop"),)
        film.deploy("v2")
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.canary(500, hold_s=60))

    assert text == told


async def test_a_freeze_without_an_end_is_overruled_by_a_person_with_a_reason(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.freeze = Freeze("the year ends")
        film.deploy("v2")
        await film.run(600)
        assert "needs a reason" in await film.ask(Verb.NEXT)
        await film.ask(Verb.NEXT, reason="a leak of addresses")
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.canary(500, hold_s=60))

    assert text == told


async def test_the_way_back_is_never_frozen(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(600, until=scenes.within(Phase.SUCCEEDED))
        film.freeze = Freeze("the year ends")
        film.deploy("v1")
        await film.run(1)
        status = await film.status()
        assert status.release is not None
        assert Phase.STARTING is status.release.progress.phase
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.canary(500, hold_s=60))

    assert text == told


async def test_a_newer_change_takes_the_place_of_one_that_is_queued(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.freeze = Freeze("the fair")
        film.deploy("v2")
        await film.run(60)
        film.deploy("v3")
        await film.run(60)
        film.freeze = None
        film.deploy("v3")
        await film.finish()

    text = await scenes.told(script, scenes.good, scenes.canary(500, hold_s=60))

    assert text == told


# --- gates --------------------------------------------------------------------------------------


async def test_a_step_waits_until_its_window_opens(told: SnapshotAssertion) -> None:
    evening = Weekly(THURSDAY, 18 * 60, THURSDAY, 22 * 60)
    gate = WindowGate(Window("evenings", zone="Europe/Berlin", hours=(evening,)))

    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.finish(8 * 3600)
        status = await film.status()
        assert status.release is not None
        assert status.release.ended_at is not None
        # 18:00 in Berlin is 17:00 in UTC in winter.
        assert datetime(2026, 1, 1, 17, tzinfo=UTC) < status.release.ended_at

    text = await scenes.told(script, scenes.good, gated(gate), tick_s=20.0)

    assert text == told


async def test_an_approval_needs_somebody_with_the_role(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.roles = {"sre": ("bob", "cid")}
        film.deploy("v2")
        await film.run(200, until=scenes.within(Phase.WAITING))
        assert "sre (bob, cid)" in await film.ask(Verb.APPROVE, actor="ada")
        assert "it still needs 1 approval by sre" in await film.ask(Verb.APPROVE, actor="bob")
        await film.run(700)
        assert "it still needs 1 approval" in await film.ask(Verb.APPROVE, actor="cid")
        assert "approved already; it still needs 1 approval by sre." == await film.ask(
            Verb.APPROVE, actor="cid"
        )
        assert "approved." == await film.ask(Verb.APPROVE, actor="bob")
        await film.finish()

    gate = Approval(roles=("sre",), count=2, expires_s=600.0)
    text = await scenes.told(script, scenes.good, gated(gate))

    assert text == told


async def test_a_webhook_is_waited_for_until_it_says_yes(told: SnapshotAssertion) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(200, until=scenes.within(Phase.WAITING))
        for opening, sentence in (
            (Opening.ERROR, "no connection"),
            (Opening.WAIT, "the smoke test runs"),
            (Opening.REFUSED, "3 of 40 tests failed"),
            (Opening.OPEN, ""),
        ):
            answered(film, opening, sentence)
            await film.turn()
            film.clock.move(5)
        await film.finish()

    text = await scenes.told(script, scenes.good, gated(HOOK))

    assert text == told
    assert "secret-in-the-path" not in text


async def test_a_webhook_that_refuses_rolls_back_where_the_gate_says_so(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(200, until=scenes.within(Phase.WAITING))
        answered(film, Opening.REFUSED, "3 of 40 tests failed")
        await film.finish()

    gate = replace(HOOK, on_refusal="rollback")
    text = await scenes.told(script, scenes.good, gated(gate))

    assert text == told


async def test_a_webhook_that_never_answers_has_a_deadline_and_then_a_person(
    told: SnapshotAssertion,
) -> None:
    async def script(film: Film) -> None:
        await served(film)
        film.deploy("v2")
        await film.run(1200)
        status = await film.status()
        assert status.release is not None
        assert "serinus next -m REASON" in status.release.progress.wait.then
        await film.ask(Verb.NEXT, reason="the tests ran by hand")
        await film.finish()

    text = await scenes.told(script, scenes.good, gated(HOOK))

    assert text == told


def answered(film: Film, opening: Opening, sentence: str) -> None:
    """Let the webhook answer the question of this film's gate."""
    question = "shop/local/2/2/0"
    answer = GateAnswer(question, opening, film.clock.now(), sentence)
    film.desk.answers[film.key] = {question: answer}
