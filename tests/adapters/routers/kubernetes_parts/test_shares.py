from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.routers.kubernetes_parts import shares

ROOT = "shop"
OLD, NEW = "shop-0123456789", "shop-9876543210"
WORDS = shares.Words(
    field="to",
    service=lambda target: target.get("name"),
    weight=lambda target, _: int(target.get("weight", 1)),
    target=lambda target, name, weight: {**target, "name": name, "weight": weight},
    most=10_000,
)


def rule(path: str, **weights: int) -> dict[str, Any]:
    return {"path": path, "to": [{"name": name, "weight": w} for name, w in weights.items()]}


def divided(rules: list[Any], new: int) -> tuple[list[Any], tuple[shares.Kept, ...]]:
    found, kept = shares.divided(rules, ROOT, [(OLD, 1000 - new), (NEW, new)], WORDS)
    return [dict(r) for r in found], kept


def weights(rule: Mapping[str, Any]) -> dict[str, int]:
    return {target["name"]: target["weight"] for target in rule["to"]}


RULES = st.lists(
    st.builds(
        lambda path, found: {"path": path, "to": found},
        st.sampled_from(["/", "/api", "/admin"]),
        st.lists(
            st.builds(
                lambda name, weight: (
                    {"name": name} | ({} if weight is None else {"weight": weight})
                ),
                st.sampled_from([ROOT, "admin", "legacy"]),
                st.none() | st.integers(0, 100),
            ),
            max_size=4,
        ),
    ),
    max_size=4,
)


@given(rules=RULES, new=st.integers(0, 1000))
def test_what_was_there_is_put_back_exactly(rules: list[Any], new: int) -> None:
    found, kept = divided(rules, new)

    assert tuple(rules) == shares.restored(found, ROOT, kept, WORDS)


@given(rules=RULES, new=st.integers(0, 1000))
def test_other_targets_get_what_they_got(rules: list[Any], new: int) -> None:
    found, _ = divided(rules, new)

    for before, after in zip(rules, found, strict=True):
        whole = sum(WORDS.weight(t, 1) for t in before["to"])
        now = sum(WORDS.weight(t, 1) for t in after["to"])
        others = [t for t in before["to"] if t["name"] != ROOT]
        same = [t for t in after["to"] if t["name"] not in {OLD, NEW, ROOT}]
        assert [t["name"] for t in others] == [t["name"] for t in same]
        assert [WORDS.weight(t, 1) * now for t in others] == [
            WORDS.weight(t, 1) * whole for t in same
        ]


@given(rules=RULES, new=st.integers(0, 1000))
def test_what_was_divided_is_read_back(rules: list[Any], new: int) -> None:
    told = {OLD: 1000 - new, NEW: new}
    found, kept = divided(rules, new)

    each = shares.shares(found, ROOT, WORDS)

    assert (told if kept else {}) == shares.agreed(each, told, root=ROOT, called=OLD)


def test_an_application_that_is_alone_in_its_rule_is_divided_per_mille() -> None:
    (found,), _ = divided([rule("/", shop=1)], 7)

    assert {OLD: 993, NEW: 7} == weights(found)


def test_weights_of_others_are_multiplied_no_more_than_needed() -> None:
    (found,), _ = divided([rule("/", shop=90, legacy=10)], 100)

    assert {OLD: 81, NEW: 9, "legacy": 10} == weights(found)


def test_weights_beyond_what_is_allowed_are_rounded_instead() -> None:
    (found,), _ = divided([rule("/", shop=90, legacy=2000)], 7)

    assert {OLD: 89, NEW: 1, "legacy": 2000} == weights(found)


def test_rules_that_do_not_name_the_application_are_the_same_values() -> None:
    admin, off = rule("/admin", admin=1), rule("/off", shop=0, admin=1)

    found, kept = divided([admin, off], 70)

    assert [admin, off] == found
    assert () == kept


def test_a_rule_that_was_moved_is_still_known() -> None:
    api = {"path": "/api", "to": [{"name": ROOT, "timeout": 1}]}
    found, kept = divided([rule("/", shop=3), api], 70)

    moved = shares.restored([rule("/new", admin=1), *reversed(found)], ROOT, kept, WORDS)

    assert (rule("/new", admin=1), api, rule("/", shop=3)) == moved


def test_a_rule_whose_words_were_changed_is_known_by_its_place() -> None:
    found, kept = divided([rule("/", shop=3)], 70)

    changed = shares.restored([{**found[0], "path": "/shop"}], ROOT, kept, WORDS)

    assert (rule("/shop", shop=3),) == changed


def test_a_target_that_was_added_meanwhile_stays() -> None:
    (found,), kept = divided([rule("/", shop=9, legacy=1)], 70)
    added = {**found, "to": [*found["to"], {"name": "fresh", "weight": 200}]}

    assert (rule("/", shop=9, legacy=1, fresh=2),) == shares.restored([added], ROOT, kept, WORDS)


def test_without_a_memory_the_application_gets_what_its_revisions_have() -> None:
    (found,), _ = divided([rule("/", shop=9, legacy=1)], 70)

    assert (rule("/", shop=900, legacy=100),) == shares.restored([found], ROOT, (), WORDS)


@pytest.mark.parametrize("other", [{OLD: 1000, NEW: 0}, {OLD: 999, NEW: 1}, {OLD: 1}])
def test_a_rule_that_does_not_do_what_was_told_is_what_is_read(other: dict[str, int]) -> None:
    told = {OLD: 930, NEW: 70}

    assert other == shares.agreed([told, other], told, root=ROOT, called=OLD)


def test_a_root_that_was_put_back_leads_to_the_revision_that_it_calls() -> None:
    told = {OLD: 1000, NEW: 0}

    assert told == shares.agreed([{ROOT: 1}], told, root=ROOT, called=OLD)
    assert {OLD: 1} == shares.agreed([{ROOT: 1}], {OLD: 930, NEW: 70}, root=ROOT, called=OLD)
