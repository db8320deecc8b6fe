from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from serinus.adapters.local import cohorts
from serinus.adapters.local.cohorts import Cohorts
from serinus.adapters.local.database import Damaged, Database
from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Visit
from serinus.core.state.notice import Key
from tests import builders
from tests.builders import NEW, OLD, SHOP

ARMS = {OLD: "stable", NEW: "candidate"}
GOALS = (Goal("check out", "/checkout"),)


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Cohorts]:
    database = Database.open(tmp_path / "state.db", create=True)
    yield Cohorts(database)
    database.close()


async def noted(kept: Cohorts, users: range, path: str = "/") -> None:
    visits = [Visit(user, NEW, "GET", path, 200) for user in users]
    await kept.note(SHOP, 7, visits, arms=ARMS, goals=GOALS, at=builders.NOON)


def rows(kept: Cohorts) -> int:
    ((count,),) = kept._database.rows("SELECT count(*) FROM visitor")
    return int(count)


async def test_a_user_is_one_row_and_his_goals_are_in_it(kept: Cohorts) -> None:
    await noted(kept, range(1, 4))
    await noted(kept, range(3, 6), "/checkout")

    assert [
        (user, "candidate", '["check out"]' if user >= 3 else None, 0) for user in range(1, 6)
    ] == kept._database.rows("SELECT user, arm, reached, crossed FROM visitor ORDER BY user")


async def test_a_thousand_users_are_found_again_at_once(kept: Cohorts) -> None:
    for _ in range(2):
        await noted(kept, range(2**62, 2**62 + 1000))

    assert 1000 == kept.read(SHOP, 7).sides["candidate"].users


async def test_users_are_removed_a_few_at_a_time_until_none_is_left(
    kept: Cohorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cohorts, "AT_ONCE", 7)
    await noted(kept, range(1, 30))
    await kept.prune(builders.NOON + timedelta(days=31))

    assert 0 == rows(kept)
    assert 29 == kept.read(SHOP, 7).sides["candidate"].users


async def test_users_of_another_application_stay(kept: Cohorts) -> None:
    await noted(kept, range(1, 30))
    await kept.forget(Key("other", "local"))

    assert 29 == rows(kept)


async def test_a_cohort_that_cannot_be_read_is_damage(kept: Cohorts) -> None:
    await noted(kept, range(1, 3))
    await kept._database.write(lambda sql: sql.execute("UPDATE cohort SET body = x'00'"))

    with pytest.raises(Damaged, match="is damaged and cannot be read"):
        kept.read(SHOP, 7)


async def test_nothing_is_counted_of_a_batch_that_fails(kept: Cohorts) -> None:
    broken = Visit(2**64, NEW, "GET", "/", 200)
    with pytest.raises(OverflowError):
        await kept.note(
            SHOP,
            7,
            [Visit(1, NEW, "GET", "/", 200), broken],
            arms=ARMS,
            goals=GOALS,
            at=builders.NOON,
        )

    assert Cohort() == kept.read(SHOP, 7)
    assert 0 == rows(kept)


async def test_users_are_known_again_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        database = Database.open(tmp_path / "state.db", create=True)
        await noted(Cohorts(database), range(1, 30))
        database.close()
    database = Database.open(tmp_path / "state.db")

    assert 29 == Cohorts(database).read(SHOP, 7).sides["candidate"].users
    database.close()
