from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.local import amending, documents, layout
from serinus.core.spec import patch
from serinus.ports import failures
from serinus.ports.documents import Edit

TEXT = """\
# The shop.
spec:
  version: v1   # what serves
  workload:
    # Starts it.
    command: [./shop, --port]
    env:
      # whom to greet
      NAME: anna  # always
      MODE: "on"
    health: {path: /healthz, every: 2s}
    replicas:
  delivery:
    checks:
    - use: golden-signals
    # the floor
    - name: limit
      errors: {slo: {max: 1%}}
"""


@pytest.mark.parametrize(
    ("place", "value", "old", "new"),
    [
        (("spec", "version"), "v2", "version: v1 ", "version: v2 "),
        (("spec", "workload", "env", "NAME"), "true", "NAME: anna ", 'NAME: "true" '),
        (("spec", "workload", "replicas"), 3, "replicas:\n", "replicas: 3\n"),
        (
            ("spec", "workload", "env", "NEW"),
            "a b",
            '      MODE: "on"\n',
            '      MODE: "on"\n      NEW: "a b"\n',
        ),
        (("spec", "workload", "health", "timeout"), "3s", "every: 2s}", "every: 2s, timeout: 3s}"),
        (("spec", "workload", "command"), ["./b"], "[./shop, --port]", "[./b]"),
        (
            ("spec", "workload", "resources", "cpu"),
            "100m",
            "    replicas:\n",
            "    replicas:\n    resources:\n      cpu: 100m\n",
        ),
        (
            ("spec", "workload", "replicas"),
            {"a": {"b": 1}},
            "    replicas:\n",
            "    replicas:\n      a:\n        b: 1\n",
        ),
        (("spec", "delivery", "checks", 1, "errors", "slo", "max"), "2%", "max: 1%", "max: 2%"),
        (
            ("spec", "delivery", "checks", 2),
            {"name": "slow", "limit": "300ms"},
            "      errors: {slo: {max: 1%}}\n",
            "      errors: {slo: {max: 1%}}\n    - {name: slow, limit: 300ms}\n",
        ),
        (
            ("spec", "workload", "env"),
            ["a"],
            '    env:\n      # whom to greet\n      NAME: anna  # always\n      MODE: "on"\n',
            "",
        ),
        (("spec", "version"), {"a": 1}, "  version: v1 ", "  version:\n    a: 1 "),
        (("spec", "workload", "health"), "/", "{path: /healthz, every: 2s}", "/"),
    ],
)
def test_a_value_is_set_and_nothing_else(
    place: tuple[str | int, ...], value: object, old: str, new: str
) -> None:
    if not new:
        with pytest.raises(failures.Rejected, match="cannot be changed by a form"):
            amending.amend(TEXT, [Edit(place, value)])
        return

    assert TEXT.replace(old, new) == amending.amend(TEXT, [Edit(place, value)])


@pytest.mark.parametrize(
    ("place", "old", "new"),
    [
        (("spec", "version"), "  version: v1   # what serves\n", ""),
        (("spec", "workload", "env", "NAME"), "      NAME: anna  # always\n", ""),
        (("spec", "workload", "health", "path"), "path: /healthz, ", ""),
        (("spec", "workload", "health", "every"), ", every: 2s", ""),
        (("spec", "workload", "command", 1), ", --port", ""),
        (("spec", "workload", "replicas"), "    replicas:\n", ""),
        (("spec", "delivery", "checks", 0), "    - use: golden-signals\n", ""),
        (
            ("spec", "delivery", "checks", 1, "name"),
            "    - name: limit\n      errors",
            "    - errors",
        ),
        (("spec", "delivery", "checks", 0, "use"), "- use: golden-signals", "- {}"),
        (("spec", "delivery", "checks", 1, "errors", "slo", "max"), "{max: 1%}", "{}"),
        (
            ("spec", "delivery"),
            TEXT[TEXT.index("  delivery") :],
            "",
        ),
    ],
)
def test_a_value_is_taken_away_and_nothing_else(
    place: tuple[str | int, ...], old: str, new: str
) -> None:
    assert TEXT.replace(old, new) == amending.amend(TEXT, [Edit(place)])


def test_the_last_of_a_list_leaves_an_empty_one() -> None:
    assert "a: []\nb: 1\n" == amending.amend("a:\n- c\nb: 1\n", [Edit(("a", 0))])


def test_a_key_is_called_otherwise_in_its_place() -> None:
    edits = [
        Edit(("spec", "workload", "env", "NAME"), name="WHOM"),
        Edit(("spec", "workload", "env", "WHOM"), "bob"),
    ]

    assert TEXT.replace("NAME: anna", "WHOM: bob") == amending.amend(TEXT, edits)


def test_a_list_in_lines_is_replaced_and_one_in_nothing_gets_its_first() -> None:
    text = "spec:\n  command:\n  - ./shop\n  - --port\n  files: []\n  env: {}\n"

    found = amending.amend(
        text,
        [
            Edit(("spec", "command"), ["./b"]),
            Edit(("spec", "files", 0), "a.txt"),
            Edit(("spec", "env", "A"), "1"),
        ],
    )

    assert 'spec:\n  command: [./b]\n  files: [a.txt]\n  env: {A: "1"}\n' == found


def test_the_last_line_may_have_no_end_and_lines_may_end_as_elsewhere() -> None:
    assert "a: 1\nb: 2\n" == amending.amend("a: 1", [Edit(("b",), 2)])
    assert "a:\r\n  b: 1\r\n  c:\r\n    d: 2\r\n" == amending.amend(
        "a:\r\n  b: 1\r\n", [Edit(("a", "c"), {"d": 2})]
    )


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("a: &x {b: 1}\nc: *x\n", Edit(("c", "b"), 2)),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", Edit(("c", "b"))),
        ("a: 1\n---\nb: 1\n", Edit(("a",), 2)),
        ("a: [1\n", Edit(("a",), 2)),
        ("a: 1\n", Edit(("b",))),
        ("a: 1\n", Edit(("a", "b"))),
        ("a: [1]\n", Edit(("a", 3), 2)),
        ("a:\n- [1]\n", Edit(("b",), name="c")),
        ('"\\x61": 1\n', Edit(("a",), name="c")),
        ("", Edit(("a",), 1)),
    ],
)
def test_what_cannot_be_changed_safely_is_refused(text: str, change: Edit) -> None:
    with pytest.raises(failures.Rejected, match="cannot be changed by a form"):
        amending.amend(text, [change])


KEYS = st.sampled_from("abc")
TREES = st.recursive(
    st.sampled_from([None, True, 7, "x", "a: b", "#", "- a", "two\nlines"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Any, Edit]:
    data = {"top": draw(TREES), "last": 1}
    text = layout.flow(data) + "\n" if draw(st.booleans()) else layout.block(data, 0)
    node: Any = data
    where: list[str | int] = []
    while isinstance(node, dict | list) and (not where or draw(st.booleans())):
        known = list(node) if isinstance(node, dict) else [*range(len(node))]
        key = draw(st.sampled_from(known) if known else st.just("new"))
        if isinstance(node, list) and not known:
            key = 0
        where.append(key)
        node = node[key] if known else None
    value = draw(st.just(msgspec.UNSET) | TREES) if node is not None else draw(TREES)
    return text, data, Edit(tuple(where), value)


@given(changes())
def test_whatever_is_changed_is_what_is_read_afterwards(change: tuple[str, Any, Edit]) -> None:
    text, data, edit = change

    try:
        after = amending.amend(text, [edit])
    except failures.Rejected:
        return

    assert patch.changed(data, edit.place, edit.value) == documents.parse(after).documents[0].data
