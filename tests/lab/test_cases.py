from pathlib import Path

import pytest

from serinus.boot.settings import Settings
from serinus.core.errors import SpecError
from serinus.lab import cases, recording
from serinus.lab.cases import Case
from tests.interfaces.cli.test_specs import SHOP
from tests.lab import recordings
from tests.lab.test_subject import TEMPLATE

CASE = """\
name: errors are caught
template: canary-standard
set: {bake: 1m, minSamples: 5}
traffic: {rate: 50, errors: 1%, replicas: 4}
faults: [errors=5%@20%]
history: 10m
runs: 3
seed: 7
expect: {outcome: rolled back, within: 10m, in: 95% of runs}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", specs=tmp_path / "delivery")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    folder = tmp_path / "policy"
    folder.mkdir()
    return folder


def wrong(policy: Path, settings: Settings, text: str) -> list[str]:
    """What is wrong with a case, without its folder."""
    (policy / "case.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        cases.read(policy, settings)
    return [str(problem).replace(f"{policy}/", "") for problem in caught.value.problems]


def only(found: tuple[Case, ...]) -> Case:
    (one,) = found
    return one


def test_a_case_is_a_setting_with_its_seeds_and_expectations(
    policy: Path, settings: Settings
) -> None:
    (policy / "case.yaml").write_text(CASE)

    found = only(cases.read(policy, settings))

    assert ("errors are caught", "canary-standard", (7, 8, 9)) == (
        found.name,
        found.subject.name,
        found.seeds,
    )
    assert found.setting is not None
    assert (50.0, 0.01, 4, 600.0) == (
        found.setting.traffic.rate,
        found.setting.traffic.errors,
        found.setting.traffic.replicas,
        found.setting.history_s,
    )
    assert ["errors=5%@20%"] == [fault.text for fault in found.setting.faults]
    assert [("expect", "rolled back")] == [(path, one.outcome) for path, one in found.expects]


def test_a_case_without_a_name_is_called_as_its_file(policy: Path, settings: Settings) -> None:
    case = "template: canary-standard\nexpect: [{outcome: held}, {within: 1m}]\n"
    (policy / "no-name.yaml").write_text(case)

    found = only(cases.read(policy / "no-name.yaml", settings))

    assert ("no-name", cases.RUNS) == (found.name, len(found.seeds))
    assert ["expect[0]", "expect[1]"] == [path for path, _ in found.expects]


def test_templates_and_applications_lie_beside_their_cases(
    policy: Path, settings: Settings
) -> None:
    (policy / "quick.yaml").write_text(TEMPLATE)
    (policy / "shop.yaml").write_text(SHOP)
    expect = "expect: {outcome: promoted}\n"
    (policy / "one.yaml").write_text(f"template: quick.yaml\n{expect}")
    (policy / "two.yaml").write_text(f"application: ./shop.yaml\n{expect}")

    found = cases.read(policy, settings)

    assert [("one", "quick"), ("two", "shop")] == [(c.name, c.subject.name) for c in found]


def test_a_recording_is_played_once(policy: Path, settings: Settings) -> None:
    recording.save(recordings.drawn(), policy / "bad.jsonl")
    case = "template: canary-standard\nrecording: bad.jsonl\nexpect: {outcome: traffic taken away}"
    (policy / "replay.yaml").write_text(case)

    found = only(cases.read(policy, settings))

    assert (None, (1,)) == (found.setting, found.seeds)
    assert found.recording is not None


def test_only_some_of_the_cases(policy: Path, settings: Settings) -> None:
    (policy / "a.yaml").write_text(CASE)
    (policy / "b.yml").write_text(CASE.replace("errors are", "nothing is"))

    assert ["nothing is caught"] == [c.name for c in cases.read(policy, settings, "NOTHING")]
    with pytest.raises(SpecError, match="--only: unknown case 'errors are cought'; did you mean"):
        cases.read(policy, settings, "errors are cought")


def test_everything_wrong_with_a_case_is_told_with_its_line(
    policy: Path, settings: Settings
) -> None:
    text = (
        CASE.replace("bake: 1m", "bake: 1 minute")
        .replace("rate: 50", "rate: 0")
        .replace("5%@20%", "5")
        .replace("outcome: rolled", "outcome: roled")
        .replace("seed: 7", "sead: 7")
    )

    found = wrong(policy, settings, text)

    assert [
        "case.yaml:3:7 set.bake",
        "case.yaml:4:11 traffic.rate",
        "case.yaml:5:10 faults[0]",
        "case.yaml:8:1 sead",
        "case.yaml:9:10 expect.outcome",
    ] == [line.partition(": ")[0] for line in found]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("template: a\napplication: b\nexpect: {within: 1m}", "exactly one of template and"),
        ("expect: {within: 1m}", "exactly one of template and application"),
        ("template: nope\nexpect: {within: 1m}", "case.yaml:1:1 template: unknown template 'nope'"),
        ("template: canary-standard", "expect: 'expect' is missing"),
        ("template: canary-standard\nexpect: {}", "expect: nothing is expected"),
        ("template: canary-standard\nexpect: {within: soon}", "case.yaml:2:10 expect.within"),
        ("- a\n", "this is no mapping"),
        ("a: 1\n---\nb: 2\n", "2 documents; wanted one case in a file"),
        ("a: [1\n", "case.yaml:2:1"),
        ("", "0 documents"),
        (
            "template: ab-test\nexpect: {outcome: concluded}",
            "case.yaml:1:1 set: its plan takes 168h",
        ),
        (
            "template: canary-standard\nrecording: no.jsonl\nexpect: {within: 1m}",
            "no.jsonl: cannot be read",
        ),
        (
            "template: canary-standard\nrecording: no.jsonl\nruns: 0\nexpect: {within: 1m}",
            "runs: 0 runs; wanted 1 or more",
        ),
        (
            "template: canary-standard\nrecording: x\nfaults: [crash]\nexpect: {within: 1m}",
            "faults: a recording is what it is",
        ),
        (
            "template: canary-standard\nset: {bakes: 1m}\nexpect: {within: 1m}",
            "case.yaml:2:7 set.bakes",
        ),
    ],
)
def test_a_case_that_cannot_be_played_is_told(
    policy: Path, settings: Settings, text: str, said: str
) -> None:
    found = wrong(policy, settings, text)

    assert any(said in line for line in found), found


def test_two_cases_of_one_name_and_a_folder_without_any(policy: Path, settings: Settings) -> None:
    with pytest.raises(SpecError, match="no case there; wanted YAML files with 'expect'"):
        cases.read(policy, settings)
    with pytest.raises(SpecError, match="there is no such file or folder"):
        cases.read(policy / "nowhere", settings)
    (policy / "a.yaml").write_text(CASE)
    (policy / "b.yaml").write_text(CASE)
    with pytest.raises(SpecError, match="two cases are called 'errors are caught'"):
        cases.read(policy, settings)


def test_a_file_that_cannot_be_read_is_told(policy: Path, settings: Settings) -> None:
    (policy / "folder.yaml").mkdir()

    with pytest.raises(SpecError, match="it cannot be read: Is a directory"):
        cases.read(policy, settings)
