"""A release as an object, and back."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given

from serinus.adapters.kubernetes import records
from serinus.adapters.kubernetes.objects import ReleaseSpec
from serinus.adapters.kubernetes.records import Account
from serinus.boot.simulation import Film
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase, Progress
from serinus.ports.failures import Rejected
from tests import builders, strategies
from tests.films import scenes

SHOP = Key("team/shop", "prod")


def kept(status: Status, **given: Any) -> dict[str, Any]:
    """Return a Release object as the API server answers with it."""
    release = status.release
    assert release is not None
    account = replace(Account(status=status, answers=(), decisions=(), judge=None), **given)
    obj = records.begun(release, builders.revision(), "uid-of-shop")
    obj["metadata"] |= {"uid": "uid-of-release", "resourceVersion": "7"}
    spec = msgspec.convert(obj["spec"], ReleaseSpec)
    obj["status"] = records.written(release, spec, account, current=True)
    answered: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(obj))
    return answered


def status(**given: Any) -> Status:
    release = builders.release(**{"application": "team/shop", "environment": "prod"} | given)
    return builders.status(SHOP, release=release, version=3)


def test_a_status_is_read_back_as_it_was_written() -> None:
    answer = Answer("wish-1", done=True, sentence="Paused.")
    written = kept(status(), answers=(answer,), judge=b"evidence")
    account = records.account_of(records.entry(written), SHOP)

    assert Account(status(), (answer,), (), b"evidence") == account


@given(strategies.values(Progress))
def test_any_progress_is_read_back_as_it_was_written(progress: Progress) -> None:
    release = msgspec.structs.replace(
        builders.release(application="team/shop", environment="prod"), progress=progress
    )
    found = Status(key=SHOP, release=release, version=1)

    assert found == records.account_of(records.entry(kept(found)), SHOP).status


def test_a_release_tells_people_how_far_it_is() -> None:
    found = kept(status(share=250, step=2))["status"]

    assert ("Rolling", "25 %", "3/4", None) == (
        *(found["phase"], found["share"], found["step"]),
        found.get("result"),
    )
    ended = builders.ended(Phase.ROLLED_BACK, 7, application="team/shop")
    told = kept(builders.status(SHOP, release=ended))["status"]
    assert "Rolled back" == told["result"]


def test_an_environment_that_was_renamed_is_the_one_that_is_asked_for() -> None:
    entry = records.entry(kept(status()))
    found = records.account_of(entry, Key("team/shop", "staging")).status

    assert found is not None
    assert found.release is not None
    assert ("staging", "staging") == (found.key.environment, found.release.environment)


def test_a_queued_release_keeps_the_plan_that_it_begins_with_in_the_end() -> None:
    first = status(phase=Phase.QUEUED)
    assert first.release is not None
    obj = kept(first)
    later = msgspec.structs.replace(
        first.release,
        replicas=9,
        delivery=builders.delivery(template="other"),
        delivery_hash="e" * 64,
    )
    spec = msgspec.convert(obj["spec"], ReleaseSpec)
    account = Account(msgspec.structs.replace(first, release=later), (), (), None)
    obj["status"] = records.written(later, spec, account, current=True)

    found = records.account_of(records.entry(obj), SHOP).status
    assert found is not None
    assert later == found.release


def test_the_revision_that_a_release_brings_is_with_it() -> None:
    assert builders.revision() == records.revision_of(records.entry(kept(status())))


def test_what_is_trimmed_says_the_same_as_the_whole() -> None:
    whole = kept(status())
    trimmed = records.trim(whole)

    assert records.entry(whole) == records.entry(trimmed)
    assert len(msgspec.json.encode(whole)) > 2 * len(records.entry(trimmed).packed)


def test_a_release_without_a_status_never_began() -> None:
    obj = kept(status())
    del obj["status"]
    entry = records.entry(obj)

    assert not entry.began
    assert records.account_of(entry, SHOP).status is None


@pytest.mark.parametrize(
    ("part", "value", "problem"),
    [
        ("state", {"progress": {"phase": "Dancing"}}, "Dancing"),
        ("judge", "not base64", "status.judge"),
    ],
)
def test_what_is_damaged_is_refused_with_its_place(part: str, value: Any, problem: str) -> None:
    obj = kept(status())
    obj["status"][part] = value

    with pytest.raises(Rejected, match="Release team/shop-7 cannot be read") as refusal:
        records.account_of(records.entry(obj), SHOP)
    assert problem in refusal.value.why


@pytest.mark.anyio
async def test_all_that_a_release_of_ten_replicas_remembers_is_small() -> None:
    film = Film(
        scenes.good, scenes.canary(hold_s=600), replicas=10, rate=200, bounds_ms=(250,), tick_s=5.0
    )
    film.deploy("v1")
    await film.finish()
    film.deploy("v2")
    largest = 0
    for _ in range(30):
        await film.run(60)
        memory = await film.store.judge(film.key)
        assert memory is not None
        found = await film.status()
        assert found.release is not None
        largest = max(largest, len(records.packed(memory)) + len(msgspec.json.encode(found)))

    assert 10_000 > largest
