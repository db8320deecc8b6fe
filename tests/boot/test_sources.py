import subprocess
import sys
from typing import Any

import pytest

from serinus.adapters.metrics import prometheus
from serinus.boot import sources
from serinus.boot.sources import Sources
from serinus.core.errors import SpecError
from serinus.core.spec.application import API, Environment, EnvironmentSpec
from serinus.core.spec.template import Metadata
from serinus.ports import failures
from tests.adapters.metrics import server

URL = "http://127.0.0.1:9090"
NOTHING = server.answers('{"status": "success", "data": {"resultType": "vector", "result": []}}')


def told(written: Any) -> list[str]:
    return [str(problem) for problem in sources.review(written)]


def environment(**metrics: Any) -> Environment:
    spec = EnvironmentSpec(metrics=metrics)
    return Environment(API, "Environment", Metadata(name="local"), spec)


def found(**metrics: Any) -> Sources:
    return Sources(lambda: {"local": environment(**metrics)}, unknown)


def unknown(name: str) -> str:
    raise failures.Rejected(f"the secret '{name}' is not known")


def test_kinds_are_the_files_of_the_folder() -> None:
    assert "prometheus" in sources.names()


def test_settings_that_are_right_are_not_told() -> None:
    assert [] == told({"prometheus": {"url": URL, "timeout": "5s"}})


def test_all_that_is_wrong_is_told_with_its_path() -> None:
    written = {"graphite": {}, "prometheus": {"url": 9090, "bearer": True, "tls": {}}}

    assert [
        "graphite: unknown metric source 'graphite'; known: prometheus",
        (
            "prometheus.tls: unknown field 'tls'; known: basic, bearer, ca, clientCert, clientKey, "
            "timeout, url"
        ),
        'prometheus.url: 9090 is not a text; put it in quotes: "9090"',
        'prometheus.bearer: true is not a text; put it in quotes: "true"',
    ] == told(written)


def test_what_the_kind_itself_finds_is_told_with_its_path() -> None:
    assert ["prometheus.timeout: 1h is not within 100ms–5m"] == told(
        {"prometheus": {"url": URL, "timeout": "1h"}}
    )


def test_a_source_is_the_same_until_its_settings_change() -> None:
    library = {"local": environment(prometheus={"url": URL})}
    metrics = Sources(lambda: library, unknown)
    first = metrics.source("local", "prometheus")
    again = metrics.source("local", "prometheus")
    library["local"] = environment(prometheus={"url": f"{URL}/prom"})

    assert isinstance(first, prometheus.Source)
    assert first is again
    assert first is not metrics.source("local", "prometheus")


def test_an_unknown_source_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(failures.Rejected, match="metric source 'graphite'; known: prometheus"):
        found(prometheus={"url": URL}, graphite={}).source("local", "graphite")


def test_an_environment_without_a_document_has_no_source() -> None:
    with pytest.raises(
        failures.Rejected, match="'prod' has no metric source 'prometheus'; known: none"
    ):
        found(prometheus={"url": URL}).source("prod", "prometheus")


def test_settings_that_are_wrong_are_rejected_with_what_is_wrong() -> None:
    with pytest.raises(failures.Rejected) as raised:
        found(prometheus={"url": URL, "timeout": "1h"}).source("local", "prometheus")

    said = "environment 'local': spec.metrics.prometheus.timeout: 1h is not within 100ms–5m"
    assert said == str(raised.value)


async def test_a_secret_is_asked_for_by_the_name_in_the_settings() -> None:
    async with server.serving(NOTHING) as asked:
        local = environment(prometheus={"url": asked.url, "bearer": "prometheus-token"})
        metrics = Sources(lambda: {"local": local}, lambda name: f"t0k3n-of-{name}")
        await metrics.source("local", "prometheus").instant("up", 1.0)

    assert "t0k3n-of-prometheus-token" in asked.heads[0]


async def test_where_no_secrets_are_known_a_question_that_needs_one_is_rejected() -> None:
    source = found(prometheus={"url": URL, "bearer": "token"}).source("local", "prometheus")

    with pytest.raises(failures.Rejected, match="the secret 'token' is not known"):
        await source.instant("up", 1.0)


def test_the_names_of_the_kinds_bring_no_http() -> None:
    code = "import sys; from serinus.boot import sources; sources.names(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "httpx2" not in done.stdout.split()


async def test_a_prometheus_is_asked_at_its_address() -> None:
    async with server.serving(NOTHING) as served:
        assert () == await sources.at(served.url).instant("up", 0.0)


def test_an_address_that_cannot_be_asked_is_told() -> None:
    with pytest.raises(SpecError, match="credentials do not belong into an address"):
        sources.at("http://ada:secret@127.0.0.1:9090")
    with pytest.raises(failures.Rejected, match="was not asked for"):
        sources.no_secret("token")
