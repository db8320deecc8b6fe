import pytest

from serinus.core.analysis import sentences
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
)
from serinus.core.spec.wayback import Margin

ERRORS = ErrorsCheck("errors", AgainstStable())
LATENCY = LatencyCheck("latency", AgainstStable())
OBJECTIVE = ErrorsCheck("objective", AgainstSlo(0.01))


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.0, "0 %"),
        (0.019, "1.9 %"),
        (0.0002, "0.02 %"),
        (0.00146, "0.15 %"),
        (0.0999, "10 %"),
        (0.123, "12 %"),
        (1.0, "100 %"),
        (0.01, "1 %"),
        (1e-9, "0 %"),
    ],
)
def test_a_fraction_is_written_with_two_digits_that_count(fraction: float, text: str) -> None:
    assert sentences.percent(fraction) == text


def test_evidence_is_written_as_odds() -> None:
    assert [sentences.odds(e) for e in (2.34, 14.2, 999.6, 1e9)] == [
        "2.3:1",
        "14:1",
        "1,000:1",
        "over 1,000:1",
    ]


def test_errors_are_compared_in_one_sentence() -> None:
    text = sentences.rates(ERRORS, 0, (0.019, 0.003, 0.00395), 4812, 14.0)

    assert text == (
        "errors 1.9 % against 0.3 % on stable, allowed 0.4 % (4,812 requests, evidence 14:1)"
    )


def test_latency_names_its_bound_and_no_evidence_where_there_is_none() -> None:
    text = sentences.rates(LATENCY, 250, (0.031, 0.004, 0.0052), 1, 0.4)

    assert text == "3.1 % slower than 250 ms against 0.4 % on stable, allowed 0.52 % (1 request)"


def test_log_lines_are_counted_in_a_hundred_requests() -> None:
    logs = LogCheck("logs", AgainstStable(), "ERROR")
    at_most = LogCheck("logs", AgainstSlo(0.01), "ERROR " + "x" * 200)

    assert sentences.rates(logs, 0, (0.041, 0.002, 0.0027), 1200, 30.0) == (
        'log lines matching "ERROR" 4.1 in 100 requests against 0.2 on stable, allowed 0.27 '
        "(1,200 requests, evidence 30:1)"
    )
    assert sentences.rates(at_most, 0, (0.041, 0.002, 0.01), 1200, 1.0) == (
        f'log lines matching "ERROR {"x" * 73}…" 4.1 in 100 requests, the objective is at most 1 '
        "(1,200 requests)"
    )


def test_an_objective_is_named_and_so_is_its_innocence() -> None:
    text = sentences.rates(OBJECTIVE, 0, (0.05, 0.05, 0.01), 200, 1.0)

    assert text == "errors 5 %, the objective is at most 1 % (200 requests)"
    assert "not the cause" in sentences.objective("objective", text, shared=True)
    assert "not the cause" not in sentences.objective("objective", text, shared=False)


def test_safety_is_said_with_its_margin() -> None:
    assert sentences.not_worse(ERRORS, Margin(), 0.05) == (
        "not worse than 1.5 × stable plus 0.1 pp, shown with 95 %"
    )
    assert sentences.not_worse(OBJECTIVE, Margin(), 0.05) == (
        "within the objective of 1 %, shown with 95 %"
    )


def test_what_could_not_be_seen_is_said() -> None:
    assert sentences.unverified(0.008) == (
        "unverified: a regression below 0.8 % could not have been seen"
    )
    assert sentences.unverified(None) == "unverified: nothing could be compared"
    assert sentences.unverified(1.0) == "unverified: no regression could have been seen"


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.99, "99 %"), (0.9995, "99.95 %"), (0.5, "50 %"), (0.0, "0 %")],
)
def test_good_requests_are_told_from_all(share: float, text: str) -> None:
    assert text == sentences.good(share)
