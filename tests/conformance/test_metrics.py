"""
What every metric source promises, found by folder listing.

A source is a file of ``serinus/adapters/metrics``. Its folder below ``tests/adapters/metrics`` has
``world.yaml`` (settings) and ``*.json``: answers that were recorded from the real product, which a
server on loopback plays again.
"""

import importlib
import json
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ruamel.yaml import YAML

from serinus.adapters import metrics
from serinus.core.analysis import question
from serinus.core.analysis.question import Answer
from serinus.ports import failures
from serinus.ports.metrics import Source
from tests.adapters.metrics import server

FOLDERS = Path(__file__).parent.parent / "adapters" / "metrics"
NAMES = sorted(module.name for module in pkgutil.iter_modules(metrics.__path__))
RECORDED = ("value", "no_data", "many_series", "not_a_number", "range", "refused", "down")
SECRET = "d0n7-t311"


def adapter(name: str) -> Any:
    return importlib.import_module(f"serinus.adapters.metrics.{name}")


def settings(name: str, url: str) -> Any:
    text = (FOLDERS / name / "world.yaml").read_text().replace("${url}", url)
    return msgspec.convert(YAML(typ="safe", pure=True).load(text), adapter(name).Settings)


def recorded(name: str, case: str) -> Any:
    path = FOLDERS / name / f"{case}.json"
    assert path.exists(), f"want {path}"
    return json.loads(path.read_text())


@asynccontextmanager
async def playing(name: str, case: str) -> AsyncIterator[tuple[Source, server.Server]]:
    """Let a server play one recorded answer, and a source that asks it."""
    found = recorded(name, case)
    say = server.answers(found["body"], found["status"], found["type"])
    async with server.serving(say) as played:
        source = adapter(name).Source(settings(name, played.url), lambda _: SECRET)
        yield source, played


async def number(name: str, case: str) -> Answer:
    async with playing(name, case) as (source, _):
        return question.number(await source.instant("what it was", 1000.0))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("case", RECORDED)
def test_every_source_has_recorded_answers(name: str, case: str) -> None:
    assert {"query", "status", "type", "body"} == set(recorded(name, case))


@pytest.mark.parametrize("name", NAMES)
def test_its_settings_are_found_right(name: str) -> None:
    assert [] == list(adapter(name).review(settings(name, "http://127.0.0.1:9090")))


@pytest.mark.parametrize("name", NAMES)
async def test_a_value_is_one_number(name: str) -> None:
    found = await number(name, "value")

    assert found.value is not None
    assert "" == found.problem


@pytest.mark.parametrize("name", NAMES)
async def test_no_data_is_neither_a_number_nor_a_problem(name: str) -> None:
    assert Answer() == await number(name, "no_data")


@pytest.mark.parametrize("name", NAMES)
async def test_many_series_are_counted_and_told(name: str) -> None:
    async with playing(name, "many_series") as (source, _):
        series = await source.instant("what it was", 1000.0)

    assert len(series) > 1
    assert f"{len(series)} series" in question.number(series).problem


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_not_a_number_is_a_problem_and_no_value(name: str) -> None:
    found = await number(name, "not_a_number")

    assert found.value is None
    assert "NaN" in found.problem


@pytest.mark.parametrize("name", NAMES)
async def test_a_range_has_its_points_in_order(name: str) -> None:
    async with playing(name, "range") as (source, _):
        (series,) = await source.range("what it was", 990.0, 1000.0, 1.0)

    assert len(series.points) > 1
    assert sorted(series.points) == list(series.points)


@pytest.mark.parametrize("name", NAMES)
async def test_a_wrong_query_is_rejected_with_what_is_wrong(name: str) -> None:
    async with playing(name, "refused") as (source, played):
        with pytest.raises(failures.Rejected, match="refused the query") as raised:
            await source.instant("what it was", 1000.0)

    assert played.url in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
async def test_one_that_is_down_is_unavailable(name: str) -> None:
    async with playing(name, "down") as (source, played):
        with pytest.raises(failures.Unavailable) as raised:
            await source.instant("what it was", 1000.0)

    assert played.url in str(raised.value)


@pytest.mark.parametrize("name", NAMES)
async def test_the_secret_goes_into_no_message_and_no_address(name: str) -> None:
    echo = {"status": "error", "errorType": "bad_data", "error": f"no such token: {SECRET}"}
    async with server.serving(server.answers(json.dumps(echo), 400)) as played:
        source = adapter(name).Source(settings(name, played.url), lambda _: SECRET)
        with pytest.raises(failures.PortFailure) as raised:
            await source.instant("what it was", 1000.0)

    assert SECRET in played.heads[0]
    assert SECRET not in played.heads[0].splitlines()[0]
    assert SECRET not in f"{raised.value} {raised.value.why} {raised.value.hint}"
