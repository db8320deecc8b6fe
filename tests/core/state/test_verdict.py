from serinus.core.state import verdict
from tests.builders import reading


def test_there_are_five_verdicts() -> None:
    assert ["pass", "fail", "no data", "error", "inconclusive"] == [
        outcome.value for outcome in verdict.Outcome
    ]


def test_a_reading_that_says_nothing_alarms_nobody() -> None:
    silent = verdict.Reading(test=reading().test)

    assert (False, "", 0.0, verdict.Outcome.INCONCLUSIVE) == (
        silent.alarm,
        silent.slo_violated,
        silent.log_evidence,
        silent.probe,
    )
    assert not silent.verified
