"""Whatever stands in a document, its form can be shown, and what was not touched stays."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.adapters.local import amending, documents, layout
from serinus.app import configuration, form, secrecy
from serinus.core.spec import patch
from serinus.core.spec.place import Place
from serinus.ports import failures
from tests.app import forms
from tests.app.test_form import sent

JUNK: list[Any] = [
    *(None, True, 3, 1.5, "", "x", "a b: c", "${start}", "-", "two\nlines\n", "é"),
    *([], ["a"], [None], [["a"]], {}, {"a": 1}, {"name": "x"}),
    *({"errors": {"slo": {"max": 3}}}, [{"errors": {"slo": {"max": "1%"}}}]),
    *([{"approval": {}}], [{"gates": [{"approval": {}}], "traffic": {"candidate": "5%"}}]),
]
KEYS = (
    *("spec", "workload", "command", "args", "env", "pod", "containers", "health", "resources"),
    *("delivery", "template", "parameters", "bake", "checks", "plan", "environments", "prod"),
    *("version", "route", "host", "name", "metadata", "secrets", "workloadRef", "replicas"),
)


def places(value: Any, where: Place = ()) -> Iterator[Place]:
    if where:
        yield where
    below: Any = ()
    if isinstance(value, dict | list):
        below = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in below:
        yield from places(inner, (*where, key))


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """The shop, with something else in a few of its places."""
    data = forms.reviewed(forms.SHOP).data
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(list(places(data))))
        if draw(st.booleans()) and isinstance(where[-1], str):
            where = (*where[:-1], draw(st.sampled_from(KEYS)))
        data = patch.changed(data, where, draw(st.sampled_from(JUNK)))
    return data


@settings(max_examples=40)
@given(damaged(), st.sampled_from(["", "prod"]))
def test_whatever_is_written_has_a_form_that_changes_nothing_by_itself(
    data: Any, environment: str
) -> None:
    text = layout.block(data, 0)
    assert data == documents.parse(text).documents[0].data
    reviewed = forms.reviewed(text)

    shown = form.fields(reviewed, forms.LIBRARY, environment=environment)

    same = form.changes(reviewed, forms.LIBRARY, sent(shown), environment=environment)
    assert () == same
    configuration.settings(reviewed, forms.LIBRARY, environment or "local")
    marked = amending.amend(text, secrecy.hidden(data))
    again = forms.reviewed(marked).data
    assert data == forms.reviewed(amending.amend(marked, secrecy.restored(again, data))).data


@settings(max_examples=25)
@given(damaged(), st.sampled_from(["", "prod"]), st.integers(0, 9))
def test_whatever_is_typed_is_written_or_refused(data: Any, environment: str, some: int) -> None:
    text = layout.block(data, 0)
    reviewed = forms.reviewed(text)
    shown = form.fields(reviewed, forms.LIBRARY, environment=environment)
    typed = {field.name: ["5"] for field in shown.fields[some::10]}

    try:
        edits = form.changes(reviewed, forms.LIBRARY, typed, environment=environment)
        after = forms.reviewed(amending.amend(text, edits))
    except failures.Rejected:
        return

    assert after.data is not None
