import pytest
from starlette.exceptions import HTTPException

from serinus.adapters.memory.clock import Clock
from serinus.interfaces.api import pace
from serinus.interfaces.api.pace import Pace


def test_a_person_may_ask_for_many_things_and_then_waits() -> None:
    clock = Clock()
    bucket = Pace(clock)
    for _ in range(pace.BURST):
        bucket.take("ada")

    with pytest.raises(HTTPException) as refused:
        bucket.take("ada")
    bucket.take("bob")
    clock.move(pace.EVERY_S)
    bucket.take("ada")

    assert (429, "2") == (refused.value.status_code, (refused.value.headers or {})["Retry-After"])


def test_a_crowd_of_names_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST", 3)
    bucket = Pace(Clock())
    for name in "abcdefg":
        bucket.take(name)

    assert len(bucket._left) <= 3
