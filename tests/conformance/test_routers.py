"""
What every router promises, found by folder listing.

A router is a file of ``serinus/adapters/routers``. Its folder below ``tests/adapters/routers`` has
``world.yaml`` (documents that are not its own) and ``cases/*.yaml``: given → wanted → expected.
"""

import functools
import importlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from serinus.adapters import routers
from serinus.adapters.kubernetes import kinds, rights
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.boot import routing, watched
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref, Route
from serinus.ports.router import Router
from tests.conformance.routes import KEY, routes

PAGES = Path(__file__).parent.parent.parent / "docs" / "reference" / "routers"
FOLDERS = Path(__file__).parent.parent / "adapters" / "routers"
NAMES = sorted(
    path.stem for path in Path(routers.__path__[0]).glob("*.py") if path.stem != "__init__"
)
OTHER = Key("blog", "local")
CASES = [
    pytest.param(name, path, id=f"{name}-{path.stem}")
    for name in NAMES
    for path in sorted((FOLDERS / name / "cases").glob("*.yaml"))
]
CLUSTERS = [case for case in CASES if case.values[0] in routing.names()]


def make(name: str) -> Router:
    router: Router = importlib.import_module(f"serinus.adapters.routers.{name}").Router()
    return router


def set_up(name: str, case: Any) -> Router:
    """Make a router of a cluster as a case says: ``settings`` of its own, and its ``site``."""
    if not case.keys() & {"settings", "site"}:
        return make(name)
    module = importlib.import_module(f"serinus.adapters.routers.{name}")
    settings = msgspec.convert(case.get("settings", {}), module.Settings)
    router: Router = module.Router(settings, msgspec.convert(case.get("site", {}), Site))
    return router


def load(path: Path) -> Any:
    assert path.exists(), f"want {path}"
    return YAML(typ="safe", pure=True).load(path)


@functools.cache
def world(name: str) -> dict[Ref, Document]:
    """Return the documents of others beside which a router works."""
    return documents(load(FOLDERS / name / "world.yaml"))


def documents(found: Any) -> dict[Ref, Document]:
    return {Ref(entry["kind"], entry["name"]): entry["document"] for entry in found or ()}


def apply(found: Documents, changes: dict[Ref, Document | None]) -> dict[Ref, Document]:
    merged = {**found, **changes}
    return {ref: document for ref, document in merged.items() if document is not None}


def through_json(found: Documents) -> dict[Ref, Document]:
    """Documents live on disk or behind an API: only what JSON can say is kept."""
    return {ref: msgspec.json.decode(msgspec.json.encode(d)) for ref, d in found.items()}


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_what_is_rendered_is_read_back(name: str, data: st.DataObject) -> None:
    router = make(name)
    route = data.draw(routes(router.features))

    rendered = through_json(apply({}, router.render(KEY, route, {})))

    assert route == router.read(KEY, rendered)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_way_there_does_not_matter(name: str, data: st.DataObject) -> None:
    router = make(name)
    first, second = data.draw(routes(router.features)), data.draw(routes(router.features))
    straight = apply({}, router.render(KEY, second, {}))

    between = through_json(apply({}, router.render(KEY, first, {})))

    assert straight == apply(between, router.render(KEY, second, between))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_rendering_what_is_there_changes_nothing(name: str, data: st.DataObject) -> None:
    router = make(name)
    route = data.draw(routes(router.features))
    found = through_json(apply({}, router.render(KEY, route, {})))

    assert found == through_json(apply(found, router.render(KEY, route, found)))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_what_is_not_ours_is_left_as_found(name: str, data: st.DataObject) -> None:
    router = make(name)
    route = data.draw(st.none() | routes(router.features))
    theirs = world(name)
    before = router.read(OTHER, theirs)

    after = apply(theirs, router.render(KEY, route, theirs))

    assert before is not None
    assert before == router.read(OTHER, after)
    assert theirs.items() <= after.items()
    assert route == router.read(KEY, after)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_removing_leaves_nothing(name: str, data: st.DataObject) -> None:
    router = make(name)
    route = data.draw(routes(router.features))
    found = apply({}, router.render(KEY, route, {}))

    left = apply(found, router.render(KEY, None, found))

    assert {} == left
    assert router.read(KEY, left) is None


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_what_is_rendered_is_among_the_documents_of_the_application(
    name: str, data: st.DataObject
) -> None:
    router = make(name)
    route = data.draw(routes(router.features))
    asked = router.refs(KEY)

    found = apply({}, router.render(KEY, route, {}))

    assert [] == [ref for ref in found if not any(a.covers(ref) for a in asked)]


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_routes_are_drawn_within_the_features_of_a_router(name: str, data: st.DataObject) -> None:
    features = make(name).features

    assert data.draw(routes(features)).needs() in features


@pytest.mark.parametrize("name", NAMES)
def test_every_router_has_cases(name: str) -> None:
    assert list((FOLDERS / name / "cases").glob("*.yaml")), f"want {FOLDERS / name / 'cases'}"


@pytest.mark.parametrize(("name", "path"), CASES)
def test_given_and_wanted_make_the_expected(name: str, path: Path) -> None:
    case = load(path)
    found = documents(case["given"])
    wanted = msgspec.convert(case["wanted"], Route | None, strict=False)

    rendered = set_up(name, case).render(KEY, wanted, found)

    assert documents(case["expected"]) == apply(found, rendered)


@pytest.mark.parametrize(("name", "path"), CLUSTERS)
def test_every_kind_that_is_asked_for_is_watched_and_may_be_written(name: str, path: Path) -> None:
    asked = {ref.kind for ref in set_up(name, load(path)).refs(KEY)} - {"Service"}

    allowed = {
        (rule["apiGroups"][0], plural): set(rule["verbs"])
        for rule in rights.namespaced((name,))
        for plural in rule["resources"]
    }
    assert asked <= set(watched.routing_kinds((name,)))
    for kind in map(kinds.of, asked):
        assert {*rights.READ, *rights.WRITE} <= allowed.get((kind.group, kind.plural), set())


@pytest.mark.parametrize("name", routing.names())
def test_every_router_of_a_cluster_has_its_page_from_the_skeleton(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text()

    headings = [line for line in page.splitlines() if line.startswith("## ")]
    own = [h for h in headings if not h.endswith(" of yours")]
    assert ["## Settings", "## What is written", "## Good to know", "## In full"] == own
    assert page.endswith(f"```{{include}} parts/{name}.md\n```\n")
