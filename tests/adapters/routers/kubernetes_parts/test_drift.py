from typing import Any

import pytest

from serinus.adapters.routers.kubernetes_parts import drift


@pytest.mark.parametrize(
    ("wanted", "found", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "filled": "in"}, True),
        ({"a": 1}, {"a": 1, "filters": []}, True),
        ({"a": [{"b": {"c": 1}}]}, {"a": [{"b": {"c": 1, "filters": []}}]}, False),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "filled": "in"}]}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "filters": []}]}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": [1]}, {"a": 1}, False),
        ({"a": 1}, {}, False),
        ({"a": {}}, {"a": 2}, False),
        ({"a": 1}, None, False),
    ],
)
def test_what_a_server_fills_in_and_what_others_own_is_no_drift(
    *, wanted: Any, found: Any, same: bool
) -> None:
    assert same is drift.same(wanted, found)
