import pytest

from serinus.app import commands
from serinus.core.planner import finish
from serinus.core.state.release import Phase, Wait
from serinus.interfaces.cli import catalogue
from serinus.ports.store import Asked
from tests import builders


@pytest.mark.parametrize("phase", Phase)
def test_every_state_knows_what_can_be_typed_and_the_commands_exist(phase: Phase) -> None:
    release = builders.release(phase=phase)
    names = {entry.name for entry in catalogue.ENTRIES}

    for command in commands.sensible(builders.status(), release, Asked()):
        assert "shop" == command.application
        assert command.verb in names


def test_doubtful_copies_offer_what_their_wait_offers() -> None:
    wait = Wait("it looks worse", None, finish.DOUBTFUL)
    release = builders.release(phase=Phase.HOLDING, wait=wait)

    found = commands.sensible(builders.status(), release, Asked())
    assert ["serinus explain shop", "serinus next shop", "serinus rollback shop"] == [
        command.text() for command in found
    ]


def test_a_change_in_quarantine_can_be_tried_again() -> None:
    asked = Asked(wanted=builders.wanted())
    ended = builders.ended(Phase.ROLLED_BACK)
    quarantined = builders.status(quarantine=(builders.NEW,))

    retry = commands.retried("shop")
    assert retry in commands.sensible(quarantined, ended, asked)
    assert retry not in commands.sensible(builders.status(), ended, asked)
