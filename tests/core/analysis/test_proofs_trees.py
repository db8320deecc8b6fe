"""
Several blocks, all of their outcomes, and somebody who decides everything against us.

A theorem says that evidence may be looked at whenever one likes. So each test here lets an
adversary see all that has happened, and then choose: how many requests each arm gets, which share
fails or how many do, the margin, a pause, whether to go on at all. He plays as well as it can be
played (backward induction over the whole tree). If he cannot lift the expected evidence above what
it was at the beginning, nobody can.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import exp, inf, log
from typing import NamedTuple

import pytest

from serinus.core.analysis import judge, strand, weigh
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.strand import Capital, Line, Strand
from serinus.core.spec.delivery import AgainstStable, ErrorsCheck, LatencyCheck
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state import verdict
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.verdict import Outcome
from tests.core.analysis import arrivals, outcomes
from tests.core.analysis.outcomes import Chance

ROUNDING = 1e-9
KIND = verdict.TestKind
PAST = Strand(known=60.0, failed=4.0)
LINES: tuple[Line, ...] = ((1.25, 0.01), (1.0, 0.0))


class Move(NamedTuple):
    """What the adversary chooses for a block: requests, how they may end, and the margin."""

    n: tuple[int, int]
    chance: Chance
    line: Line


def independent(n: tuple[int, int], p: float, line: Line, below: float = 1.0) -> Move:
    allowed = min((line[0] * p + line[1]) * below, 1.0)
    return Move(n, outcomes.independent([allowed] * n[0], [p] * n[1]), line)


def drawn(n: tuple[int, int], m: int, line: Line) -> Move:
    return Move(n, outcomes.routed(*n, m), line)


INDEPENDENT = (
    independent((2, 2), 0.05, LINES[0]),
    independent((1, 3), 0.6, LINES[1]),
    independent((2, 1), 0.3, LINES[0], 0.5),
)
DRAWN = (drawn((2, 3), 2, LINES[0]), drawn((1, 4), 1, LINES[1]), drawn((3, 1), 4, LINES[0]))


def worth(found: Strand, cash: float, moves: Sequence[Move], blocks: int) -> float:
    """Return the most that the evidence is worth to somebody who chooses moves and when to stop."""
    best = exp(found.evidence)
    if not blocks:
        return best
    share = 0.6 if cash == 1.0 else min(cash, 0.2)
    left = Capital(share, cash - share)
    paused = strand.run(found, None, LINES[0], None, left)
    best = max(best, exp(paused.evidence))
    for move in moves:
        mean = 0.0
        for (x_c, x_p), p in move.chance.items():
            if not p:
                continue
            counts = (float(move.n[0]), float(x_c), float(move.n[1]), float(x_p))
            after = strand.run(found, counts, move.line, (1.5, 0.01), left)
            after = strand.learn(after, move.n[1], x_p, (), 5.0)
            mean += p * worth(after, left.cash, moves, blocks - 1)
        best = max(best, mean)
    return best


@pytest.mark.parametrize("moves", [INDEPENDENT, DRAWN], ids=["independent", "drawn"])
def test_nobody_gains_by_choosing_traffic_margin_pauses_and_when_to_stop(
    moves: tuple[Move, ...],
) -> None:
    assert worth(PAST, 1.0, moves, 3) <= 1 + ROUNDING


@pytest.mark.parametrize("moves", [INDEPENDENT[:1], DRAWN[:1]], ids=["independent", "drawn"])
def test_nor_over_a_longer_time(moves: tuple[Move, ...]) -> None:
    assert worth(PAST, 1.0, moves, 4) <= 1 + ROUNDING


def test_with_one_request_that_is_not_allowed_somebody_would_gain() -> None:
    """The test above is able to fail: it pays to bet on what is worse than allowed."""
    worse = Move((2, 2), outcomes.independent([0.5, 0.5], [0.05, 0.05]), LINES[0])

    assert worth(PAST, 1.0, (worse,), 2) > 1.5


def safe(found: Strand, moves: Sequence[Move], blocks: int) -> float:
    """Return the same of the evidence of safety; there the margin of a move is that of safety."""
    best = exp(found.safe)
    if not blocks:
        return best
    for move in moves:
        mean = 0.0
        for (x_c, x_p), p in move.chance.items():
            counts = (float(move.n[0]), float(x_c), float(move.n[1]), float(x_p))
            after = strand.run(found, counts, LINES[0], move.line, Capital(0.0, 1.0))
            after = strand.learn(after, move.n[1], x_p, (), 5.0)
            mean += p * safe(after, moves, blocks - 1)
        best = max(best, mean)
    return best


def test_nobody_is_shown_to_be_safe_by_choosing_traffic_and_when_to_stop() -> None:
    moves = (
        independent((2, 2), 0.1, (1.5, 0.001)),
        independent((3, 1), 0.3, (1.5, 0.001), 1.5),
        independent((1, 3), 0.02, (2.0, 0.05), 4.0),
    )

    assert safe(PAST, moves, 3) <= 1 + ROUNDING
    assert safe(PAST, (independent((3, 3), 0.1, (1.5, 0.001), 0.2),), 3) > 1


# --- the judge as a whole ------------------------------------------------------------------------

RATIO, PLUS, SHARE = 1.25, 0.0002, 0.04
QUICK = RetreatPolicy(alarm=2.0, probe=2.0, give_up=3.0)
"""Levels that two requests can reach, so that the promise can be held to its word."""


def block(at: float, n: tuple[int, int], x: tuple[int, int]) -> Tick:
    """A tick of fifteen seconds in which whatever failed was slow as well."""
    arms = {
        name: Arm({name[0]: (requests, bad)}, timed=requests, slower=(bad,))
        for name, requests, bad in zip((CANDIDATE, STABLE), n, x, strict=True)
        if requests
    }
    return Tick(at=at, seconds=15.0, arms=arms, bounds_ms=(250,))


def begun(*checks: ErrorsCheck | LatencyCheck, policy: RetreatPolicy = QUICK) -> Judge:
    past = [block(985.0, (0, 150), (0, 6)), block(1000.0, (0, 150), (0, 6))]
    return judge.open(
        arrivals.delivery(*checks, retreat=policy), past, plan_seconds=60.0, test=arrivals.RUN
    )


def followed(found: Judge, n: tuple[int, int], chance: Chance) -> Iterator[tuple[float, Judge]]:
    at = max(found.at, 1000.0) + 15.0
    for x, p in chance.items():
        if p:
            yield p, judge.advance(found, block(at, n, x))


def test_checks_that_say_the_same_are_together_worth_at_most_one() -> None:
    """Every request that fails is slow: both checks see one and the same, and so does the mean."""
    checks = (
        ErrorsCheck("errors", AgainstStable(RATIO, PLUS)),
        LatencyCheck("latency", AgainstStable(1.5, 0.01), (250,)),
        ErrorsCheck("again", AgainstStable(2.0, 0.0), weight=0.25),
    )
    chance = independent((2, 2), SHARE, (RATIO, PLUS)).chance
    most = 0.0

    def mean(found: Judge, blocks: int) -> float:
        nonlocal most
        now = exp(weigh.combined(found, weigh.parts(found)))
        most = max(most, now)
        if not blocks:
            return now
        later = sum(p * mean(after, blocks - 1) for p, after in followed(found, (2, 2), chance))
        return max(now, later)

    assert mean(begun(*checks, policy=RetreatPolicy(alarm=1e9)), 3) <= 1 + ROUNDING
    assert most > 5


class Ledger(NamedTuple):
    """What a release has behind it: the logarithm of all its tests' evidence, and failed probes."""

    found: Judge
    log: float = 0.0
    fails: int = 0


def over(state: Ledger) -> tuple[bool, bool]:
    """Tell whether the test at hand is over, and whether it failed on a fresh replica."""
    reading, kind = judge.reading(state.found), state.found.test.kind
    if kind is KIND.PROBE:
        return reading.probe is not Outcome.INCONCLUSIVE, reading.probe is Outcome.FAIL
    return reading.alarm, reading.alarm and kind is KIND.TRIAL


def turned(state: Ledger, policy: RetreatPolicy, probes: int, *, failed: bool) -> Ledger:
    """Multiply a test that is over into the ledger, and begin the next one with fresh evidence."""
    test = state.found.test
    total = state.log + judge.reading(state.found).log_evidence
    fails = state.fails + failed
    if test.kind is KIND.PROBE and not failed:
        return Ledger(judge.turn(state.found, verdict.Test(test.number + 1, KIND.TRIAL)), total, 0)
    lacking = log(policy.give_up) - total if fails + 1 >= probes else 0.0
    level = max(log(policy.probe), lacking)
    probe = verdict.Test(test.number + 1, KIND.PROBE, "errors", level)
    return Ledger(judge.turn(state.found, probe), total, fails)


def course(
    state: Ledger, policy: RetreatPolicy, probes: int, moves: Sequence[Move], blocks: int
) -> tuple[float, float]:
    """
    Return (probability of a rollback, what the ledger is worth), both at their highest.

    Every test that is over counts, as in ``core/planner/retreat``, for or against the candidate.
    """
    done, failed = over(state)
    if done:
        state = turned(state, policy, probes, failed=failed)
        if failed and state.fails >= probes and state.log >= log(policy.give_up):
            return 1.0, exp(state.log)
    now = exp(state.log + judge.reading(state.found).log_evidence)
    if not blocks:
        return 0.0, now
    ends = []
    for move in moves:
        rolled = value = 0.0
        for p, after in followed(state.found, move.n, move.chance):
            each = course(state._replace(found=after), policy, probes, moves, blocks - 1)
            rolled, value = rolled + p * each[0], value + p * each[1]
        ends.append((rolled, value))
    return max(end[0] for end in ends), max(now, *[end[1] for end in ends])


ALLOWED = (RATIO, PLUS)


@pytest.mark.parametrize(
    ("give_up", "probes", "moves", "blocks"),
    [
        (3.0, 1, (independent((2, 2), SHARE, ALLOWED),), 3),
        (3.0, 2, (drawn((2, 2), 2, ALLOWED), drawn((1, 3), 1, ALLOWED)), 4),
        (100.0, 1, (drawn((3, 30), 3, ALLOWED), drawn((3, 30), 0, ALLOWED)), 4),
    ],
    ids=["independent", "two probes", "a hundred to one"],
)
def test_a_healthy_release_is_given_up_as_seldom_as_its_ledger_promises(
    give_up: float, probes: int, moves: tuple[Move, ...], blocks: int
) -> None:
    policy = RetreatPolicy(alarm=2.0, probe=2.0, give_up=give_up)
    found = begun(ErrorsCheck("errors", AgainstStable(RATIO, PLUS)), policy=policy)

    rolled, value = course(Ledger(found), policy, probes, moves, blocks)

    assert value <= 1 + ROUNDING
    assert 0 < rolled <= 1 / give_up


def test_a_ledger_that_forgot_passed_probes_would_promise_too_much() -> None:
    """Passed probes are below 1; without them the product is no longer worth at most one."""
    chance = outcomes.routed(2, 2, 1)

    def forgetful(found: Judge, kept: float, blocks: int) -> float:
        number, reading = found.test.number + 1, judge.reading(found)
        if found.test.kind is KIND.RUN and reading.alarm:
            kept += reading.log_evidence
            found = judge.turn(found, verdict.Test(number, KIND.PROBE))
        elif reading.probe is Outcome.PASS:
            found = judge.turn(found, verdict.Test(number, KIND.RUN))  # and the probe is forgotten
        now = exp(kept + judge.reading(found).log_evidence)
        if not blocks:
            return now
        return max(
            now,
            sum(
                p * forgetful(after, kept, blocks - 1)
                for p, after in followed(found, (2, 2), chance)
            ),
        )

    policy = RetreatPolicy(alarm=1.2, probe=1.2, probe_limit_s=15.0)
    found = begun(ErrorsCheck("errors", AgainstStable(RATIO, PLUS)), policy=policy)

    assert forgetful(found, 0.0, 4) > 1


def test_a_block_that_is_capped_is_worth_no_more_in_a_tree_either() -> None:
    def capped(found: Strand, cash: float, most: float, blocks: int) -> float:
        if not blocks:
            return exp(found.evidence)
        capital = Capital(0.6 if cash == 1.0 else 0.2, cash - (0.6 if cash == 1.0 else 0.2), most)
        n, chance, line = DRAWN[0]
        total = 0.0
        for (x_c, x_p), p in chance.items():
            counts = (float(n[0]), float(x_c), float(n[1]), float(x_p))
            after = strand.run(found, counts, line, None, capital)
            total += p * capped(after, capital.cash, most, blocks - 1)
        return total

    assert capped(PAST, 1.0, 0.5, 3) <= capped(PAST, 1.0, inf, 3) <= 1 + ROUNDING


def test_outcomes_are_all_of_them() -> None:
    """The enumeration itself: probabilities make one, and means are what they should be."""
    for found in (*INDEPENDENT, *DRAWN):
        assert sum(found.chance.values()) == pytest.approx(1.0)
    clumped = outcomes.clusters(1.5, {2: 0.5, 3: 0.5})
    assert sum(clumped) == pytest.approx(1.0)
    assert sum(x * p for x, p in enumerate(clumped)) == pytest.approx(1.5 * 2.5)
    pairs = product(range(3), range(4))
    assert set(outcomes.independent([0.1, 0.2], [0.3] * 3)) == set(pairs)
