import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from serinus.interfaces.cli import main
from serinus.interfaces.cli.trouble import Code
from serinus.lab.findings import Findings

MINE = """
KIND = "{kind}"
PLAN = [(0.5, 60)]
STABLE_PODS = 1

def run(rng):
    wish = yield {{}}
    while True:
        arms = {{"stable": {{"s0": (500, 0)}}, "truth": {{"stable": 0.0, "candidate": {share}}}}}
        pods = wish.candidate_pods if wish.weight else ()
        arms["candidate"] = {{pod: (500, int(500 * {share})) for pod in pods}}
        wish = yield arms
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "calm.py").write_text(MINE.format(kind="null", share=0.0))
    (folder / "storm.py").write_text(MINE.format(kind="regression", share=0.5))
    return folder


Cli = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command that needs no home; return (code, stdout, stderr)."""

    def run(words: str) -> tuple[int, str, str]:
        code = main.run(words.split())
        return code, *capsys.readouterr()

    return run


def bench(mine: Path, more: str = "", *, runs: int = 2, jobs: int = 1) -> str:
    return f"bench decisions --set none --jobs {jobs} --runs {runs} --scenarios {mine} {more}"


def test_the_targets_come_first_and_few_runs_are_named_as_such(cli: Cli, mine: Path) -> None:
    code, out, err = cli(bench(mine))

    lines = out.splitlines()
    assert Code.OK == code
    assert lines[0].startswith("This is a short bench. 2 runs of each null are too few to show 1 %")
    assert "Targets of serinus" == lines[2]
    assert "4 runs in " in err


def test_everything_is_kept_in_json_and_in_a_report(cli: Cli, mine: Path, tmp_path: Path) -> None:
    kept, report = tmp_path / "it.json", tmp_path / "report"

    cli(bench(mine, f"--json {kept} --report {report} --rules E -o json"))

    found = msgspec.json.decode(kept.read_bytes(), type=Findings)
    assert ("oracle", "oracle2", "E") == found.names
    assert {"calm", "storm"} == {row.scenario for row in found.rows}
    assert (
        "serinus bench decisions --set none --scenarios mine --rules oracle oracle2 E --runs 2"
        " --seed 1"
    ) == found.command
    assert found.command in (report / "index.md").read_text()


def test_the_same_seed_finds_the_same(cli: Cli, mine: Path) -> None:
    one, again = (cli(bench(mine, "-o json -q"))[1] for _ in range(2))

    assert one == again


def test_a_broken_scenario_is_told_with_run_and_seed(cli: Cli, mine: Path) -> None:
    (mine / "odd.py").write_text(MINE.format(kind="null", share=-1.0))

    code, out, _ = cli(bench(mine))

    assert Code.ERROR == code
    assert "odd, run 0 (seed " in out
    assert "odd: tick 1: truth: " in out or "odd: tick 1: candidate: c0: -500 errors" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--runs 0 --jobs 0", "--runs 0: want 1 or more"),
        ("--jobs 1000", "--jobs 1000: want at most 64"),
        ("--seed -1", "--seed -1: want 0 or more"),
        ("--set count", "set: 'count'; wanted any of counts, "),
        ("--rules wizard", "rules: 'wizard'; wanted any of serinus, oracle, "),
        ("--only n1", "only: no scenario 'n1'; there are n01_steady"),
        ("--scenarios /nowhere", "/nowhere: no such folder"),
        ("--json /nowhere/it.json", "--json /nowhere/it.json: its folder does not exist"),
        ("--report /dev/null", "--report /dev/null: it is a file, want a folder"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_is_played(
    cli: Cli, words: str, sentence: str
) -> None:
    code, _, err = cli(f"bench decisions {words}")

    assert code in {Code.USAGE, Code.ERROR}
    assert sentence in err


def test_without_the_extra_the_hint_says_what_to_install(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec

    def found(name: str, package: str | None = None) -> object:
        return None if name in {"numpy", "matplotlib"} else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", found)

    code, _, err = cli("bench decisions --report out")

    assert Code.ERROR == code
    assert "error: numpy and matplotlib cannot be found" in err
    assert "try:   pip install 'serinus[bench]'" in err


@pytest.mark.timeout(150)
def test_ctrl_c_ends_with_the_runs_that_are_done(mine: Path, tmp_path: Path) -> None:
    kept = tmp_path / "it.json"
    words = bench(mine, f"--json {kept}", runs=3_000, jobs=2).split()
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, err = process.communicate(timeout=120)

    assert Code.INTERRUPTED == process.returncode
    assert "interrupted: these are the runs that were done" in err
    assert msgspec.json.decode(kept.read_bytes(), type=Findings).interrupted


INTERRUPTED = """
import os, signal, sys
from serinus.interfaces.cli import main
from serinus.lab import bench

real = bench.measure

def measure(asked, heard):
    done = []
    def hear(more):
        done.append(more)
        if len(done) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        heard(more)
    return real(asked, hear)

bench.measure = measure
sys.exit(main.run(sys.argv[1:]))
"""
