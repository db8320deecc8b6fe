from pathlib import Path

import numpy as np
import pytest

from serinus.core.errors import SpecError
from serinus.lab import scenario
from serinus.lab.scenario import DEFAULT_BOUNDS_MS, DEFAULT_PLAN, Kind, Wish
from tests.lab import small

RUN = """
def run(rng):
    wish = yield {}
    while True:
        wish = yield {"stable": {"s0": (int(rng.poisson(500)), 0)}}
"""


def problems(folder: Path, text: str) -> list[str]:
    file = small.file(folder, "mine", text)
    with pytest.raises(SpecError) as wrong:
        scenario.load(file)
    return [str(one).removeprefix(f"{file}: ") for one in wrong.value.problems]


def test_only_the_kind_and_the_run_are_needed(tmp_path: Path) -> None:
    found = scenario.load(small.file(tmp_path, "mine", f'KIND = "null"\n{RUN}'))

    assert ("mine", Kind.NULL, "") == (found.name, found.kind, found.title)
    assert (5.0, 0.0, DEFAULT_PLAN) == (found.tick_s, found.history_s, found.plan)
    assert {"errors": (1.25, 0.0002)} == found.checks
    assert (DEFAULT_BOUNDS_MS, 10, False) == (found.bounds_ms, found.stable_pods, found.pod_faults)
    assert 1800 == found.plan_s


def test_all_that_may_be_said_is_read(tmp_path: Path) -> None:
    text = f'''"""A leak.

More of it."""
KIND = "regression"
TICK_S = 15
HISTORY_S = 600
PLAN = [(5, 300), (50, 900)]
LINES = ("refused",)
GAUGES = ["memory"]
CHECKS = {{"latency": (1.05, 0.0005), "refused": {{"ratio": 2, "plus": 0.1}}, "memory": (1, 0)}}
BOUNDS_MS = (10, 100)
STABLE_PODS = 3
POD_FAULTS = True
{RUN}'''

    found = scenario.load(small.file(tmp_path, "mine", text))

    assert ("A leak.", Kind.REGRESSION) == (found.title, found.kind)
    assert (15, 600, ((0.05, 300), (0.5, 900))) == (found.tick_s, found.history_s, found.plan)
    assert (("refused",), ("memory",)) == (found.lines, found.gauges)
    assert {"latency": (1.05, 0.0005), "refused": (2, 0.1), "memory": (1, 0)} == found.checks
    assert ((10, 100), 3, True) == (found.bounds_ms, found.stable_pods, found.pod_faults)


def test_one_pair_of_margins_is_that_of_the_errors(tmp_path: Path) -> None:
    for margin in ("(1.5, 0.001)", '{"ratio": 1.5, "plus": 0.001}'):
        text = f'KIND = "null"\nCHECKS = {margin}\n{RUN}'

        found = scenario.load(small.file(tmp_path, "mine", text))

        assert {"errors": (1.5, 0.001)} == found.checks


def test_a_run_gets_a_generator_of_numpy(tmp_path: Path) -> None:
    found = scenario.load(small.file(tmp_path, "mine", f'KIND = "null"\n{RUN}'))
    run = found.run(np.random.default_rng(1))
    next(run)

    assert run.send(Wish()) == {"stable": {"s0": (np.random.default_rng(1).poisson(500), 0)}}


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = """
TICK_S = 0
HISTORY_S = -1
PLAN = [(0.1, 0)]
CHECKS = {"erors": (1.25, 0.0002)}
LINES = "refused"
BOUNDS_MS = (10, 5)
STABLE_PODS = 0
run = 3
"""

    known = "errors, latency, and what LINES and GAUGES name"
    margins = f'wanted such as {{"errors": (1.25, 0.0002)}}: ratio and plus for {known}'
    assert [
        "KIND: None; wanted one of 'null', 'regression'",
        "TICK_S: 0; wanted seconds above 0",
        "HISTORY_S: -1; wanted seconds, 0 or more",
        "PLAN: [(0.1, 0)]; wanted a list of (weight, seconds), weights between 0 and 1",
        "LINES: 'refused'; wanted names of checks, such as (\"refused\",)",
        "BOUNDS_MS: (10, 5); wanted whole milliseconds that rise, above 0",
        "STABLE_PODS: 0; wanted a whole number, 1 or more",
        f"CHECKS: {{'erors': (1.25, 0.0002)}}; {margins}",
        "run: there is none; wanted a generator run(rng) that yields one tick each time",
    ] == problems(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('KIND = "nul"', "KIND"),
        ("KIND = 3", "KIND"),
        ('TICK_S = "5"', "TICK_S"),
        ("TICK_S = float('inf')", "TICK_S"),
        ("TICK_S = True", "TICK_S"),
        ("HISTORY_S = float('nan')", "HISTORY_S"),
        ("PLAN = []", "PLAN"),
        ("PLAN = 1800", "PLAN"),
        ("PLAN = [(0.1,)]", "PLAN"),
        ("PLAN = [(-0.1, 300)]", "PLAN"),
        ("PLAN = [(120, 300)]", "PLAN"),
        ('PLAN = [("5%", 300)]', "PLAN"),
        ("CHECKS = {}", "CHECKS"),
        ('CHECKS = {"errors": 1.25}', "CHECKS"),
        ('CHECKS = {"errors": (1.25,)}', "CHECKS"),
        ('CHECKS = {"errors": (-1, 0)}', "CHECKS"),
        ('CHECKS = {"refused": (1.25, 0)}', "CHECKS"),
        ('GAUGES = ("memory", "memory")', "GAUGES"),
        ('GAUGES = ("errors",)', "GAUGES"),
        ('LINES = ("",)', "LINES"),
        ("BOUNDS_MS = ()", "BOUNDS_MS"),
        ("BOUNDS_MS = (0.5, 10)", "BOUNDS_MS"),
        ("STABLE_PODS = 2.0", "STABLE_PODS"),
        ("STABLE_PODS = True", "STABLE_PODS"),
    ],
)
def test_each_part_is_checked(tmp_path: Path, line: str, key: str) -> None:
    said = problems(tmp_path, f'KIND = "null"\n{RUN}\n{line}\n')

    assert [key] == [one.partition(":")[0] for one in said]


def test_a_file_that_does_not_load_says_why(tmp_path: Path) -> None:
    assert ["it cannot be loaded: ZeroDivisionError: division by zero"] == problems(
        tmp_path, "KIND = 1 / 0"
    )
    (said,) = problems(tmp_path, "KIND = ")
    assert said.startswith("it cannot be loaded: SyntaxError: ")


def test_a_folder_is_read_by_name_and_leaves_out_what_is_private(tmp_path: Path) -> None:
    for name in ("b", "a", "_shared"):
        small.file(tmp_path, name, f'KIND = "null"\n{RUN}' if name != "_shared" else "1 / 0")

    assert ["a", "b"] == [one.name for one in scenario.folder(tmp_path)]


def test_a_folder_tells_what_is_wrong_in_all_of_its_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        small.file(tmp_path, name, f'KIND = "{name}"\n{RUN}')

    with pytest.raises(SpecError) as wrong:
        scenario.folder(tmp_path)

    told = [f"{tmp_path / name}.py: KIND" for name in ("a", "b")]
    assert told == [one.path for one in wrong.value.problems]


def test_a_folder_without_scenarios_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"no scenario there; wanted Python files"):
        scenario.folder(tmp_path)
