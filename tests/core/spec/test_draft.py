import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec import draft, review, timeline
from serinus.core.spec.application import Application, Environment
from serinus.core.spec.draft import Draft
from tests.core.spec import documents

WHOLE = Draft(
    "shop",
    command="./shop --port ${port} 'two words'",
    files=("pages", "on"),
    workdir="..",
    version="1.10",
    health=None,
    replicas=3,
    env=(("MODE", "on"), ("EMPTY", ""), ("ODD", 'a: "b" # c')),
    cpu="500m",
    memory="256Mi",
    template="canary-fast",
    major="1",
    about="Canary:\n5 %",
    latency="250ms",
    errors="1%",
    image="registry/shop:1",
)


def read(written: Draft) -> Application:
    found, told = review.document(documents.read(draft.text(written)))
    assert () == told
    assert isinstance(found, Application)
    return found


def test_the_smallest_draft_is_an_application_that_can_be_released() -> None:
    written = Draft("shop", command="./shop")

    assert "shop" == read(written).metadata.name
    assert documents.resolved(documents.read(draft.text(written))).usable


def test_every_answer_is_in_the_file() -> None:
    spec = read(WHOLE).spec

    assert ["./shop", "--port", "${port}", "two words"] == spec.workload.command
    assert (["pages", "on"], "..", "1.10", 3) == (
        spec.workload.files,
        spec.workload.workdir,
        spec.version,
        spec.workload.replicas,
    )
    assert dict(WHOLE.env) == spec.workload.env
    assert {"cpu": "500m", "memory": "256Mi"} == spec.workload.resources
    assert spec.workload.health.path is None
    assert {"prod": {"workload": {"image": "registry/shop:1", "workdir": "."}}} == spec.environments
    found = documents.resolved(documents.read(draft.text(WHOLE)))
    assert found.delivery is not None
    assert ("canary-fast", {"errors", "latency", "limit"}) == (
        found.delivery.template,
        {check.name for check in found.delivery.checks},
    )


def test_a_latency_bound_alone_is_a_parameter() -> None:
    spec = read(msgspec.structs.replace(WHOLE, errors="")).spec

    assert {"latencyBound": "250ms"} == spec.delivery.parameters
    assert 8080 == read(Draft("shop", command="x", port=8080)).spec.workload.port


def test_a_file_tells_its_reader_what_its_fields_are() -> None:
    lines = draft.text(WHOLE).splitlines()

    assert all(len(line) <= 100 for line in lines)
    assert "    # Canary: 5 %" in lines
    assert "    # How many serve while no release is on its way." in lines


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"name": "My Shop"}, "metadata.name"),
        ({"command": ""}, "spec.workload.command"),
        ({"command": "./shop 'x"}, "spec.workload.command"),
        ({"port": "all"}, "spec.workload.port"),
        ({"replicas": 0}, "spec.workload.replicas"),
        ({"health": "no path"}, "spec.workload.health.path"),
        ({"version": "no version"}, "spec.version"),
        ({"env": (("1", ""),)}, 'spec.workload.env["1"]'),
        ({"memory": "much"}, "spec.workload.resources.memory"),
    ],
)
def test_a_wrong_answer_is_left_to_the_review(answer: dict[str, object], place: str) -> None:
    written = msgspec.structs.replace(Draft("shop", command="./shop"), **answer)
    told = review.document(documents.read(draft.text(written)))[1]

    assert [place] == [problem.path for problem in told]


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)


@given(_TEXTS, _TEXTS, st.lists(st.tuples(_TEXTS, _TEXTS), max_size=2))
def test_whatever_is_said_the_file_says_that(
    name: str, value: str, env: list[tuple[str, str]]
) -> None:
    unlike = {key: text for key, text in env if key}
    written = Draft(name, command="x", version=value, about=value, env=tuple(unlike.items()))
    data = documents.read(draft.text(written))

    assert (name, value) == (data["metadata"]["name"], data["spec"]["version"])
    assert unlike == (data["spec"]["workload"].get("env") or {})


def test_an_environment_for_trying_out_is_right() -> None:
    found, told = review.document(documents.read(draft.environment("local")))

    assert isinstance(found, Environment)
    assert ((), "local") == (told, found.metadata.name)
    quick = documents.resolved(
        documents.read(draft.text(Draft("shop", command="x"))),
        documents.read(draft.environment("local")),
    )
    assert quick.delivery is not None
    assert (5.0, 85.0) == (
        quick.delivery.warmup_s,
        timeline.fastest(timeline.timeline(quick.delivery)),
    )
