from serinus.core.planner import exposure
from serinus.core.spec.delivery import MirrorStep, SettleStep, Strategy, SwitchStep
from tests.core.planner import stage
from tests.films import scenes

MIRRORED = scenes.with_steps(Strategy.BLUE_GREEN, (MirrorStep(100), SwitchStep(), SettleStep()))


def test_what_users_met_is_what_was_counted() -> None:
    assert (500, 3) == exposure.of(stage.release(), stage.reading(requests=500, bad=3))


def test_what_was_written_down_holds_where_nothing_is_read() -> None:
    assert (40, 1) == exposure.of(stage.release(exposed=40, bad=1), None)


def test_copies_are_met_by_nobody() -> None:
    reading = stage.reading(requests=500, bad=30)

    during = stage.release(delivery=MIRRORED, step=0, share=0, max_share=0)
    after = stage.release(delivery=MIRRORED, step=1, copies=(480, 30))

    assert (0, 0) == exposure.of(during, reading)
    assert (20, 0) == exposure.of(after, reading)


def test_what_is_promoted_out_of_its_copies_is_met_by_everybody() -> None:
    promoted = stage.release(delivery=MIRRORED, step=0, share=1000, copies=(480, 30))

    assert (20, 0) == exposure.of(promoted, stage.reading(requests=500, bad=30))
