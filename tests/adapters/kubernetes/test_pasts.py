"""What is known of releases, from the cache and from what was written."""

from typing import Any

import pytest

from serinus.adapters.kubernetes import records
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.pasts import Pasts
from serinus.adapters.memory.clock import Clock
from serinus.core.state.notice import Key
from tests.adapters.kubernetes import test_records
from tests.adapters.kubernetes.apiserver import FakeApiServer

SHOP = Key("team/shop", "prod")


class Owners(dict[str, str]):
    """The uids of Applications by their names."""

    def uid(self, place: object) -> str:
        return self.get(str(place), "")


@pytest.fixture
def owners() -> Owners:
    return Owners({"team/shop": "uid-of-shop"})


@pytest.fixture
def lost() -> list[str]:
    return []


@pytest.fixture
def pasts(owners: Owners, lost: list[str]) -> Pasts:
    client = Client.connect(transport=FakeApiServer())
    cache = Cache(client, Clock(), "Release", trim=records.trim)
    return Pasts(cache, owners.uid, lambda place: lost.append(str(place)))


def release(number: int, version: int, **given: Any) -> dict[str, Any]:
    obj = test_records.kept(test_records.status(number=number, **given))
    obj["metadata"] |= {"resourceVersion": str(version), "uid": f"uid-of-{number}"}
    return obj


def keep(pasts: Pasts, obj: dict[str, Any]) -> None:
    pasts.keep(pasts.past(SHOP), records.entry(obj))


def test_the_newest_release_that_began_says_how_an_application_stands(pasts: Pasts) -> None:
    keep(pasts, release(2, 20))
    keep(pasts, release(1, 30))
    never = release(3, 40)
    del never["status"]
    keep(pasts, never)
    status = pasts.status(SHOP)

    assert status is not None
    assert status.release is not None
    assert 2 == status.release.number
    assert pasts.release(SHOP, 3) is None
    assert ("team/shop",) == pasts.applications()


def test_what_the_watch_tells_late_is_older_than_what_was_written(pasts: Pasts) -> None:
    keep(pasts, release(1, 20, sentence="new"))
    keep(pasts, release(1, 10, sentence="old"))
    found = pasts.release(SHOP, 1)

    assert found is not None
    assert "new" == found.progress.sentence


def test_a_status_stays_when_its_object_is_deleted_by_somebody(
    pasts: Pasts, lost: list[str]
) -> None:
    keep(pasts, release(1, 10))
    keep(pasts, release(2, 20))
    before = pasts.status(SHOP)
    pasts._changed("DELETED", records.trim(release(2, 21)), None)

    assert before is not None
    assert before == pasts.status(SHOP)
    assert ["team/shop"] == lost


def test_a_status_goes_with_its_application_when_another_one_has_its_name(
    pasts: Pasts, owners: Owners
) -> None:
    keep(pasts, release(1, 10))
    assert pasts.status(SHOP) is not None
    pasts._changed("DELETED", records.trim(release(1, 11)), None)
    owners["team/shop"] = "uid-of-another"

    assert pasts.status(SHOP) is None


def test_an_application_that_nobody_knows_has_nothing(pasts: Pasts) -> None:
    assert pasts.status(Key("team/other", "prod")) is None
    assert pasts.revision("0" * 64) is None
    assert () == pasts.applications()
