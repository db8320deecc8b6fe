from typing import Any

from serinus.adapters.kubernetes import remembered
from serinus.adapters.kubernetes.remembered import Remembered
from serinus.core.spec import effective, resolve
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Library
from tests.core.spec import documents

LIBRARY = documents.library()


def resolved(memory: Remembered, library: Library = LIBRARY, **delivery: Any) -> Any:
    data = documents.delivered(**delivery)
    found = effective.effective(data, "prod", library, Limits(), resolving=memory)
    return found.delivery


def test_the_same_wishes_over_the_same_templates_are_resolved_once() -> None:
    memory = Remembered()
    first = resolved(memory, parameters={"bake": "1m"})

    assert first is resolved(memory, parameters={"bake": "1m"})
    assert 1 == memory.asked
    assert first == resolved(Remembered(), parameters={"bake": "1m"})


def test_other_wishes_and_other_templates_are_resolved_anew() -> None:
    memory = Remembered()
    resolved(memory)
    resolved(memory, parameters={"bake": "1m"})
    resolved(memory, documents.library(documents.template()))

    assert 3 == memory.asked


def test_what_is_remembered_is_what_would_be_resolved() -> None:
    wrong = documents.delivered(template="canarry")
    found = [
        effective.effective(wrong, "prod", LIBRARY, Limits(), resolving=resolving)
        for resolving in (Remembered(), resolve.resolve)
    ]

    assert found[0] == found[1]


def test_so_many_are_remembered_at_most(monkeypatch: Any) -> None:
    monkeypatch.setattr(remembered, "MOST", 1)
    memory = Remembered()
    for bake in ("1m", "2m", "1m"):
        resolved(memory, parameters={"bake": bake})

    assert 3 == memory.asked
