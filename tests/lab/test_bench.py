import dataclasses
import functools
from pathlib import Path

import pytest

from serinus.core.errors import SpecError
from serinus.lab import bench, scenario
from serinus.lab.bench import Asked
from tests.lab import small

SERVICE = """
KIND = {kind!r}
PLAN = [(0.1, 60), (0.5, 60)]
STABLE_PODS = 2

from tests.lab import small

def run(rng):
    yield from small.service(rng, {share})
"""

BROKEN = """
KIND = "null"
PLAN = [(0.1, 60)]

def run(rng):
    yield {}
    if rng.random() < 0.5:
        yield {"stable": {"s0": (10, 0)}, "candidate": {"c0": (1, 0)}}
    while True:
        yield {"stable": {"s0": (10, 0)}, "candidate": {"c0": (1, -1)}}
"""


def found(folder: Path) -> bench.Sets:
    return {"mine": scenario.folder(folder)}


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    small.file(tmp_path, "good", SERVICE.format(kind="null", share=0.001))
    small.file(tmp_path, "bad", SERVICE.format(kind="regression", share=0.2))
    load = functools.partial(found, tmp_path)
    return Asked(load, ("oracle", "E"), runs=7, regression_runs=3)


def test_every_scenario_gets_its_runs(asked: Asked) -> None:
    done: list[int] = []

    result = bench.measure(asked, done.append)

    assert {"good": list(range(7)), "bad": list(range(3))} == {
        name: [run.number for run in runs] for name, runs in result.runs.items()
    }
    assert 10 == sum(done)
    assert not result.interrupted


def test_any_number_of_processes_finds_the_same(asked: Asked, tmp_path: Path) -> None:
    small.file(tmp_path, "broken", BROKEN)
    alone = bench.measure(asked)

    assert alone == bench.measure(dataclasses.replace(asked, jobs=2))
    assert 1 == len(alone.failures)


def test_another_seed_finds_something_else(asked: Asked) -> None:
    assert bench.measure(asked) != bench.measure(dataclasses.replace(asked, seed=2))


def test_a_broken_scenario_is_told_with_run_and_seed_and_ends_alone(
    asked: Asked, tmp_path: Path
) -> None:
    small.file(tmp_path, "broken", BROKEN)

    result = bench.measure(asked)

    [failure] = result.failures
    assert ("broken", 0) == (failure.scenario, failure.run)
    assert failure.sentence.startswith("broken: tick ")
    assert failure.sentence.endswith("candidate: c0: -1 errors; wanted a whole number, 0 or more")
    assert {"good", "bad"} == set(result.runs)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def run(rng):\n    yield {}\n    1 / 0", "ZeroDivisionError: division by zero (it.py:4)"),
        ("def run(rng):\n    return [1]", "it: run: it returned list; wanted a generator: "),
    ],
)
def test_a_scenario_that_fails_is_told_with_its_line(
    tmp_path: Path, text: str, sentence: str
) -> None:
    small.file(tmp_path, "it", f'KIND = "null"\n{text}\n')

    result = bench.measure(Asked(functools.partial(found, tmp_path), ("E",), 2, 2))

    assert result.failures[0].sentence.startswith(sentence)


def test_an_interrupted_bench_keeps_what_is_there(asked: Asked) -> None:
    def enough(_: int) -> None:
        raise KeyboardInterrupt

    result = bench.measure(asked, enough)

    assert result.interrupted
    assert 1 == len(result.runs)


def test_only_some_scenarios_can_be_asked_for(asked: Asked) -> None:
    result = bench.measure(dataclasses.replace(asked, only=("bad",)))

    assert ["bad"] == list(result.runs)


def test_a_scenario_that_cannot_be_loaded_is_told_before_anything_is_played(
    asked: Asked, tmp_path: Path
) -> None:
    small.file(tmp_path, "broken", "KIND = 1")

    with pytest.raises(SpecError, match="KIND: 1; wanted one of"):
        bench.measure(asked)
