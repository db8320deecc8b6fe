"""Which objective gives a release up: exactly the one that the judge names."""

from typing import Any

import pytest

from serinus.core.planner import evidence
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import AgainstSlo, AgainstStable, ErrorsCheck
from serinus.core.state.observed import Observed
from tests import builders

CHECKS = (
    ErrorsCheck("errors", AgainstStable()),
    ErrorsCheck("errors-hard", AgainstSlo(0.05, rollback=True)),
    ErrorsCheck("errors-soft", AgainstSlo(0.01)),
    ErrorsCheck("violated", AgainstSlo(0.01)),
)


def turn(**reading: Any) -> Turn:
    status = builders.status(release=builders.release(delivery=builders.delivery(checks=CHECKS)))
    observed = Observed(builders.at(4), status, reading=builders.reading(**reading))
    return Turn(observed, status)


def test_an_objective_that_says_roll_back_forbids_the_candidate() -> None:
    told = evidence.forbids(turn(slo_check="errors-hard", slo_violated="errors-hard violated: x"))

    assert told == "x"


@pytest.mark.parametrize("name", ["errors-soft", "violated", "errors", "unknown", ""])
def test_any_other_name_forbids_nothing_whatever_the_sentence_says(name: str) -> None:
    sentence = "errors-hard violated: errors 7 %, the objective is at most 5 %"

    assert not evidence.forbids(turn(slo_check=name, slo_violated=sentence))
