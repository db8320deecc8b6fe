"""
What every router promises that takes part in a user's object: the laws of routers hold there too.

The objects are those that the cases called ``theirs`` have before the application comes.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.state.traffic import Document, Feature, Ref
from tests.conformance.routes import KEY, routes
from tests.conformance.test_routers import (
    FOLDERS,
    apply,
    documents,
    load,
    set_up,
    through_json,
)

CASES = sorted(FOLDERS.glob("*/cases/theirs.yaml"))
WEIGHTS = Feature.WEIGHT | Feature.MANY


def given_in(case: Any) -> tuple[Any, dict[Ref, Document]]:
    return set_up(case["router"], case), documents(case["given"])


@pytest.fixture(params=CASES, ids=lambda p: p.parent.parent.name, scope="module")
def case(request: pytest.FixtureRequest) -> Any:
    path: Path = request.param
    return load(path) | {"router": path.parent.parent.name}


@given(data=st.data())
def test_what_is_written_into_a_users_object_is_read_back(case: Any, data: st.DataObject) -> None:
    router, theirs = given_in(case)
    route = data.draw(routes(WEIGHTS & router.features))

    found = through_json(apply(theirs, router.render(KEY, route, theirs)))

    assert route == router.read(KEY, found)
    assert found == through_json(apply(found, router.render(KEY, route, found)))


@given(data=st.data())
def test_a_users_object_comes_back_whatever_was_written_into_it(
    case: Any, data: st.DataObject
) -> None:
    router, theirs = given_in(case)
    found = theirs
    for route in data.draw(st.lists(routes(WEIGHTS & router.features), min_size=1, max_size=3)):
        found = through_json(apply(found, router.render(KEY, route, found)))

    left = apply(found, router.render(KEY, None, found))

    assert through_json(theirs) == left
