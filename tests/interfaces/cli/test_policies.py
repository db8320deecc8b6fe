import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from serinus.interfaces.cli.trouble import Code
from serinus.lab import recording
from tests.house import repository
from tests.interfaces.cli.conftest import Cli
from tests.lab import recordings

EXAMPLES = repository.ROOT / "docs" / "examples" / "policy-tests"

CASE = """\
template: canary-standard
set: {bake: 20s}
faults: [crash]
history: 1m
runs: 2
expect: {outcome: failed to start}
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Two cases, of which one fails."""
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "a-crash.yaml").write_text(CASE)
    wrong = CASE.replace("failed to start", "promoted")
    (folder / "b-wrong.yaml").write_text(f"name: 'crashes & <is> promoted'\n{wrong}")
    return folder


@pytest.mark.usefixtures("policy")
def test_a_failing_case_says_what_was_expected_and_what_was_found(cli: Cli) -> None:
    found = (
        "✓ a-crash  2 runs\n"
        "✗ crashes & <is> promoted  2 runs\n"
        "  expected  promoted in every run\n"
        "  found     in 0 of 2 runs; the others: 2 × failed to start\n"
        "  case      policy/b-wrong.yaml\n"
        "  film      serinus test policy/b-wrong.yaml --film\n"
        "2 cases: 1 passed, 1 failed\n"
    )

    assert (Code.ERROR, found, "") == cli("test policy --jobs 1")


@pytest.mark.usefixtures("policy")
def test_all_pass_and_only_some_are_played(cli: Cli) -> None:
    assert (Code.OK, "✓ a-crash  2 runs\n1 case: 1 passed, 0 failed\n", "") == cli(
        "test policy --only a-cr --jobs 1"
    )


@pytest.mark.usefixtures("policy")
def test_the_film_of_a_failing_run_is_shown_where_it_is_asked_for(cli: Cli) -> None:
    out = cli("test policy --only promoted --film --jobs 1")[1]

    assert "  film of seed 1:\n    0:00:00  release  Started" in out
    assert "v2 failed to start" in out


@pytest.mark.usefixtures("policy")
def test_programs_get_json_and_ci_servers_xml(cli: Cli, tmp_path: Path) -> None:
    code, out, _ = cli("test policy -o json --junit results.xml --jobs 1")
    found = json.loads(out)

    assert Code.ERROR == code
    assert (1, 1) == (found["passed"], found["failed"])
    assert [True, False] == [case["passed"] for case in found["cases"]]
    suite = ET.parse(tmp_path / "results.xml").getroot()[0]  # noqa: S314 - we wrote it ourselves
    assert ["a-crash", "crashes & <is> promoted"] == [case.get("name") for case in suite]
    (failure,) = suite[1]
    assert "expected promoted in every run, found in 0 of 2 runs" in str(failure.get("message"))
    assert "crashes & <is> promoted\n" == cli("test policy -o name --jobs 1")[1]


def test_cases_that_cannot_be_read_are_told_with_their_lines(cli: Cli, policy: Path) -> None:
    (policy / "c.yaml").write_text(CASE.replace("crash", "crush").replace("20s", "soon"))

    code, out, err = cli("test policy")

    assert (Code.USAGE, "") == (code, out)
    assert err.startswith("error: the policy cannot be tested as it is written\nwhy:   policy/c.")
    assert "policy/c.yaml:2:7 set.bake: 'soon' is not a duration" in err
    assert "policy/c.yaml:3:10 faults[0]: unknown kind of fault 'crush'" in err


def test_a_policy_that_cannot_be_replayed_is_wrong_usage(cli: Cli, tmp_path: Path) -> None:
    recording.save(recordings.drawn(), tmp_path / "bad.jsonl")
    case = "template: rolling\nrecording: bad.jsonl\nexpect: {outcome: promoted}\n"
    (tmp_path / "case.yaml").write_text(case)

    code, _, err = cli("test case.yaml")

    assert Code.USAGE == code
    assert "does not move traffic by shares alone" in err


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("test policy --jobs 0", Code.USAGE, "error: --jobs: 0 processes; wanted 1 or more"),
        ("test nowhere", Code.USAGE, "why:   nowhere: there is no such file or folder"),
        (
            "test policy --only a- --junit no/such.xml",
            Code.ERROR,
            "error: no/such.xml cannot be written\nwhy:   No such file or directory",
        ),
    ],
)
def test_what_cannot_be_done_is_an_error(cli: Cli, line: str, code: Code, error: str) -> None:
    found, _, err = cli(line)

    assert code == found
    assert error in err


def test_the_example_of_the_guide_passes(cli: Cli) -> None:
    code, out, _ = cli(["test", str(EXAMPLES), "--jobs", "1"])

    assert Code.OK == code, out
    assert "3 cases: 3 passed, 0 failed" in out
