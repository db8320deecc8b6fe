from typing import Any

import pytest

from serinus.app import secrecy
from serinus.core.spec import patch
from tests.adapters.local.written import SHOP

PEM = "-----BEGIN {0}-----\nabc\n-----END {0}-----\n".format("PRIVATE " + "KEY")


def document(**env: Any) -> dict[str, Any]:
    return {"spec": {"workload": {"env": env}}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("API_TOKEN", 1234),
        ("DB", "postgres://app:hunter2@db/shop"),
        ("DB", "redis://:hunter2@db"),
        ("REPOSITORY", "https://ghp_hunter2@example.com/shop"),
        ("HOOK", "https://example.com/?api_key=hunter2"),
        ("ARGS", "./shop --db-password=hunter2"),
        ("KEYS", PEM),
    ],
)
def test_a_secret_is_known_by_its_name_or_by_its_value(name: str, value: Any) -> None:
    data = document(**{name: value, "MODE": "fast"})

    assert [(("spec", "workload", "env", name), value)] == [
        (one.place, one.value) for one in secrecy.found(data)
    ]
    assert document(**{name: secrecy.MARK, "MODE": "fast"}) == secrecy.veiled(data)


@pytest.mark.parametrize("value", ["fast", "https://example.com/a@b", "a@example.com", "", None])
def test_other_values_are_shown(value: Any) -> None:
    assert () == secrecy.found(document(MODE=value))


def test_an_item_of_a_list_is_known_by_its_name() -> None:
    listed = {"containers": [{"name": "app", "env": [{"name": "A_TOKEN", "value": "hush"}]}]}
    renamed = {"containers": [{"name": "app", "env": [{"name": "A", "value": secrecy.MARK}]}]}

    assert [("containers", 0, "env", 0, "value")] == [one.place for one in secrecy.found(listed)]
    assert () == secrecy.restored(renamed, listed)
    assert [("containers", 0, "env", 0, "value")] == list(secrecy.lost(renamed, listed))


def test_a_mark_stands_for_the_value_of_its_own_place_alone() -> None:
    before = document(DB_PASSWORD="hunter2")
    moved = document(COPY=secrecy.MARK, OTHER_PASSWORD=secrecy.MASK)

    (edit,) = secrecy.restored(secrecy.veiled(before), before)
    assert "hunter2" == edit.value
    assert () == secrecy.restored(moved, before)
    assert ["COPY", "OTHER_PASSWORD"] == [where[-1] for where in secrecy.lost(moved, before)]


def test_marks_tell_values_apart_and_nothing_else() -> None:
    one, same, other = (secrecy.told(value) for value in ("hunter2", "hunter2", "hunter3"))

    assert one == same != other
    assert "hunter" not in one
    assert "fast" == secrecy.shown("MODE", "fast")


def test_lines_of_files_have_marks_as_well() -> None:
    text = f"mode = fast\nDB_PASSWORD=hunter2\nurl: http://a:hunter2@b\n{PEM}port = 1"

    found = list(secrecy.lines(text.splitlines()))
    assert ["mode = fast", "port = 1"] == [line for line in found if secrecy.MARK not in line]
    assert not any("hunter2" in line or "abc" in line for line in found)


def test_what_is_no_document_has_no_secrets() -> None:
    nothing: list[Any] = [None, 3, [], {"spec": 3}, SHOP]
    for damaged in nothing:
        assert () == secrecy.hidden(damaged)
    assert {"a": 1} == patch.changed({}, ("a",), 1)
