from typing import Any

import pytest

from serinus.app import reach

KNOWN = ("dev", "prod")


def document(spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"kind": "Application", "metadata": {"name": "shop", **metadata}, "spec": spec}


BASE: dict[str, Any] = {
    "version": "v1",
    "delivery": {"template": "canary-fast", "parameters": {"bake": "1m"}},
    "environments": {"prod": {"version": "v0", "delivery": {"parameters": {"bake": "9m"}}}},
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"version": "v2"}, {"dev"}),
        ({"replicas": 2}, {"dev", "prod"}),
        ({"delivery": {"template": "canary-fast", "parameters": {"bake": "2m"}}}, {"dev"}),
        ({"delivery": {"template": "canary-fast"}}, {"dev"}),
        ({"delivery": None}, {"dev", "prod"}),
        ({"environments": {}}, {"prod"}),
        ({"environments": {**BASE["environments"], "dev": {"version": "v1"}}}, set()),
        ({"environments": {**BASE["environments"], "eu": {"version": "v3"}}}, {"eu"}),
        ({"environments": {"prod": None}}, {"prod"}),
        ({"environments": {"prod": {**BASE["environments"]["prod"], "replicas": None}}}, {"prod"}),
    ],
)
def test_a_change_reaches_the_environments_that_say_something_else_then(
    changes: dict[str, Any], expected: set[str]
) -> None:
    assert expected == reach.changed(document(BASE), document(BASE | changes), KNOWN)


def test_what_is_said_outside_the_spec_reaches_all_environments() -> None:
    found = reach.changed(document(BASE), document(BASE, labels={"tier": "1"}), KNOWN)

    assert {"dev", "prod"} == found


@pytest.mark.parametrize(
    ("before", "after"), [(None, document(BASE)), (document(BASE), None), (None, None)]
)
def test_what_is_new_or_gone_or_cannot_be_read_reaches_all_environments(
    before: Any, after: Any
) -> None:
    assert set(KNOWN) == reach.changed(before, after, KNOWN)


@pytest.mark.parametrize("damaged", [{"spec": 3}, {"spec": {"environments": [1]}}, {}])
def test_a_document_of_another_form_is_compared_as_it_is(damaged: dict[str, Any]) -> None:
    assert {"dev", "prod"} == reach.changed(document(BASE), damaged, KNOWN)
    assert set() == reach.changed(damaged, damaged, KNOWN)


def test_a_null_below_a_patch_is_not_the_same_as_nothing() -> None:
    """``delivery: null`` takes away what a template says before prod's part is put there."""
    own = {"delivery": {"parameters": {"bake": "9m"}}}
    nothing, null = (
        document({**said, "environments": {"prod": own}}) for said in ({}, {"delivery": None})
    )

    assert {"dev", "prod"} == reach.changed(nothing, null, KNOWN)
