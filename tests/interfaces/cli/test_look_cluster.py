"""Looking at a cluster with the words that look at this machine."""

import json
from typing import Any

import anyio
import pytest

from serinus.boot import home, visiting
from serinus.core.state import labels
from serinus.interfaces.cli.options import Reach
from serinus.interfaces.cli.trouble import Code
from tests import builders
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.interfaces.cli import abroad
from tests.interfaces.cli.conftest import Cli


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeApiServer:
    return abroad.cluster(monkeypatch)


def test_all_applications_of_a_namespace_are_listed(cli: Cli, server: FakeApiServer) -> None:
    code, out, _ = cli("status --namespace team")

    assert Code.OK == code
    assert "team/shop" in out
    assert "v1 → v2" in out


@pytest.mark.parametrize("words", ["team/shop --cluster", "shop --namespace team"])
def test_one_application_shows_all_that_its_objects_tell(
    cli: Cli, server: FakeApiServer, words: str
) -> None:
    code, out, _ = cli(f"status {words}")

    assert Code.OK == code
    assert "team/shop · prod · release 7" in out
    assert "http://shop.example.com\n" in out
    assert "Step 3 of 4 began." in out


def test_an_explanation_is_made_from_the_objects(cli: Cli, server: FakeApiServer) -> None:
    code, out, _ = cli("explain team/shop --cluster -o json")

    assert Code.OK == code
    assert "prod" == json.loads(out)["environment"]


def test_an_explanation_says_what_is_counted_there(cli: Cli, server: FakeApiServer) -> None:
    server.add(
        {
            "apiVersion": "serinus.dev/v1alpha1",
            "kind": "Environment",
            "metadata": {"name": "prod"},
            "spec": {
                "target": {"namespaces": ["team"]},
                "router": {"traefik": {}},
                "counts": {"scrape": "http://traefik:9100/metrics"},
            },
        }
    )
    settings = Reach(cluster=True).settings("team/shop")
    found = anyio.run(home.counted, settings, "prod")
    server.fail("get", "Environment", 1, 403)
    forbidden = anyio.run(home.counted, settings, "prod")

    assert "traefik_service_requests_total" in found["errors"]
    assert ["logs"] == list(forbidden) == list(anyio.run(home.counted, settings, "lab"))


def test_a_history_is_that_of_the_cluster(cli: Cli, server: FakeApiServer) -> None:
    for words in ("history team/shop --cluster", "history --namespace team"):
        code, out, _ = cli(words)

        assert Code.OK == code
        assert "team/shop#7" in out


def test_a_name_that_is_wrong_names_those_that_are_right(cli: Cli, server: FakeApiServer) -> None:
    code, _, error = cli("status shpo --namespace team")

    assert Code.ERROR == code
    assert "there is no application 'shpo'" in error
    assert "known: team/shop" in error


def test_a_namespace_without_applications_says_so(cli: Cli, server: FakeApiServer) -> None:
    code, out, _ = cli("status --namespace empty")

    assert Code.OK == code
    assert "There are no applications in this namespace of the cluster." in out
    assert "kubectl apply -f app.yaml" in out
    assert "serinus demo --platform kubernetes" in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("status shop --namespace team", "serinus pause team/shop --cluster\n"),
        ("explain team/shop --cluster", "serinus rollback team/shop --cluster\n"),
    ],
)
def test_what_can_be_typed_next_leads_to_the_same_cluster(
    cli: Cli, server: FakeApiServer, words: str, expected: str
) -> None:
    assert expected in cli(words)[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("status team/shpo --cluster", "try:   serinus status --cluster --namespace team\n"),
        ("diff team/shop --cluster --to 9", "try:   serinus history team/shop --cluster\n"),
        (
            "explain shop 1 --release 2 --namespace team",
            "explain shop 1 --cluster --namespace team",
        ),
    ],
)
def test_what_helps_out_of_trouble_leads_to_the_same_cluster(
    cli: Cli, server: FakeApiServer, words: str, expected: str
) -> None:
    assert expected in cli(words)[2]


def test_where_a_variable_says_that_a_cluster_is_meant_nothing_has_to_be_typed_for_it(
    cli: Cli, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERINUS_PLATFORM", "kubernetes")

    assert "serinus pause team/shop\n" in cli("status team/shop")[1]


def test_programs_get_what_can_be_done_next_as_verbs(cli: Cli, server: FakeApiServer) -> None:
    _, out, _ = cli("status team/shop --cluster -o json")

    assert {"verb": "pause", "application": "team/shop"} in json.loads(out)["next"]


def test_it_is_told_when_nobody_decides(
    cli: Cli, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asleep(_: object) -> bool:
        return False

    monkeypatch.setattr(visiting, "awake", asleep)
    _, _, error = cli("status --namespace team")

    assert "The controller is not running" in error
    assert "serinus-system" in error


def test_logs_are_those_of_the_pods(cli: Cli, server: FakeApiServer) -> None:
    for number, revision in enumerate((builders.OLD, builders.NEW)):
        server.add(pod(f"shop-{number}", revision))
    server.log = lambda _, name, params: (
        f"2026-03-02T12:00:00Z {name} wrote, and {params['tailLines']} are wanted\n".encode()
    )

    code, out, _ = cli("logs team/shop --cluster --lines 3")
    assert Code.OK == code
    assert [
        f"{builders.OLD[:10]}-0  shop-0 wrote, and 3 are wanted",
        f"{builders.NEW[:10]}-0  shop-1 wrote, and 3 are wanted",
    ] == out.splitlines()
    _, out, _ = cli("logs shop --namespace team --candidate")
    assert [f"{builders.NEW[:10]}-0  shop-1 wrote, and 20 are wanted"] == out.splitlines()


def test_where_no_pod_has_written_it_says_where_to_look(cli: Cli, server: FakeApiServer) -> None:
    code, _, error = cli("logs team/shop --cluster")

    assert Code.ERROR == code
    assert "no replica of team/shop has written anything yet" in error
    assert "try:   serinus status team/shop --cluster" in error


def test_whoever_may_not_read_logs_is_told(cli: Cli, server: FakeApiServer) -> None:
    server.add(pod("shop-0", builders.NEW))
    server.fail("log", "Pod", 1, 403)
    code, _, error = cli("logs team/shop --cluster")

    assert Code.ERROR == code
    assert "error: read the log of pod team/shop-0: " in error


def pod(name: str, revision: str) -> dict[str, Any]:
    told = {
        labels.APPLICATION: "shop",
        labels.REVISION: labels.short(revision),
        labels.ORDINAL: "0",
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "team", "labels": told},
        "spec": {"containers": [{"name": "app"}]},
        "status": {"containerStatuses": [{"name": "app", "state": {"running": {}}}]},
    }
