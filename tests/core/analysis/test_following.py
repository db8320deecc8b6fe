"""Following: either wrong answer is as rare as it says, by enumeration of all that can happen."""

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import following
from serinus.core.analysis.following import Answer, Following

CHANGES = [(0, 10), (10, 50), (50, 100), (50, 0), (100, 500), (500, 1000), (1000, 0), (0, 1000)]


def answered(old: int, new: int, share: float, requests: int) -> dict[Answer, float]:
    """
    Enumerate all sequences of requests, each for the side with a chance; return how they end first.

    The ratio depends on how many there were, so that one number stands for all their orders.
    """
    open_now = {0: 1.0}
    ended = dict.fromkeys(Answer, 0.0)
    for number in range(1, requests + 1):
        after: dict[int, float] = {}
        for taken, chance in open_now.items():
            for more, likely in ((0, 1.0 - share), (1, share)):
                after[taken + more] = after.get(taken + more, 0.0) + chance * likely
        open_now = {}
        for taken, chance in after.items():
            known = following.count(Following(old, new), number, taken)
            if known.answer is Answer.OPEN:
                open_now[taken] = chance
            else:
                ended[known.answer] += chance
    ended[Answer.OPEN] = sum(open_now.values())
    return ended


def leaking(mille: int) -> float:
    return min(max(mille / 1000, following.LEAK), 1.0 - following.LEAK)


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_one_that_keeps_the_old_split_is_hardly_ever_said_to_follow(old: int, new: int) -> None:
    ended = answered(old, new, leaking(old), 400)

    assert ended[Answer.FOLLOWS] <= following.WRONGLY


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_one_that_follows_is_hardly_ever_said_to_keep_the_old_split(old: int, new: int) -> None:
    ended = answered(old, new, leaking(new), 400)

    assert ended[Answer.OLD] <= following.WRONGLY


@pytest.mark.parametrize(("old", "new"), [(0, 10), (10, 50), (50, 0), (100, 500), (0, 1000)])
def test_twice_the_requests_that_are_needed_are_mostly_enough(old: int, new: int) -> None:
    requests = round(2 * following.needed(old, new)) + 1

    assert answered(old, new, leaking(new), requests)[Answer.FOLLOWS] >= 0.75


def test_however_often_it_begins_anew_it_errs_as_rarely() -> None:
    chance = random.Random(1)
    wrong = 0
    for _ in range(1000):
        known = Following(200, 400)
        for _ in range(100):
            known = following.count(known, 10, sum(chance.random() < 0.2 for _ in range(10)))
        wrong += known.answer is Answer.FOLLOWS

    assert wrong <= 1000 * following.WRONGLY


def test_stragglers_of_the_old_split_delay_the_answer_and_no_more() -> None:
    known = following.count(Following(50, 0), 20, 3)
    told = known.answer
    for _ in range(20):
        known = following.count(known, 10, 0)

    assert (Answer.OLD, Answer.FOLLOWS) == (told, known.answer)
    assert 2 == known.begun


def test_a_router_that_begins_to_follow_late_is_seen_to() -> None:
    known = Following(10, 50)
    for _ in range(50):
        known = following.count(known, 100, 1)
    before = known.answer
    for _ in range(12):
        known = following.count(known, 100, 5)

    assert before is not Answer.FOLLOWS
    assert Answer.FOLLOWS is known.answer


def test_who_follows_once_follows() -> None:
    known = following.count(Following(0, 1000), 100, 100)

    assert known == following.count(known, 100, 0)


def test_nobody_who_came_says_nothing() -> None:
    known = Following(10, 50)

    assert known == following.count(known, 0, 0)


def test_more_cannot_be_taken_than_there_were() -> None:
    assert 5 == following.count(Following(10, 50), 5, 9).taken


def test_the_same_share_can_not_be_told_from_itself() -> None:
    assert float("inf") == following.needed(50, 50)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 500), st.integers(0, 500))
def test_requests_say_the_same_at_once_and_one_by_one(
    old: int, new: int, first: int, second: int
) -> None:
    both = following.gain(old, new, first + second, first)
    apart = following.gain(old, new, first, first) + following.gain(old, new, second, 0)

    assert abs(both - apart) <= 1e-6 * (1.0 + abs(both))
    assert following.gain(old, old, first, 0) == pytest.approx(0.0)
    assert log(following.LEAK) < 0


def test_the_sentence_says_what_was_wanted_and_what_was_seen() -> None:
    known = following.count(Following(0, 50), 312, 0)

    assert "the router does not follow: wanted 5 %, seen 0 of 312 requests for 40s" == (
        following.sentence(known, 40.2)
    )
